"""Case files, and how people are told, in a real browser: nothing serious, and it fits."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from eoffice import clock
from eoffice.app import ROUTES
from eoffice.db import transaction
from eoffice.filing import case_actions
from eoffice.filing.case_rules import Heading, RecordKind
from eoffice.people.authentication import Authentication
from eoffice.settings import settings
from eoffice.web import application
from eoffice.web.principal import Principal
from tests import browser
from tests.conftest import AT
from tests.filing.test_case_pages import desk, dispatch
from tests.people.conftest import Desk

__all__ = ["desk", "dispatch"]


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
def address(desk: Desk) -> Iterator[str]:
    with browser.served("tests.filing.test_case_look:app") as made:
        yield made


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_can_be_used_by_everybody(
    desk: Desk, dispatch: UUID, chromium: Browser, address: str, width: int
) -> None:
    specialist, operator = desk.cast.specialist, desk.cast.operator
    with transaction(specialist.acting) as session:
        case = case_actions.plan(
            session,
            Heading(notation="01.CNTT", title="Hồ sơ triển khai VNEDU", maintenance="10 năm"),
            year=2018,
            by=specialist,
            at=AT,
        )
        case_actions.file_record(
            session, case, RecordKind.OUTGOING, dispatch, by=specialist, at=clock.now()
        )
        case_actions.restrict(
            session, case, [desk.cast.office_head.person_id], by=specialist, at=AT
        )

    def look(who: Principal, path: str, name: str) -> None:
        page = browser.tab(chromium, width=width, base_url=address)
        page.context.add_cookies([{"name": "session", "value": desk.token_of(who), "url": address}])
        page.goto(path)
        browser.assert_fits(page)
        browser.assert_no_serious(page)
        browser.screenshot(page, f"filing-{name}-{width}")
        page.context.close()

    look(specialist, f"/case-files/filing?kind=outgoing&record={dispatch}", "choose")
    look(desk.cast.clerk, "/case-files", "plan")
    look(desk.cast.deputy_director, f"/case-files/{case}", "case-file")
    look(desk.cast.office_head, "/account/alerts", "alerts")
    look(operator, "/admin/webhooks", "webhooks")
