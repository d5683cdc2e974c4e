"""A workbook of Excel 97 gives the same grid as an .xlsx; a file that is broken is only refused."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from eoffice.files.tables import old_workbooks
from eoffice.files.tables.workbook import WorkbookRefused

CONTENT = (Path(__file__).parents[1] / "corpus" / "marks" / "7A1-toan-hk1.xls").read_bytes()


def test_cells_keep_their_places_and_kinds() -> None:
    (grid,) = old_workbooks.grids(CONTENT)

    assert grid.name == "7A1_TOAN_HK1"
    assert grid.rows[2] == ("BẢNG ĐIỂM LỚP 7A1 MÔN TOÁN HỌC KỲ I",)
    assert grid.rows[5][1:3] == ("Mã học sinh", "Họ và tên")
    assert grid.rows[6] == (
        1.0, "HS002", "Đặng Văn An", datetime.fromisoformat("2012-03-04"),
        8.5, 7.0, 8.0, 9.0, 7.5, 8.0,
    )  # fmt: skip
    assert grid.rows[7][7] is None
    assert grid.rows[8][6] == "6,5"
    assert grid.rows[8][10] is True


def test_a_hidden_sheet_is_not_read() -> None:
    assert len(old_workbooks.grids(CONTENT)) == 1


@pytest.mark.parametrize(
    "content",
    [old_workbooks.SIGNATURE, CONTENT[:700], CONTENT[:5000] + b"\xff" * 300, b"\x09\x08" * 40],
)
def test_a_broken_file_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(WorkbookRefused):
        old_workbooks.grids(content)
