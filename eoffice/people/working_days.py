"""Which days the office works, and deadlines counted by them: plain values, no database.

Monday to Friday, without the days that a decision took out (Tết, public holidays and the days given
for them) and with those that it put in (làm bù on a Saturday). The rows are kept by operators, see
`working_days_actions`; `working_days_queries.calendar` makes a `Calendar` of them.

A term that ends on a day off ends with the next working day: Civil Code 2015, art. 148 (5).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict, Invalid

_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)
#: Longest rest that one line may enter; Tết has had nine days at most, and a slip of the year has
#: more.
LONGEST_SPAN_DAYS: Final = 31
#: Longest name of a day off and of the decision that sets it, in characters.
LONGEST_NAME: Final = 200


class DayKind(StrEnum):
    #: nghỉ lễ, nghỉ Tết, nghỉ bù, hoán đổi
    DAY_OFF = "day_off"
    #: làm bù: works although it is a Saturday or a Sunday
    MADE_UP = "made_up"


DAY_KIND_NAMES: Final = {DayKind.DAY_OFF: "Ngày nghỉ", DayKind.MADE_UP: "Ngày làm bù"}


class DayUnfit(Invalid):
    """The day cannot be what it was entered as."""


class DayTaken(Conflict):
    """The calendar already says something about this day."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """What decisions say beyond weekends; empty, it knows weekends only."""

    days_off: frozenset[date] = frozenset()
    made_up: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether the office works on that day."""
        if day in self.made_up:
            return True
        return day.weekday() < _SATURDAY and day not in self.days_off

    def next_working_day(self, day: date) -> date:
        """The first working day behind `day`."""
        return self.on_or_after(day + _ONE_DAY)

    def previous_working_day(self, day: date) -> date:
        """The last working day before `day`."""
        return self.on_or_before(day - _ONE_DAY)

    def on_or_after(self, day: date) -> date:
        """`day` itself where it is a working day, else the next one."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def on_or_before(self, day: date) -> date:
        """`day` itself where it is a working day, else the one before."""
        while not self.is_working_day(day):
            day -= _ONE_DAY
        return day

    def shifted(self, day: date, working_days: int) -> date:
        """The day that many working days behind `day`, or before it where negative; 0 is `day`."""
        for _ in range(abs(working_days)):
            day = self.next_working_day(day) if working_days > 0 else self.previous_working_day(day)
        return day

    def between(self, start: date, end: date) -> int:
        """How many working days lie behind `start` up to and with `end`; negative backwards."""
        if end < start:
            return -self.between(end, start)
        weeks, rest = divmod((end - start).days, 7)
        last = start + timedelta(weeks=weeks)
        counted = 5 * weeks + sum(
            (last + timedelta(days=each)).weekday() < _SATURDAY for each in range(1, rest + 1)
        )
        off = sum(start < day <= end and day.weekday() < _SATURDAY for day in self.days_off)
        put_in = sum(
            start < day <= end and (day.weekday() >= _SATURDAY or day in self.days_off)
            for day in self.made_up
        )
        return counted - off + put_in

    def last_day(self, due_on: date) -> date:
        """The day with which a term that is due on `due_on` really ends."""
        return self.on_or_after(due_on)

    def days_late(self, due_on: date | None, ended_on: date | None, today: date) -> int:
        """Working days by which something is behind its deadline, or was when it was ended.

        0 in time and without a deadline. What ends on a day off behind the deadline is not late:
        nobody could have done it sooner on a working day.
        """
        if due_on is None:
            return 0
        return max(0, self.between(self.last_day(due_on), ended_on or today))

    def days_left(self, due_on: date, today: date) -> int:
        """Working days until the deadline, 0 on its day, negative behind it."""
        return self.between(today, self.last_day(due_on))

    def latest_missed(self, today: date) -> date:
        """The latest deadline that has been missed by `today`.

        `days_late(due_on, None, today) > 0` exactly when `due_on <= latest_missed(today)`, so that
        a query can ask for what is overdue.
        """
        return self.previous_working_day(self.on_or_before(today))


#: Weekends, and nothing that a decision says.
WEEKENDS_ONLY: Final = Calendar()


def calendar_of(days: Iterable[tuple[date, DayKind]]) -> Calendar:
    """The calendar that these rows make."""
    rows = tuple(days)
    return Calendar(
        days_off=frozenset(day for day, kind in rows if kind is DayKind.DAY_OFF),
        made_up=frozenset(day for day, kind in rows if kind is DayKind.MADE_UP),
    )


def checked_span(first: date, last: date | None, kind: DayKind) -> tuple[date, ...]:
    """The days from `first` to `last` as one decision sets them. Raises DayUnfit."""
    end = first if last is None else last
    if end < first:
        detail = "Ngày cuối phải là ngày đầu hoặc sau đó."
        raise DayUnfit(detail, fields={"last_day": detail})
    if (end - first).days >= LONGEST_SPAN_DAYS:
        detail = f"Mỗi lần ghi không quá {LONGEST_SPAN_DAYS} ngày. Hãy xem lại năm của hai ngày."
        raise DayUnfit(detail, fields={"last_day": detail})
    days = tuple(first + timedelta(days=each) for each in range((end - first).days + 1))
    if kind is DayKind.MADE_UP and any(day.weekday() < _SATURDAY for day in days):
        detail = "Ngày làm bù phải là thứ Bảy hoặc Chủ nhật; ngày trong tuần vốn là ngày làm việc."
        raise DayUnfit(detail, fields={"first_day": detail})
    return days


def checked_words(text: str, *, field: str, what: str) -> str:
    """The name of a day or of its decision, trimmed. Raises DayUnfit when empty or too long."""
    trimmed = " ".join(text.split())
    if not trimmed or len(trimmed) > LONGEST_NAME:
        detail = f"Hãy ghi {what}, không quá {LONGEST_NAME} ký tự."
        raise DayUnfit(detail, fields={field: detail})
    return trimmed


def left_in_words(days_left: int) -> str:
    """ "còn 3 ngày làm việc", "hết hạn hôm nay", "trễ 2 ngày làm việc"."""
    if days_left > 0:
        return f"còn {days_left} ngày làm việc"
    return "hết hạn hôm nay" if days_left == 0 else f"trễ {-days_left} ngày làm việc"
