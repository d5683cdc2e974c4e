"""Which copies are kept, and when the last one is too old. Pure functions of values."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from eoffice.errors import Invalid

_PART: Final = re.compile(r"(daily|weekly|monthly)=([0-9]{1,3})")


class KeepUnreadable(Invalid):
    """The rule that says which copies are kept cannot be read."""

    def __init__(self, text: str) -> None:
        super().__init__(
            f"Quy tắc giữ bản sao “{text}” không đúng. Hãy viết như: daily=7 weekly=5 monthly=12."
        )


@dataclass(frozen=True, slots=True)
class Keep:
    """The newest copy of each of so many days, weeks and months that have one."""

    daily: int
    weekly: int
    monthly: int

    @classmethod
    def parse(cls, text: str) -> Keep:
        """Read "daily=7 weekly=5 monthly=12"; what is left out is 0. Raises KeepUnreadable."""
        numbers = {"daily": 0, "weekly": 0, "monthly": 0}
        words = text.split()
        for word in words:
            found = _PART.fullmatch(word)
            if found is None:
                raise KeepUnreadable(text)
            numbers[found[1]] = int(found[2])
        if len({word.partition("=")[0] for word in words}) != len(words) or not any(
            numbers.values()
        ):
            raise KeepUnreadable(text)
        return cls(**numbers)


@dataclass(frozen=True, slots=True)
class Made:
    """A copy, as far as keeping it is concerned."""

    id: str
    at: datetime
    #: Civil date of the office on that day.
    on: date
    is_complete: bool


def kept(copies: Iterable[Made], keep: Keep) -> frozenset[str]:
    """The copies that stay, whatever today is: an office that stopped making them loses none.

    The newest complete one always stays. One that is not complete stands for no day: it stays
    until a later one is complete.
    """
    newest_first = sorted(copies, key=lambda copy: (copy.at, copy.id), reverse=True)
    complete = [copy for copy in newest_first if copy.is_complete]
    staying = {copy.id for copy in complete[:1]}
    staying |= _newest_of_each(complete, lambda on: on, keep.daily)
    staying |= _newest_of_each(complete, lambda on: on.isocalendar()[:2], keep.weekly)
    staying |= _newest_of_each(complete, lambda on: (on.year, on.month), keep.monthly)
    for copy in newest_first:
        if copy.is_complete:
            break
        staying.add(copy.id)
    return frozenset(staying)


def _newest_of_each(
    newest_first: Iterable[Made], period: Callable[[date], Hashable], most: int
) -> set[str]:
    chosen: dict[Hashable, str] = {}
    for copy in newest_first:
        if len(chosen) == most:
            break
        chosen.setdefault(period(copy.on), copy.id)
    return set(chosen.values())


def is_too_old(last: datetime | None, at: datetime, limit: timedelta) -> bool:
    """Whether what was last done then should have been done again; never done is too old."""
    return last is None or at - last > limit
