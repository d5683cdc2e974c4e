"""Handing case files over to the agency's archive (Decree 30/2020, art. 30): who says what."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class TransferState(StrEnum):
    #: the unit handed its list over; the archive looks whether everything is there
    OFFERED = "offered"
    #: by the unit, before the archive answered
    TAKEN_BACK = "taken_back"
    #: by the archive, with the reason
    RETURNED = "returned"
    #: both sides stand behind the minutes; the case files are the archive's
    ACCEPTED = "accepted"


class TransferStep(StrEnum):
    TAKE_BACK = "take_back"
    RETURN = "return"
    ACCEPT = "accept"


class TransferStepRefused(Conflict):
    """The hand-over was answered before."""


NAMES: Final[dict[TransferState, str]] = {
    TransferState.OFFERED: "Chờ lưu trữ cơ quan nhận",
    TransferState.TAKEN_BACK: "Đơn vị đã rút lại",
    TransferState.RETURNED: "Lưu trữ cơ quan trả lại",
    TransferState.ACCEPTED: "Đã giao nhận",
}

TABLE: Final[dict[tuple[TransferState, TransferStep], TransferState]] = {
    (TransferState.OFFERED, TransferStep.TAKE_BACK): TransferState.TAKEN_BACK,
    (TransferState.OFFERED, TransferStep.RETURN): TransferState.RETURNED,
    (TransferState.OFFERED, TransferStep.ACCEPT): TransferState.ACCEPTED,
}


def after(state: TransferState, step: TransferStep) -> TransferState:
    """Raises TransferStepRefused for a pair that is not in the table."""
    found = TABLE.get((state, step))
    if found is None:
        raise TransferStepRefused(f"Đợt nộp lưu này: {NAMES[state].lower()}.")
    return found
