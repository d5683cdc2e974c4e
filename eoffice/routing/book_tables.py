"""A book of incoming documents as it is printed: ten columns in the order of Annex IV.VI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eoffice import clock
from eoffice.documents.books import covers as book_covers
from eoffice.printing.printed_table import Align, Cell, Column, Table
from eoffice.routing import rules, states
from eoffice.routing.book_queries import BookLine
from eoffice.routing.rules import ArrivalBookKind
from eoffice.routing.states import ArrivalState

COLUMNS: Final = (
    Column("Ngày đến", 12, Align.CENTER),
    Column("Số đến", 7, Align.CENTER),
    Column("Tác giả", 22),
    Column("Số, ký hiệu văn bản", 16),
    Column("Ngày tháng văn bản", 12, Align.CENTER),
    Column("Tên loại và trích yếu nội dung văn bản", 38),
    Column("Đơn vị hoặc người nhận", 22),
    Column("Ngày chuyển", 12, Align.CENTER),
    Column("Ký nhận", 11, Align.CENTER),
    Column("Ghi chú", 16),
)
_COVERS: Final = {
    ArrivalBookKind.INCOMING: ("Sổ đăng ký", "văn bản đến"),
    ArrivalBookKind.SECRET: ("Sổ đăng ký", "văn bản mật đến"),
}
_FILES: Final = {
    ArrivalBookKind.INCOMING: "so-dang-ky-van-ban-den",
    ArrivalBookKind.SECRET: "so-dang-ky-van-ban-mat-den",
}


def table(
    lines: Sequence[BookLine],
    kind: ArrivalBookKind,
    year: int,
    *,
    notes: tuple[str, ...] = (),
    is_whole: bool = False,
) -> Table:
    """The lines in the order in which they come; the whole book has its cover."""
    return Table(
        title=f"{rules.ARRIVAL_BOOK_TITLES[kind]} năm {year}",
        columns=COLUMNS,
        rows=tuple(row(each) for each in lines),
        notes=notes,
        numbers_columns=True,
        cover=None
        if not is_whole
        else book_covers.cover(
            _COVERS[kind],
            year,
            days=[each.arrived_on for each in lines],
            numbers=[each.number for each in lines],
        ),
    )


def row(line: BookLine) -> tuple[Cell, ...]:
    """A line in the order of `COLUMNS`."""
    taken = line.taken_at
    recalled = line.state is ArrivalState.RECALLED
    return (
        line.arrived_on,
        line.number,
        line.sender_name,
        line.code,
        line.issued_on,
        f"{line.type_name} {line.subject}",
        "; ".join(line.handed_to),
        line.handed_on,
        None if taken is None else f"Điện tử {clock.civil_date(taken):%d/%m/%Y}",
        states.ARRIVAL_NAMES[line.state] if recalled else line.note,
    )


def file_name(kind: ArrivalBookKind, year: int) -> str:
    """The name of the file, without its ending."""
    return f"{_FILES[kind]}-{year}"
