"""A signature that waits, in a real browser at 1280 and 360 px: the list, its page, the desk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from eoffice import clock, db
from eoffice.desk import pages as desk_pages
from eoffice.documents import pages as documents_pages
from eoffice.objects import configured
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.signing.ceremony import SignatureAwaited
from eoffice.signing.model import SignatureRequest
from eoffice.signing.requests import pages
from eoffice.web import application
from tests import browser
from tests.desk.signing_stage import OnDisk
from tests.routing.test_look import sign_in_once
from tests.signing import test_ceremony, test_faults
from tests.signing.test_ceremony import Desk, sign

pki = test_ceremony.pki
desk = test_ceremony.desk


def app() -> application.Application:
    configured.use(OnDisk(Path(os.environ["TESTS_OBJECTS"])))
    return application.make(
        [desk_pages.pages, documents_pages.pages, pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://127.0.0.1",
        middleware=[Authentication],
    )


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as made:
        yield made


@pytest.mark.parametrize("width", [1280, 360])
def test_what_waits_can_be_followed_from_the_desk(
    chromium: Browser, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", test_faults.NOWHERE)
    monkeypatch.setenv("TESTS_OBJECTS", str(tmp_path))
    settings.cache_clear()
    with pytest.raises(SignatureAwaited):
        sign(desk)
    with db.system_transaction() as session:
        (request_id,) = session.scalars(select(SignatureRequest.id))
        token = sign_in_once(session, desk.cast.director, clock.now())
    with browser.served("tests.signing.test_request_look:app") as address:
        page = browser.tab(chromium, width=width, base_url=address)
        page.context.add_cookies([{"name": "session", "value": token, "url": address}])
        for name, path in (
            ("desk", "/"),
            ("list", "/signature-requests"),
            ("one", f"/signature-requests/{request_id}"),
        ):
            page.goto(path)
            expect(page.get_by_text("Đã ký, chờ dấu thời gian").first).to_be_visible()
            browser.screenshot(page, f"signature-request-{name}-{width}")
            browser.assert_fits(page)
            browser.assert_no_serious(page)
