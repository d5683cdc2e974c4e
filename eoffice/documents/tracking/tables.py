"""The list behind the report on outgoing documents, as it is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eoffice.documents.tracking.queries import TrackingLine
from eoffice.printing.printed_table import Align, Cell, Column, Table

TITLE: Final = "Theo dõi giải quyết văn bản đi"
FILE_NAME: Final = "theo-doi-giai-quyet-van-ban-di"
COLUMNS: Final = (
    Column("TT", 5, Align.CENTER),
    Column("Ngày bắt đầu", 11, Align.CENTER),
    Column("Số, ký hiệu văn bản", 16),
    Column("Tên loại và trích yếu nội dung văn bản", 40),
    Column("Đơn vị soạn thảo", 22),
    Column("Người soạn thảo", 17),
    Column("Thời hạn", 11, Align.CENTER),
    Column("Tiến độ", 24),
)


def table(lines: Sequence[TrackingLine], *, notes: tuple[str, ...]) -> Table:
    """The lines in the order in which they come."""
    return Table(
        title=TITLE,
        columns=COLUMNS,
        rows=tuple(_row(ordinal, each) for ordinal, each in enumerate(lines, start=1)),
        notes=notes,
    )


def _row(ordinal: int, line: TrackingLine) -> tuple[Cell, ...]:
    return (
        ordinal,
        line.begun_on,
        line.code,
        line.type_and_subject,
        line.unit,
        line.person,
        line.due_on,
        line.progress,
    )
