"""Number, date, agency and subject are proposed from the words of the first page, or not at all."""

from __future__ import annotations

from datetime import date

import pytest

from eoffice.mailroom import proposals
from eoffice.mailroom.proposals import Proposals

KNOWN = ("Sở Giáo dục và Đào tạo Đồng Tháp", "Ủy ban nhân dân tỉnh Đồng Tháp")

DISPATCH = """
UBND TỈNH ĐỒNG THÁP        CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
SỞ GIÁO DỤC VÀ ĐÀO TẠO          Độc lập - Tự do - Hạnh phúc

Số: 960 /SGDĐT-CNTTTBTV        Đồng Tháp, ngày 13 tháng 8 năm 2018
V/v thực hiện chương trình Vnedu ở các
trường phổ thông

Kính gửi:
- Trưởng phòng GDĐT huyện, thị, thành phố;
"""

DECISION = """
BỘ GIÁO DỤC VÀ ĐÀO TẠO
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 05/QĐ-BGDĐT
Hà Nội, ngày 03 tháng 02 năm 2020
QUYẾT ĐỊNH
Về việc ban hành Kế hoạch công tác
của ngành Giáo dục
BỘ TRƯỞNG BỘ GIÁO DỤC VÀ ĐÀO TẠO
Căn cứ Nghị định số 69/2017/NĐ-CP ngày 25 tháng 5 năm 2017;
"""


def test_a_dispatch_says_what_it_is() -> None:
    assert proposals.proposed(DISPATCH) == Proposals(
        number="960",
        notation="SGDĐT-CNTTTBTV",
        issued_on=date(2018, 8, 13),
        sender_name="SỞ GIÁO DỤC VÀ ĐÀO TẠO",
        type_name="Công văn",
        subject="thực hiện chương trình Vnedu ở các trường phổ thông",
    )


def test_a_decision_says_what_it_is() -> None:
    assert proposals.proposed(DECISION) == Proposals(
        number="5",
        notation="QĐ-BGDĐT",
        issued_on=date(2020, 2, 3),
        sender_name="BỘ GIÁO DỤC VÀ ĐÀO TẠO",
        type_name="Quyết định",
        subject="ban hành Kế hoạch công tác của ngành Giáo dục",
    )


def test_a_known_agency_is_written_as_it_is_known() -> None:
    found = proposals.proposed(DECISION, known_senders=["Bộ Giáo dục và Đào tạo"])
    assert found.sender_name == "Bộ Giáo dục và Đào tạo"
    below = DISPATCH.replace("ĐÀO TẠO ", "ĐÀO TẠO\nĐỒNG THÁP\n")
    assert proposals.proposed(below, known_senders=KNOWN).sender_name == KNOWN[0]


@pytest.mark.parametrize(
    "text", ["", "\f", "1234", "Xin chào\ncác bạn", "Số: /", "V/v", "ngày 31 tháng 2 năm 2018"]
)
def test_what_is_not_there_is_not_proposed(text: str) -> None:
    assert proposals.proposed(text) == Proposals()


@pytest.mark.parametrize(
    ("line", "number", "notation"),
    [
        ("Số: 15a/QĐ-UBND", "15a", "QĐ-UBND"),
        ("Sô:08/BC-THPTSH", "8", "BC-THPTSH"),
        ("Số 199/UBND-VX", "199", "UBND-VX"),
        ("Số: 30/2020/NĐ-CP", "30", "2020/NĐ-CP"),
    ],
)
def test_numbers_are_read_as_readers_of_pages_write_them(
    line: str, number: str, notation: str
) -> None:
    found = proposals.proposed(line)
    assert (found.number, found.notation) == (number, notation)


def test_a_long_text_is_read_in_bounds() -> None:
    assert proposals.proposed("Số: " * 2_000_000 + DISPATCH) == Proposals()


def test_numbers_and_dates_of_quoted_documents_are_not_proposed() -> None:
    blank = DISPATCH.replace("960 ", "").replace("ngày 13 tháng 8 năm 2018", "ngày tháng năm")
    quoted = blank + "Thực hiện Công văn số 199/UBND-VX ngày 03 tháng 8 năm 2015 của UBND tỉnh\n"
    found = proposals.proposed(quoted)
    assert (found.number, found.issued_on) == (None, None)
