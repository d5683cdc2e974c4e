"""Results and marks of classes of every circular in a real browser: nothing serious for anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

import pytest
from playwright.sync_api import Browser

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester, Verdict
from eoffice.marks import http as marks_http
from eoffice.marks import pages as marks_pages
from eoffice.objects.memory import MemoryStore
from tests import browser
from tests.conftest import Office
from tests.marks.test_years import ERAS, FIRST, finish, opened, put
from tests.registers import desk as desks
from tests.registers.desk import Desk
from tests.registers.test_look import at_desk, chromium

__all__ = ["chromium"]


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_http.router, marks_pages.pages) as made:
        yield made


@pytest.mark.parametrize("width", [1280, 360])
def test_pages_of_a_class_of_every_circular_can_be_used_by_everybody(
    desk: Desk, chromium: Browser, at: datetime, width: int
) -> None:
    page = at_desk(desk, chromium, "homeroom_teacher", width=width)
    for number, era in enumerate(ERAS, start=1):
        with db.system_transaction() as session:
            class_id = opened(session, desk.cast, at, era)
            finish(session, desk.cast, class_id, at)
            put(session, class_id, "HS002", "GDTC", Semester.SECOND, Part.STATED, Verdict.EXEMPT)
            if era == "TT27/2020":
                put(session, class_id, FIRST, "TOAN", Semester.SECOND, Part.FINAL_TEST, Decimal(3))
            else:
                put(session, class_id, FIRST, "TOAN", Semester.SECOND, Part.STATED, Decimal(1))
        path = f"/registers/classes/{class_id}"
        for name, below in (
            ("results", "/results"),
            ("marks", "/marks?subject=TOAN&semester=2"),
            ("conduct", "/conduct"),
        ):
            page.goto(path + below)
            browser.screenshot(page, f"years-{number}-{name}-{width}")
            browser.assert_no_serious(page)
