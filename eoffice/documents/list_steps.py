"""What the list of outgoing documents offers to do to several at once, by state and position."""

from __future__ import annotations

from typing import Final

from eoffice.documents import rules
from eoffice.documents.states import State, Step
from eoffice.people.kinds import PositionKind
from eoffice.web import bulk
from eoffice.web.bulk import Offer

REMIND: Final = Offer("reminder", "Nhắc nơi nhận")
FILE: Final = Offer("filing", "Đưa vào hồ sơ")


def offered(state: State, position: PositionKind) -> tuple[Offer, ...]:
    """Nothing for a line that waits for somebody else; whose it is in the end the step says."""
    if state is State.AWAITING_SIGNATURE and _may(Step.SIGN, state, position):
        return (bulk.SIGN,)
    if state is State.NUMBERED and _may(Step.SEAL, state, position):
        return (bulk.SEAL,)
    if state is State.ISSUED and rules.may_write(position):
        return (REMIND, FILE)
    return ()


def _may(step: Step, state: State, position: PositionKind) -> bool:
    return rules.may(step, state, position, in_drafting_unit=True)
