"""A gradebook goes through its signers in one order, and what is absent in the table is refused."""

from __future__ import annotations

from itertools import product

import pytest

from eoffice.marks import states as mark_states
from eoffice.registers import states
from eoffice.registers.states import State, Step, StepRefused


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_pair_of_state_and_step_is_in_the_table_or_refused(state: State, step: Step) -> None:
    if (state, step) in states.TABLE:
        assert states.after(state, step) is states.TABLE[state, step]
    else:
        with pytest.raises(StepRefused):
            states.after(state, step)


def test_every_state_can_be_reached_from_the_first() -> None:
    reached = {State.RENDERING}
    while True:
        further = {to for (origin, _), to in states.TABLE.items() if origin in reached}
        if further <= reached:
            break
        reached |= further

    assert reached == set(State)


def test_superseded_and_returned_are_ends() -> None:
    origins = {origin for origin, _ in states.TABLE}

    assert set(State) - origins == {State.SUPERSEDED, State.RETURNED}


def test_a_closed_book_binds_the_marks_and_a_returned_one_does_not() -> None:
    assert State.CLOSED in states.BINDING
    assert State.RETURNED not in states.BINDING


def test_everything_has_its_vietnamese_name() -> None:
    assert states.NAMES.keys() == set(State)
    assert mark_states.IMPORT_NAMES.keys() == set(mark_states.ImportState)
