"""Who is away names who stands in, within the agency's order; it is never passed on, and it is no
right to sign."""

from __future__ import annotations

import itertools
from datetime import date, datetime

import pytest
from sqlalchemy.orm import Session

from eoffice.people import substitution, substitution_actions, substitution_queries
from eoffice.people.kinds import PositionKind as P
from eoffice.people.substitution import DaysUnfit, OnlyForOneself, SubstituteUnfit
from eoffice.people.substitution_actions import AbsenceOverlaps
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast

FIRST, LAST = date(2018, 8, 14), date(2018, 8, 17)


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


@pytest.mark.parametrize(("absent", "other"), list(itertools.product(P, P)))
def test_each_pair_of_positions_is_decided(cast: Cast, absent: P, other: P) -> None:
    here, there = cast.technology_office.id, cast.secondary_office.id
    fit = other in substitution.MAY_STAND_IN.get(absent, frozenset())
    assert substitution.may_stand_in(absent, here, other, here) == fit
    far = fit and (other in (P.HEAD, P.DEPUTY_HEAD, P.CLERK) or absent is P.HEAD)
    assert substitution.may_stand_in(absent, here, other, there) == far


def test_operators_and_inspectors_stand_in_for_nobody_and_nobody_for_them() -> None:
    for kind in (P.OPERATOR, P.INSPECTOR):
        assert kind not in substitution.MAY_STAND_IN
        assert all(kind not in allowed for allowed in substitution.MAY_STAND_IN.values())


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2018, 8, 14), date(2018, 8, 13)),
        (date(2018, 8, 1), date(2018, 8, 12)),
        (date(2018, 8, 14), date(2019, 12, 31)),
    ],
)
def test_days_that_make_no_sense_are_refused(first: date, last: date) -> None:
    with pytest.raises(DaysUnfit):
        substitution.check_days(first, last, today=date(2018, 8, 13))


def state(
    session: Session,
    cast: Cast,
    at: datetime,
    *,
    absent: Principal,
    substitute: Principal,
    by: Principal | None = None,
) -> None:
    substitution_actions.state_absence(
        session,
        appointment_id=absent.appointment_id,
        substitute_id=substitute.person_id,
        first_day=FIRST,
        last_day=LAST,
        reason="Nghỉ phép",
        by=by or absent,
        at=at,
    )
    session.flush()


def test_a_substitute_stands_in_on_these_days_alone(
    session: Session, cast: Cast, at: datetime
) -> None:
    state(session, cast, at, absent=cast.director, substitute=cast.deputy_director)
    pairs = {cast.director.person_id: cast.deputy_director.person_id}
    agency = cast.department.id
    for day, expected in (
        (date(2018, 8, 13), {}),
        (FIRST, pairs),
        (LAST, pairs),
        (date(2018, 8, 18), {}),
    ):
        assert substitution_queries.substitutes(session, agency, on=day) == expected


def test_one_who_is_there_after_all_takes_it_back(
    session: Session, cast: Cast, at: datetime
) -> None:
    state(session, cast, at, absent=cast.director, substitute=cast.deputy_director)
    (absence,) = substitution_queries.absences(session, cast.department.id, on=FIRST)
    for _ in range(2):
        substitution_actions.take_back(session, absence.id, by=cast.director, at=at)
    session.flush()
    assert substitution_queries.substitutes(session, cast.department.id, on=FIRST) == {}


def test_who_may_not_stand_in_and_who_may_not_state_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(SubstituteUnfit):
        state(session, cast, at, absent=cast.director, substitute=cast.specialist)
    with pytest.raises(SubstituteUnfit):
        state(session, cast, at, absent=cast.clerk, substitute=cast.district_clerk)
    with pytest.raises(OnlyForOneself):
        state(
            session,
            cast,
            at,
            absent=cast.director,
            substitute=cast.deputy_director,
            by=cast.specialist,
        )
    for by in (cast.operator, cast.deputy_director):
        state(session, cast, at, absent=cast.director, substitute=cast.deputy_director, by=by)
        (absence,) = substitution_queries.absences(session, cast.department.id, on=FIRST)
        with pytest.raises(AbsenceOverlaps):
            state(session, cast, at, absent=cast.director, substitute=cast.deputy_director)
        substitution_actions.take_back(session, absence.id, by=by, at=at)
        session.flush()
