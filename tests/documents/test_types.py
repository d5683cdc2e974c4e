"""Number, notation, date and capacity are written as Decree 30/2020, Annexes I and III, says."""

from __future__ import annotations

from datetime import date

import pytest

from eoffice.documents import types
from eoffice.documents.types import DocumentType, NotationUnknown
from eoffice.people.rules import Capacity

#: Annex III, section I, read from the decree.
ABBREVIATIONS = {
    "Nghị quyết": "NQ",
    "Quyết định": "QĐ",
    "Chỉ thị": "CT",
    "Quy chế": "QC",
    "Quy định": "QyĐ",
    "Thông cáo": "TC",
    "Thông báo": "TB",
    "Hướng dẫn": "HD",
    "Chương trình": "CTr",
    "Kế hoạch": "KH",
    "Phương án": "PA",
    "Đề án": "ĐA",
    "Dự án": "DA",
    "Báo cáo": "BC",
    "Biên bản": "BB",
    "Tờ trình": "TTr",
    "Hợp đồng": "HĐ",
    "Công văn": "",
    "Công điện": "CĐ",
    "Bản ghi nhớ": "BGN",
    "Bản thỏa thuận": "BTT",
    "Giấy ủy quyền": "GUQ",
    "Giấy mời": "GM",
    "Giấy giới thiệu": "GGT",
    "Giấy nghỉ phép": "GNP",
    "Phiếu gửi": "PG",
    "Phiếu chuyển": "PC",
    "Phiếu báo": "PB",
    "Thư công": "",
    "Sao y": "SY",
    "Trích sao": "TrS",
    "Sao lục": "SL",
}


def test_the_types_and_their_abbreviations_are_those_of_the_annex() -> None:
    assert {types.name(kind): types.abbreviation(kind) for kind in DocumentType} == ABBREVIATIONS


def test_there_are_twenty_nine_types_and_three_copies() -> None:
    assert len(set(DocumentType) - types.COPIES) == 29
    assert len(types.COPIES) == 3


def test_no_two_types_share_an_abbreviation() -> None:
    written = [types.abbreviation(kind) for kind in DocumentType if types.abbreviation(kind)]
    assert len(written) == len(set(written)) == 30


def test_the_notation_of_a_dispatch_names_agency_and_drafting_unit() -> None:
    written = types.notation(DocumentType.DISPATCH, "SGDĐT", "CNTTTBTV")
    assert written == "SGDĐT-CNTTTBTV"


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (DocumentType.DECISION, "QĐ-SGDĐT"),
        (DocumentType.RULES, "QyĐ-SGDĐT"),
        (DocumentType.PLAN, "KH-SGDĐT"),
        (DocumentType.CERTIFIED_COPY, "SY-SGDĐT"),
    ],
)
def test_the_notation_of_other_types_names_type_and_agency(
    kind: DocumentType, written: str
) -> None:
    assert types.notation(kind, "SGDĐT", "GDTrH") == written


def test_a_dispatch_of_a_unit_without_abbreviation_has_no_notation() -> None:
    with pytest.raises(NotationUnknown):
        types.notation(DocumentType.DISPATCH, "SGDĐT", "")


def test_a_dispatch_of_a_school_without_offices_bears_the_school_alone() -> None:
    assert types.notation(DocumentType.DISPATCH, "THPTSH", None) == "THPTSH"


def test_an_agency_without_abbreviation_has_no_notation() -> None:
    with pytest.raises(NotationUnknown):
        types.notation(DocumentType.DECISION, "")


@pytest.mark.parametrize(
    ("number", "printed"),
    [(1, "01"), (8, "08"), (9, "09"), (10, "10"), (960, "960"), (1234, "1234")],
)
def test_numbers_below_ten_have_a_zero_in_front(number: int, printed: str) -> None:
    assert types.printed_number(number) == printed


@pytest.mark.parametrize("number", [0, -1])
def test_there_is_no_number_below_one(number: int) -> None:
    with pytest.raises(ValueError, match="begin at one"):
        types.printed_number(number)


def test_number_and_notation_stand_without_blanks() -> None:
    assert types.code(960, "SGDĐT-CNTTTBTV") == "960/SGDĐT-CNTTTBTV"
    assert types.code(8, "KH-SGDĐT") == "08/KH-SGDĐT"


@pytest.mark.parametrize(
    ("on", "printed"),
    [
        (date(2018, 8, 13), "ngày 13 tháng 8 năm 2018"),
        (date(2018, 8, 3), "ngày 03 tháng 8 năm 2018"),
        (date(2019, 1, 9), "ngày 09 tháng 01 năm 2019"),
        (date(2019, 2, 10), "ngày 10 tháng 02 năm 2019"),
        (date(2019, 3, 31), "ngày 31 tháng 3 năm 2019"),
        (date(2019, 12, 1), "ngày 01 tháng 12 năm 2019"),
    ],
)
def test_days_below_ten_and_the_first_two_months_have_a_zero_in_front(
    on: date, printed: str
) -> None:
    assert types.printed_date(on) == printed


def test_the_place_stands_before_the_date() -> None:
    written = types.place_and_date("Đồng Tháp", date(2018, 8, 13))
    assert written == "Đồng Tháp, ngày 13 tháng 8 năm 2018"


@pytest.mark.parametrize(
    ("capacity", "title", "on_behalf_of", "lines"),
    [
        (Capacity.HEAD, "Giám đốc", "", ("Giám đốc",)),
        (Capacity.ACTING, "Giám đốc", "", ("Q. Giám đốc",)),
        (Capacity.FOR_HEAD, "Phó Giám đốc", "Giám đốc", ("KT. Giám đốc", "Phó Giám đốc")),
        (Capacity.BY_ORDER, "Chánh Văn phòng", "Giám đốc", ("TL. Giám đốc", "Chánh Văn phòng")),
        (Capacity.BY_DELEGATION, "Trưởng phòng", "Giám đốc", ("TUQ. Giám đốc", "Trưởng phòng")),
        (
            Capacity.ON_BEHALF,
            "Chủ tịch",
            "Ủy ban nhân dân",
            ("TM. Ủy ban nhân dân", "Chủ tịch"),
        ),
    ],
)
def test_the_capacity_stands_above_the_signature(
    capacity: Capacity, title: str, on_behalf_of: str, lines: tuple[str, ...]
) -> None:
    assert types.capacity_lines(capacity, title, on_behalf_of) == lines


def test_the_longest_urgency_stamp_is_forty_millimetres_wide() -> None:
    assert types.URGENCY_STAMPS[types.Urgency.VERY_URGENT] == ("THƯỢNG KHẨN", 40, 8)
    assert types.Urgency.ORDINARY not in types.URGENCY_STAMPS
