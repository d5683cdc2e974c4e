"""The book of handling as it is printed: seven columns in the order of Annex IV.VIII."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eoffice.documents.books import covers as book_covers
from eoffice.printing.printed_table import Align, Cell, Column, Table
from eoffice.routing.tracking_queries import TrackingLine

TITLE: Final = "Sổ theo dõi giải quyết văn bản đến"
FILE_NAME: Final = "so-theo-doi-giai-quyet-van-ban-den"
COLUMNS: Final = (
    Column("Số đến", 7, Align.CENTER),
    Column("Tên loại, số, ký hiệu, ngày, tháng và tên cơ quan, tổ chức ban hành văn bản", 44),
    Column("Đơn vị hoặc người nhận", 26),
    Column("Thời hạn giải quyết", 12, Align.CENTER),
    Column("Tiến độ giải quyết", 20),
    Column("Số, ký hiệu văn bản trả lời", 18),
    Column("Ghi chú", 24),
)


def table(
    lines: Sequence[TrackingLine], *, notes: tuple[str, ...], whole_year: int | None = None
) -> Table:
    """The lines in the order in which they come; all of a year have the cover of the annex."""
    return Table(
        title=TITLE if whole_year is None else f"{TITLE} năm {whole_year}",
        columns=COLUMNS,
        rows=tuple(row(each) for each in lines),
        notes=notes,
        numbers_columns=True,
        cover=None
        if whole_year is None
        else book_covers.cover(
            ("Sổ theo dõi giải quyết", "văn bản đến"),
            whole_year,
            days=[each.arrived_on for each in lines],
            numbers=(),
        ),
    )


def row(line: TrackingLine) -> tuple[Cell, ...]:
    """A line in the order of `COLUMNS`."""
    return (
        line.number,
        line.document,
        "; ".join(line.handed_to),
        line.due_on,
        line.progress,
        "; ".join(line.answers),
        line.note,
    )
