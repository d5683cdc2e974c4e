"""Tables that were copied in Excel or Sheets and pasted, and CSV files, as plain grids of values.

A spreadsheet program puts what it shows on the clipboard: cells divided by tabs, a cell with a line
break in quotation marks, numbers with the comma of the person's country. Here a comma between
digits is a decimal comma, because no list and no thousand can stand in a cell of one mark.
"""

from __future__ import annotations

import csv
import io
import re
from typing import Final

from eoffice.errors import Invalid, TooLarge
from eoffice.files.tables.workbook import Grid, Value

LONGEST_TEXT: Final = 4 * 2**20
MOST_ROWS: Final = 60_000
MOST_COLUMNS: Final = 80
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d?)(?:[.,]\d{1,6})?")


class TableRefused(Invalid):
    """The text is not a table that can be read."""


class TableTooLarge(TooLarge):
    """The table has more rows or columns than the lists of one school have."""


def grid(text: str, *, name: str) -> Grid:
    """The table as a worksheet called `name`. Raises TableRefused, TableTooLarge."""
    if len(text) > LONGEST_TEXT:
        raise TableTooLarge("Bảng dán vào dài hơn 4 MB. Hãy dán từng lớp, hoặc tải tệp lên.")
    text = text.removeprefix("\ufeff").replace("\x00", "")
    rows = list(_rows(text))
    while rows and not rows[-1]:
        rows.pop()
    if not rows:
        raise TableRefused("Chưa có gì được dán vào. Hãy chép cả dòng tiêu đề của bảng.")
    if len(rows) > MOST_ROWS or max(map(len, rows)) > MOST_COLUMNS:
        raise TableTooLarge(f"Bảng có quá {MOST_ROWS} dòng hoặc quá {MOST_COLUMNS} cột.")
    return Grid(name, tuple(rows), frozenset())


def _rows(text: str) -> list[tuple[Value, ...]]:
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
    except csv.Error as error:
        raise TableRefused("Không đọc được bảng: có dấu ngoặc kép không đóng.") from error
    return [_trimmed([_value(cell) for cell in row]) for row in found]


def _delimiter(text: str) -> str:
    """Tab where there is one; else the sign that most often divides the first lines."""
    head = "\n".join(text.splitlines()[:20])
    if "\t" in head:
        return "\t"
    return ";" if head.count(";") >= head.count(",") and ";" in head else ","


def _value(cell: str) -> Value:
    written = cell.strip()
    if not written:
        return None
    if _NUMBER.fullmatch(written):
        return float(written.replace(",", "."))
    return written


def _trimmed(row: list[Value]) -> tuple[Value, ...]:
    while row and row[-1] is None:
        row.pop()
    return tuple(row)
