"""Who may do what with report books, in which order they are signed, and until when.

Role matrix of the school charter; Decision 295/QĐ-SGDĐT of Kiên Giang for days and order.
"""

from __future__ import annotations

from datetime import date
from itertools import product
from uuid import UUID, uuid4

import pytest

from eoffice.classes.rules import Actor, ClassStaff
from eoffice.people.kinds import PositionKind
from eoffice.reports import rules
from eoffice.reports.rules import DayInvalid, DayOfYear, Deadline, SubjectsSign
from eoffice.reports.states import Place

SCHOOL, NEXT_SCHOOL, SUPERIOR, OTHER = (uuid4() for _ in range(4))
HOMEROOM, MATHS, STRANGER, NEXT_HOMEROOM = (uuid4() for _ in range(4))
STAFF = ClassStaff(SCHOOL, HOMEROOM, {"TOAN": MATHS})
NEXT = ClassStaff(NEXT_SCHOOL, NEXT_HOMEROOM, {})
KINDS = list(PositionKind)
LEADERS = {PositionKind.HEAD, PositionKind.DEPUTY_HEAD}
OFFICE = {*LEADERS, PositionKind.CLERK}


def actor(kind: PositionKind, agency: UUID = SCHOOL, person: UUID = STRANGER) -> Actor:
    return Actor(person, agency, kind)


@pytest.mark.parametrize("kind", KINDS)
def test_who_asks_closes_and_requests_in_the_own_school(kind: PositionKind) -> None:
    who = actor(kind)

    assert rules.may_ask(who, STAFF) is (kind in LEADERS)
    assert rules.may_close(who, SCHOOL) is (kind in {PositionKind.HEAD, PositionKind.CLERK})
    assert rules.may_request_withdrawal(who, SCHOOL) is (kind in LEADERS)
    assert rules.may_return(who, STAFF) is (kind in OFFICE)


def test_teachers_of_the_class_return_and_only_the_homeroom_teacher_asks() -> None:
    homeroom = actor(PositionKind.TEACHER, person=HOMEROOM)
    maths = actor(PositionKind.TEACHER, person=MATHS)

    assert rules.may_ask(homeroom, STAFF)
    assert not rules.may_ask(maths, STAFF)
    assert rules.may_return(homeroom, STAFF)
    assert rules.may_return(maths, STAFF)


@pytest.mark.parametrize(("kind", "agency"), list(product(KINDS, [SUPERIOR, OTHER, NEXT_SCHOOL])))
def test_nobody_of_another_agency_takes_a_step_of_the_school(
    kind: PositionKind, agency: UUID
) -> None:
    who = actor(kind, agency, HOMEROOM)

    assert not rules.may_ask(who, STAFF)
    assert not rules.may_return(who, STAFF)
    assert not rules.may_close(who, SCHOOL)
    assert not rules.may_request_withdrawal(who, SCHOOL)
    for place in Place:
        assert not rules.signs(place, HOMEROOM, who, SCHOOL, deputy_may_sign=True)


@pytest.mark.parametrize(("kind", "agency"), list(product(KINDS, [SCHOOL, SUPERIOR, OTHER])))
def test_only_leaders_of_the_superior_unit_decide(kind: PositionKind, agency: UUID) -> None:
    expected = agency == SUPERIOR and kind in LEADERS

    assert rules.may_decide(actor(kind, agency), SUPERIOR) is expected


@pytest.mark.parametrize(("kind", "deputy"), list(product(KINDS, [True, False])))
def test_the_principal_s_place_is_a_deputy_s_only_where_the_department_lets(
    kind: PositionKind, deputy: bool
) -> None:
    expected = kind is PositionKind.HEAD or (kind is PositionKind.DEPUTY_HEAD and deputy)

    got = rules.signs(Place.PRINCIPAL, None, actor(kind), SCHOOL, deputy_may_sign=deputy)
    assert got is expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_seal_is_the_clerk_s_and_own_places_are_their_teacher_s(kind: PositionKind) -> None:
    seal = rules.signs(Place.SEAL, None, actor(kind), SCHOOL, deputy_may_sign=True)
    assert seal is (kind is PositionKind.CLERK)
    for place in (Place.SUBJECT, Place.HOMEROOM):
        assert rules.signs(place, MATHS, actor(kind, person=MATHS), SCHOOL, deputy_may_sign=True)
        assert not rules.signs(place, MATHS, actor(kind), SCHOOL, deputy_may_sign=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_school_its_superiors_and_the_next_school_read(kind: PositionKind) -> None:
    assert rules.may_read(actor(kind), STAFF) is (kind in OFFICE)
    superior = {*LEADERS, PositionKind.SPECIALIST, PositionKind.OFFICE_HEAD}
    assert rules.may_read(actor(kind, SUPERIOR), STAFF) is (kind in superior)
    assert rules.may_read(actor(kind, NEXT_SCHOOL), STAFF, [NEXT]) is (kind in OFFICE)
    assert rules.may_read(actor(kind, NEXT_SCHOOL, NEXT_HOMEROOM), STAFF, [NEXT])


def test_subjects_sign_in_the_class_book_or_in_every_report_book() -> None:
    common = [Place.HOMEROOM, Place.PRINCIPAL, Place.SEAL]
    apart = rules.places(SubjectsSign.REPORT_BOOK, ["TOAN", "VAN"])

    assert [place for place, _ in rules.places(SubjectsSign.CLASS_BOOK, ["TOAN"])] == common
    assert [place for place, _ in apart] == [Place.SUBJECT, Place.SUBJECT, *common]
    assert [code for _, code in apart] == ["TOAN", "VAN", None, None, None]


def test_the_days_of_the_decision_fall_into_the_year_in_which_the_school_year_ends() -> None:
    due = rules.due(DayOfYear(6, 30, 14), "2024-2025")

    assert due.on == date(2025, 6, 30)
    assert not due.is_near(date(2025, 6, 15))
    assert due.is_near(date(2025, 6, 16))


@pytest.mark.parametrize(
    ("closed_on", "today", "late"),
    [
        (date(2025, 6, 30), date(2025, 9, 1), 0),
        (date(2025, 7, 2), date(2025, 9, 1), 2),
        (None, date(2025, 6, 30), 0),
        (None, date(2025, 7, 1), 1),
    ],
)
def test_late_is_what_was_closed_after_the_day_or_is_not_closed_when_it_has_passed(
    closed_on: date | None, today: date, late: int
) -> None:
    assert rules.due(DayOfYear(6, 30, 14), "2024-2025").days_late(closed_on, today) == late


def test_a_pupil_who_is_assessed_again_has_the_later_day() -> None:
    assert rules.school_deadline(is_reassessed=False) is Deadline.SCHOOL
    assert rules.school_deadline(is_reassessed=True) is Deadline.SCHOOL_REASSESSED


@pytest.mark.parametrize(("month", "day", "warn"), [(2, 29, 1), (13, 1, 1), (6, 31, 1), (6, 1, -1)])
def test_a_deadline_is_a_day_of_every_year(month: int, day: int, warn: int) -> None:
    with pytest.raises(DayInvalid):
        DayOfYear(month, day, warn)


def test_everything_that_is_set_has_its_name() -> None:
    assert rules.DEADLINE_NAMES.keys() == set(Deadline)
    assert rules.SUBJECTS_SIGN_NAMES.keys() == set(SubjectsSign)
