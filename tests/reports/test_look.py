"""Pages of report books in a real browser: nothing serious for those who cannot see well, nothing
too wide on a phone.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from playwright.sync_api import Browser

from eoffice import db
from eoffice.reports import actions, asking_actions, withdrawal_actions
from tests import browser
from tests.registers import test_look
from tests.registers.desk import Desk
from tests.registers.test_look import at_desk
from tests.reports import report_stage as reports
from tests.reports import test_pages
from tests.reports.test_pages import HERE, YEAR, laid

at = test_pages.at
desk = test_pages.desk
class_id = test_pages.class_id
chromium = test_look.chromium


@pytest.fixture
def stage(desk: Desk, class_id: UUID, at: datetime) -> tuple[UUID, UUID]:
    """A class with a part that waits for its teacher, one that is closed and to be withdrawn, and
    one that gave way to a next version.
    """
    first, second, third = laid(desk, class_id)
    with db.system_transaction() as session:
        clerk = desk.cast.school_clerk
        found = {part.id: part for part in reports.parts(session, class_id)}
        reports.sealed(session, found[second.id], desk.cast, at)
        actions.close(session, YEAR, class_id, by=clerk, at=at)
        head = desk.cast.school_principal
        withdrawal_actions.request(session, second.id, reports.REASON, None, by=head, at=at)
        asking_actions.replace(
            session, third.id, reports.REASON, by=desk.cast.homeroom_teacher, at=at
        )
    return first.id, third.id


@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_of_report_books_can_be_used_by_everybody(
    desk: Desk,
    stage: tuple[UUID, UUID],
    class_id: UUID,
    chromium: Browser,
    width: int,
) -> None:
    first, third = stage
    for login, address, name in (
        ("homeroom_teacher", HERE, "list"),
        ("specialist", f"{HERE}?year={YEAR}", "coverage"),
        ("homeroom_teacher", f"{HERE}/classes/{class_id}", "class"),
        ("homeroom_teacher", f"{HERE}/parts/{first}", "part"),
        ("school_principal", f"{HERE}/parts/{third}", "part-superseded"),
        ("district_head", f"{HERE}/withdrawals", "withdrawals"),
        ("specialist", f"{HERE}/rules", "rules"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"reports-{name}-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
