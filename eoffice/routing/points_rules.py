"""Points: the pieces of work that a document asks of its recipients, as plain values.

Decree 30/2020, Annex VI: the sender follows how far its recipients are. A point that names nobody
is for every recipient; one that names units or groups is for those of them who get the document.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.errors import Conflict, Invalid
from eoffice.people.working_days import Calendar

#: More than this no letter asks for; it bounds what one issue writes.
MOST_POINTS: Final = 30
LONGEST_POINT: Final = 1000


class PointState(StrEnum):
    #: chưa thực hiện
    NOT_BEGUN = "not_begun"
    #: đang thực hiện
    UNDER_WAY = "under_way"
    #: đã thực hiện
    DONE = "done"


class PointStep(StrEnum):
    BEGIN = "begin"
    REPORT = "report"


class Progress(StrEnum):
    """How a recipient stands with a point, lateness included: one word for a cell."""

    NOT_BEGUN = "not_begun"
    UNDER_WAY = "under_way"
    DONE = "done"
    #: done behind the deadline
    DONE_LATE = "done_late"
    OVERDUE = "overdue"


class PointStepRefused(Conflict):
    """The point is not in a state in which this step can be taken."""


class PointUnacceptable(Invalid):
    """A point says nothing, too much, or has a deadline that cannot be kept."""


TABLE: Final[Mapping[tuple[PointState, PointStep], PointState]] = {
    (PointState.NOT_BEGUN, PointStep.BEGIN): PointState.UNDER_WAY,
    (PointState.NOT_BEGUN, PointStep.REPORT): PointState.DONE,
    (PointState.UNDER_WAY, PointStep.REPORT): PointState.DONE,
}

PROGRESS_NAMES: Final = {
    Progress.NOT_BEGUN: "Chưa thực hiện",
    Progress.UNDER_WAY: "Đang thực hiện",
    Progress.DONE: "Đã thực hiện",
    Progress.DONE_LATE: "Thực hiện trễ hạn",
    Progress.OVERDUE: "Quá hạn",
}
#: Tone of the dot beside the word.
TONES: Final = {
    Progress.NOT_BEGUN: "waiting",
    Progress.UNDER_WAY: "going",
    Progress.DONE: "done",
    Progress.DONE_LATE: "done",
    Progress.OVERDUE: "wrong",
}
_SITUATIONS: Final = {
    PointState.NOT_BEGUN: "chưa bắt đầu",
    PointState.UNDER_WAY: "đang thực hiện",
    PointState.DONE: "đã báo cáo xong",
}
_PROGRESS: Final = {
    PointState.NOT_BEGUN: Progress.NOT_BEGUN,
    PointState.UNDER_WAY: Progress.UNDER_WAY,
    PointState.DONE: Progress.DONE,
}


@dataclass(frozen=True, slots=True)
class StatedPoint:
    """A point as its writer states it."""

    text: str
    due_on: date | None = None
    #: Both empty: for every recipient.
    unit_ids: tuple[UUID, ...] = ()
    group_codes: tuple[str, ...] = ()


def state_of(*, begun: bool, done: bool) -> PointState:
    """The state that follows from what happened."""
    if done:
        return PointState.DONE
    return PointState.UNDER_WAY if begun else PointState.NOT_BEGUN


def after(state: PointState, step: PointStep) -> PointState:
    """The state that follows. Raises PointStepRefused where the table has no such pair."""
    following = TABLE.get((state, step))
    if following is None:
        raise PointStepRefused(f"Việc này {_SITUATIONS[state]}, không cần thao tác lại.")
    return following


def progress(
    state: PointState,
    due_on: date | None,
    done_on: date | None,
    today: date,
    calendar: Calendar,
) -> Progress:
    """How it stands on `today`."""
    late = calendar.days_late(due_on, done_on, today) > 0
    if state is PointState.DONE:
        return Progress.DONE_LATE if late else Progress.DONE
    return Progress.OVERDUE if late else _PROGRESS[state]


def worst(found: Collection[Progress]) -> Progress | None:
    """What a recipient's points come to in one word: the worst of them; None without any."""
    order = (
        Progress.OVERDUE,
        Progress.NOT_BEGUN,
        Progress.UNDER_WAY,
        Progress.DONE_LATE,
        Progress.DONE,
    )
    return next((each for each in order if each in found), None)


def checked(points: Sequence[StatedPoint], *, today: date) -> tuple[StatedPoint, ...]:
    """The points with trimmed words. Raises PointUnacceptable."""
    if len(points) > MOST_POINTS:
        raise PointUnacceptable(f"Một văn bản nêu không quá {MOST_POINTS} việc.")
    return tuple(_checked(each, today) for each in points)


def _checked(point: StatedPoint, today: date) -> StatedPoint:
    text = " ".join(point.text.split())
    if not text or len(text) > LONGEST_POINT:
        detail = f"Hãy ghi việc cần làm, không quá {LONGEST_POINT} ký tự."
        raise PointUnacceptable(detail, fields={"text": detail})
    if point.due_on is not None and point.due_on < today:
        detail = f"Hạn {point.due_on:%d/%m/%Y} đã qua."
        raise PointUnacceptable(detail, fields={"due_on": detail})
    return StatedPoint(
        text,
        point.due_on,
        tuple(dict.fromkeys(point.unit_ids)),
        tuple(dict.fromkeys(point.group_codes)),
    )
