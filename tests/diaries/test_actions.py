"""The diary of a class: timetable, lessons, absences, weekly close, opening again, inspection."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.classes.actions import PupilUnknown
from eoffice.diaries import (
    actions,
    homeroom_actions,
    homeroom_queries,
    queries,
    timetable_actions,
)
from eoffice.diaries.actions import NewLesson
from eoffice.diaries.homeroom_actions import NewNote
from eoffice.diaries.homeroom_rules import Part
from eoffice.diaries.model import HomeroomNote
from eoffice.diaries.rules import (
    DiaryInvalid,
    DiaryNotYours,
    HalfDay,
    LessonUnknown,
    Place,
    WeekClosed,
    WeekState,
)
from tests.cast import Cast

GRID = "Tiết\tThứ 2\tThứ 3\n1\tToán\tNgữ văn\n2\tTOAN\t"
MONDAY = date(2025, 5, 19)
FIRST = Place(HalfDay.MORNING, 1)
SECOND = Place(HalfDay.MORNING, 2)


@pytest.fixture
def planned(session: Session, cast: Cast, class_id: UUID, at: datetime) -> UUID:
    """The class with three lessons a week from the beginning of the year."""
    count = timetable_actions.set_timetable(
        session, class_id, date(2024, 9, 5), GRID, by=cast.school_clerk, at=at
    )
    assert count == 3
    return class_id


def maths(place: Place = FIRST, **changed: Any) -> NewLesson:
    usual: dict[str, Any] = {
        "on": MONDAY,
        "place": place,
        "subject": "TOAN",
        "title": "Ôn tập chương IX",
    }
    return NewLesson(**{**usual, **changed})


def test_a_lesson_is_written_by_its_teacher_and_its_number_goes_on(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    teacher = cast.subject_teachers["TOAN"]
    assert queries.next_plan_number(session, planned, "TOAN") == 1
    new = maths(plan_number=128, absent={"HS001": True, "HS002": False}, remark="Lớp chú ý.")
    first = actions.write_lesson(session, planned, new, by=teacher, at=at)
    assert actions.write_lesson(session, planned, new, by=teacher, at=at) == first
    assert queries.next_plan_number(session, planned, "TOAN") == 129
    seen = queries.week(session, cast.homeroom_teacher, planned, MONDAY, at=at)
    assert [one.is_written for one in seen.lessons] == [True, False, False]
    assert seen.absences == (1, 1)
    assert seen.missing == 2
    assert [one.place for one in queries.mine(session, teacher, MONDAY, MONDAY)] == [FIRST, SECOND]


def test_another_teacher_writes_only_as_a_substitute_and_then_alone(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    other = cast.subject_teachers["NGUVAN" if "NGUVAN" in cast.subject_teachers else "VAN"]
    with pytest.raises(DiaryNotYours):
        actions.write_lesson(session, planned, maths(), by=other, at=at)
    actions.write_lesson(session, planned, maths(as_substitute=True), by=other, at=at)
    with pytest.raises(DiaryNotYours):
        actions.write_lesson(session, planned, maths(), by=cast.subject_teachers["TOAN"], at=at)
    (line, *_) = queries.week_of(session, planned, MONDAY, at=at).lessons
    assert line.is_substitute
    assert line.teacher == other.full_name


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"title": " "}, DiaryInvalid),
        ({"on": date(2025, 6, 9)}, DiaryInvalid),
        ({"plan_number": 0}, DiaryInvalid),
        ({"rating": "Tốt"}, DiaryInvalid),
        ({"absent": {"HS999": True}}, PupilUnknown),
        ({"subject": "LATIN", "as_substitute": True}, DiaryInvalid),
    ],
)
def test_what_cannot_stand_in_the_diary_is_refused(
    session: Session, cast: Cast, planned: UUID, at: datetime,
    changed: dict[str, Any], refused: type[Exception],
) -> None:  # fmt: skip
    with pytest.raises(refused):
        actions.write_lesson(
            session, planned, maths(**changed), by=cast.subject_teachers["TOAN"], at=at
        )


def test_ratings_are_what_the_school_says_they_are(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    timetable_actions.set_bells(
        session, date(2024, 9, 5), [(FIRST, "07:00", "07:45")], [("Tốt", "10"), ("Khá", "8")],
        by=cast.school_principal, at=at,
    )  # fmt: skip
    actions.write_lesson(
        session, planned, maths(rating="Tốt"), by=cast.subject_teachers["TOAN"], at=at
    )
    with pytest.raises(DiaryNotYours):
        timetable_actions.set_bells(session, MONDAY, [], [], by=cast.homeroom_teacher, at=at)


def test_a_week_is_closed_opened_again_for_a_time_and_closed(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    teacher, homeroom, head = (
        cast.subject_teachers["TOAN"], cast.homeroom_teacher, cast.school_principal,
    )  # fmt: skip
    actions.write_lesson(session, planned, maths(), by=teacher, at=at)
    actions.write_lesson(session, planned, maths(SECOND, is_confirmed=False), by=teacher, at=at)
    with pytest.raises(DiaryNotYours):
        actions.close_week(session, planned, MONDAY, "", by=head, at=at)
    with pytest.raises(DiaryInvalid, match="2 tiết"):
        actions.close_week(session, planned, MONDAY, "Tuần tốt.", by=homeroom, at=at)
    missing = actions.close_week(
        session, planned, MONDAY + timedelta(days=3), "Tuần tốt.", despite_missing=True,
        by=homeroom, at=at,
    )  # fmt: skip
    assert missing == 2
    with pytest.raises(WeekClosed):
        actions.write_lesson(session, planned, maths(SECOND), by=teacher, at=at)
    with pytest.raises(DiaryInvalid):
        actions.reopen_week(session, planned, MONDAY, "quên", days=2, by=head, at=at)
    actions.reopen_week(
        session, planned, MONDAY, "Giáo viên quên xác nhận tiết 2.", days=2, by=head, at=at
    )
    actions.write_lesson(session, planned, maths(SECOND), by=teacher, at=at)
    late = at + timedelta(days=2)
    assert queries.week_of(session, planned, MONDAY, at=late).state is WeekState.CLOSED
    with pytest.raises(WeekClosed):
        actions.write_lesson(session, planned, maths(SECOND), by=teacher, at=late)
    assert queries.week_of(session, planned, MONDAY, at=at).state is WeekState.REOPENED
    assert queries.week_of(session, planned, MONDAY, at=at).missing == 1


def test_a_week_with_lessons_to_come_is_not_closed(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    early = at - timedelta(days=14)
    assert early.date() == MONDAY
    with pytest.raises(DiaryInvalid, match="chưa học hết"):
        actions.close_week(
            session, planned, MONDAY, "", despite_missing=True, by=cast.homeroom_teacher, at=early
        )


def test_the_head_inspects_a_month_and_may_write_it_anew(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    for text in ("Ghi đầy đủ.", "Ghi đầy đủ, kịp thời."):
        actions.inspect_month(session, planned, MONDAY, text, by=cast.school_principal, at=at)
    (month,) = queries.months(session, planned)
    assert month[:2] == (date(2025, 5, 1), "Ghi đầy đủ, kịp thời.")
    with pytest.raises(DiaryNotYours):
        actions.inspect_month(session, planned, MONDAY, "x", by=cast.homeroom_teacher, at=at)


def test_lessons_say_who_was_absent_on_which_half_of_a_day(
    session: Session, cast: Cast, planned: UUID, at: datetime
) -> None:
    teacher = cast.subject_teachers["TOAN"]
    for place, absent in ((FIRST, {"HS001": True, "HS002": True}), (SECOND, {"HS002": False})):
        actions.write_lesson(session, planned, maths(place, absent=absent), by=teacher, at=at)
    found = queries.daily_absences(session, planned, MONDAY, MONDAY)
    assert [(one.pupil_code, one.excused) for one in found] == [("HS001", True), ("HS002", False)]


def test_a_timetable_names_every_word_that_is_no_subject(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    grid = "Tiết\tThứ 2\n1\tToán\n2\tLatinh\n3\tChào cờ xx"
    with pytest.raises(DiaryInvalid, match=r"Latinh.*Chào cờ xx"):
        timetable_actions.set_timetable(
            session, class_id, MONDAY, grid, by=cast.school_clerk, at=at
        )
    with pytest.raises(DiaryNotYours):
        timetable_actions.set_timetable(
            session, class_id, MONDAY, GRID, by=cast.homeroom_teacher, at=at
        )


def test_a_note_of_the_homeroom_book_keeps_its_versions_and_stays_with_its_readers(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    homeroom = cast.homeroom_teacher
    new = NewNote(
        Part.CONTACT, "Mẹ em Chi, điện thoại", "Trao đổi việc đi học muộn.", MONDAY, "HS001"
    )
    note = homeroom_actions.write_note(session, class_id, new, by=homeroom, at=at)
    again = NewNote(Part.CONTACT, new.about, new.text, MONDAY, "HS001", outcome="Đã đi đúng giờ.")
    homeroom_actions.write_note(session, class_id, again, note_id=note, by=homeroom, at=at)
    (seen,) = homeroom_queries.notes(session, cast.school_principal, class_id)
    assert (seen.version, seen.outcome, seen.pupil_code) == (2, "Đã đi đúng giờ.", "HS001")
    assert len(homeroom_queries.versions(session, homeroom, class_id, note)) == 2
    assert session.scalar(select(func.count()).select_from(HomeroomNote)) == 2
    events = session.scalars(
        select(AuditEvent.details).where(AuditEvent.action == "homeroom_note.written")
    ).all()
    assert len(events) == 2
    assert not any("đi học muộn" in str(one) for one in events)
    for stranger in (cast.school_clerk, cast.subject_teachers["TOAN"]):
        with pytest.raises(DiaryNotYours):
            homeroom_queries.notes(session, stranger, class_id)
        with pytest.raises(DiaryNotYours):
            homeroom_actions.write_note(session, class_id, new, by=stranger, at=at)
    plan = NewNote(Part.PLAN, "Tháng 9", "Ổn định nền nếp.")
    with pytest.raises(LessonUnknown):
        homeroom_actions.write_note(session, class_id, plan, note_id=note, by=homeroom, at=at)
