"""The pages of closing a book in a real browser: nothing serious, and they fit."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser

from eoffice.app import ROUTES
from eoffice.db import system_transaction
from eoffice.documents.books import reservations
from eoffice.documents.books.kinds import BookKind
from eoffice.files import page_images
from eoffice.filing import closing_actions
from eoffice.filing.closing_states import ClosedKind
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import browser
from tests.cast import sign_in
from tests.filing import year_end
from tests.filing.year_end import LAST_DAY, Registry


def app() -> application.Application:
    """Every page of the office, by the settings of this process."""
    return application.make(
        list(ROUTES),
        secret_key=settings().secret_key,
        base_url=settings().base_url,
        middleware=[Authentication],
    )


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def address(registry: Registry) -> Iterator[str]:
    with browser.served("tests.filing.test_closing_look:app") as made:
        yield made


def pictures(registry: Registry) -> list[bytes]:
    """The pages of the incoming book as they are now."""
    content = registry.content(ClosedKind.INCOMING)
    return [page_images.page_image(content, number, 1400) for number in (1, 2)]


def test_the_pages_can_be_used_by_everybody(
    registry: Registry, chromium: Browser, address: str
) -> None:
    cast = registry.cast
    with system_transaction() as session:
        for purpose in ("quyết định khen thưởng học sinh giỏi cấp tỉnh", "giấy mời họp tổng kết"):
            reservations.reserve(
                session,
                kind=BookKind.OUTGOING,
                until=date(2018, 12, 31),
                purpose=purpose,
                by=cast.clerk,
                at=LAST_DAY,
            )

    with system_transaction() as session:
        tokens = {who: sign_in(session, who, LAST_DAY) for who in (cast.clerk, cast.director)}

    def look(who: Principal, path: str, name: str) -> None:
        for width in (1280, 360):
            page = browser.tab(chromium, width=width, base_url=address)
            page.context.add_cookies([{"name": "session", "value": tokens[who], "url": address}])
            # The program that answers has a store of its own, without this book.
            page.route("**/pages/*", lambda route: route.fulfill(**picture(route.request.url)))
            page.goto(path)
            browser.assert_fits(page)
            browser.assert_no_serious(page)
            browser.screenshot(page, f"closing-{name}-{width}")
            page.context.close()

    def picture(url: str) -> dict[str, Any]:
        number = int(url.partition("/pages/")[2].partition("?")[0])
        return {"body": drawn[number - 1], "content_type": "image/png"}

    drawn: list[bytes] = []
    look(cast.clerk, "/books/outgoing/2018", "in-the-way")
    look(cast.clerk, "/books/incoming/2018", "to-close")
    closing_id = registry.begin(ClosedKind.INCOMING)
    look(cast.clerk, "/books/incoming/2018", "printing")
    year_end.keep_promises(closing_actions.PRINT)
    drawn = pictures(registry)
    look(cast.clerk, "/books/incoming/2018", "to-sign")
    look(cast.clerk, "/", "desk")
    # In a thread of its own: a browser's test runs inside an event loop.
    with ThreadPoolExecutor(1) as hand:
        for who in (cast.clerk, cast.director, cast.clerk):
            hand.submit(registry.sign, closing_id, who).result()
    drawn = pictures(registry)
    look(cast.director, "/books/incoming/2018", "sealed")
    look(cast.clerk, "/books?year=2018", "list")
