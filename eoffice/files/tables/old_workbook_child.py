"""Reads one .xls workbook in a child process: the file on standard input, JSON of its cells out.

Started by `old_workbooks` through `eoffice.files.bounded`. Imports the parser and nothing of the
office. A cell is a number, a text, a truth value, null, or {"day": "2012-05-03T00:00:00"}.
"""

import json
import sys
from datetime import datetime

import xlrd  # type: ignore[import-untyped]

MOST_SHEETS = 200
MOST_ROWS = 5_000
MOST_COLUMNS = 80


def cells(content: bytes) -> dict[str, object]:
    """The visible sheets; or why the workbook cannot be read, under `refused`."""
    try:
        book = xlrd.open_workbook(file_contents=content, logfile=sys.stderr)
    except xlrd.XLRDError as error:
        return {"refused": "password" if "ncrypt" in str(error) else "broken"}
    sheets = [sheet for sheet in book.sheets() if sheet.visibility == 0]
    if len(sheets) > MOST_SHEETS or any(sheet.nrows > MOST_ROWS for sheet in sheets):
        return {"refused": "too_large"}
    return {
        "sheets": [
            {
                "name": sheet.name,
                "rows": [
                    [
                        _value(cell, book.datemode)
                        for cell in sheet.row_slice(row, 0, min(sheet.row_len(row), MOST_COLUMNS))
                    ]
                    for row in range(sheet.nrows)
                ],
            }
            for sheet in sheets
        ]
    }


def _value(cell: xlrd.sheet.Cell, date_mode: int) -> object:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            found: datetime = xlrd.xldate_as_datetime(cell.value, date_mode)
        except (ValueError, OverflowError):
            return str(cell.value)
        return {"day": found.isoformat()}
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(cell.value, "#N/A"))
    return cell.value if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_TEXT) else None


if __name__ == "__main__":
    sys.stdout.write(json.dumps(cells(sys.stdin.buffer.read())))
