"""By the calendar: sessions that are over are deleted, those in use stay."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from eoffice.db import system_transaction
from eoffice.people import tasks
from eoffice.people.model import SignedIn
from tests.conftest import AT
from tests.people.conftest import Desk


def test_sessions_that_are_over_are_deleted(desk: Desk) -> None:
    desk.enter(desk.cast.clerk)

    def left() -> int:
        tasks.sweep()
        with system_transaction() as session:
            return session.scalar(select(func.count()).select_from(SignedIn)) or 0

    assert left() == 1
    desk.set_clock(AT + timedelta(hours=9))
    assert left() == 0
