"""The incoming book to keep and to print: the columns of Decree 30/2020, Annex IV.VI, in their
order, under the cover that the annex prescribes, and only the lines that the page shows.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

import openpyxl
import pypdfium2
import pytest
from litestar.testing import TestClient

from eoffice import clock
from eoffice.documents.books import tables as outgoing_tables
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.books.queries import BookRead
from eoffice.documents.types import Urgency
from eoffice.people.views import Letterhead
from eoffice.printing import printed_table
from eoffice.printing.printed_table import Table
from eoffice.routing import book_tables
from eoffice.routing.book_queries import BookLine
from eoffice.routing.rules import ArrivalBookKind
from eoffice.routing.states import ArrivalState
from eoffice.web.application import Application
from tests.cast import Cast
from tests.routing.test_pages import Browser, at, cast, client, dispatch, forget_store
from tests.routing.test_work_pages import assigned

__all__ = ["assigned", "at", "cast", "client", "dispatch", "forget_store"]

Client: TypeAlias = TestClient[Application]
HEAD = Letterhead("Sở Giáo dục và Đào tạo Đồng Tháp", "Trường THPT Sen Hồng", "Đồng Tháp", "THPTSH")
#: Annex IV.VI.2, as the form has them.
HEADINGS = (
    "Ngày đến",
    "Số đến",
    "Tác giả",
    "Số, ký hiệu văn bản",
    "Ngày tháng văn bản",
    "Tên loại và trích yếu nội dung văn bản",
    "Đơn vị hoặc người nhận",
    "Ngày chuyển",
    "Ký nhận",
    "Ghi chú",
)


def line(number: int, day: int, **more: Any) -> BookLine:
    given: dict[str, Any] = {
        "arrival_id": UUID(int=number),
        "delivery_id": UUID(int=number),
        "arrived_on": date(2018, 8, day),
        "number": number,
        "year": 2018,
        "sender_name": "Sở Giáo dục và Đào tạo Đồng Tháp",
        "code": "960/SGDĐT-CNTTTBTV",
        "issued_on": date(2018, 8, 10),
        "type_name": "Công văn",
        "subject": "thực hiện chương trình Vnedu",
        "handed_to": ("Nguyễn Thị Hoa", "Tổ Toán"),
        "handed_on": date(2018, 8, 14),
        "taken_at": None,
        "note": "Đã trả lời.",
        "urgency": Urgency.ORDINARY,
        "state": ArrivalState.DONE,
        "due_on": None,
        "days_late": 0,
    }
    return BookLine(**{**given, **more})


def words(table: Table, at: datetime) -> list[str]:
    """The text of each printed page, on one line."""
    file = pypdfium2.PdfDocument(printed_table.pdf(table, HEAD, printed_by="Nguyễn Văn A", at=at))
    return [" ".join(page.get_textpage().get_text_range().split()) for page in file]


def cells(content: bytes) -> list[object]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [cell.value for row in sheet.iter_rows() for cell in row]


def test_the_columns_are_those_of_the_annex_in_their_order() -> None:
    assert tuple(column.title for column in book_tables.COLUMNS) == HEADINGS


def test_the_printed_book_reads_as_the_form_from_left_to_right() -> None:
    table = book_tables.table([line(1, 13)], ArrivalBookKind.INCOMING, 2018, is_whole=True)

    _, first = words(table, datetime(2018, 8, 20, tzinfo=clock.VIETNAM))

    places = [first.find(heading.split()[0]) for heading in HEADINGS]
    assert -1 not in places
    assert "(1) (2) (3) (4) (5) (6) (7) (8) (9) (10)" in first
    assert "13/08/2018" in first


def test_the_whole_book_has_the_cover_of_the_annex_and_an_extract_has_none() -> None:
    lines = [line(1, 13), line(2, 17)]
    whole = book_tables.table(lines, ArrivalBookKind.INCOMING, 2018, is_whole=True)
    extract = book_tables.table(lines, ArrivalBookKind.INCOMING, 2018, notes=("Quá hạn",))
    at_noon = datetime(2018, 8, 20, tzinfo=clock.VIETNAM)

    cover, _ = words(whole, at_noon)

    for said in (
        "SỞ GIÁO DỤC VÀ ĐÀO TẠO ĐỒNG THÁP",
        "TRƯỜNG THPT SEN HỒNG",
        "SỔ ĐĂNG KÝ",
        "VĂN BẢN ĐẾN",
        "Năm: 2018",
        "Từ ngày 13/08/2018 đến ngày 17/08/2018",
        "Từ số 01 đến số 02",
        "Quyển số: 01",
    ):
        assert said in cover
    assert len(words(extract, at_noon)) == 1


def test_a_book_without_a_line_is_printed_without_a_cover() -> None:
    empty = book_tables.table([], ArrivalBookKind.SECRET, 2018, is_whole=True)
    outgoing = outgoing_tables.table(
        [], BookRead(BookKind.OUTGOING, 2018, 0, 0, None), is_whole=True
    )
    assert (empty.cover, outgoing.cover) == (None, None)


def test_what_the_sender_took_back_says_so_in_the_last_column() -> None:
    assert book_tables.row(line(1, 13, state=ArrivalState.RECALLED))[-1] == "Đã bị thu hồi"
    assert book_tables.row(line(1, 13))[-1] == "Đã trả lời."


@pytest.mark.usefixtures("assigned")
def test_the_book_is_saved_as_the_page_is_narrowed(
    client: Client, cast: Cast, at: datetime
) -> None:
    today = clock.civil_date(at)
    clerk = Browser(client, cast.high_school_clerk, at)

    pdf = clerk.get(f"/incoming?year={today.year}&since=&until=&format=pdf")
    book = clerk.get(f"/incoming?year={today.year}&since={today}&format=xlsx")
    other = clerk.get(f"/incoming?year={today.year}&until={today.year - 1}-12-31&format=xlsx")
    late = clerk.get(f"/incoming?year={today.year}&show=late&format=xlsx")

    assert pdf.content.startswith(b"%PDF")
    assert f"so-dang-ky-van-ban-den-{today.year}.xlsx" in book.headers["content-disposition"]
    assert "960/SGDĐT-CNTTTBTV" in cells(book.content)
    assert f"Từ ngày {today:%d/%m/%Y}" in cells(book.content)
    assert "960/SGDĐT-CNTTTBTV" not in cells(other.content)
    assert "960/SGDĐT-CNTTTBTV" not in cells(late.content)
    assert "Tình trạng: Quá hạn" in cells(late.content)


@pytest.mark.usefixtures("assigned")
def test_a_file_has_no_line_that_its_reader_does_not_see(
    client: Client, cast: Cast, at: datetime
) -> None:
    year = clock.civil_date(at).year
    teacher = Browser(client, cast.high_school_teacher, at)
    stranger = Browser(client, cast.other_high_school_clerk, at)

    assert "960/SGDĐT-CNTTTBTV" in cells(teacher.get(f"/incoming?year={year}&format=xlsx").content)
    assert "960/SGDĐT-CNTTTBTV" not in cells(
        stranger.get(f"/incoming?year={year}&format=xlsx").content
    )
    assert teacher.get(f"/incoming?year={year}&kind=secret&format=pdf").status_code == 403
