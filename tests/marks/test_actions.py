"""What is known of the pupils of a class is kept by those who may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.classes.actions import (
    BookBinds,
    ClassInvalid,
    NoClass,
    PupilUnknown,
)
from eoffice.errors import Invalid, NotAllowed
from eoffice.marks import actions
from eoffice.marks.actions import NewAbsence
from eoffice.marks.results import Session as HalfDay
from eoffice.registers import class_queries
from tests.cast import Cast
from tests.registers import stage


def test_conduct_is_kept_by_semester_and_may_be_corrected(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    for level in (ConductLevel.FAIR, ConductLevel.GOOD):
        actions.record_conduct(
            session, class_id, ConductTime.FIRST, {"HS001": level}, by=cast.homeroom_teacher, at=at
        )

    view = class_queries.school_class(session, class_id, cast.homeroom_teacher)
    assert view.conduct == {ConductTime.FIRST: {"HS001": ConductLevel.GOOD}, ConductTime.SECOND: {}}


def test_only_the_homeroom_teacher_assesses_conduct(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    for who in (cast.subject_teachers["TOAN"], cast.school_principal):
        with pytest.raises(NotAllowed):
            actions.record_conduct(
                session, class_id, ConductTime.FIRST, {"HS001": ConductLevel.GOOD}, by=who, at=at
            )


def test_conduct_of_a_pupil_of_another_class_is_refused(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    with pytest.raises(PupilUnknown):
        actions.record_conduct(
            session,
            class_id,
            ConductTime.FIRST,
            {"HS9": ConductLevel.GOOD},
            by=cast.homeroom_teacher,
            at=at,
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
            session, UUID(int=0), ConductTime.FIRST, {}, by=cast.homeroom_teacher, at=at
        )


def test_while_a_book_is_being_signed_nothing_in_the_class_changes(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.rendered_book(session, class_id, cast, at)

    with pytest.raises(BookBinds):
        actions.record_conduct(
            session,
            class_id,
            ConductTime.FIRST,
            {"HS001": ConductLevel.FAIR},
            by=cast.homeroom_teacher,
            at=at,
        )
    with pytest.raises(BookBinds):
        stage.bring_in(session, class_id, cast, at)
