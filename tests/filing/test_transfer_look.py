"""Hand-overs, metadata and devices in a real browser: nothing serious, and it fits."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from eoffice import clock
from eoffice.alerts import push
from eoffice.db import transaction
from eoffice.documents.metadata import actions as metadata_actions
from eoffice.documents.metadata.rules import Metadata
from eoffice.filing import transfer_actions
from eoffice.settings import settings
from eoffice.web.principal import Principal
from tests import browser
from tests.conftest import AT
from tests.filing.test_case_look import address, app, chromium
from tests.filing.test_case_pages import desk, dispatch
from tests.filing.test_transfers import YEAR, closed
from tests.people.conftest import Desk

__all__ = ["address", "app", "chromium", "desk", "dispatch"]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_can_be_used_by_everybody(
    desk: Desk, dispatch: UUID, chromium: Browser, address: str, width: int
) -> None:
    cast = desk.cast
    push.ensure_key(settings().var)
    with transaction(cast.specialist.acting) as session:
        closed(session, cast.specialist, dispatch, AT)
    unit, day = cast.technology_office.id, clock.civil_date(AT) + timedelta(days=40)
    with transaction(cast.clerk.acting) as session:
        transfer_actions.set_day(session, unit, YEAR, day, by=cast.clerk, at=AT)
        metadata_actions.describe(
            session,
            dispatch,
            Metadata("Tiếng Anh", "Bản dịch kèm bản gốc", 12),
            because="Bổ sung số bản in gửi bưu điện",
            by=cast.clerk,
            at=AT,
        )

    def look(who: Principal, path: str, name: str) -> None:
        page = browser.tab(chromium, width=width, base_url=address)
        page.context.add_cookies([{"name": "session", "value": desk.token_of(who), "url": address}])
        page.goto(path)
        browser.screenshot(page, f"filing-{name}-{width}")
        browser.assert_fits(page)
        browser.assert_no_serious(page)
        page.context.close()

    look(cast.office_head, f"/case-files/transfers?year={YEAR}", "transfers")
    with transaction(cast.office_head.acting) as session:
        made = transfer_actions.offer(
            session, unit, YEAR, "Đủ, không hư hỏng.", by=cast.office_head, at=AT
        )
    look(cast.clerk, f"/case-files/transfers/{made}", "transfer")
    look(cast.deputy_director, f"/documents/{dispatch}/metadata", "metadata")
    look(cast.specialist, "/account/alerts", "devices")
    look(cast.high_school_clerk, "/incoming?kind=secret", "secret-book")
