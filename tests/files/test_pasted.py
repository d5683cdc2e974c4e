"""A pasted table is a worksheet: tabs, quotation marks, decimal commas; bounded."""

from __future__ import annotations

import pytest

from eoffice.files.tables import pasted
from eoffice.files.tables.pasted import TableRefused, TableTooLarge


def test_cells_that_were_copied_in_excel_keep_their_places() -> None:
    grid = pasted.grid("STT\tHọ và tên\tTX1\n1\tĐặng Văn An\t8,5\n2\tLê Bình\t\n", name="Dán")

    assert grid.rows == (("STT", "Họ và tên", "TX1"), (1.0, "Đặng Văn An", 8.5), (2.0, "Lê Bình"))


def test_a_cell_with_a_line_break_stands_in_quotation_marks() -> None:
    grid = pasted.grid('"Họ và\ntên"\tTX1\nAn\t7\n', name="Dán")

    assert grid.rows[0] == ("Họ và\ntên", "TX1")


@pytest.mark.parametrize("text", ["Ma,Ten,TX\nHS1,An,8.5\n", 'Ma;Ten;TX\nHS1;An;"8,5"\n'])
def test_csv_files_may_be_divided_by_comma_or_semicolon(text: str) -> None:
    assert pasted.grid(text, name="a").rows[1] == ("HS1", "An", 8.5)


@pytest.mark.parametrize("code", ["0012345", "123456789012", "007", "1e5", "HS1"])
def test_a_code_stays_as_it_was_written(code: str) -> None:
    assert pasted.grid(f"Mã\tTX\n{code}\t5", name="a").rows[1][0] == code


def test_nothing_pasted_is_refused() -> None:
    with pytest.raises(TableRefused):
        pasted.grid(" \n\n", name="a")


def test_a_table_beyond_the_bounds_is_refused() -> None:
    with pytest.raises(TableTooLarge):
        pasted.grid("\t".join("a" * 81), name="a")
    with pytest.raises(TableTooLarge):
        pasted.grid("a\n" * (pasted.MOST_ROWS + 1), name="a")


def test_a_broken_quotation_is_refused_or_read_but_never_a_crash() -> None:
    pasted.grid('a\t"b\nc\td', name="a")
