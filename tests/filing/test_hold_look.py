"""Holds and the books of paper in a real browser: nothing serious, and it fits."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import Browser

from eoffice.filing.holds.actions import Named
from eoffice.filing.holds.rules import HeldKind
from tests import browser
from tests.filing.test_case_look import address, app, chromium
from tests.filing.test_case_pages import desk, dispatch
from tests.filing.test_hold_pages import code
from tests.filing.test_holds import hold
from tests.filing.test_paper_books import lent, posted
from tests.people.conftest import Desk

__all__ = ["address", "app", "chromium", "code", "desk", "dispatch"]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_can_be_used_by_everybody(
    desk: Desk, dispatch: UUID, code: str, chromium: Browser, address: str, width: int
) -> None:
    held = hold(desk, Named(HeldKind.OUTGOING, dispatch))
    posted(desk)
    lent(desk, code)

    token = desk.token_of(desk.cast.clerk)

    def look(path: str, name: str) -> None:
        page = browser.tab(chromium, width=width, base_url=address)
        page.context.add_cookies([{"name": "session", "value": token, "url": address}])
        page.goto(path)
        browser.screenshot(page, f"filing-{name}-{width}")
        browser.assert_fits(page)
        browser.assert_no_serious(page)
        page.context.close()

    look("/holds", "holds")
    look(f"/holds/{held}", "hold")
    look("/holds/new", "hold-new")
    look("/post-book", "post-book")
    look("/copy-loans", "copy-loans")
