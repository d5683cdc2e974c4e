"""A line written by mistake is taken out while its week is open; a signed week stays as it is."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.classes.actions import locked
from eoffice.db import new_id
from eoffice.diaries import actions, binding, deleting_actions, queries, timetable_actions
from eoffice.diaries.actions import NewLesson
from eoffice.diaries.rules import (
    DiaryInvalid,
    DiaryNotYours,
    HalfDay,
    LessonUnknown,
    Place,
    WeekClosed,
    WeekSigned,
    WeekState,
)
from tests.cast import Cast

MONDAY = date(2025, 5, 19)
FIRST = Place(HalfDay.MORNING, 1)
BOOK = "Sổ ghi đầu bài lớp 7A1, năm học 2024-2025"


@pytest.fixture
def written(session: Session, cast: Cast, class_id: UUID, at: datetime) -> UUID:
    """The class with one lesson a week; that of the week is confirmed."""
    timetable_actions.set_timetable(
        session, class_id, date(2024, 9, 5), "Tiết\tThứ 2\n1\tToán", by=cast.school_clerk, at=at
    )
    new = NewLesson(MONDAY, FIRST, "TOAN", "Ôn tập", absent={"HS001": True})
    actions.write_lesson(session, class_id, new, by=cast.subject_teachers["TOAN"], at=at)
    return class_id


def test_a_lesson_that_was_taken_out_is_due_again_and_the_diary_says_who_did_it_and_why(
    session: Session, cast: Cast, written: UUID, at: datetime
) -> None:
    teacher = cast.subject_teachers["TOAN"]
    deleting_actions.delete_lesson(
        session, written, MONDAY, FIRST, "Ghi nhầm lớp.", by=teacher, at=at
    )
    week = queries.week_of(session, written, MONDAY, at=at)
    assert [one.is_written for one in week.lessons] == [False]
    (trace,) = week.deleted
    assert (trace.title, trace.because) == ("Ôn tập", "Ghi nhầm lớp.")
    assert trace.teacher == trace.deleted_by == teacher.full_name
    assert queries.daily_absences(session, written, MONDAY, MONDAY) == []
    (told,) = session.scalars(
        select(AuditEvent.details).where(AuditEvent.action == "lesson.deleted")
    )
    assert told["before"]["title"] == "Ôn tập"
    with pytest.raises(LessonUnknown):
        deleting_actions.delete_lesson(session, written, MONDAY, FIRST, "x", by=teacher, at=at)


def test_only_its_writer_and_the_homeroom_teacher_take_a_lesson_out_and_only_with_a_reason(
    session: Session, cast: Cast, written: UUID, at: datetime
) -> None:
    for stranger in (cast.school_clerk, cast.school_principal, cast.subject_teachers["GDCD"]):
        with pytest.raises(DiaryNotYours):
            deleting_actions.delete_lesson(
                session, written, MONDAY, FIRST, "Nhầm.", by=stranger, at=at
            )
    for reason in (" ", "x" * 301):
        with pytest.raises(DiaryInvalid):
            deleting_actions.delete_lesson(
                session, written, MONDAY, FIRST, reason, by=cast.homeroom_teacher, at=at
            )
    deleting_actions.delete_lesson(
        session, written, MONDAY, FIRST, "Nhầm.", by=cast.homeroom_teacher, at=at
    )
    assert queries.week_of(session, written, MONDAY, at=at).missing == 1


def test_nothing_is_taken_out_of_a_closed_week(
    session: Session, cast: Cast, written: UUID, at: datetime
) -> None:
    actions.close_week(session, written, MONDAY, "", by=cast.homeroom_teacher, at=at)
    with pytest.raises(WeekClosed, match="không xóa được"):
        deleting_actions.delete_lesson(
            session, written, MONDAY, FIRST, "Nhầm.", by=cast.homeroom_teacher, at=at
        )


def test_a_week_of_a_signed_book_is_opened_only_to_correct_that_book(
    session: Session, cast: Cast, written: UUID, at: datetime
) -> None:
    head, why = cast.school_principal, "Giáo viên ghi nhầm tên bài."

    def reopen(*, as_correction: bool) -> None:
        actions.reopen_week(
            session, written, MONDAY, why, days=2, as_correction=as_correction, by=head, at=at
        )

    actions.close_week(session, written, MONDAY, "", by=cast.homeroom_teacher, at=at)
    with pytest.raises(WeekClosed, match="chưa nằm trong sổ"):
        reopen(as_correction=True)
    book_id = new_id()
    binding.bind(session, locked(session, written), book_id, BOOK, at=at)
    session.flush()
    for as_correction in (False, True):
        with pytest.raises(WeekSigned, match="trả lại sổ trước") as refused:
            reopen(as_correction=as_correction)
        assert BOOK in str(refused.value)
    binding.seal(session, book_id)
    with pytest.raises(WeekSigned, match="Đính chính") as refused:
        reopen(as_correction=False)
    assert BOOK in str(refused.value)
    reopen(as_correction=True)
    assert queries.week_of(session, written, MONDAY, at=at).state is WeekState.REOPENED


def test_a_book_that_was_returned_lets_its_weeks_be_opened(
    session: Session, cast: Cast, written: UUID, at: datetime
) -> None:
    actions.close_week(session, written, MONDAY, "", by=cast.homeroom_teacher, at=at)
    book_id = new_id()
    binding.bind(session, locked(session, written), book_id, BOOK, at=at)
    session.flush()
    binding.release(session, book_id, at=at)
    actions.reopen_week(
        session, written, MONDAY, "Giáo viên ghi nhầm.", days=1, by=cast.school_principal, at=at
    )
    assert queries.week_of(session, written, MONDAY, at=at).book is None
