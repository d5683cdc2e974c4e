"""A class is opened with its list, and given to teachers by the school's office."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.classes import actions, staff_queries
from eoffice.classes.actions import (
    ClassExists,
    ClassInvalid,
    NewPupil,
    NewSubject,
)
from eoffice.errors import NotAllowed
from eoffice.registers import class_queries
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
