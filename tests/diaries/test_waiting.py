"""The desk tells of lessons to write and of weeks to close: teachers their own, leaders of all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.diaries import actions, missing_queries, timetable_actions, waiting
from eoffice.diaries.actions import NewLesson
from eoffice.diaries.rules import HalfDay, Place
from eoffice.web.principal import Principal
from tests.cast import Cast

MONDAY = date(2025, 5, 19)
GRID = "Tiết\tThứ 2\tThứ 3\n1\tToán\tNgữ văn\n2\tToán\t"
#: Monday of the week after: the week of MONDAY is over, its successor has just begun.
NOW = timedelta(days=-7)


@pytest.fixture
def planned(session: Session, cast: Cast, class_id: UUID, at: datetime) -> UUID:
    """The class with three lessons a week from MONDAY; the first of them is confirmed."""
    timetable_actions.set_timetable(
        session, class_id, MONDAY, GRID, by=cast.school_clerk, at=at + NOW
    )
    new = NewLesson(MONDAY, Place(HalfDay.MORNING, 1), "TOAN", "Ôn tập")
    actions.write_lesson(session, class_id, new, by=cast.subject_teachers["TOAN"], at=at + NOW)
    return class_id


def told(session: Session, who: Principal, at: datetime) -> list[tuple[str, str]]:
    return [(one.title, one.path) for one in waiting.lines(session, who, at=at + NOW)]


def test_everybody_concerned_is_told_and_nobody_else(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    assert told(session, cast.subject_teachers["TOAN"], at) == [
        ("1 tiết dạy của tôi chưa ghi vào sổ đầu bài", f"/registers/diaries/mine?day={MONDAY}")
    ]
    week = (
        "Sổ ghi đầu bài lớp 7A1, tuần từ 19/05/2025, còn 2 tiết chưa xác nhận",
        f"/registers/diaries/{planned}?day={MONDAY}",
    )
    assert week in told(session, cast.homeroom_teacher, at)
    for leader in (cast.school_principal, cast.school_deputy):
        assert told(session, leader, at) == [
            ("2 tiết của 1 lớp chưa ghi vào sổ đầu bài", "/registers/diaries/missing"),
            ("1 tuần của 1 lớp chưa chốt sổ đầu bài", "/registers/diaries/missing#weeks"),
        ]
    for stranger in (cast.school_clerk, cast.high_school_principal, cast.director):
        assert told(session, stranger, at) == []


def test_a_week_that_is_closed_is_told_no_more_and_a_later_one_not_yet(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    now = at + NOW
    for monday, place, subject in (
        (MONDAY, Place(HalfDay.MORNING, 2), "TOAN"),
        (MONDAY + timedelta(days=1), Place(HalfDay.MORNING, 1), "VAN"),
    ):
        new = NewLesson(monday, place, subject, "Ôn tập")
        actions.write_lesson(session, planned, new, by=cast.subject_teachers[subject], at=now)
    assert told(session, cast.subject_teachers["TOAN"], at) == []
    (week,) = missing_queries.open_weeks(session, cast.school_principal, MONDAY, now.date(), at=now)
    assert (week.monday, week.missing) == (MONDAY, 0)
    actions.close_week(session, planned, MONDAY, "", by=cast.homeroom_teacher, at=now)
    assert told(session, cast.school_principal, at) == []
    assert told(session, cast.homeroom_teacher, at) == []
