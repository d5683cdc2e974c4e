"""A copy is signed, then sealed; every pair of state and step is stepped or refused."""

from __future__ import annotations

import pytest

from eoffice.extracts import states
from eoffice.extracts.states import CopyState, CopyStep, CopyStepRefused

ALLOWED = {
    ("awaiting_signature", "sign"): "awaiting_seal",
    ("awaiting_signature", "cancel"): "cancelled",
    ("awaiting_seal", "seal"): "issued",
    ("awaiting_seal", "cancel"): "cancelled",
}


@pytest.mark.parametrize("state", CopyState)
@pytest.mark.parametrize("step", CopyStep)
def test_a_step_leads_where_the_table_says_or_is_refused(state: CopyState, step: CopyStep) -> None:
    wanted = ALLOWED.get((state.value, step.value))
    if wanted is None:
        with pytest.raises(CopyStepRefused, match=states.NAMES[state]):
            states.after(state, step)
    else:
        assert states.after(state, step) is CopyState(wanted)
