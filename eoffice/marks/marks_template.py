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

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Holds

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
class SheetColumn:
    """A column of marks under a circular other than 22/2021."""

    part: Part
    place: int
    holds: Holds


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A pupil's line; `cells` are ĐĐGtx…, ĐĐGgk, ĐĐGck, or what the sheet's columns are.

    Decimals are written as numbers and text as text.
    """

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
    #: Where the circular of the class has other columns than 22/2021; else empty.
    columns: tuple[SheetColumn, ...] = ()

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
    heads = [*((label, "", width) for label, width in _FIXED), *_heads(sheet)]
    width = len(heads)
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
    _header(page, heads)
    for row, pupil in enumerate(sheet.rows, start=FIRST_ROW):
        page.cell(row, 1, row - FIRST_ROW + 1)
        _text(page, row, 2, pupil.code)
        _text(page, row, 3, pupil.name)
        if pupil.born_on is not None:
            page.cell(row, 4, pupil.born_on).number_format = "dd/mm/yyyy"
        _text(page, row, 5, pupil.sex)
        for place, value in enumerate(pupil.cells):
            column = len(_FIXED) + 1 + place
            if isinstance(value, str):
                _text(page, row, column, value)
            elif value is not None:
                is_whole = bool(sheet.columns) and sheet.columns[place].holds is Holds.WHOLE_MARK
                page.cell(row, column, float(value)).number_format = "0" if is_whole else "0.0"
        for column in range(1, width + 1):
            page.cell(row, column).border = _LINES
    page.freeze_panes = f"D{FIRST_ROW}"


def _heads(sheet: MarksSheet) -> list[tuple[str, str, float]]:
    """What stands over each column of marks, and below that; with its width in characters."""
    if not sheet.columns:
        regular = [("ĐĐGtx", str(place), 8.0) for place in range(1, sheet.regular_marks + 1)]
        return [*regular, ("ĐĐGgk", "", 8.0), ("ĐĐGck", "", 8.0), ("ĐTBmhk", "", 9.0)]
    if any(column.holds is Holds.JUDGEMENT for column in sheet.columns):
        return [
            (
                _times(sheet.semester)[column.part],
                "Mức đạt được" if column.holds is Holds.JUDGEMENT else "Điểm KTĐK",
                12.0,
            )
            for column in sheet.columns
        ]
    return [*(_counted(column) for column in sheet.columns), ("TBm hk", "", 9.0)]


def _times(semester: Semester) -> dict[Part, str]:
    """Circular 27/2020, Đ7: when a pupil is judged, and tested, in a semester."""
    is_first = semester is Semester.FIRST
    middle = "Giữa học kì I" if is_first else "Giữa học kì II"
    end = "Cuối học kì I" if is_first else "Cuối năm học"
    return {
        Part.MIDTERM: middle,
        Part.MIDTERM_TEST: middle,
        Part.FINAL: end,
        Part.FINAL_TEST: end,
    }


def _counted(column: SheetColumn) -> tuple[str, str, float]:
    """Circular 58/2011, Đ7: marks by their coefficient, and the examination."""
    match column.part:
        case Part.ORAL:
            return "Hệ số 1", f"Miệng {column.place}", 9.0
        case Part.WRITTEN:
            return "Hệ số 1", f"Viết {column.place}", 9.0
        case Part.PERIODIC:
            return "Hệ số 2", str(column.place), 8.0
        case _:
            return "KT hk", "", 8.0


def _header(page: Worksheet, heads: Sequence[tuple[str, str, float]]) -> None:
    below = _HEADER_ROW + 1
    first = 1
    for column, (label, under, width) in enumerate(heads, start=1):
        page.column_dimensions[get_column_letter(column)].width = width
        is_new = not under or column == 1 or heads[column - 2][0] != label
        if is_new:
            first = column
            _text(page, _HEADER_ROW, column, label)
        if not under:
            page.merge_cells(
                start_row=_HEADER_ROW, start_column=column, end_row=below, end_column=column
            )
            continue
        if under.isdigit():
            page.cell(below, column, int(under))
        else:
            _text(page, below, column, under)
        is_last = column == len(heads) or heads[column][0] != label
        if is_last and column > first:
            page.merge_cells(
                start_row=_HEADER_ROW, start_column=first, end_row=_HEADER_ROW, end_column=column
            )
    for row in (_HEADER_ROW, below):
        for column in range(1, len(heads) + 1):
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
