"""What stands on the pages of a register, cell by cell: for the form to set, the recheck to find.

A sheet is one page, or one that runs on where its words need more room. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in a cell; `old` is what stood there when somebody had signed, struck through."""

    text: str
    old: str = ""


#: Words, or the values of a cell that has several or a corrected one.
Cell: TypeAlias = str | tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[Cell, ...]
    #: The pupil has left: the line is struck through.
    is_struck: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """One list or page of a register."""

    #: Which layout of the form sets it.
    kind: str
    heading: str
    rows: tuple[Row, ...] = ()
    #: Rows of sums below the list.
    sums: tuple[Row, ...] = ()
    #: Sentences with figures, as they are printed.
    lines: tuple[str, ...] = ()
    #: What the form needs for the head of the list: subjects, days.
    columns: Mapping[str, object] = field(default_factory=dict)


#: Between the values of a cell.
_WEEKDAYS: Final = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")


def words_of(row: Row) -> Iterator[str]:
    """The words of a row in the order in which a page has them."""
    for cell in row.cells:
        if isinstance(cell, str):
            yield from cell.split()
        else:
            for entry in cell:
                yield from entry.old.split()
                yield from entry.text.split()


def civil(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def weekdays(days: Sequence[date]) -> list[tuple[str, str]]:
    """Day and weekday of a month's columns: ("1", "T6")."""
    return [(str(day.day), _WEEKDAYS[day.weekday()]) for day in days]


def average(value: Decimal | None) -> str:
    """An average with its decimal: 8,0."""
    return "" if value is None else str(value).replace(".", ",")


def plain_mark(value: Decimal) -> str:
    """A mark as teachers write it: 8 · 7,5."""
    whole = value.to_integral_value()
    return str(int(whole)) if whole == value else str(value.normalize()).replace(".", ",")


def number(value: int) -> str:
    """A count in a list, nothing for none."""
    return str(value) if value else ""
