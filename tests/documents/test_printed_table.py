"""Any list can be printed as PDF/A, with headings on every page and a mark: by whom and when."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pypdfium2
import pytest

from eoffice.people.views import Letterhead
from eoffice.printing import pdf_fields, printed_table
from eoffice.printing.printed_table import (
    Align,
    Closing,
    Column,
    Cover,
    Signatory,
    Table,
    TooManyRows,
)
from tests.pdfa import assert_pdfa

AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)
HEAD = Letterhead("UBND tỉnh Đồng Tháp", "Sở Giáo dục và Đào tạo", "Đồng Tháp", "SGDĐT")
COLUMNS = (
    Column("Số, ký hiệu", 14),
    Column("Ngày tháng", 10, Align.CENTER),
    Column("Trích yếu", 40),
    Column("Số bản", 8, Align.RIGHT),
)


def rows(count: int) -> tuple[tuple[printed_table.Cell, ...], ...]:
    return tuple((f"{n:02d}/QĐ-SGDĐT", date(2018, 8, 13), "Về học bạ số", n) for n in range(count))


def table(count: int = 3) -> Table:
    return Table(title="Danh sách văn bản", columns=COLUMNS, rows=rows(count))


def pages(pdf: bytes) -> list[str]:
    file = pypdfium2.PdfDocument(pdf)
    try:
        return [
            " ".join(page.get_textpage().get_text_range().replace("\ufffe", "-").split())
            for page in file
        ]
    finally:
        file.close()


def printed(wanted: Table) -> bytes:
    return printed_table.pdf(wanted, HEAD, printed_by="Nguyễn Thị Hoa", at=AT)


@pytest.mark.parametrize("count", [0, 1, 120])
def test_it_is_pdf_a_for_no_row_one_row_and_many(count: int) -> None:
    assert_pdfa(printed(table(count)))


def test_headings_page_number_and_print_mark_are_on_every_page() -> None:
    every = pages(printed(table(120)))
    assert len(every) > 2
    for number, text in enumerate(every, start=1):
        assert "Số, ký hiệu Ngày tháng Trích yếu Số bản" in text
        assert f"Trang {number}/{len(every)}" in text
        assert "In bởi Nguyễn Thị Hoa lúc 08:15:00 ngày 13/08/2018" in text


def test_the_first_page_names_agency_and_title() -> None:
    text = pages(printed(table()))[0]
    assert "UBND TỈNH ĐỒNG THÁP SỞ GIÁO DỤC VÀ ĐÀO TẠO" in text
    assert "DANH SÁCH VĂN BẢN" in text


def test_dates_and_numbers_are_written_as_people_read_them() -> None:
    assert printed_table.shown(date(2018, 8, 3)) == "03/08/2018"
    assert printed_table.shown(AT) == "08:15 13/08/2018"
    assert printed_table.shown(Decimal("8.50")) == "8,50"
    assert printed_table.shown(None) == ""


def test_a_character_that_no_font_has_does_not_keep_the_list_from_being_printed() -> None:
    odd = Table(title="Danh sách", columns=(Column("Trích yếu"),), rows=(("Họp \U0001f600 gấp",),))
    assert "Họp ? gấp" in pages(printed(odd))[0]


def test_markup_in_a_cell_is_text() -> None:
    text = '#read("/etc/passwd") *đậm*'
    odd = Table(title="Danh sách", columns=(Column("Trích yếu", 60),), rows=((text,),))
    assert text in pages(printed(odd))[0]


def test_a_book_has_its_cover_and_room_for_the_signatures_that_close_it() -> None:
    book = Table(
        title="Sổ đăng ký văn bản đi",
        columns=COLUMNS,
        rows=rows(2),
        numbers_columns=True,
        cover=Cover(("Sổ đăng ký", "văn bản đi"), 2018, ("Từ số 01 đến số 02",)),
        closing=Closing(
            ("Sổ này có 02 số.",),
            "Đồng Tháp, ngày 31 tháng 12 năm 2018",
            (
                Signatory(("VĂN THƯ",), "Nguyễn Thị Hoa", "clerk"),
                Signatory(("GIÁM ĐỐC",), "Trần Thanh Liêm", "head", "seal"),
            ),
        ),
    )
    composed = printed_table.compose(book, HEAD, foot="", at=AT)
    cover, first, *_ = pages(composed.pdf)
    assert "SỔ ĐĂNG KÝ VĂN BẢN ĐI Năm: 2018 Từ số 01 đến số 02 Quyển số: 01" in cover
    assert "(1) (2) (3) (4)" in first
    assert [each.name for each in composed.placeholders] == ["clerk", "seal", "head"]
    assert_pdfa(pdf_fields.add_fields(composed.pdf, composed.placeholders))


def test_more_rows_than_a_file_can_hold_are_refused_in_a_sentence() -> None:
    with pytest.raises(TooManyRows, match="Hãy chọn khoảng thời gian ngắn hơn"):
        printed_table.require_printable(printed_table.MOST_ROWS + 1)
