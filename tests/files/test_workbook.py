"""An uploaded workbook is bounded before it is read, and whatever is not .xlsx is refused."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from eoffice.files.tables import workbook


def simple(rows: int = 3) -> bytes:
    book = openpyxl.Workbook()
    for number in range(rows):
        book.worksheets[0].append([number, "Nguyễn Văn An", 7.5])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(content: bytes, change: Callable[[str, bytes], bytes], **extra: bytes) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in extra.items():
            new.writestr(name, data)
    return out.getvalue()


def test_values_come_as_they_stand_in_the_cells() -> None:
    (grid,) = workbook.grids(simple())

    assert grid.rows[0] == (0, "Nguyễn Văn An", 7.5)
    assert grid.uncalculated == frozenset()


def test_hidden_sheets_are_not_read() -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Ẩn").sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)

    assert [grid.name for grid in workbook.grids(out.getvalue())] == ["Sheet"]


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", b"<html>"],
)
def test_other_formats_are_refused(content: bytes) -> None:
    with pytest.raises(workbook.WorkbookRefused):
        workbook.grids(content)


def test_an_archive_without_a_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("hello.txt", "x")

    with pytest.raises(workbook.WorkbookRefused):
        workbook.grids(out.getvalue())


def test_a_file_of_more_than_five_megabytes_is_refused() -> None:
    with pytest.raises(workbook.WorkbookTooLarge):
        workbook.grids(simple() + b"\0" * workbook.LARGEST_BYTES)


def test_what_unpacks_to_far_more_than_it_weighs_is_refused() -> None:
    bomb = repacked(simple(), lambda _, data: data, **{"xl/media/image1.png": b"\0" * 45_000_000})

    assert len(bomb) < 100_000
    with pytest.raises(workbook.WorkbookTooLarge):
        workbook.grids(bomb)


def test_more_rows_than_a_class_has_are_refused() -> None:
    with pytest.raises(workbook.WorkbookTooLarge):
        workbook.grids(simple(rows=401))


def test_far_away_cells_do_not_cost_memory() -> None:
    def stretch(name: str, data: bytes) -> bytes:
        far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        return data.replace(b"</sheetData>", far) if "sheet1" in name else data

    (grid,) = workbook.grids(repacked(simple(), stretch))

    assert len(grid.rows) == 3


def test_entities_are_refused() -> None:
    def declare(name: str, data: bytes) -> bytes:
        if "sheet1" not in name:
            return data
        return b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + data

    with pytest.raises(workbook.WorkbookRefused):
        workbook.grids(repacked(simple(), declare))


def test_macros_are_refused() -> None:
    with pytest.raises(workbook.WorkbookRefused):
        workbook.grids(repacked(simple(), lambda _, data: data, **{"xl/vbaProject.bin": b"x"}))


@pytest.mark.filterwarnings("ignore")
def test_damaged_files_are_refused_and_never_break_the_reader() -> None:
    whole = simple()
    dice = random.Random(22)
    refused = 0
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        try:
            workbook.grids(bytes(damaged))
        except (workbook.WorkbookRefused, workbook.WorkbookTooLarge):
            refused += 1
    assert refused > 0


@pytest.mark.filterwarnings("ignore")
def test_damaged_parts_are_refused_and_never_break_the_reader() -> None:
    dice = random.Random(2021)

    def damage(name: str, data: bytes) -> bytes:
        if not name.endswith((".xml", ".rels")) or dice.random() < 0.6:
            return data
        start = dice.randrange(len(data))
        return data[:start] + data[start + dice.randint(1, 40) :]

    refused = 0
    for _ in range(150):
        try:
            workbook.grids(repacked(simple(), damage))
        except (workbook.WorkbookRefused, workbook.WorkbookTooLarge):
            refused += 1
    assert refused > 0
