"""Marks sheets written for teachers: an empty one to fill in, or with the marks as they stand."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import openpyxl
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from eoffice.assessment.marks import Semester

_TITLE_ROW = 4
_HEADER_ROW = 6
FIRST_ROW = 8
_FIXED = (
    ("Số TT", 6.0),
    ("Mã học sinh", 16.0),
    ("Họ và tên", 28.0),
    ("Ngày sinh", 12.0),
    ("Giới tính", 9.0),
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A pupil's line; `cells` are ĐĐGtx…, ĐĐGgk, ĐĐGck, decimals as numbers and text as text."""

    code: str
    name: str
    born_on: date | None
    sex: str
    cells: tuple[Decimal | str | None, ...]


@dataclass(frozen=True, slots=True)
class MarksSheet:
    """One worksheet: a class in one subject and semester."""

    school: str
    class_name: str
    school_year: str
    subject_code: str
    subject_name: str
    semester: Semester
    regular_marks: int
    rows: tuple[SheetRow, ...]

    @property
    def name(self) -> str:
        return f"{self.subject_code}_HK{self.semester.value}"


def write(sheets: Sequence[MarksSheet]) -> bytes:
    """The sheets as one .xlsx workbook which `marks_sheet` reads back."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        _fill(book.create_sheet(sheet.name), sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _fill(page: Worksheet, sheet: MarksSheet) -> None:
    marks = sheet.regular_marks + 2
    width = len(_FIXED) + marks + 1
    semester = "I" if sheet.semester is Semester.FIRST else "II"
    _text(page, 1, 1, sheet.school.upper()).font = Font(bold=True)
    title = _text(
        page, _TITLE_ROW, 1,
        f"BẢNG ĐIỂM LỚP {sheet.class_name} MÔN {sheet.subject_name.upper()} HỌC KÌ {semester}"
        f" NĂM HỌC {sheet.school_year}",
    )  # fmt: skip
    title.font = Font(bold=True, size=14)
    title.alignment = Alignment(horizontal="center")
    page.merge_cells(start_row=_TITLE_ROW, start_column=1, end_row=_TITLE_ROW, end_column=width)
    _header(page, sheet.regular_marks)
    for row, pupil in enumerate(sheet.rows, start=FIRST_ROW):
        page.cell(row, 1, row - FIRST_ROW + 1)
        _text(page, row, 2, pupil.code)
        _text(page, row, 3, pupil.name)
        if pupil.born_on is not None:
            page.cell(row, 4, pupil.born_on).number_format = "dd/mm/yyyy"
        _text(page, row, 5, pupil.sex)
        for column, value in enumerate(pupil.cells, start=len(_FIXED) + 1):
            if isinstance(value, str):
                _text(page, row, column, value)
            elif value is not None:
                page.cell(row, column, float(value)).number_format = "0.0"
        for column in range(1, width + 1):
            page.cell(row, column).border = _LINES
    page.freeze_panes = f"D{FIRST_ROW}"


def _header(page: Worksheet, regular_marks: int) -> None:
    below = _HEADER_ROW + 1
    first = len(_FIXED) + 1
    columns = [*_FIXED, *(("ĐĐGtx", 8.0) for _ in range(regular_marks))]
    columns += [("ĐĐGgk", 8.0), ("ĐĐGck", 8.0), ("ĐTBmhk", 9.0)]
    for column, (label, width) in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
        is_regular = first <= column < first + regular_marks
        if not is_regular or column == first:
            _text(page, _HEADER_ROW, column, label)
        if is_regular:
            page.cell(below, column, column - first + 1)
        else:
            page.merge_cells(
                start_row=_HEADER_ROW, start_column=column, end_row=below, end_column=column
            )
    page.merge_cells(
        start_row=_HEADER_ROW, start_column=first,
        end_row=_HEADER_ROW, end_column=first + regular_marks - 1,
    )  # fmt: skip
    for row in (_HEADER_ROW, below):
        for column in range(1, len(columns) + 1):
            head = page.cell(row, column)
            head.font = Font(bold=True)
            head.border = _LINES
            head.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)


_LINE = Side(style="thin")
_LINES = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)


def _text(page: Worksheet, row: int, column: int, text: str) -> Cell:
    """A cell that is text whatever it begins with: a name must never run as a formula."""
    cell = page.cell(row, column, text)
    cell.data_type = "s"
    return cell
