"""The result of a search as a table to keep or to print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from eoffice.printing import printed_table
from eoffice.printing.printed_table import Align, Cell, Table
from eoffice.search import rules
from eoffice.search.asking import COLUMN_NAMES, Column, Search
from eoffice.search.result_lines import Line
from eoffice.search.rules import KIND_NAMES

_WIDTHS: Final = {
    Column.CODE: 18,
    Column.DAY: 11,
    Column.TYPE: 14,
    Column.SUBJECT: 45,
    Column.ORGAN: 24,
    Column.SIGNER: 18,
    Column.URGENCY: 12,
    Column.STATE: 16,
    Column.ARRIVAL_NUMBER: 8,
    Column.DUE: 11,
    Column.PAGES: 8,
    Column.LANGUAGE: 12,
}
_COUNTS: Final = frozenset({Column.ARRIVAL_NUMBER, Column.PAGES})


def table(
    lines: Iterable[Line], search: Search, columns: Sequence[Column], *, notes: tuple[str, ...]
) -> Table:
    """The lines in the chosen columns; what was asked stands below the title."""
    words = rules.typed(search.asked.terms)
    return Table(
        title="Kết quả tìm văn bản",
        columns=(
            printed_table.Column("Nhóm", 14),
            *(
                printed_table.Column(
                    COLUMN_NAMES[each],
                    _WIDTHS[each],
                    Align.RIGHT if each in _COUNTS else Align.LEFT,
                )
                for each in columns
            ),
        ),
        rows=tuple(
            (KIND_NAMES[line.kind], *(cell(line, each) for each in columns)) for line in lines
        ),
        notes=(*((f"Từ cần tìm: {words}",) if words else ()), *notes),
    )


def cell(line: Line, column: Column) -> Cell:
    """What stands in one column of a line."""
    values: dict[Column, Cell] = {
        Column.CODE: line.code,
        Column.DAY: line.day,
        Column.TYPE: line.type_name,
        Column.SUBJECT: line.subject,
        Column.ORGAN: line.organ,
        Column.SIGNER: line.signer,
        Column.URGENCY: line.urgency,
        Column.STATE: line.state,
        Column.ARRIVAL_NUMBER: line.arrival_number,
        Column.DUE: line.due_on,
        Column.PAGES: line.pages,
        Column.LANGUAGE: line.language,
    }
    return values[column]
