"""Uploaded .xlsx files as plain grids of values, within bounds that no file can pass.

A file is data of strangers: its size, members, rows and columns are bounded before openpyxl sees
it, and XML with a document type (entities, external files) is refused.
"""

from __future__ import annotations

import io
import re
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

_MOST_COLUMNS = 80
_OLE_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_SIGNATURE = b"PK\x03\x04"
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
LARGEST_BYTES = 5 * 2**20


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a workbook may hold at most."""

    packed_bytes: int
    unpacked_bytes: int
    members: int
    sheets: int
    rows: int


#: Sheets of one class.
CLASS = Bounds(LARGEST_BYTES, 40 * 2**20, 400, 60, 400)
#: Sheets of a school: 45 classes with 13 subjects in two semesters, or lists below each other.
SCHOOL = Bounds(25 * 2**20, 400 * 2**20, 3_000, 1_600, 60_000)
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
    """The workbook is larger than a school's lists are."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The visible values of one worksheet; `rows[0]` is row 1 and `rows[0][0]` cell A1."""

    name: str
    rows: tuple[tuple[Value, ...], ...]
    #: (row, column) from 1 of cells whose formula was never calculated, so that no value is known.
    uncalculated: frozenset[tuple[int, int]]


def grids(content: bytes, *, bounds: Bounds = CLASS) -> tuple[Grid, ...]:
    """The visible worksheets of an .xlsx file, in their order.

    Formulas give the value that the spreadsheet program last calculated.
    Raises WorkbookRefused, WorkbookTooLarge.
    """
    _refuse_other_formats(content, bounds)
    try:
        has_formulas = _refuse_what_unpacks_badly(content, bounds)
        values = _sheets(content, bounds, formulas=False)
        formulas = dict(_sheets(content, bounds, formulas=True)) if has_formulas else {}
    except _BROKEN as error:
        raise WorkbookRefused(
            "Tệp không phải là bảng tính .xlsx nguyên vẹn. "
            "Hãy mở lại tệp bằng Excel, lưu dưới dạng .xlsx rồi tải lên lần nữa."
        ) from error
    return tuple(
        Grid(name, rows, _uncalculated(rows, formulas.get(name, ()))) for name, rows in values
    )


def _refuse_other_formats(content: bytes, bounds: Bounds) -> None:
    if len(content) > bounds.packed_bytes:
        raise WorkbookTooLarge(
            f"Tệp lớn hơn {bounds.packed_bytes >> 20} MB. Hãy tách thành nhiều tệp."
        )
    if content.startswith(_OLE_SIGNATURE):
        raise WorkbookRefused(
            "Tệp là .xls đời cũ hoặc có đặt mật khẩu. "
            "Hãy lưu lại dưới dạng .xlsx, không đặt mật khẩu, rồi tải lên."
        )
    if not content.startswith(_ZIP_SIGNATURE):
        raise WorkbookRefused("Tệp không phải là bảng tính .xlsx.")


def _refuse_what_unpacks_badly(content: bytes, bounds: Bounds) -> bool:
    """Bound what the package unpacks to; Python's zipfile never reads past the declared sizes.

    Says whether any sheet may have formulas, so that a file without is read once only.
    """
    has_formulas = False
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        members = package.infolist()
        unpacked = sum(member.file_size for member in members)
        if len(members) > bounds.members or unpacked > bounds.unpacked_bytes:
            raise WorkbookTooLarge(
                "Tệp chứa quá nhiều dữ liệu. Hãy chỉ giữ lại các trang cần nhập."
            )
        if len({member.filename for member in members}) < len(members):
            raise WorkbookRefused("Tệp .xlsx chứa hai phần trùng tên nên không thể tin cậy.")
        for member in members:
            if member.filename.lower().endswith("vbaproject.bin"):
                raise WorkbookRefused("Tệp có macro. Hãy lưu lại dưới dạng .xlsx không có macro.")
            content = package.read(member)
            has_formulas = has_formulas or _FORMULA.search(content) is not None
            if member.filename.lower().endswith((".xml", ".rels")):
                _refuse_document_type(content)
            elif content.lstrip()[:1] == b"<" or content[:2] in (b"\xff\xfe", b"\xfe\xff"):
                # Its name is no matter: what the package calls a sheet is read as one. Old drawings
                # are nearly XML, so a part that is none may stay.
                with suppress(expat.ExpatError, ValueError):
                    _refuse_document_type(content)
    return has_formulas


def _refuse_document_type(xml: bytes) -> None:
    def refuse(*_: object) -> None:
        raise WorkbookRefused("Tệp .xlsx chứa khai báo XML không được phép.")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(xml, True)


def _sheets(
    content: bytes, bounds: Bounds, *, formulas: bool
) -> list[tuple[str, tuple[tuple[Value, ...], ...]]]:
    book = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=not formulas, keep_links=False
    )
    try:
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if len(visible) > bounds.sheets:
            raise WorkbookTooLarge(f"Tệp có quá {bounds.sheets} trang tính. Hãy tách tệp.")
        return [
            (
                sheet.title,
                _bounded(
                    sheet.iter_rows(
                        max_row=bounds.rows + 1, max_col=_MOST_COLUMNS, values_only=True
                    ),
                    bounds.rows,
                ),
            )
            for sheet in visible
        ]
    finally:
        book.close()


def _bounded(cells: Iterable[tuple[object, ...]], most_rows: int) -> tuple[tuple[Value, ...], ...]:
    rows = [_trimmed(tuple(_plain(cell) for cell in row)) for row in cells]
    while rows and not rows[-1]:
        rows.pop()
    if len(rows) > most_rows:
        raise WorkbookTooLarge(
            f"Trang tính có quá {most_rows} dòng. Hãy chỉ giữ một bảng mỗi trang."
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
