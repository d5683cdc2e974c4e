"""A family opens its slip, and only its own, with the link and the code that it was given."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.families import rules, states
from eoffice.families.rules import DoorClosed, MonthMissing, Period, PeriodKind

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
SLIP = UUID("0190a0a0-0000-7000-8000-000000000001")
AT = datetime(2025, 1, 10, 1, 0, tzinfo=UTC)


def test_every_pair_of_state_and_step_is_in_the_table_or_refused() -> None:
    for state, step in product(states.State, states.Step):
        if (state, step) in states.TRANSITIONS:
            assert states.after(state, step) is states.TRANSITIONS[state, step]
        else:
            with pytest.raises(states.StepRefused):
                states.after(state, step)


def test_withdrawn_results_never_come_back() -> None:
    assert not [step for state, step in states.TRANSITIONS if state is states.State.WITHDRAWN]


@given(slip=st.uuids(), renewals=st.integers(0, 1000))
def test_an_address_names_its_slip_and_no_other(slip: UUID, renewals: int) -> None:
    text = rules.address(KEY, slip, renewals)

    assert rules.slip_of(text) == slip
    assert rules.is_address_of(KEY, text, slip, renewals)
    assert not rules.is_address_of(KEY, text, slip, renewals + 1)
    assert not rules.is_address_of(OTHER_KEY, text, slip, renewals)


@given(text=st.text(max_size=60))
def test_an_address_that_was_made_up_opens_nothing(text: str) -> None:
    slip = rules.slip_of(text)
    assert slip is None or not rules.is_address_of(KEY, text, slip, 0)


def test_a_code_is_read_however_it_is_typed() -> None:
    code = rules.code(KEY, SLIP, 0)

    for typed in (code, code.lower(), code.replace("-", " "), f"  {code.replace('-', '')} "):
        assert rules.is_code(KEY, typed, SLIP, 0)
    assert not rules.is_code(KEY, "", SLIP, 0)
    assert not rules.is_code(KEY, code[:-1], SLIP, 0)
    assert not rules.is_code(KEY, code, SLIP, 1)


@given(slip=st.uuids())
def test_a_code_has_eight_signs_that_cannot_be_mistaken_for_one_another(slip: UUID) -> None:
    signs = rules.code(KEY, slip, 0).replace("-", "")
    assert len(signs) == 8
    assert not set(signs) & set("01IO")


@pytest.mark.parametrize(
    ("tries", "since", "is_open"),
    [
        (0, None, True),
        (1, timedelta(0), True),
        (4, timedelta(0), True),
        (5, timedelta(minutes=14, seconds=59), False),
        (5, timedelta(minutes=15), True),
        (6, timedelta(0), True),
        (10, timedelta(minutes=1), False),
        (19, timedelta(0), True),
        (20, timedelta(days=365), False),
        (21, timedelta(days=365), False),
    ],
)
def test_wrong_codes_close_the_door_for_a_while_and_in_the_end_for_good(
    tries: int, since: timedelta | None, is_open: bool
) -> None:
    last = None if since is None else AT - since
    if is_open:
        rules.require_open(tries, last, at=AT)
    else:
        with pytest.raises(DoorClosed):
            rules.require_open(tries, last, at=AT)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (Period(PeriodKind.MONTH, date(2024, 10, 1)), "tháng 10/2024"),
        (Period(PeriodKind.FIRST_SEMESTER), "học kì I"),
        (Period(PeriodKind.SECOND_SEMESTER), "học kì II"),
        (Period(PeriodKind.YEAR), "cả năm học"),
    ],
)
def test_a_period_is_said_in_the_words_of_the_school(period: Period, words: str) -> None:
    assert period.words == words


def test_a_month_is_named_for_months_and_for_nothing_else() -> None:
    with pytest.raises(MonthMissing):
        Period(PeriodKind.MONTH)
    with pytest.raises(MonthMissing):
        Period(PeriodKind.YEAR, date(2024, 10, 1))
