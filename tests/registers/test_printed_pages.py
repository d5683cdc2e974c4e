"""How books look on paper: signatures behind the last list, names on one line, parts in order.

Each of these was seen wrong on a page; the places of signature fields and the text of the pages
tell it without a picture.
"""

from __future__ import annotations

import io
from dataclasses import replace
from itertools import pairwise

import pikepdf
import pytest

from eoffice.registers import extraction
from eoffice.registers.kinds import (
    class_diary,
    class_diary_sheets,
    homeroom_book,
    homeroom_book_sheets,
    recheck,
    rendering,
    table,
)
from eoffice.registers.kinds.table import RegisterKind
from tests.registers import diary_cast, rolls_cast
from tests.registers import register_cast as cast

LONG_NAME = "Nguyễn Hoàng Phương Thảo Nguyên"
#: Who signs beside the head of the school, in books that are signed at their end.
BESIDE = {
    RegisterKind.ROLL_BOOK: "homeroom",
    RegisterKind.TEACHER_BOOK: "teacher",
    RegisterKind.PRIMARY_TABLE: "homeroom",
    RegisterKind.REPORT_PART: "homeroom",
    RegisterKind.ENROLMENT_REGISTER: "keeper",
    RegisterKind.MOVES_REGISTER: "keeper",
    RegisterKind.CERTIFICATES_REGISTER: "keeper",
    RegisterKind.CLASS_DIARY: "keeper",
    RegisterKind.HOMEROOM_BOOK: "keeper",
}


def pages_of(kind: RegisterKind, entered: object | None = None) -> tuple[str, ...]:
    found = extraction.read_register(rendering.render(cast.data(kind, entered)))
    assert found is not None
    return tuple(" ".join(page.split()) for page in found.pages)


@pytest.mark.parametrize(("kind", "beside"), BESIDE.items())
def test_the_head_signs_on_the_last_page_and_both_names_stand_on_one_line(
    kind: RegisterKind, beside: str
) -> None:
    pdf = rendering.render(cast.data(kind))
    with pikepdf.open(io.BytesIO(pdf)) as file:
        fields = {
            str(each.T): float(each.Rect[1])
            for each in file.pages[-1].get("/Annots", pikepdf.Array())
            if "/T" in each
        }

    assert {"principal", "school_seal", beside} <= fields.keys()
    assert fields[beside] == pytest.approx(fields["school_seal"], abs=1)
    assert extraction.differences(pdf) == ()


def test_a_row_below_which_the_next_list_begins_is_checked_there() -> None:
    data = cast.data(RegisterKind.CERTIFICATES_REGISTER)
    pages = list(pages_of(RegisterKind.CERTIFICATES_REGISTER))
    last = rolls_cast.certificates_register_of().certificates[-1]
    place = next(n for n, page in enumerate(pages) if last.serial in page)
    heading = "PHÔI NHẬN TRONG NĂM HỌC"
    assert heading in pages[place]
    assert pages[place].index(last.serial) < pages[place].index(heading)
    assert recheck.page_differences(data, pages) == ()

    pages[place] = pages[place].replace(last.serial, "A 9999999")

    (found,) = recheck.page_differences(data, pages)
    assert found.where == "VĂN BẰNG, CHỨNG CHỈ CẤP TRONG NĂM HỌC"


def test_what_another_list_says_further_down_does_not_stand_in_for_a_missing_row() -> None:
    """The words of a row, written below the heading of the next list, are not the row."""
    data = cast.data(RegisterKind.CERTIFICATES_REGISTER)
    pages = list(pages_of(RegisterKind.CERTIFICATES_REGISTER))
    sheet = table.sheets_of(data)[1]
    row = " ".join(" ".join(map(str, sheet.rows[-1].cells)).split())
    place = next(n for n, page in enumerate(pages) if row in page)

    pages[place] = f"{pages[place].replace(row, '')} {row}"

    assert [one.where for one in recheck.page_differences(data, pages)] == [sheet.heading]


def test_a_part_of_the_homeroom_book_has_the_columns_that_it_asks_for() -> None:
    book = diary_cast.homeroom_book_of()
    _, *parts = homeroom_book_sheets.sheets(book, homeroom_book.compute(book))

    heads = {
        part.heading: [head["title"] for head in part.columns["heads"]]  # type: ignore[attr-defined]
        for part in parts
    }

    assert heads["DANH SÁCH TỔ"] == ["STT", "Tổ", "Nội dung"]
    assert heads["LIÊN HỆ VỚI GIA ĐÌNH"] == [
        "STT", "Ngày", "Gặp ai, bằng cách nào", "Học sinh", "Nội dung", "Kết quả",
    ]  # fmt: skip
    assert all(len(row.cells) == len(heads[part.heading]) for part in parts for row in part.rows)


def test_an_empty_homeroom_book_has_all_its_parts() -> None:
    book = diary_cast.homeroom_book_of()
    empty = replace(book, parts=tuple(replace(part, notes=()) for part in book.parts))

    text = " ".join(pages_of(RegisterKind.HOMEROOM_BOOK, empty))

    places = [text.index(part.title.upper()) for part in book.parts]
    assert all(before < after for before, after in pairwise(places))
    assert text.count("Phần này có 0 mục.") == len(book.parts)


def test_the_diary_draws_its_heavier_line_between_days() -> None:
    book = diary_cast.class_diary_of(1)
    (week,) = [
        sheet
        for sheet in class_diary_sheets.sheets(book, class_diary.compute(book))
        if sheet.heading.startswith("TUẦN")
    ]

    assert week.columns["group"] == 1
    assert [row.cells[1] for row in week.rows[4:6]] == ["09/09/2024", "10/09/2024"]


def test_covers_say_the_word_school_once() -> None:
    for kind in (RegisterKind.ROLL_BOOK, RegisterKind.REPORT_PART):
        cover = pages_of(kind)[0]

        assert "Trường: THCS Nguyễn Thị Minh Khai" in cover
        assert "Xã (phường, thị trấn): Mỹ An Hưng B" in cover


def test_each_year_page_of_a_report_book_names_the_pupil_and_who_confirms_it() -> None:
    of_class = cast.roll_book_of(6)
    one = of_class.pupils[0]
    named = replace(one, pupil=replace(one.pupil, name=LONG_NAME))
    part = cast.report_part_of(replace(of_class, pupils=(named, *of_class.pupils[1:])))

    _, particulars, subjects, summary = pages_of(RegisterKind.REPORT_PART, part)

    assert "Lấp Vò, ngày 05 tháng 9 năm 2017 HIỆU TRƯỞNG" in particulars
    for page in (subjects, summary):
        assert f"Họ và tên: {LONG_NAME} Lớp: 8A2 Năm học: 2017-2018" in page
    assert "Xác nhận của giáo viên chủ nhiệm" in subjects
    assert "Xác nhận của hiệu trưởng" in subjects


@pytest.mark.parametrize("count", [38, 46, 47, 55])
def test_the_sums_of_a_primary_class_stand_below_pupils(count: int) -> None:
    table_ = cast.primary_table_of(count)

    pages = pages_of(RegisterKind.PRIMARY_TABLE, table_)

    with_sums = [page for page in pages if "Cộng C" in page]
    assert len(with_sums) == 4
    for page in with_sums:
        assert table_.pupils[-5].pupil.name in page
        assert "Cộng T" in page


def test_a_class_of_fifty_five_with_long_names_keeps_to_its_pages() -> None:
    book = cast.roll_book_of(55)
    pupils = tuple(replace(one, pupil=replace(one.pupil, name=LONG_NAME)) for one in book.pupils)

    assert len(pages_of(RegisterKind.ROLL_BOOK, replace(book, pupils=pupils))) == 33
