"""The printed form of a closed book: Annex IV's cover and columns, words that count, volumes.

Decree 30/2020, art. 16(2), 22 and Annex IV: a book kept in the system is printed with all its
columns; cover and first page say year, days, numbers and the volume.
"""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import pikepdf
import pypdfium2
import pytest

from eoffice.documents.books import tables as book_tables
from eoffice.filing import closing_printing, closing_rules, closing_tables
from eoffice.filing.closing_states import ClosedKind
from eoffice.filing.closing_tables import Contents
from eoffice.people.views import Letterhead
from eoffice.printing import printed_table
from eoffice.printing.printed_table import Cell
from tests.pdfa import assert_pdfa

HEAD = Letterhead("UBND tỉnh Đồng Tháp", "Sở Giáo dục và Đào tạo", "Đồng Tháp", "SGDĐT")
LAST_DAY = date(2018, 12, 31)
AT = datetime(2018, 12, 31, 9, tzinfo=UTC)


def row(number: int) -> tuple[Cell, ...]:
    code = f"{number}/QĐ-SGDĐT"
    day = date(2018, 8, 13)
    return (code, day, "Quyết định khen", "Lê A", "Trường B", "VP", 2, day, "Điện tử", "")


def book(count: int, *, opening: int = 0, annulled: int = 0) -> Contents:
    numbers = tuple(range(opening + 1, opening + count + 1))
    return Contents(
        kind=ClosedKind.OUTGOING,
        year=2018,
        columns=book_tables.COLUMNS,
        rows=tuple(row(number) for number in numbers),
        numbers=numbers,
        days=tuple(date(2018, 8, 13) for _ in numbers),
        opening_number=opening,
        annulled=annulled,
        withdrawn=0,
        unfinished=0,
    )


def volumes(of: Contents) -> tuple[printed_table.Table, ...]:
    return closing_tables.volumes(
        of, agency="Sở Giáo dục và Đào tạo", place=HEAD.place, closed_on=LAST_DAY
    )


def printed(of: Contents) -> bytes:
    foot = closing_tables.foot(of, LAST_DAY)
    made = [closing_printing.volume(each, HEAD, foot=foot, at=AT) for each in volumes(of)]
    return closing_printing.bound([each.pdf for each in made], made[-1].placeholders)


def pages(pdf: bytes) -> list[str]:
    file = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in file]


def signature_pages(pdf: bytes) -> dict[str, int]:
    """On which page, from one, each field stands."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return {
            str(note.T): number
            for number, page in enumerate(file.pages, start=1)
            for note in page.get("/Annots", [])
        }


def test_the_book_is_pdfa_with_cover_columns_page_numbers_and_words_that_count() -> None:
    pdf = printed(book(30, opening=959, annulled=2))
    assert_pdfa(pdf)
    cover, first, *_, last = every = pages(pdf)
    assert "UBND TỈNH ĐỒNG THÁP SỞ GIÁO DỤC VÀ ĐÀO TẠO SỔ ĐĂNG KÝ VĂN BẢN ĐI Năm: 2018" in cover
    assert "Từ ngày 13/08/2018 đến ngày 31/12/2018 Từ số 960 đến số 989 Quyển số: 01" in cover
    assert "bắt đầu từ số 960, tiếp theo số 959 của sổ giấy" in first
    assert "(1) (2) (3) (4) (5) (6) (7) (8) (9) (10)" in first
    assert "Sổ này gồm 30 số, từ số 960 đến số 989, liên tục." in last
    assert "Trong đó 2 số đã hủy, lý do ghi ở cột Ghi chú." in last
    assert "VĂN THƯ CƠ QUAN" in last
    assert "NGƯỜI ĐỨNG ĐẦU CƠ QUAN" in last
    assert all(f"Trang {n}/{len(every)}" in text for n, text in enumerate(every[1:], start=2))
    assert signature_pages(pdf) == dict.fromkeys(("clerk", "head", "seal"), len(every))


def test_an_empty_book_says_so_and_is_signed_too() -> None:
    pdf = printed(book(0))
    assert "Trong năm không có văn bản nào được ghi vào sổ này." in pages(pdf)[-1]
    assert set(signature_pages(pdf)) == {"clerk", "head", "seal"}


def test_a_long_book_is_bound_in_volumes_and_signed_at_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(closing_rules, "LINES_OF_VOLUME", 20)
    pdf = printed(book(45))
    assert_pdfa(pdf)
    every = pages(pdf)
    covers = [text for text in every if "Quyển số:" in text]
    assert [text[-12:] for text in covers] == [f"Quyển số: 0{n}" for n in (1, 2, 3)]
    assert ["Từ số 01 đến số 20" in covers[0], "Từ số 41 đến số 45" in covers[2]] == [True, True]
    ends = [text for text in every if "Hết quyển số" in text]
    assert "Hết quyển số 01: 20 số, từ số 01 đến số 20. Tiếp theo là quyển số 02." in ends[0]
    assert len(ends) == 2
    assert "Sổ này gồm 45 số, từ số 01 đến số 45, liên tục, đóng thành 3 quyển." in every[-1]
    assert set(signature_pages(pdf).values()) == {len(every)}


def test_the_same_book_gives_the_same_bytes() -> None:
    assert printed(book(3)) == printed(book(3))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, ((0, 0),)),
        (1, ((0, 1),)),
        (2000, ((0, 2000),)),
        (2001, ((0, 2000), (2000, 2001))),
        (5000, ((0, 2000), (2000, 4000), (4000, 5000))),
    ],
)
def test_every_line_is_in_one_volume(count: int, expected: tuple[tuple[int, int], ...]) -> None:
    assert closing_rules.volumes(count) == expected


def test_the_book_of_handling_names_days_only_and_says_what_goes_on() -> None:
    handling = replace(book(3), kind=ClosedKind.HANDLING, unfinished=2)
    (table,) = volumes(handling)
    assert table.cover is not None
    assert table.cover.spans == ("Từ ngày 01/01/2018 đến ngày 31/12/2018",)
    assert table.closing is not None
    assert any("còn 2 văn bản đang giải quyết" in each for each in table.closing.statements)
    (finished,) = volumes(replace(handling, unfinished=0))
    assert finished.closing is not None
    assert "Mọi văn bản trong sổ đã giải quyết xong." in finished.closing.statements
