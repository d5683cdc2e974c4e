"""Who may sign in which capacity; what a unit takes over; how long and how often.

Decree 30/2020, art. 13: the head, a deputy for the head, an office's head by order, somebody by
delegation for a limited time; a right counts on the days that it covers and on no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.people.kinds import GrantKind, Manner, PositionKind
from eoffice.people.rules import (
    FREE_PER_LOGIN,
    FREE_PER_SOURCE,
    LONGEST_WAIT,
    MEMORY,
    SOURCE_MEMORY,
    Capacity,
    Granted,
    Held,
    NoAuthority,
    Succession,
    TooManyAttempts,
    Validity,
    authority,
    check_attempt,
    in_charge,
    may_sign,
    session_ends_at,
    stands_below,
    taken_over,
    wait_after,
)

DAY = date(2018, 8, 13)
ALWAYS = Validity(date(2015, 1, 1))


def name(text: str) -> UUID:
    return uuid5(UUID(int=0), text)


SO, SCHOOL = name("department"), name("school")
SIGNER, OTHER = name("signer"), name("other")
HEADSHIP = name("head of department")


def held(
    person: UUID,
    kind: PositionKind,
    *,
    agency: UUID = SO,
    manner: Manner = Manner.APPOINTED,
    validity: Validity = ALWAYS,
) -> Held:
    is_head = kind is PositionKind.HEAD and agency == SO
    position = HEADSHIP if is_head else name(f"{agency} {kind}")
    return Held(person, position, agency, kind, manner, validity)


def granted(kind: GrantKind, *, validity: Validity = ALWAYS, person: UUID = SIGNER) -> Granted:
    return Granted(HEADSHIP, person, kind, validity)


DIRECTOR = held(OTHER, PositionKind.HEAD)
BY_ORDER = granted(GrantKind.ORDER)
BY_DELEGATION = granted(GrantKind.AUTHORISATION)

#: Every kind of position × every grant, with a director in office -> capacity, or None.
CAPACITIES: dict[PositionKind, tuple[Capacity | None, Capacity | None, Capacity | None]] = {
    # without a grant, by order, by delegation
    PositionKind.HEAD: (Capacity.HEAD, Capacity.HEAD, Capacity.HEAD),
    PositionKind.DEPUTY_HEAD: (Capacity.FOR_HEAD, Capacity.FOR_HEAD, Capacity.FOR_HEAD),
    PositionKind.OFFICE_HEAD: (None, Capacity.BY_ORDER, Capacity.BY_DELEGATION),
    PositionKind.OFFICE_DEPUTY: (None, Capacity.BY_ORDER, Capacity.BY_DELEGATION),
    PositionKind.SPECIALIST: (None, None, Capacity.BY_DELEGATION),
    PositionKind.CLERK: (None, None, Capacity.BY_DELEGATION),
    PositionKind.TEACHER: (None, None, Capacity.BY_DELEGATION),
    PositionKind.INSPECTOR: (None, None, Capacity.BY_DELEGATION),
    PositionKind.OPERATOR: (None, None, Capacity.BY_DELEGATION),
}


@pytest.mark.parametrize(
    ("kind", "grants"),
    list(product(PositionKind, [(), (BY_ORDER,), (BY_DELEGATION,)])),
    ids=str,
)
def test_each_position_signs_in_its_capacity_and_no_other(
    kind: PositionKind, grants: tuple[Granted, ...]
) -> None:
    column = 0 if not grants else 1 if grants[0].kind is GrantKind.ORDER else 2
    expected = CAPACITIES[kind][column]
    appointments = [DIRECTOR, held(SIGNER, kind)]

    if expected is None:
        with pytest.raises(NoAuthority):
            may_sign(SIGNER, SO, on=DAY, appointments=appointments, grants=grants)
    else:
        found = may_sign(SIGNER, SO, on=DAY, appointments=appointments, grants=grants)
        assert found is expected


def test_the_head_of_a_collective_signs_on_its_behalf() -> None:
    capacity = may_sign(
        SIGNER, SO, on=DAY, appointments=[held(SIGNER, PositionKind.HEAD)], for_collective=True
    )

    assert capacity is Capacity.ON_BEHALF


def test_somebody_who_acts_as_head_signs_as_acting() -> None:
    acting = held(SIGNER, PositionKind.HEAD, manner=Manner.ACTING)

    assert may_sign(SIGNER, SO, on=DAY, appointments=[acting]) is Capacity.ACTING


def test_the_head_of_one_agency_may_not_sign_for_another() -> None:
    with pytest.raises(NoAuthority):
        may_sign(SIGNER, SCHOOL, on=DAY, appointments=[held(SIGNER, PositionKind.HEAD)])


def test_somebody_elses_appointment_or_grant_gives_no_right() -> None:
    with pytest.raises(NoAuthority):
        may_sign(
            SIGNER,
            SO,
            on=DAY,
            appointments=[DIRECTOR, held(SIGNER, PositionKind.OFFICE_HEAD)],
            grants=[granted(GrantKind.ORDER, person=OTHER)],
        )


def test_the_principal_of_a_subordinate_school_may_sign_by_delegation_but_not_by_order() -> None:
    appointments = [DIRECTOR, held(SIGNER, PositionKind.HEAD, agency=SCHOOL)]

    capacity = may_sign(SIGNER, SO, on=DAY, appointments=appointments, grants=[BY_DELEGATION])

    assert capacity is Capacity.BY_DELEGATION
    with pytest.raises(NoAuthority):
        may_sign(SIGNER, SO, on=DAY, appointments=appointments, grants=[BY_ORDER])


def test_a_grant_rests_while_nobody_holds_the_position_that_gave_it() -> None:
    office_head = held(SIGNER, PositionKind.OFFICE_HEAD)

    for grant in (BY_ORDER, BY_DELEGATION):
        with pytest.raises(NoAuthority):
            may_sign(SIGNER, SO, on=DAY, appointments=[office_head], grants=[grant])


def test_a_grant_does_not_outlive_the_appointment_of_the_one_who_has_it() -> None:
    left = held(SIGNER, PositionKind.OFFICE_HEAD, validity=Validity(date(2015, 1, 1), DAY))

    with pytest.raises(NoAuthority):
        may_sign(
            SIGNER,
            SO,
            on=DAY + timedelta(days=1),
            appointments=[DIRECTOR, left],
            grants=[BY_DELEGATION],
        )


def test_the_stronger_of_two_rights_counts() -> None:
    both = [
        DIRECTOR,
        held(SIGNER, PositionKind.OFFICE_HEAD),
        held(SIGNER, PositionKind.DEPUTY_HEAD),
    ]

    capacity = may_sign(SIGNER, SO, on=DAY, appointments=both, grants=[BY_DELEGATION, BY_ORDER])

    assert capacity is Capacity.FOR_HEAD


def test_a_deputy_signs_for_the_head_whose_position_is_named() -> None:
    found = authority(
        SIGNER, SO, on=DAY, appointments=[DIRECTOR, held(SIGNER, PositionKind.DEPUTY_HEAD)]
    )

    assert found.head_position_id == HEADSHIP


def test_a_deputy_of_an_agency_without_a_head_still_signs() -> None:
    found = authority(SIGNER, SO, on=DAY, appointments=[held(SIGNER, PositionKind.DEPUTY_HEAD)])

    assert (found.capacity, found.head_position_id) == (Capacity.FOR_HEAD, None)


@pytest.mark.parametrize(
    ("first", "last", "counts"),
    [
        (DAY, DAY, True),
        (DAY, None, True),
        (DAY - timedelta(days=1), DAY + timedelta(days=1), True),
        (DAY + timedelta(days=1), None, False),
        (DAY - timedelta(days=9), DAY - timedelta(days=1), False),
    ],
)
def test_a_right_counts_from_its_first_to_its_last_day(
    first: date, last: date | None, counts: bool
) -> None:
    assert Validity(first, last).covers(DAY) is counts

    appointments = [held(SIGNER, PositionKind.HEAD, validity=Validity(first, last))]
    if counts:
        assert may_sign(SIGNER, SO, on=DAY, appointments=appointments) is Capacity.HEAD
    else:
        with pytest.raises(NoAuthority):
            may_sign(SIGNER, SO, on=DAY, appointments=appointments)


@pytest.mark.parametrize("kind", list(GrantKind))
def test_a_grant_that_is_over_gives_no_right(kind: GrantKind) -> None:
    over = granted(kind, validity=Validity(date(2018, 1, 1), DAY - timedelta(days=1)))

    with pytest.raises(NoAuthority):
        may_sign(
            SIGNER,
            SO,
            on=DAY,
            appointments=[DIRECTOR, held(SIGNER, PositionKind.OFFICE_HEAD)],
            grants=[over],
        )


def test_each_capacity_has_the_prefix_of_the_decree() -> None:
    prefixes = {capacity: capacity.prefix for capacity in Capacity}

    assert prefixes == {
        Capacity.HEAD: "",
        Capacity.ON_BEHALF: "TM.",
        Capacity.ACTING: "Q.",
        Capacity.FOR_HEAD: "KT.",
        Capacity.BY_ORDER: "TL.",
        Capacity.BY_DELEGATION: "TUQ.",
    }


# --- Succession ------------------------------------------------------------------------------

A, B, C, D = (name(letter) for letter in "ABCD")
JULY = date(2025, 7, 1)
CHAIN = [Succession(A, B, date(2019, 1, 1)), Succession(B, C, JULY), Succession(D, C, JULY)]


def test_a_unit_takes_over_from_its_predecessors_and_theirs() -> None:
    assert taken_over(C, CHAIN, on=JULY) == {A, B, C, D}
    assert taken_over(B, CHAIN, on=JULY) == {A, B}
    assert taken_over(A, CHAIN, on=JULY) == {A}


def test_nothing_is_taken_over_before_its_day() -> None:
    assert taken_over(C, CHAIN, on=JULY - timedelta(days=1)) == {C}


def test_the_last_successor_is_in_charge() -> None:
    assert in_charge(A, CHAIN, on=JULY) == {C}
    assert in_charge(A, CHAIN, on=JULY - timedelta(days=1)) == {B}
    assert in_charge(C, CHAIN, on=JULY) == {C}


def test_a_unit_that_was_divided_has_several_in_charge() -> None:
    divided = [Succession(A, B, JULY), Succession(A, C, JULY)]

    assert in_charge(A, divided, on=JULY) == {B, C}


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_whoever_is_in_charge_has_taken_over(pairs: Sequence[tuple[int, int]]) -> None:
    successions = [Succession(name(str(before)), name(str(after)), JULY) for before, after in pairs]

    for unit in (name(str(number)) for number in range(6)):
        for now_in_charge in in_charge(unit, successions, on=JULY):
            assert unit in taken_over(now_in_charge, successions, on=JULY)


def test_a_unit_stands_below_all_that_are_above_it_and_not_below_itself() -> None:
    parents = {A: B, B: C, C: None, D: D}

    assert stands_below(A, B, parents)
    assert stands_below(A, C, parents)
    assert not stands_below(A, A, parents)
    assert not stands_below(C, A, parents)
    assert not stands_below(D, C, parents)


# --- Sessions --------------------------------------------------------------------------------

NOON = datetime(2018, 8, 13, 5, tzinfo=UTC)


def test_a_session_ends_eight_hours_after_it_was_last_used() -> None:
    assert session_ends_at(NOON, NOON + timedelta(hours=2)) == NOON + timedelta(hours=10)


def test_a_session_ends_after_a_day_however_much_it_is_used() -> None:
    assert session_ends_at(NOON, NOON + timedelta(hours=23)) == NOON + timedelta(hours=24)


# --- Attempts --------------------------------------------------------------------------------


def ago(*seconds: float) -> list[datetime]:
    return [NOON - timedelta(seconds=s) for s in seconds]


def test_the_first_failures_cost_no_wait() -> None:
    check_attempt(at=NOON, failures_of_login=ago(*range(FREE_PER_LOGIN - 1)), failures_of_source=[])


def test_from_the_fifth_failure_each_wait_is_twice_the_last() -> None:
    waits = [wait_after(count, FREE_PER_LOGIN).total_seconds() for count in range(4, 13)]

    assert waits == [0, 15, 30, 60, 120, 240, 480, 900, 900]


def test_no_wait_is_longer_than_a_quarter_of_an_hour() -> None:
    assert wait_after(10_000, FREE_PER_LOGIN) == LONGEST_WAIT


def test_an_attempt_during_the_wait_is_refused_and_says_how_long() -> None:
    failures = ago(5, 6, 7, 8, 9)

    with pytest.raises(TooManyAttempts, match="10 giây"):
        check_attempt(at=NOON, failures_of_login=failures, failures_of_source=[])


def test_a_long_wait_is_said_in_minutes() -> None:
    with pytest.raises(TooManyAttempts, match="15 phút"):
        check_attempt(at=NOON, failures_of_login=ago(*range(1, 30)), failures_of_source=[])


def test_an_attempt_after_the_wait_is_free() -> None:
    check_attempt(at=NOON, failures_of_login=ago(15, 16, 17, 18, 19), failures_of_source=[])


def test_old_failures_are_forgotten() -> None:
    yesterday = MEMORY.total_seconds()

    check_attempt(
        at=NOON,
        failures_of_login=ago(*(yesterday + n for n in range(50)), 1),
        failures_of_source=ago(*(SOURCE_MEMORY.total_seconds() + n for n in range(200)), 1),
    )


def test_a_source_may_fail_often_enough_for_a_school_but_not_for_a_machine() -> None:
    school = ago(*(n / 100 for n in range(FREE_PER_SOURCE - 1)))
    check_attempt(at=NOON, failures_of_login=[], failures_of_source=school)

    with pytest.raises(TooManyAttempts):
        check_attempt(at=NOON, failures_of_login=[], failures_of_source=[*school, NOON])
