"""A class is opened with its list, and what is known of its pupils is kept by those who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Semester
from eoffice.assessment.tt22 import Level
from eoffice.audit.model import AuditEvent
from eoffice.errors import Invalid, NotAllowed
from eoffice.registers import actions, class_queries, staff_queries
from eoffice.registers.actions import (
    BookBinds,
    ClassExists,
    ClassInvalid,
    NewAbsence,
    NewPupil,
    NewSubject,
    NoClass,
    PupilUnknown,
)
from eoffice.registers.results import Session as HalfDay
from tests.cast import Cast
from tests.registers import stage


def recorded(session: Session, object_id: UUID) -> list[str]:
    session.flush()
    rows = session.scalars(
        select(AuditEvent).where(AuditEvent.object_id == object_id).order_by(AuditEvent.id)
    )
    return [row.action for row in rows]


def test_the_list_of_a_new_class_is_in_the_order_of_given_names(
    session: Session, cast: Cast, class_id: UUID
) -> None:
    view = class_queries.school_class(session, class_id, cast.homeroom_teacher)

    assert [pupil.name for pupil in view.pupils] == ["Đặng Văn An", "Lê Thị Bình", "Trần Mỹ Chi"]
    assert len(view.subjects) == 13
    assert recorded(session, class_id) == ["class.opened"]


def test_two_classes_of_one_name_in_a_year_are_refused(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    with pytest.raises(ClassExists):
        stage.open_class(session, cast, at)


def test_a_pupil_who_is_known_is_enrolled_again_and_not_doubled(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    other = stage.open_class(session, cast, at, name="7A2")

    assert actions.pupil_ids(session, other) == actions.pupil_ids(session, class_id)


def open_with(
    session: Session, cast: Cast, at: datetime, *, by: str = "school_clerk", **changed: Any
) -> UUID:
    given: dict[str, Any] = {
        "name": "8B",
        "grade": 8,
        "school_year": "2024-2025",
        "homeroom_teacher_id": cast.homeroom_teacher.person_id,
        "taught": [NewSubject("TOAN", cast.homeroom_teacher.person_id)],
        "pupils": stage.PUPILS,
        **changed,
    }
    return actions.open_class(session, by=getattr(cast, by), at=at, **given)


@pytest.mark.parametrize(
    "changed",
    [
        {"school_year": "2024-2026"},
        {"school_year": "2024"},
        {"name": ""},
        {"name": "Lớp chọn"},
        {"grade": 5},
        {"taught": []},
        {"pupils": []},
        {"pupils": [stage.PUPILS[0], stage.PUPILS[0]]},
        {"pupils": [NewPupil("X", "", date(2012, 1, 1), "Nam")]},
        {"pupils": [NewPupil("X", "An", date(2012, 1, 1), "nam")]},
        {"pupils": [NewPupil("X", "An" * 200, date(2012, 1, 1), "Nam")]},
    ],
)
def test_a_class_that_makes_no_sense_is_not_opened(
    session: Session, cast: Cast, at: datetime, changed: dict[str, Any]
) -> None:
    with pytest.raises(ClassInvalid):
        open_with(session, cast, at, **changed)


def test_teachers_of_other_schools_are_not_assigned(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(ClassInvalid):
        open_with(session, cast, at, homeroom_teacher_id=cast.high_school_teacher.person_id)


@pytest.mark.parametrize("codes", [["VATLI"], ["TOAN", "TOAN"]])
def test_subjects_outside_of_the_programme_and_doubled_ones_are_refused(
    session: Session, cast: Cast, at: datetime, codes: list[str]
) -> None:
    taught = [NewSubject(code, cast.homeroom_teacher.person_id) for code in codes]

    with pytest.raises(ClassInvalid):
        open_with(session, cast, at, taught=taught)


def test_teachers_do_not_open_classes(session: Session, cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        open_with(session, cast, at, by="homeroom_teacher")


def test_another_teacher_takes_over_a_subject(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    actions.assign_teachers(
        session,
        class_id,
        subject_teachers={"TOAN": cast.homeroom_teacher.person_id},
        by=cast.school_principal,
        at=at,
    )

    staff = staff_queries.staff(session, class_id)
    assert staff.subject_teachers["TOAN"] == cast.homeroom_teacher.person_id


def test_conduct_is_kept_by_semester_and_may_be_corrected(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    for level in (Level.FAIR, Level.GOOD):
        actions.record_conduct(
            session, class_id, Semester.FIRST, {"HS001": level}, by=cast.homeroom_teacher, at=at
        )

    view = class_queries.school_class(session, class_id, cast.homeroom_teacher)
    assert view.conduct == {Semester.FIRST: {"HS001": Level.GOOD}, Semester.SECOND: {}}


def test_only_the_homeroom_teacher_assesses_conduct(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    for who in (cast.subject_teachers["TOAN"], cast.school_principal):
        with pytest.raises(NotAllowed):
            actions.record_conduct(
                session, class_id, Semester.FIRST, {"HS001": Level.GOOD}, by=who, at=at
            )


def test_conduct_of_a_pupil_of_another_class_is_refused(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    with pytest.raises(PupilUnknown):
        actions.record_conduct(
            session, class_id, Semester.FIRST, {"HS9": Level.GOOD}, by=cast.homeroom_teacher, at=at
        )


def test_absences_of_a_period_replace_what_was_there(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    def record(*absences: NewAbsence) -> None:
        actions.record_absences(
            session,
            class_id,
            absences,
            first=date(2024, 9, 1),
            last=date(2024, 9, 30),
            by=cast.homeroom_teacher,
            at=at,
        )

    ill = NewAbsence("HS001", date(2024, 9, 10), HalfDay.MORNING, excused=True)
    record(ill, replace(ill, session=HalfDay.AFTERNOON))
    record(replace(ill, excused=False))

    (left,) = class_queries.school_class(session, class_id, cast.homeroom_teacher).absences
    assert not left.excused
    with pytest.raises(ClassInvalid):
        record(replace(ill, on=date(2024, 10, 1)))


def test_the_principal_writes_a_remark_for_a_month(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    for text in ("Ghi điểm chậm.", "  Đã ghi   đủ điểm. "):
        actions.write_remark(
            session, class_id, date(2024, 10, 15), text, by=cast.school_principal, at=at
        )

    view = class_queries.school_class(session, class_id, cast.homeroom_teacher)
    assert view.remarks == ((date(2024, 10, 1), "Đã ghi đủ điểm."),)
    with pytest.raises(NotAllowed):
        actions.write_remark(
            session, class_id, date(2024, 10, 1), "x", by=cast.homeroom_teacher, at=at
        )
    with pytest.raises(Invalid):
        actions.write_remark(
            session, class_id, date(2024, 10, 1), " ", by=cast.school_principal, at=at
        )


def test_a_class_that_does_not_exist_is_not_found(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(NoClass):
        actions.record_conduct(
            session, UUID(int=0), Semester.FIRST, {}, by=cast.homeroom_teacher, at=at
        )


def test_while_a_book_is_being_signed_nothing_in_the_class_changes(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.rendered_book(session, class_id, cast, at)

    with pytest.raises(BookBinds):
        actions.record_conduct(
            session,
            class_id,
            Semester.FIRST,
            {"HS001": Level.FAIR},
            by=cast.homeroom_teacher,
            at=at,
        )
    with pytest.raises(BookBinds):
        stage.bring_in(session, class_id, cast, at)
