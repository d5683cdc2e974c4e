"""A `printed_table.Table` as a workbook (.xlsx) that people go on counting with.

Numbers and dates are numbers and dates, so that they add up and sort; the heading row stays in
sight. What somebody typed is text and stays text: a subject that begins with "=", "+", "-" or "@"
is never computed, neither here nor by the program that opens the file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from eoffice import clock
from eoffice.files import letters
from eoffice.people.views import Letterhead
from eoffice.printing import printed_table
from eoffice.printing.printed_table import Cell, Table

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: What a cell of a sheet can hold.
_LONGEST: Final = 32_767
_LONGEST_SHEET_NAME: Final = 31
_FORMULA_LIKE: Final = ("=", "+", "-", "@", "\t", "\r")
_LINE: Final = Side(style="thin")
_BOX: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FACE: Final = "Times New Roman"


def write(table: Table, letterhead: Letterhead, *, printed_by: str, at: datetime) -> bytes:
    """The workbook; the print mark is in its foot. Raises TooManyRows."""
    printed_table.require_printable(len(table.rows))
    book = openpyxl.Workbook(write_only=True)
    book.properties.creator = letterhead.own
    book.properties.created = book.properties.modified = clock.vietnam_time(at).replace(tzinfo=None)
    # The stubs of the library know sheets that are written at once less well than it does.
    sheet: Any = book.create_sheet(_sheet_name(table.title))
    heads = [*filter(None, (letterhead.superior.upper(), letterhead.own.upper())), ""]
    heads += [table.title.upper(), *table.notes, ""]
    heading_row = len(heads) + 1
    for place, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(column.width, 6.0)
    first_data_row = heading_row + 1
    sheet.freeze_panes = f"A{first_data_row}"
    last = get_column_letter(len(table.columns))
    if table.rows:
        sheet.auto_filter.ref = f"A{heading_row}:{last}{heading_row + len(table.rows)}"
    sheet.page_setup.orientation = "landscape" if table.is_landscape else "portrait"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{heading_row}:{heading_row}"
    sheet.oddFooter.left.text = printed_table.print_mark(printed_by, at).replace("&", "&&")
    sheet.oddFooter.right.text = "Trang &P/&N"
    for line in _lines(sheet, table, heads):
        sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _lines(sheet: Any, table: Table, heads: list[str]) -> Iterator[list[Any]]:
    for head in heads:
        yield [_cell(sheet, head or None, Font(name=_FACE, size=12, bold=bool(head)))]
    strong = Font(name=_FACE, size=11, bold=True)
    plain = Font(name=_FACE, size=11)
    centred = Alignment(horizontal="center", vertical="center", wrap_text=True)
    yield [
        _cell(sheet, column.title, strong, border=_BOX, alignment=centred)
        for column in table.columns
    ]
    sides = [
        Alignment(horizontal=column.align.value, vertical="top", wrap_text=True)
        for column in table.columns
    ]
    for row in table.rows:
        yield [
            _cell(sheet, value, plain, border=_BOX, alignment=side)
            for value, side in zip(row, sides, strict=True)
        ]
    if table.totals:
        yield [
            _cell(sheet, value, strong, border=_BOX, alignment=side)
            for value, side in zip(table.totals, sides, strict=True)
        ]


def _cell(
    sheet: Any,
    value: Cell,
    font: Font,
    *,
    border: Border | None = None,
    alignment: Alignment | None = None,
) -> Any:
    cell: Any = WriteOnlyCell(sheet)
    if isinstance(value, str):
        text = letters.normalised(value)[:_LONGEST]
        cell.value = text
        # The library takes "=…" for a formula; said after the value, it is text.
        cell.data_type = "s"
        cell.quotePrefix = text.startswith(_FORMULA_LIKE)
    elif isinstance(value, datetime):
        cell.value = clock.vietnam_time(value).replace(tzinfo=None)
        cell.number_format = "dd/mm/yyyy hh:mm"
    elif isinstance(value, date):
        cell.value = value
        cell.number_format = "dd/mm/yyyy"
    elif isinstance(value, int | Decimal):
        cell.value = value
    cell.font = font
    if border is not None:
        cell.border = border
    if alignment is not None:
        cell.alignment = alignment
    return cell


def _sheet_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", letters.normalised(title))[:_LONGEST_SHEET_NAME].strip()
