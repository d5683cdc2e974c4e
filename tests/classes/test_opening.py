"""Settings of classes follow the programme, and teachers are assigned for many classes at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Semester, SubjectKind
from eoffice.classes import opening_actions, opening_queries, opening_rules
from eoffice.classes.actions import ClassExists, ClassInvalid
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.classes.opening_actions import HOMEROOM, SubjectUnassigned
from eoffice.classes.opening_rules import SettingsRefused, SubjectSettings
from eoffice.clock import civil_date
from eoffice.errors import NotAllowed
from eoffice.marks import entering
from tests.cast import Cast

SCORED, COMMENT = SubjectKind.SCORED, SubjectKind.COMMENT


def subject(
    code: str = "TOAN", kind: SubjectKind = SCORED, *, topics: bool = False,
    regular: int | None = None,
) -> SubjectSettings:  # fmt: skip
    return SubjectSettings(code, code, kind, topics, regular)


@pytest.mark.parametrize(
    ("grade", "has_traits", "specialised", "one", "field"),
    [
        (9, False, "TOAN", subject(), "specialised"),
        (10, False, "VAN", subject(), "specialised"),
        (10, False, "GDTC", subject("GDTC", COMMENT), "specialised"),
        (9, False, None, subject(topics=True), "topics-TOAN"),
        (10, False, None, subject("GDTC", COMMENT, topics=True), "topics-GDTC"),
        (4, True, None, subject(regular=2), "regular-TOAN"),
        (7, False, None, subject(regular=10), "regular-TOAN"),
        (7, False, None, subject(regular=0), "regular-TOAN"),
    ],
)
def test_what_the_programme_does_not_know_is_refused_at_its_field(
    grade: int, has_traits: bool, specialised: str | None, one: SubjectSettings, field: str
) -> None:
    with pytest.raises(SettingsRefused) as refused:
        opening_rules.checked(grade, has_traits=has_traits, specialised=specialised, subjects=[one])
    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("grade", "specialised", "one"),
    [
        (10, "TOAN", subject(topics=True)),
        (12, None, subject(topics=True, regular=9)),
        (6, None, subject(regular=1)),
        (6, None, subject("GDTC", COMMENT, regular=2)),
    ],
)
def test_what_a_plan_can_say_is_taken(
    grade: int, specialised: str | None, one: SubjectSettings
) -> None:
    opening_rules.checked(grade, has_traits=False, specialised=specialised, subjects=[one])


@pytest.mark.parametrize(
    ("name", "grade", "following"),
    [("7A1", 7, "8A1"), ("10 Toán", 10, "11 Toán"), ("1/2", 1, "2/2"), ("6", 6, "7")],
)
def test_a_class_is_called_by_the_grade_that_follows(name: str, grade: int, following: str) -> None:
    assert opening_rules.name_next_year(name, grade) == following


def test_persons_of_one_name_are_told_apart() -> None:
    first, second, other = uuid4(), uuid4(), uuid4()

    assert opening_rules.labels({first: "Lê An", other: "Võ Bảy", second: "Lê An"}) == {
        "Lê An (1)": first, "Lê An (2)": second, "Võ Bảy": other,
    }  # fmt: skip


def test_a_class_is_opened_empty_and_only_once(session: Session, cast: Cast, at: datetime) -> None:
    def open_as(name: str) -> UUID:
        return opening_actions.open_empty(
            session, name=name, school_year="2024-2025",
            homeroom_teacher_id=cast.homeroom_teacher.person_id, by=cast.school_clerk, at=at,
        )  # fmt: skip

    class_id = open_as("6A1")

    assert session.get_one(SchoolClass, class_id).grade == 6
    assert session.get_one(ClassSubject, (class_id, "TOAN")).teacher_id == (
        cast.homeroom_teacher.person_id
    )
    with pytest.raises(ClassExists):
        open_as("6A1")
    with pytest.raises(ClassInvalid, match="bắt đầu bằng số"):
        open_as("A1")


def test_a_class_opened_alone_asks_for_its_teachers_before_marks_are_entered(
    session: Session, cast: Cast, at: datetime
) -> None:
    teacher = cast.homeroom_teacher
    class_id = opening_actions.open_empty(
        session, name="6A1", school_year="2024-2025", homeroom_teacher_id=teacher.person_id,
        by=cast.school_clerk, at=at,
    )  # fmt: skip
    session.flush()
    waiting = opening_actions.unassigned(session, class_id)
    assert "TOAN" in waiting
    assert len(waiting) == len(
        session.scalars(select(ClassSubject).where(ClassSubject.class_id == class_id)).all()
    )
    with pytest.raises(SubjectUnassigned, match="chưa phân công"):
        entering.enter(session, class_id, "TOAN", Semester.FIRST, [], by=teacher, at=at)

    for who in (teacher, cast.school_deputy):  # Whoever leads the class can be named too.
        opening_actions.assign(
            session, {class_id: {"TOAN": who.person_id}}, on=civil_date(at),
            by=cast.school_clerk, at=at,
        )  # fmt: skip
        session.flush()
        assert "TOAN" not in opening_actions.unassigned(session, class_id)
        assert session.get_one(ClassSubject, (class_id, "TOAN")).teacher_id == who.person_id
    entering.enter(session, class_id, "TOAN", Semester.FIRST, [], by=teacher, at=at)
    (row,) = opening_queries.assignments(session, "2024-2025", 6, cast.school_clerk).rows
    assert row.unassigned == waiting.keys() - {"TOAN"}


def test_only_what_changed_is_assigned_anew(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    view = opening_queries.assignments(session, "2024-2025", 7, cast.school_clerk)
    (row,) = view.rows
    wanted = {**row.teachers, "TOAN": cast.homeroom_teacher.person_id,
              HOMEROOM: cast.school_deputy.person_id}  # fmt: skip

    def assign() -> int:
        return opening_actions.assign(
            session, {class_id: wanted}, on=civil_date(at), by=cast.school_clerk, at=at
        )

    assert assign() == 2
    session.flush()
    assert assign() == 0
    after = opening_queries.assignments(session, "2024-2025", 7, cast.school_clerk).rows[0]
    assert after.teachers == wanted
    with pytest.raises(NotAllowed):
        opening_queries.assignments(session, "2024-2025", 7, cast.homeroom_teacher)


def test_regular_marks_of_the_schools_plan_are_kept(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    opening_actions.set_settings(
        session, class_id, specialised=None, topics=frozenset(), regular_marks={"TOAN": 5},
        by=cast.school_clerk, at=at,
    )  # fmt: skip

    kept = {one.code: one for one in
            opening_queries.settings(session, class_id, cast.school_clerk).subjects}  # fmt: skip
    assert kept["TOAN"].regular_marks == 5
    assert kept["VAN"].regular_marks is None
    with pytest.raises(SettingsRefused):
        opening_actions.set_settings(
            session, class_id, specialised="TOAN", topics=frozenset(), regular_marks={},
            by=cast.school_clerk, at=at,
        )  # fmt: skip
