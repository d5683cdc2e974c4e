"""The archive's pages in a real browser: readable for all, and fitting, at 1280 and 360 px."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests import browser
from tests.archive.room import AT, Room, sequence
from tests.archive.shelf import dispatch as dispatch_order
from tests.archive.test_http import opened_to_the_inspector, signed_gradebook
from tests.signing.papers import Dispatch


def answered_by(room: Room, page: Page, login: str) -> None:
    """The browser's requests are answered by the application in this process."""

    def answer(route: Route) -> None:
        parts = urlsplit(route.request.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        got = room.page(login, path)
        headers = {
            name: value
            for name, value in got.headers.items()
            if name.lower() not in {"content-encoding", "content-length"}
        }
        route.fulfill(status=got.status_code, headers=headers, body=got.content)

    page.route("**/*", answer)


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_have_no_serious_fault_and_fit(room: Room, dispatch: Dispatch, width: int) -> None:
    entry = signed_gradebook(room, dispatch)
    room.take_in(dispatch_order(room.cast.department), dispatch.archived, AT)
    room.take_in(dispatch_order(room.cast.school), dispatch.archived, AT)
    inspection = opened_to_the_inspector(room)
    sequence(AT)
    seen = {
        "inspector": {
            "search": "/archive?q=so+theo+doi+7a1",
            "nothing": "/archive?q=khong+co",
            "entry": f"/archive/{entry}",
            "verification": f"/archive/{entry}/verification",
            "inspections": "/inspections",
            "inspection": f"/inspections/{inspection}?q=so",
        },
        "director": {
            "decision": "/inspections/new",
            "inspection-of-ours": f"/inspections/{inspection}",
        },
        "operator": {"log": "/admin/audit"},
    }
    with browser.opened() as chromium:
        for login, pages in seen.items():
            page = browser.tab(chromium, width=width, base_url="http://testserver.local")
            answered_by(room, page, login)
            for name, path in pages.items():
                page.goto(path)
                browser.assert_fits(page)
                browser.assert_no_serious(page)
                browser.screenshot(page, f"archive-{name}-{width}")
            page.context.close()
