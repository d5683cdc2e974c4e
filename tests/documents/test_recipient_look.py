"""Pages of recipients and issue in a real browser: for everybody, and not too wide on a phone."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import Browser
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents.actions import Recipient
from eoffice.documents.recipients.rules import Purpose, Rule
from eoffice.people.kinds import SchoolLevel
from tests import browser
from tests.documents import sealed_papers
from tests.documents.conftest import Desk
from tests.documents.test_http import begun
from tests.documents.test_look import at_desk, chromium
from tests.documents.test_recipient_pages import sealed

__all__ = ["chromium", "sealed"]


@pytest.mark.parametrize("width", [1280, 360])
def test_recipients_and_issue_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, sealed: UUID, width: int
) -> None:
    with Session(desk.superuser) as session, session.begin():
        draft = sealed_papers.draft(
            session,
            desk.cast,
            [
                Recipient(rule=Rule(levels=(SchoolLevel.UPPER_SECONDARY,)), name="Khối THPT"),
                Recipient(unit_id=desk.cast.school.id, purpose=Purpose.INFORMATION),
                Recipient(appointment_id=desk.cast.deputy_director.appointment_id),
            ],
            at=clock.now(),
        )
    page = at_desk(desk, chromium, "specialist", width=width)
    page.goto(f"/documents/{draft}/distribution?q=trung")
    page.locator("summary", has_text="Dán danh sách").click()
    page.locator("summary", has_text="Lập quy tắc").click()
    page.wait_for_load_state("networkidle")
    browser.screenshot(page, f"documents-recipients-{width}")
    browser.assert_no_serious(page)
    browser.assert_fits(page)
    page.context.close()
    for login, address, name in (
        ("clerk", f"/documents/{sealed}/issuance", "issuance-preview"),
        ("clerk", "/organisations", "organisations"),
        ("specialist", f"/documents/{begun(desk)}/corrections", "corrections"),
    ):
        page = at_desk(desk, chromium, login, width=width)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        browser.screenshot(page, f"documents-{name}-{width}")
        browser.assert_no_serious(page)
        browser.assert_fits(page)
        page.context.close()
