"""When recipients are reminded, as plain values.

A rule is a number of working days behind a deadline: -2 is two days before it, 0 its day, 1 the
first day behind it. Reminders go out on working days. What was missed while nothing ran is made up
by the latest rule alone: nobody is reminded three times at once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

from eoffice.errors import Invalid
from eoffice.people.working_days import Calendar, left_in_words

EARLIEST: Final = -30
LATEST: Final = 60


class RuleUnacceptable(Invalid):
    """A reminder is so many working days before or behind a deadline."""


def checked(working_days: int) -> int:
    """Raises RuleUnacceptable."""
    if not EARLIEST <= working_days <= LATEST:
        detail = f"Chọn từ {-EARLIEST} ngày trước hạn đến {LATEST} ngày sau hạn."
        raise RuleUnacceptable(detail, fields={"days": detail})
    return working_days


def due_rule(rules: Collection[int], due_on: date, today: date, calendar: Calendar) -> int | None:
    """The rule by which somebody is to be reminded today; None on a day off or where none is due.

    Whether that reminder went out already is not known here.
    """
    if not calendar.is_working_day(today):
        return None
    behind = -calendar.days_left(due_on, today)
    return max((each for each in rules if each <= behind), default=None)


def said(working_days: int) -> str:
    """ "2 ngày làm việc trước hạn", "vào ngày hết hạn", "1 ngày làm việc sau hạn"."""
    if working_days == 0:
        return "vào ngày hết hạn"
    side = "trước" if working_days < 0 else "sau"
    return f"{abs(working_days)} ngày làm việc {side} hạn"


def sentence(code: str, work: str, due_on: date, today: date, calendar: Calendar) -> str:
    """What the reminded reads."""
    left = left_in_words(calendar.days_left(due_on, today))
    return f"Nhắc việc, {left} (hạn {due_on:%d/%m/%Y}), {code}: {work}"
