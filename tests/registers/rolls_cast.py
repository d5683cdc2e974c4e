"""Books of a school's rolls with something in every list: made up, the same each time."""

from __future__ import annotations

from datetime import date, timedelta

from eoffice.registers.kinds.certificates_register import (
    CertificatesRegister,
    GrantedCertificate,
    LedgerEvent,
    ReceivedBlanks,
    SpoiledBlank,
    Stock,
)
from eoffice.registers.kinds.enrolment_register import EnrolledPupil, EnrolmentRegister, Event
from eoffice.registers.kinds.moves_register import MovedPupil, MovesRegister
from eoffice.registers.kinds.parts import School

SCHOOL = School(
    "Trường THCS Nguyễn Thị Minh Khai", "Ủy ban nhân dân phường Cao Lãnh", "Cao Lãnh", "",
    "Đồng Tháp", "Cao Lãnh", "000.00.01.H20",
)  # fmt: skip
YEAR = "2024-2025"
PRINCIPAL = "Phạm Thị Thu Hà"
KIND = "Bằng tốt nghiệp trung học cơ sở"
_FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Đặng", "Võ")
_GIVEN = ("Ngọc Ánh", "Văn Bình", "Thị Cúc", "Minh Đức", "Gia Hân", "Quốc Khánh", "Bảo Ngọc")


def _name(place: int) -> str:
    return f"{_FAMILIES[place % 7]} {_GIVEN[(place * 3) % 7]}"


def enrolment_register_of(count: int = 60) -> EnrolmentRegister:
    pupils = tuple(
        EnrolledPupil(
            number=1201 + place,
            admitted_on=date(2024, 8, 26) + timedelta(days=place // 40),
            class_name=f"6A{place % 4 + 1}",
            code=f"87{2024000 + place}",
            personal_id=f"0872130{place:05d}",
            name=_name(place),
            born_on=date(2013, 1, 5) + timedelta(days=place * 5),
            sex="Nữ" if place % 2 else "Nam",
            birthplace="Bệnh viện đa khoa Đồng Tháp",
            hometown="Sa Đéc, Đồng Tháp" if place % 5 == 0 else "",
            ethnicity="Kinh",
            religion="Không",
            nationality="Việt Nam",
            permanent_address=f"Tổ {place % 9 + 1}, khóm Mỹ Thiện, phường Cao Lãnh, Đồng Tháp",
            address=f"Số {place + 3}/2-A, đường Nguyễn Huệ, phường Cao Lãnh",
            father=_name(place + 2),
            mother=_name(place + 5),
            came_from="Trường Tiểu học Lê Văn Tám" if place % 11 == 10 else "",
            note="",
            annulled_because="Cấp nhầm cho học sinh học nhờ." if place == 17 else None,
        )
        for place in range(count)
    )
    events = (
        Event(988, "Trần Văn Sỹ", date(2024, 11, 4), "Chuyển đi: Trường THCS Nguyễn Du (QĐ 15/QĐ)"),
        Event(
            1203, "Lê Bảo Ngọc", date(2025, 1, 6), "Ngày sinh “05/01/2013” sửa thành “06/01/2013”"
        ),
        Event(850, "Võ Gia Hân", date(2025, 5, 30), "Tốt nghiệp trung học cơ sở, xếp loại Giỏi"),
    )
    return EnrolmentRegister(1, SCHOOL, YEAR, PRINCIPAL, "/THCS", pupils, events)


def moves_register_of(count: int = 14) -> MovesRegister:
    moved = tuple(
        MovedPupil(
            number=place + 1,
            on=date(2024, 9, 9) + timedelta(days=place * 9),
            enrolment_number=f"{1100 + place}/THCS",
            code=f"87{2024100 + place}",
            name=_name(place),
            born_on=date(2012, 3, 1) + timedelta(days=place * 11),
            sex="Nữ" if place % 3 else "Nam",
            class_name=f"{place % 4 + 6}A2",
            other_school="Trường THCS Kim Hồng, phường Mỹ Trà, tỉnh Đồng Tháp",
            reason="Theo gia đình chuyển nơi ở",
            decision=f"Giấy giới thiệu chuyển trường {place + 3}/GCT-THCS",
            papers="Học bạ, giấy khai sinh (16/09/2024, bà Lê Thị Sáu)" if place % 4 else "",
            note="",
        )
        for place in range(count)
    )
    return MovesRegister(1, SCHOOL, YEAR, PRINCIPAL, moved, moved[: count // 2])


def certificates_register_of(count: int = 45) -> CertificatesRegister:
    granted = tuple(
        GrantedCertificate(
            ordinal=301 + place,
            kind=KIND,
            serial=f"A {12301 + place:07d}",
            entry_number=f"{place + 1:02d}/2025",
            name=_name(place),
            born_on=date(2010, 2, 3) + timedelta(days=place * 6),
            sex="Nữ" if place % 2 else "Nam",
            birthplace="Cao Lãnh, Đồng Tháp",
            ethnicity="Kinh",
            graduation_year=2025,
            grading=("Giỏi", "Khá", "Trung bình")[place % 3],
            decision="QĐ 112/QĐ-UBND ngày 05/06/2025",
            signed_on=date(2025, 6, 12),
            taken=f"25/06/2025, {_name(place)}, Căn cước 08721000{place:04d}, ký: Sổ giấy, trang 3"
            if place % 3
            else "",
            ended_because="26/06/2025: Viết sai họ tên, biên bản 03/BB-THCS."
            if place == 9
            else None,
            note="",
        )
        for place in range(count)
    )
    return CertificatesRegister(
        version=1,
        school=SCHOOL,
        school_year=YEAR,
        principal=PRINCIPAL,
        certificates=granted,
        events=(
            LedgerEvent(
                44, "A 0009981", "Trần Văn Sỹ", date(2024, 10, 1),
                "Cấp 2 bản sao, số 7/2024, cho Trần Văn Sỹ",
            ),
            LedgerEvent(
                310, "A 0012310", _name(9), date(2025, 6, 26),
                "Viết sai, đã hủy bỏ: Viết sai họ tên, biên bản 03/BB-THCS.",
            ),
        ),
        batches=(
            ReceivedBlanks(
                KIND, date(2025, 5, 20), "Sở Giáo dục và Đào tạo Đồng Tháp", "PXK 15/SGDĐT-KTKĐ",
                "A 0012301", "A 0012360", 60,
            ),
        ),
        spoiled=(
            SpoiledBlank(
                KIND, "A 0012310", date(2025, 6, 26), "Hư hỏng, chờ hủy", "BB 03/BB-THCS 26/06/2025"
            ),
        ),
        stocks=(Stock(KIND, 310, 280, 1, 0, 4, 10),),
    )  # fmt: skip
