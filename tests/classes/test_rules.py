"""Who may do what with a class follows from position and from who teaches it."""

from __future__ import annotations

from uuid import UUID

import pytest

from eoffice.classes import rules
from eoffice.classes.rules import Actor, ClassStaff
from eoffice.people.kinds import PositionKind

SCHOOL, OTHER = UUID(int=1), UUID(int=2)
HOMEROOM, MATHS, STRANGER = UUID(int=11), UUID(int=12), UUID(int=13)
STAFF = ClassStaff(SCHOOL, HOMEROOM, {"VAN": HOMEROOM, "TOAN": MATHS})


def teacher(person: UUID, agency: UUID = SCHOOL) -> Actor:
    return Actor(person, agency, PositionKind.TEACHER)


def officer(kind: PositionKind, agency: UUID = SCHOOL) -> Actor:
    return Actor(STRANGER, agency, kind)


@pytest.mark.parametrize("kind", list(PositionKind))
def test_the_office_of_the_school_opens_classes(kind: PositionKind) -> None:
    expected = kind in (PositionKind.HEAD, PositionKind.DEPUTY_HEAD, PositionKind.CLERK)

    assert rules.may_open_classes(officer(kind), SCHOOL) is expected
    assert rules.may_open_classes(officer(kind, OTHER), SCHOOL) is False


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (teacher(HOMEROOM), True),
        (teacher(MATHS), True),
        (teacher(STRANGER), False),
        (teacher(STRANGER, OTHER), False),
        (officer(PositionKind.HEAD), True),
        (officer(PositionKind.CLERK), True),
        (officer(PositionKind.SPECIALIST, OTHER), True),
        (officer(PositionKind.HEAD, OTHER), True),
        (officer(PositionKind.CLERK, OTHER), False),
        (officer(PositionKind.INSPECTOR, OTHER), False),
    ],
)
def test_marks_are_read_by_the_teachers_of_the_class_its_office_and_superiors(
    who: Actor, allowed: bool
) -> None:
    assert rules.may_read(who, STAFF) is allowed


@pytest.mark.parametrize(
    ("who", "codes", "allowed"),
    [
        (teacher(HOMEROOM), {"TOAN", "VAN"}, True),
        (teacher(MATHS), {"TOAN"}, True),
        (teacher(MATHS), {"TOAN", "VAN"}, False),
        (teacher(STRANGER), {"TOAN"}, False),
        (teacher(HOMEROOM, OTHER), {"TOAN"}, False),
        (officer(PositionKind.HEAD), {"TOAN"}, False),
    ],
)
def test_the_homeroom_teacher_enters_all_marks_and_others_their_own(
    who: Actor, codes: set[str], allowed: bool
) -> None:
    assert rules.may_enter_marks(who, STAFF, codes) is allowed


def test_conduct_and_attendance_are_the_homeroom_teachers() -> None:
    assert rules.may_keep_homeroom_parts(teacher(HOMEROOM), STAFF)
    assert not rules.may_keep_homeroom_parts(teacher(MATHS), STAFF)


def test_only_the_clerk_of_the_school_seals() -> None:
    assert rules.may_seal(officer(PositionKind.CLERK), STAFF)
    assert not rules.may_seal(officer(PositionKind.CLERK, OTHER), STAFF)
    assert not rules.may_seal(officer(PositionKind.HEAD), STAFF)


def test_signers_may_return_a_book_and_strangers_may_not() -> None:
    assert rules.may_return(teacher(MATHS), STAFF)
    assert rules.may_return(officer(PositionKind.HEAD), STAFF)
    assert not rules.may_return(teacher(STRANGER), STAFF)


def test_leaders_of_the_school_lead_its_classes() -> None:
    assert rules.may_lead(officer(PositionKind.DEPUTY_HEAD), STAFF)
    assert not rules.may_lead(officer(PositionKind.HEAD, OTHER), STAFF)
