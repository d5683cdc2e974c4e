"""The books of incoming documents and the reports in a real browser, at 1280 and 360 px.

Nothing scrolls the page sideways, nothing serious is found by axe, and the filters, the numbers
and the files are reached by the keyboard alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page

from eoffice import clock, db
from eoffice.documents import http as documents_http
from eoffice.documents import pages as documents_pages
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.people.authentication import Authentication
from eoffice.routing import handling, http, pages
from eoffice.routing.model import Arrival
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import ArrivalState
from eoffice.web import application
from eoffice.web.application import Application
from tests import browser
from tests.cast import Cast, sign_in
from tests.conftest import Office
from tests.routing import stage
from tests.routing.test_pages import at, cast
from tests.routing.test_work_look import ADDRESS, answer

__all__ = ["at", "cast"]

PAGES = {
    "incoming-book": "/incoming",
    "handling-book": "/incoming/handling",
    "incoming-report": "/incoming/report",
    "outgoing-report": "/documents/report",
    "outgoing-handling": "/documents/handling",
}


@pytest.fixture
def client(office: Office) -> Iterator[TestClient[Application]]:
    configured.use(MemoryStore(clock.now))
    app = application.make(
        [http.router, pages.pages, documents_http.router, documents_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url=ADDRESS,
        middleware=[Authentication],
    )
    with TestClient(app) as made:
        made.follow_redirects = False
        yield made
    configured.use(None)


@pytest.fixture
def books(cast: Cast, at: datetime) -> None:
    """Twelve dispatches at the school: in time, late, overdue, not assigned."""
    today = clock.civil_date(at)
    with db.system_transaction() as session:
        for number in range(961, 973):
            document = stage.issued_by_the_department(
                session, cast, [cast.high_school], at=at, number=number
            )
            delivery = stage.delivered(session, document, cast.high_school, at=at)
            arrival_id = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
            handling.submit_to_head(session, arrival_id, by=cast.high_school_clerk, at=at)
            if number == 972:
                continue
            person = cast.high_school_teacher if number % 2 else cast.high_school_deputy
            handling.assign(
                session,
                arrival_id,
                [Assignee(Role.LEAD, cast.high_school.id, person.person_id)],
                instruction="Thực hiện.",
                due_on=today + timedelta(days=7),
                by=cast.high_school_principal,
                at=at,
            )
            arrival = session.get_one(Arrival, arrival_id)
            if number % 3 == 0:
                arrival.due_on = today - timedelta(days=10)
            if number % 4 == 0:
                arrival.state, arrival.done_at = ArrivalState.DONE, at
                arrival.done_by = cast.high_school_teacher.person_id
                arrival.outcome = "Đã lập kế hoạch và triển khai đến các tổ chuyên môn."


@pytest.fixture
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


def opened(chromium: Browser, client: TestClient[Application], login: str, width: int) -> Page:
    page = browser.tab(chromium, width=width)
    page.route("**/*", partial(answer, client, login))
    return page


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.usefixtures("books")
def test_books_and_reports_are_readable(
    chromium: Browser,
    client: TestClient[Application],
    cast: Cast,
    at: datetime,
    width: int,
) -> None:
    with db.system_transaction() as session:
        school = sign_in(session, cast.high_school_principal, at)
        office = sign_in(session, cast.director, at)
    for name, path in PAGES.items():
        page = opened(chromium, client, office if name.startswith("outgoing") else school, width)
        page.goto(f"{ADDRESS}{path}")
        browser.screenshot(page, f"{name}-{width}")
        browser.assert_fits(page)
        browser.assert_no_serious(page)
        page.context.close()


@pytest.mark.usefixtures("books")
def test_a_number_is_followed_by_the_keyboard(
    chromium: Browser, client: TestClient[Application], cast: Cast, at: datetime
) -> None:
    with db.system_transaction() as session:
        school = sign_in(session, cast.high_school_principal, at)
    page = opened(chromium, client, school, 1280)
    page.goto(f"{ADDRESS}/incoming/report")
    wanted = page.locator('a[href*="timeliness=overdue"]').first
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            break
    many = int(wanted.inner_text())
    page.keyboard.press("Enter")
    page.wait_for_url("**/incoming/handling?**")
    assert page.locator("table.book tbody tr").count() == many
