"""A package goes its way step by step: every pair of state and step is stepped or refused."""

from __future__ import annotations

import pytest

from eoffice.transfers import states
from eoffice.transfers.states import TransferState, TransferStep, TransferStepRefused

ALLOWED = {
    ("made", "seal"): "sealed",
    ("made", "withdraw"): "withdrawn",
    ("sealed", "hand_over"): "handed_over",
    ("sealed", "withdraw"): "withdrawn",
    ("handed_over", "take_in"): "taken_in",
    ("handed_over", "refuse"): "refused",
    ("handed_over", "withdraw"): "withdrawn",
}


@pytest.mark.parametrize("state", TransferState)
@pytest.mark.parametrize("step", TransferStep)
def test_a_step_leads_where_the_table_says_or_is_refused(
    state: TransferState, step: TransferStep
) -> None:
    wanted = ALLOWED.get((state.value, step.value))
    if wanted is None:
        with pytest.raises(TransferStepRefused, match=states.NAMES[state]):
            states.after(state, step)
    else:
        assert states.after(state, step) is TransferState(wanted)


def test_who_was_taken_in_stays_taken_in() -> None:
    assert not [pair for pair in states.TABLE if pair[0] is TransferState.TAKEN_IN]
    assert TransferState.TAKEN_IN in states.LIVE
