"""Uploaded .xlsx files as plain grids of values, within bounds that no file can pass.

What the cells mean is not known here; see `marks_sheet`. A file is data of strangers: its size,
members, rows and columns are bounded before openpyxl sees it, and XML with a document type
(entities, external files) is refused.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from xml.parsers import expat

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from eoffice.errors import Invalid, TooLarge

LARGEST_BYTES = 5 * 2**20
_LARGEST_UNPACKED_BYTES = 40 * 2**20
_MOST_MEMBERS = 400
_MOST_SHEETS = 60
_MOST_ROWS = 400
_MOST_COLUMNS = 80
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_SIGNATURE = b"PK\x03\x04"
#: What openpyxl raises on a package that is not as the standard says.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    expat.ExpatError,
    # What both XML parsers of the library raise, ParseError among them.
    SyntaxError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)

Value = str | int | float | bool | datetime | date | time | timedelta | None


class WorkbookRefused(Invalid):
    """The file is not an .xlsx workbook that can be read."""


class WorkbookTooLarge(TooLarge):
    """The workbook is larger than a school's marks sheets are."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The visible values of one worksheet; `rows[0]` is row 1 and `rows[0][0]` cell A1."""

    name: str
    rows: tuple[tuple[Value, ...], ...]
    #: (row, column) from 1 of cells whose formula was never calculated, so that no value is known.
    uncalculated: frozenset[tuple[int, int]]


def grids(content: bytes) -> tuple[Grid, ...]:
    """The visible worksheets of an .xlsx file, in their order.

    Formulas give the value that the spreadsheet program last calculated.
    Raises WorkbookRefused, WorkbookTooLarge.
    """
    _refuse_other_formats(content)
    try:
        _refuse_what_unpacks_badly(content)
        values = _sheets(content, formulas=False)
        formulas = dict(_sheets(content, formulas=True))
    except _BROKEN as error:
        raise WorkbookRefused(
            "Tệp không phải là bảng tính .xlsx nguyên vẹn. "
            "Hãy mở lại tệp bằng Excel, lưu dưới dạng .xlsx rồi tải lên lần nữa."
        ) from error
    return tuple(
        Grid(name, rows, _uncalculated(rows, formulas.get(name, ()))) for name, rows in values
    )


def _refuse_other_formats(content: bytes) -> None:
    if len(content) > LARGEST_BYTES:
        raise WorkbookTooLarge("Tệp bảng điểm lớn hơn 5 MB. Hãy tách tệp thành nhiều tệp nhỏ hơn.")
    if content.startswith(_OLE_SIGNATURE):
        raise WorkbookRefused(
            "Tệp là .xls đời cũ hoặc có đặt mật khẩu. "
            "Hãy lưu lại dưới dạng .xlsx, không đặt mật khẩu, rồi tải lên."
        )
    if not content.startswith(_ZIP_SIGNATURE):
        raise WorkbookRefused("Tệp không phải là bảng tính .xlsx.")


def _refuse_what_unpacks_badly(content: bytes) -> None:
    """Bound what the package unpacks to; Python's zipfile never reads past the declared sizes."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        members = package.infolist()
        unpacked = sum(member.file_size for member in members)
        if len(members) > _MOST_MEMBERS or unpacked > _LARGEST_UNPACKED_BYTES:
            raise WorkbookTooLarge(
                "Tệp bảng điểm chứa quá nhiều dữ liệu. Hãy chỉ giữ lại các trang bảng điểm."
            )
        if len({member.filename for member in members}) < len(members):
            raise WorkbookRefused("Tệp .xlsx chứa hai phần trùng tên nên không thể tin cậy.")
        for member in members:
            if member.filename.lower().endswith("vbaproject.bin"):
                raise WorkbookRefused("Tệp có macro. Hãy lưu lại dưới dạng .xlsx không có macro.")
            content = package.read(member)
            if member.filename.lower().endswith((".xml", ".rels")):
                _refuse_document_type(content)
            elif content.lstrip()[:1] == b"<" or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
                # Its name is no matter: what the package calls a sheet is read as one. Old drawings
                # are nearly XML, so a part that is none may stay.
                with suppress(expat.ExpatError, ValueError):
                    _refuse_document_type(content)


def _refuse_document_type(xml: bytes) -> None:
    def refuse(*_: object) -> None:
        raise WorkbookRefused("Tệp .xlsx chứa khai báo XML không được phép.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)


def _sheets(content: bytes, *, formulas: bool) -> list[tuple[str, tuple[tuple[Value, ...], ...]]]:
    book = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=not formulas, keep_links=False
    )
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if len(visible) > _MOST_SHEETS:
            raise WorkbookTooLarge(f"Tệp có quá {_MOST_SHEETS} trang tính. Hãy tách tệp.")
        return [
            (
                sheet.title,
                _bounded(
                    sheet.iter_rows(max_row=_MOST_ROWS + 1, max_col=_MOST_COLUMNS, values_only=True)
                ),
            )
            for sheet in visible
        ]
    finally:
        book.close()


def _bounded(cells: Iterable[tuple[object, ...]]) -> tuple[tuple[Value, ...], ...]:
    rows = [_trimmed(tuple(_plain(cell) for cell in row)) for row in cells]
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) > _MOST_ROWS:
        raise WorkbookTooLarge(
            f"Trang tính có quá {_MOST_ROWS} dòng. Hãy chỉ giữ bảng điểm của một lớp mỗi trang."
        )
    return tuple(rows)


def _plain(cell: object) -> Value:
    if cell is None or isinstance(cell, str | int | float | datetime | date | time | timedelta):
        return cell
    # Array and table formulas are objects of openpyxl, rich text is a list of runs.
    return f"={cell}" if isinstance(cell, ArrayFormula | DataTableFormula) else str(cell)


def _trimmed(row: tuple[Value, ...]) -> tuple[Value, ...]:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


def _uncalculated(
    values: tuple[tuple[Value, ...], ...], formulas: tuple[tuple[Value, ...], ...]
) -> frozenset[tuple[int, int]]:
    found = set()
    for row, cells in enumerate(formulas, start=1):
        for column, cell in enumerate(cells, start=1):
            if isinstance(cell, str) and cell.startswith("=") and len(cell) > 1:
                known = values[row - 1] if row <= len(values) else ()
                if column > len(known) or known[column - 1] is None:
                    found.add((row, column))
    return frozenset(found)
