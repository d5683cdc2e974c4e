"""The page of results in a real browser: for everybody, and not too wide on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Route

from tests import browser
from tests.people.conftest import Desk
from tests.search.test_search_pages import desk, dispatch

__all__ = ["desk", "dispatch"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def test_the_page_of_results_can_be_used_by_everybody(
    desk: Desk, dispatch: UUID, chromium: Browser
) -> None:
    address = '/search?q="chương trình vnedu"&urgency=urgent&from_day=2018-08-01'
    desk.enter(desk.cast.clerk)
    desk.post("/search/saved", {"name": "Văn bản Vnedu khẩn", "query": "q=vnedu"}, on=address)
    for width in (1280, 360):
        page = browser.tab(chromium, width=width, base_url="http://testserver.local")

        def answer(route: Route) -> None:
            got = desk.client.get(route.request.url)
            kept = {k: v for k, v in got.headers.items() if k != "content-encoding"}
            route.fulfill(status=got.status_code, headers=kept, body=got.content)

        page.route("**/*", answer)
        for name, opens in (("search", False), ("search-fields", True)):
            page.goto(address)
            if opens:
                for summary in ("Thêm điều kiện", "Chọn cột"):
                    page.locator("summary", has_text=summary).click()
            page.wait_for_load_state("networkidle")
            browser.screenshot(page, f"{name}-{width}")
            browser.assert_no_serious(page)
            browser.assert_fits(page)
        page.goto("/search/counts?from_day=2018-01-01&to_day=2018-12-31")
        browser.screenshot(page, f"search-counts-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
