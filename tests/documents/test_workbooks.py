"""A saved list counts on: dates and numbers are what they are, and no typed text is computed."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from eoffice.people.views import Letterhead
from eoffice.printing import workbooks
from eoffice.printing.printed_table import Align, Cell, Column, Table

AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
HEAD = Letterhead("UBND tỉnh Đồng Tháp", "Sở Giáo dục và Đào tạo", "Đồng Tháp", "SGDĐT")
#: Two lines of letterhead, a blank, the title, a blank, the headings.
FIRST = 7


def sheet(*rows: tuple[Cell, ...], columns: int | None = None, **more: Any) -> Any:
    width = columns or len(rows[0])
    table = Table(
        title=more.pop("title", "Danh sách"),
        columns=tuple(Column(f"Cột {n}", 20 + n, Align.LEFT) for n in range(width)),
        rows=rows,
        **more,
    )
    content = workbooks.write(table, HEAD, printed_by="Hoa & Liên", at=AT)
    return openpyxl.load_workbook(io.BytesIO(content)).active


def test_dates_and_numbers_can_be_sorted_and_added() -> None:
    found = sheet((date(2018, 8, 13), AT, 7, Decimal("8.5"), None))
    cells = found[FIRST]
    assert [str(cell.value) for cell in cells[:2]] == ["2018-08-13 00:00:00", "2018-08-13 08:15:00"]
    assert [cell.value for cell in cells[2:]] == [7, 8.5, None]
    assert [cell.is_date for cell in cells[:2]] == [True, True]
    assert cells[0].number_format == "dd/mm/yyyy"


@pytest.mark.parametrize(
    "typed", ["=1+1", "+84277", "-SUM(A1)", "@SUM(A1)", '=HYPERLINK("http://x")', "=", "#REF!"]
)
def test_typed_text_is_never_computed(typed: str) -> None:
    cell = sheet((typed,))[FIRST][0]
    assert cell.data_type == "s"
    assert cell.value == typed
    assert cell.quotePrefix == typed.startswith(("=", "+", "-", "@"))


def test_the_title_is_text_as_well() -> None:
    found = sheet(("một",), title="=CMD", notes=("+1",))
    assert found["A4"].value == "=CMD"
    assert found["A4"].data_type == "s"
    assert found["A5"].data_type == "s"


def test_the_headings_stay_in_sight_and_columns_are_as_wide_as_asked() -> None:
    found = sheet(("một", "hai"), ("ba", "bốn"))
    assert found.freeze_panes == f"A{FIRST}"
    assert found.print_title_rows == f"${FIRST - 1}:${FIRST - 1}"
    assert found.auto_filter.ref == f"A{FIRST - 1}:B{FIRST + 1}"
    assert found.column_dimensions["B"].width == 21


def test_the_foot_says_who_printed_it_and_when() -> None:
    found = sheet(("một",))
    assert found.oddFooter.left.text == "In bởi Hoa && Liên lúc 08:15:00 ngày 13/08/2018"


def test_signs_that_a_sheet_cannot_hold_are_left_out() -> None:
    found = sheet(("một\x00\x0bhai",), title="Năm [2018]: a/b*?")
    assert found[FIRST][0].value == "một hai"


def test_an_empty_list_is_a_sheet_with_headings() -> None:
    found = sheet(columns=3)
    assert [cell.value for cell in found[FIRST - 1]] == ["Cột 0", "Cột 1", "Cột 2"]
    assert found.max_row == FIRST - 1
