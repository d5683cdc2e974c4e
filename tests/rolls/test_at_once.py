"""Two people who number at once leave no hole and no double."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import pytest

from eoffice import clock, db
from eoffice.rolls import (
    certificate_actions,
    certificate_queries,
    enrolment_actions,
    enrolment_queries,
)
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.registers import stage
from tests.rolls.test_certificates import NEW

_AT_ONCE = 6


@pytest.fixture
def at() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        made = load_cast(session, at)
        stage.open_class(session, made, at)
        enrolment_actions.open_roll(session, 7, "", by=made.school_clerk, at=at)
    return made


def test_everybody_gets_one_number_whoever_asks_and_however_often(cast: Cast, at: datetime) -> None:
    def enter(_: int) -> int:
        with db.transaction(cast.school_clerk.acting) as session:
            return enrolment_actions.enter_all(session, by=cast.school_clerk, at=at).count

    with ThreadPoolExecutor(_AT_ONCE) as people:
        counts = sorted(people.map(enter, range(_AT_ONCE)))

    with db.transaction(cast.school_clerk.acting) as session:
        lines = enrolment_queries.lines(session, cast.school_clerk, cast.school.id)
    assert counts == [0] * (_AT_ONCE - 1) + [3]
    assert [line.number for line in lines] == [7, 8, 9]


def test_lines_of_the_ledger_are_given_one_after_the_other(cast: Cast, at: datetime) -> None:
    def grant(place: int) -> None:
        new = replace(NEW, serial=f"B{place}")
        with db.transaction(cast.school_clerk.acting) as session:
            certificate_actions.grant(session, "TNTHCS", [new], by=cast.school_clerk, at=at)

    with ThreadPoolExecutor(_AT_ONCE) as people:
        list(people.map(grant, range(_AT_ONCE)))

    with db.transaction(cast.school_clerk.acting) as session:
        found = certificate_queries.certificates(session, cast.school_clerk, cast.school.id)
    assert [one.ordinal for one in found] == list(range(1, _AT_ONCE + 1))
