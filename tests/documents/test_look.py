"""Pages of documents in a real browser: nothing serious for those who cannot see well, nothing too
wide on a phone, and the autosave of the editor at work.

The browser's requests are answered by the application in this process.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests import browser
from tests.documents.conftest import Desk
from tests.documents.test_http import DOCUMENTS, begun, sealed, signed

LONG = "Trường Tiểu học và Trung học cơ sở Nguyễn Thị Minh Khai"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def at_desk(desk: Desk, chromium: Browser, login: str, *, width: int = 1280) -> Page:
    """A tab of this person, answered by the application of the test."""
    page = browser.tab(chromium, width=width, base_url="http://testserver.local")

    def answer(route: Route) -> None:
        asked = route.request
        headers = {
            **{k: v for k, v in asked.headers.items() if k not in ("host", "content-length")},
            "x-login": login,
            "x-page": "1",
        }
        got = desk.client.request(
            asked.method, asked.url, headers=headers, content=asked.post_data_buffer
        )
        # The body comes unpacked from the client.
        kept = {k: v for k, v in got.headers.items() if k != "content-encoding"}
        route.fulfill(status=got.status_code, headers=kept, body=got.content)

    page.route("**/*", answer)
    return page


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_a_document_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, width: int
) -> None:
    draft = begun(desk)
    issued = sealed(desk)
    desk.post("specialist", f"{DOCUMENTS}/{draft}/comments", {"text": f"Gửi cả {LONG}."})
    for login, address, name in (
        ("specialist", "/documents", "list"),
        ("specialist", "/documents/new", "new"),
        ("specialist", f"/documents/{draft}", "draft-read"),
        ("specialist", f"/documents/{draft}/draft", "draft-edit"),
        ("specialist", f"/documents/{draft}/distribution?q=trung", "distribution"),
        ("specialist", f"/documents/{draft}/versions/1", "version"),
        ("clerk", f"/documents/{issued}", "sealed"),
        ("clerk", f"/documents/{issued}/issuance", "issuance"),
        ("clerk", "/documents/books/2018", "book-empty"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"documents-{name}-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_warning_of_a_document_that_was_numbered_before_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, width: int
) -> None:
    first, second = signed(desk), signed(desk)
    desk.post("clerk", f"{DOCUMENTS}/{first}/number")
    page = at_desk(desk, chromium, "clerk", width=width)
    page.goto(f"/documents/{second}")
    expect(page.get_by_text("Đã có văn bản giống văn bản này")).to_be_visible()
    page.wait_for_load_state("networkidle")
    browser.screenshot(page, f"documents-twin-{width}")
    browser.assert_no_serious(page)
    browser.assert_fits(page)


def test_what_is_typed_saves_itself_and_the_form_keeps_up(desk: Desk, chromium: Browser) -> None:
    draft = begun(desk)
    page = at_desk(desk, chromium, "specialist")
    page.goto(f"/documents/{draft}/draft")

    for words in ("một lần", "hai lần"):
        with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
            page.fill("#f-subject", f"thử lưu {words}")
        assert saved.value.status == 200
        page.wait_for_function(
            "() => document.querySelector('[data-saved]').textContent.startsWith('Đã lưu')"
        )

    text = desk.get("specialist", f"{DOCUMENTS}/{draft}").json()["versions"][0]["text"]
    assert text["subject"] == "thử lưu hai lần"
    page.context.close()
