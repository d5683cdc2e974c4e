"""The pages of blanks, appendices and copies in a real browser, wide and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests import browser
from tests.documents.conftest import Desk
from tests.documents.test_copies import issued, wanted
from tests.documents.test_http import DOCUMENTS
from tests.documents.test_look import at_desk
from tests.documents.test_writing_form import begun


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.mark.parametrize("width", [1280, 360])
def test_what_only_some_documents_have_can_be_written_by_everybody(
    desk: Desk, chromium: Browser, width: int
) -> None:
    invitation = begun(
        desk,
        "invitation",
        urgency="express_at",
        express_at="2018-08-14T10:00:00+07:00",
        secrecy="confidential",
        circulation="LƯU HÀNH NỘI BỘ",
    )
    decision = begun(desk, "decision")
    dispatch = issued(desk)
    made = desk.post("clerk", f"{DOCUMENTS}/{dispatch}/copies", wanted(desk))
    assert made.status_code == 201, made.text
    copy = made.headers["location"].removeprefix("/api/v1")
    for login, address, name in (
        ("specialist", f"/documents/{invitation}/draft", "invitation"),
        ("specialist", f"/documents/{decision}/appendices", "appendices"),
        ("clerk", f"/documents/{dispatch}/copies", "copies"),
        ("clerk", copy, "copy"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"layouts-{name}-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
