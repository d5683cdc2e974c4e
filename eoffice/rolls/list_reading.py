"""Tables that a school kept by hand or in another program, row by row. Pure.

Columns are known by the words of the header, whatever their order; a column whose words mean
nothing here is told and left aside. Every fault has its row and column.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias

from eoffice.errors import Invalid
from eoffice.files.tables import headers
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Grid, Value
from eoffice.rolls.rules import tidy

MOST_ROWS: Final = 20_000
#: Faults that a page shows; where there are more, their count.
MOST_FAULTS: Final = 200
_DAY: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")

#: Field -> the words that name its column, without diacritics.
Aliases: TypeAlias = Mapping[str, tuple[str, ...]]


class ListRefused(Invalid):
    """The table has no header by which its columns are known."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell; `row` counts from 1 as the spreadsheet does."""

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds which field, and what the header calls it."""

    header_row: int
    places: Mapping[str, int]
    titles: Mapping[str, str]
    #: Titles that mean nothing here.
    unknown: tuple[str, ...]


def columns(grid: Grid, aliases: Aliases, needed: tuple[str, ...]) -> Columns:
    """Raises ListRefused, naming the columns that are missing."""
    if len(grid.rows) > MOST_ROWS:
        raise ListRefused(f"Bảng có hơn {MOST_ROWS} dòng. Hãy chia thành nhiều lần.")
    best = Columns(0, {}, {}, ())
    for number, row in enumerate(grid.rows[: headers.DEPTH], start=1):
        found = _of_row(number, row, aliases)
        if len(found.places) > len(best.places):
            best = found
    missing = [aliases[field][0] for field in needed if field not in best.places]
    if missing:
        raise ListRefused(
            f"Không tìm thấy cột “{'”, “'.join(missing)}” ở dòng tiêu đề. Hãy chép cả dòng tiêu đề "
            "của bảng."
        )
    return best


def rows(grid: Grid, found: Columns) -> Iterator[tuple[int, dict[str, Value]]]:
    """Row number and values by field; rows without any value are passed over."""
    for number, row in enumerate(grid.rows[found.header_row :], start=found.header_row + 1):
        values = {
            field: row[place] if place < len(row) else None for field, place in found.places.items()
        }
        if any(value not in (None, "") for value in values.values()):
            yield number, values


def text(value: Value) -> str:
    return tidy(headers.text_of(value))


def day(value: Value) -> date | None:
    """A day as a date or as people type it: 05/03/2010. Raises ValueError; None where empty."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = text(value)
    if not written:
        return None
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
        return date.fromisoformat(written)
    parts = _DAY.fullmatch(written)
    if parts is None:
        raise ValueError(written)
    return date(int(parts[3]), int(parts[2]), int(parts[1]))


def sex(value: Value) -> str:
    """ "Nam" or "Nữ"; "" where empty. Raises ValueError."""
    written = folded(text(value))
    if written in ("", "nam", "nu"):
        return {"": "", "nam": "Nam", "nu": "Nữ"}[written]
    raise ValueError(written)


def _of_row(number: int, row: tuple[Value, ...], aliases: Aliases) -> Columns:
    by_word = {folded(word): field for field, words in aliases.items() for word in words}
    places: dict[str, int] = {}
    titles: dict[str, str] = {}
    unknown = []
    for place, cell in enumerate(row):
        title = text(cell)
        field = by_word.get(folded(title).strip(" .:*"))
        if field is not None and field not in places:
            places[field], titles[field] = place, title
        elif title:
            unknown.append(title)
    return Columns(number, places, titles, tuple(unknown))
