"""The life of a decision to issue at a time, as a table; a pair that is absent is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class ScheduleState(StrEnum):
    #: chờ đến giờ
    WAITING = "waiting"
    #: đã phát hành đúng hẹn
    KEPT = "kept"
    #: đã huỷ hẹn
    CANCELLED = "cancelled"
    #: đến giờ mà không phát hành được
    FAILED = "failed"


class ScheduleStep(StrEnum):
    KEEP = "keep"
    CANCEL = "cancel"
    FAIL = "fail"


class ScheduleStepRefused(Conflict):
    """The document does not wait for an hour of issue any more."""


TABLE: Final[Mapping[tuple[ScheduleState, ScheduleStep], ScheduleState]] = {
    (ScheduleState.WAITING, ScheduleStep.KEEP): ScheduleState.KEPT,
    (ScheduleState.WAITING, ScheduleStep.CANCEL): ScheduleState.CANCELLED,
    (ScheduleState.WAITING, ScheduleStep.FAIL): ScheduleState.FAILED,
}

_ENDED: Final[Mapping[ScheduleState, str]] = {
    ScheduleState.WAITING: "đang chờ đến giờ",
    ScheduleState.KEPT: "đã được thực hiện",
    ScheduleState.CANCELLED: "đã được huỷ",
    ScheduleState.FAILED: "đã không thực hiện được",
}


def after(state: ScheduleState, step: ScheduleStep) -> ScheduleState:
    """Raises ScheduleStepRefused where the table has no such pair."""
    following = TABLE.get((state, step))
    if following is None:
        raise ScheduleStepRefused(f"Hẹn giờ phát hành này {_ENDED[state]}.")
    return following
