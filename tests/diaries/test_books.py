"""What is kept of a class becomes the entered data of its books; open weeks keep them unsigned."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.diaries import actions, homeroom_actions, timetable_actions
from eoffice.diaries.actions import NewLesson
from eoffice.diaries.homeroom_actions import NewNote
from eoffice.diaries.homeroom_rules import Part
from eoffice.diaries.rules import HalfDay, Place
from eoffice.registers import diary_sources
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.kinds import class_diary, homeroom_book
from tests.cast import Cast

MONDAY = date(2025, 5, 19)


def test_a_diary_is_signed_when_its_weeks_are_closed(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    grid = "Tiết\tThứ 2\n1\tToán\n2\tToán"
    timetable_actions.set_timetable(
        session, class_id, date(2024, 9, 5), grid, by=cast.school_clerk, at=at
    )
    new = NewLesson(
        MONDAY, Place(HalfDay.MORNING, 1), "TOAN", "Ôn tập", absent={"HS001": True, "HS002": False}
    )
    actions.write_lesson(session, class_id, new, by=cast.subject_teachers["TOAN"], at=at)
    of = BookOf(BookKind.CLASS_DIARY, cast.school.id, "2024-2025", class_id, None)
    book = diary_sources.diary(session, of, 1, at)
    assert class_diary.gaps(book) == ["Tuần từ 19/05/2025 chưa chốt"]
    assert class_diary.compute(book).year == class_diary.DiaryTotals(2, 1, 0, 1, 1)
    actions.close_week(
        session, class_id, MONDAY, "Tốt.", despite_missing=True, by=cast.homeroom_teacher, at=at
    )
    assert class_diary.gaps(diary_sources.diary(session, of, 1, at)) == []


def test_a_homeroom_book_has_what_was_not_struck_out(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    for about, struck in (("Tháng 9", False), ("Tháng 10", True)):
        note = NewNote(Part.PLAN, about, "Ổn định nền nếp.", is_struck=struck)
        homeroom_actions.write_note(session, class_id, note, by=cast.homeroom_teacher, at=at)
    of = BookOf(BookKind.HOMEROOM_BOOK, cast.school.id, "2024-2025", class_id, None)
    book = diary_sources.homeroom(session, of, 1, at)
    assert [one.about for part in book.parts for one in part.notes] == ["Tháng 9"]
    assert homeroom_book.compute(book).total == 1
