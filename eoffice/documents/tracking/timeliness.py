"""Whether work was, or still is, in time: what the reports on handling count. Pure.

Days late are working days of the calendar, and a deadline on a day off ends with the next working
day (`people.working_days`). What has no deadline is neither in time nor late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from eoffice.people.working_days import Calendar


class Timeliness(StrEnum):
    """How finished or open work stands to its deadline."""

    IN_TIME = "in_time"
    LATE = "late"
    #: finished, and nobody had set a deadline
    ENDED = "ended"
    NOT_DUE = "not_due"
    OVERDUE = "overdue"
    #: open, and nobody has set a deadline
    OPEN = "open"
    #: recalled: nothing is expected any more
    TAKEN_BACK = "taken_back"


NAMES: Final[dict[Timeliness, str]] = {
    Timeliness.IN_TIME: "Xong đúng hạn",
    Timeliness.LATE: "Xong trễ hạn",
    Timeliness.ENDED: "Xong, không có hạn",
    Timeliness.NOT_DUE: "Đang làm, chưa đến hạn",
    Timeliness.OVERDUE: "Đang làm, quá hạn",
    Timeliness.OPEN: "Đang làm, không có hạn",
    Timeliness.TAKEN_BACK: "Đã thu hồi",
}
#: Of the dot beside the word.
TONES: Final[dict[Timeliness, str]] = {
    Timeliness.IN_TIME: "done",
    Timeliness.LATE: "wrong",
    Timeliness.ENDED: "done",
    Timeliness.NOT_DUE: "going",
    Timeliness.OVERDUE: "wrong",
    Timeliness.OPEN: "going",
    Timeliness.TAKEN_BACK: "quiet",
}
#: What a leader asks about first.
BEHIND: Final = frozenset({Timeliness.LATE, Timeliness.OVERDUE})


@dataclass(frozen=True, slots=True)
class Tally:
    """One line of a report: a unit, a person or a state, and how many of its documents stand how.

    `asked` narrows the list of documents to this line.
    """

    name: str
    asked: Mapping[str, str]
    counts: Mapping[Timeliness, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def of(
    due_on: date | None,
    ended_on: date | None,
    today: date,
    calendar: Calendar,
    *,
    taken_back: bool = False,
) -> Timeliness:
    """How work with this deadline stands; `ended_on` is None while it is open."""
    if taken_back:
        return Timeliness.TAKEN_BACK
    if due_on is None:
        return Timeliness.OPEN if ended_on is None else Timeliness.ENDED
    late = calendar.days_late(due_on, ended_on, today) > 0
    if ended_on is None:
        return Timeliness.OVERDUE if late else Timeliness.NOT_DUE
    return Timeliness.LATE if late else Timeliness.IN_TIME


def sums(tallies: Iterable[Tally]) -> dict[Timeliness, int]:
    """How many there are of each kind in all of these lines."""
    counted: Counter[Timeliness] = Counter()
    for each in tallies:
        counted.update(each.counts)
    return {each: counted[each] for each in Timeliness}
