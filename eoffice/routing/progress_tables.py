"""The report to the leader as a table that is printed or counted on with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from eoffice.printing.printed_table import Align, Column, Table
from eoffice.routing.progress_queries import ReportLine

_COLUMNS = (
    Column("TT", 5, Align.CENTER),
    Column("Đơn vị", 30),
    Column("Số, ký hiệu", 20),
    Column("Việc", 45),
    Column("Hạn", 12, Align.CENTER),
    Column("Tình trạng", 16),
    Column("Ngày xong", 12, Align.CENTER),
    Column("Trễ (ngày làm việc)", 10, Align.RIGHT),
    Column("Báo cáo", 30),
)


def report(lines: Sequence[ReportLine], *, since: date, until: date) -> Table:
    """Báo cáo tình hình thực hiện việc giao, a line for each unit and piece of work."""
    return Table(
        title="Báo cáo tình hình thực hiện việc giao cho các đơn vị",
        columns=_COLUMNS,
        rows=tuple(
            (
                index,
                each.unit_name,
                each.code,
                each.work,
                each.due_on,
                each.word,
                each.done_on,
                each.days_late or None,
                each.report,
            )
            for index, each in enumerate(lines, start=1)
        ),
        notes=(f"Văn bản phát hành từ ngày {since:%d/%m/%Y} đến ngày {until:%d/%m/%Y}",),
    )
