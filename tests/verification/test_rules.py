"""A place may have twenty files checked in any ten minutes, and not one more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eoffice.verification import public, rules
from eoffice.verification.public import Busy, Gate, TooOften

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("count", [0, 1, rules.MOST_IN_A_PERIOD - 1])
def test_fewer_than_allowed_wait_for_nothing(count: int) -> None:
    assert rules.free_again([AT] * count, at=AT) is None


@pytest.mark.parametrize("minutes", range(10))
def test_the_next_one_waits_until_the_first_is_a_period_old(minutes: int) -> None:
    moments = [AT, *[AT + MINUTE] * (rules.MOST_IN_A_PERIOD - 1)]

    assert rules.free_again(moments, at=AT + minutes * MINUTE) == AT + rules.PERIOD


def test_what_is_a_period_old_counts_no_more() -> None:
    moments = [AT] * rules.MOST_IN_A_PERIOD

    assert rules.free_again(moments, at=AT + rules.PERIOD) is None
    assert rules.still_counting(moments, at=AT + rules.PERIOD) == ()


def test_a_place_that_asks_too_often_is_told_when_and_others_are_not_held_up() -> None:
    gate = Gate()
    for _ in range(rules.MOST_IN_A_PERIOD):
        with gate.admitted("one", at=AT):
            pass

    with pytest.raises(TooOften, match="thử lại sau 16:10"), gate.admitted("one", at=AT):
        pass
    with gate.admitted("another", at=AT):
        pass
    with gate.admitted("one", at=AT + rules.PERIOD):
        pass


def test_when_all_places_are_taken_the_next_is_asked_to_try_again() -> None:
    gate = Gate(at_once=1)

    with gate.admitted("one", at=AT):
        with pytest.raises(Busy, match="Hãy thử lại"), gate.admitted("another", at=AT):
            pass
    with gate.admitted("another", at=AT):
        pass


def test_a_file_that_fails_frees_its_place() -> None:
    gate = Gate(at_once=1)

    with pytest.raises(ValueError, match="broken"), gate.admitted("one", at=AT):
        raise ValueError("broken")
    with gate.admitted("one", at=AT):
        pass


def test_of_the_places_only_the_latest_are_remembered() -> None:
    gate = Gate(most_places=1)
    for _ in range(rules.MOST_IN_A_PERIOD):
        with gate.admitted("one", at=AT):
            pass
    with gate.admitted("another", at=AT):
        pass

    with gate.admitted("one", at=AT):
        pass


def test_a_package_may_be_as_large_as_the_page_says() -> None:
    assert public.LARGEST_BYTES == 64 * 2**20
