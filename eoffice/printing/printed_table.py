"""Lists, reports and books as one value that can be printed (PDF/A) or saved as a workbook.

    table = Table(
        title="Báo cáo tình hình giải quyết văn bản đến",
        columns=(Column("Đơn vị", 30), Column("Số văn bản", 10, Align.RIGHT)),
        rows=(("Văn phòng Sở", 12),),
        notes=("Từ ngày 01/08/2018 đến ngày 31/08/2018",),
    )
    pdf = printed_table.pdf(table, letterhead, printed_by=who.full_name, at=at)      # PDF/A-2b
    xlsx = workbooks.write(table, letterhead, printed_by=who.full_name, at=at)

`letterhead` is `people.queries.letterhead(session, agency_id, on=civil_date(at))`. Cells are text,
whole and decimal numbers, dates (dd/mm/yyyy), instants (shown in Vietnam) or None for an empty one.
A column's width is in characters: the sheet takes it as it is, the page shares its width out by it.
Over HTTP both go through `table_files.answer`. At most `MOST_ROWS` rows; callers refuse more with
`require_printable` before they read them.

Adapter: nothing here touches the database.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from fontTools.ttLib import TTFont

from eoffice import clock
from eoffice.errors import TooLarge
from eoffice.files import bounded, letters
from eoffice.people.views import Letterhead
from eoffice.printing import typesetting
from eoffice.printing.pdf_fields import placeholder_from
from eoffice.printing.typesetting import Composed

#: A year of a large agency; more than that is a matter of filters.
MOST_ROWS: Final = 20_000

Cell: TypeAlias = str | int | Decimal | date | datetime | None

FORM: Final = typesetting.FORMS / "table.typ"
_CHILD: Final = str(Path(__file__).with_name("table_child.py"))
#: Twice what two thousand lines of ten long cells take.
_MEMORY_MIB: Final = 2048
_SECONDS: Final = 120
#: Stands for a character that the fonts of the office do not have: one odd sign in somebody's
#: subject must not keep a whole book from being printed.
_UNPRINTABLE: Final = "?"


class TooManyRows(TooLarge):
    """There are more rows than one file can reasonably hold."""


class Align(StrEnum):
    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    #: In characters of the sheet; the page shares its width out in this proportion.
    width: float = 15.0
    align: Align = Align.LEFT


@dataclass(frozen=True, slots=True)
class Cover:
    """Cover and first page of a book (Decree 30/2020, Annex IV)."""

    #: "SỔ ĐĂNG KÝ VĂN BẢN ĐI", a line each
    title: tuple[str, ...]
    year: int
    #: "Từ ngày … đến ngày …", "Từ số … đến số …"
    spans: tuple[str, ...]
    #: quyển số
    volume: str = "01"
    #: What the book says of itself above its first line; whole sentences, a paragraph each.
    opening: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signatory:
    """Room for a signature below the last row: what stands above it, and whose it is."""

    role: tuple[str, ...]
    name: str
    #: Name of the form field.
    field: str
    #: The agency's seal lies over the left third of this signature, in a field of this name.
    seal_field: str = ""


@dataclass(frozen=True, slots=True)
class Closing:
    """The last page of a volume: how much it holds, and who answers for that.

    A volume behind which another one comes has neither place nor signatures.
    """

    #: Whole sentences, a paragraph each.
    statements: tuple[str, ...]
    #: "Đồng Tháp, ngày 31 tháng 12 năm 2018"
    place_and_date: str = ""
    signatories: tuple[Signatory, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What is printed; every row has as many cells as there are columns."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    #: Lines below the title: the period, the filters.
    notes: tuple[str, ...] = ()
    #: Sums below the last row, as many cells as columns; empty for none.
    totals: tuple[Cell, ...] = ()
    is_landscape: bool = True
    #: A line "(1) (2) (3)" below the headings, as the forms of the decree have it.
    numbers_columns: bool = False
    #: Instead of letterhead and title.
    cover: Cover | None = None
    closing: Closing | None = None

    def __post_init__(self) -> None:
        assert all(len(row) == len(self.columns) for row in self.rows), "cells without a column"
        assert len(self.totals) in (0, len(self.columns)), "sums without a column"


def require_printable(count: int) -> None:
    """Raises TooManyRows where `count` rows are more than one file can hold."""
    if count > MOST_ROWS:
        raise TooManyRows(
            f"Danh sách có {count} dòng, nhiều hơn {MOST_ROWS} dòng của một tệp. "
            "Hãy chọn khoảng thời gian ngắn hơn rồi xuất lại."
        )


def print_mark(printed_by: str, at: datetime) -> str:
    """ "In bởi Nguyễn Văn A lúc 08:15:00 ngày 13/08/2018" (Annex VI: print mark)."""
    return f"In bởi {printed_by} lúc {clock.vietnam_time(at):%H:%M:%S ngày %d/%m/%Y}"


def pdf(table: Table, letterhead: Letterhead, *, printed_by: str, at: datetime) -> bytes:
    """The table as PDF/A-2b with headings on every page and the print mark in the foot.

    The same bytes for the same arguments. Raises TooManyRows.
    """
    return compose(table, letterhead, foot=print_mark(printed_by, at), at=at).pdf


def compose(table: Table, letterhead: Letterhead, *, foot: str, at: datetime) -> Composed:
    """Like `pdf`, with any foot, and with the places of the closing page's signatures."""
    require_printable(len(table.rows))
    return typesetting.compose(FORM, _laid_out(table, letterhead, foot), at=at)


def compose_bounded(table: Table, letterhead: Letterhead, *, foot: str, at: datetime) -> Composed:
    """Like `compose`, set by a process of its own with bounded memory and time.

    For work in the background: a book can be as long as it likes, a worker cannot be lost to it.
    Raises ChildFailed.
    """
    given = {"data": _laid_out(table, letterhead, foot), "at": at.isoformat()}
    answered = bounded.run(
        (sys.executable, "-I", _CHILD),
        content=json.dumps(given, ensure_ascii=False).encode(),
        memory_mib=_MEMORY_MIB,
        seconds=_SECONDS,
    )
    made = json.loads(answered)
    return Composed(
        base64.b64decode(made["pdf"]),
        tuple(placeholder_from(each) for each in made["placeholders"]),
    )


def shown(cell: Cell) -> str:
    """A cell as it is read on paper."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{clock.vietnam_time(cell):%H:%M %d/%m/%Y}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    return str(cell)


def _laid_out(table: Table, letterhead: Letterhead, foot: str) -> dict[str, object]:
    cover, closing = table.cover, table.closing
    return {
        "title": _printable(table.title),
        "superior": _printable(letterhead.superior.upper()),
        "agency": _printable(letterhead.own.upper()),
        "notes": _texts(table.notes),
        "landscape": table.is_landscape,
        "numbered": table.numbers_columns,
        "columns": [
            {"title": column.title, "width": column.width, "align": column.align.value}
            for column in table.columns
        ],
        "rows": [_texts(shown(cell) for cell in row) for row in table.rows],
        "totals": _texts(shown(cell) for cell in table.totals),
        "foot": _printable(foot),
        "cover": cover
        and {
            "title": [line.upper() for line in cover.title],
            "year": cover.year,
            "spans": list(cover.spans),
            "volume": cover.volume,
            "opening": _texts(cover.opening),
        },
        "closing": closing
        and {
            "statements": _texts(closing.statements),
            "place-and-date": _printable(closing.place_and_date),
            "signatories": [
                {
                    "role": _texts(each.role),
                    "name": _printable(each.name),
                    "field": each.field,
                    "seal": each.seal_field,
                }
                for each in closing.signatories
            ],
        },
    }


def _texts(texts: Iterable[str]) -> list[str]:
    return [_printable(each) for each in texts]


def printable(text: str) -> str:
    """On one line, in letters that the fonts of the office have."""
    return _printable(text)


def _printable(text: str) -> str:
    known = _known_characters()
    return "".join(each if each in known else _UNPRINTABLE for each in letters.normalised(text))


@cache
def _known_characters() -> frozenset[str]:
    """What every face of the forms has."""
    faces = [
        TTFont(typesetting.FONTS / name).getBestCmap()
        for name in ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf")
    ]
    return frozenset(chr(each) for each in set(faces[0]).intersection(*faces[1:]))
