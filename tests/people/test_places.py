"""Covers of school books say xã, huyện, tỉnh as the names of the agencies above the school tell."""

from __future__ import annotations

import pytest

from eoffice.people.kinds import UnitKind
from eoffice.people.places import Places, places

SCHOOL = (UnitKind.SCHOOL, ["Trường THCS Nguyễn Thị Minh Khai"])
DEPARTMENT = (
    UnitKind.DEPARTMENT,
    ["Sở Giáo dục và Đào tạo Đồng Tháp", "Ủy ban nhân dân tỉnh Đồng Tháp"],
)


@pytest.mark.parametrize(
    ("district", "place"),
    [
        ("huyện Lấp Vò", "Lấp Vò"),
        ("thành phố Cao Lãnh", "thành phố Cao Lãnh"),
        ("thị xã Hồng Ngự", "thị xã Hồng Ngự"),
        ("Quận 5", "quận 5"),
    ],
)
def test_a_school_of_2018_is_in_a_district(district: str, place: str) -> None:
    office = (UnitKind.DISTRICT_OFFICE, [f"Phòng Giáo dục và Đào tạo {district}"])

    assert places([SCHOOL, office, DEPARTMENT]) == Places("", place, "Đồng Tháp")


@pytest.mark.parametrize(
    ("commune", "place"),
    [
        ("xã Mỹ An Hưng", "Mỹ An Hưng"),
        ("phường Cao Lãnh", "phường Cao Lãnh"),
        ("đặc khu Phú Quốc", "đặc khu Phú Quốc"),
        ("Phường 1", "phường 1"),
    ],
)
def test_a_school_of_today_is_in_a_commune(commune: str, place: str) -> None:
    office = (UnitKind.COMMUNE_OFFICE, [f"Phòng Văn hóa - Xã hội {commune}"])
    superior = (UnitKind.SCHOOL, ["Trường Tiểu học Mỹ An", f"Ủy ban nhân dân {commune}"])

    assert places([SCHOOL, office, DEPARTMENT]) == Places(place, "", "Đồng Tháp")
    assert places([superior, DEPARTMENT]) == Places(place, "", "Đồng Tháp")


@pytest.mark.parametrize(
    ("name", "province"),
    [
        ("Sở Giáo dục và Đào tạo tỉnh Sơn La", "Sơn La"),
        ("Sở Giáo dục và Đào tạo Sơn La", "Sơn La"),
        ("Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh", "thành phố Hồ Chí Minh"),
        ("Sở Giáo dục và Đào tạo", ""),
    ],
)
def test_the_department_tells_the_province(name: str, province: str) -> None:
    assert places([SCHOOL, (UnitKind.DEPARTMENT, [name])]) == Places("", "", province)


def test_words_that_only_look_like_a_level_tell_no_place() -> None:
    assert places([(UnitKind.COMMUNE_OFFICE, ["Phòng Văn hóa - Xã hội"])]) == Places()
    assert places([(UnitKind.SCHOOL, ["Trường Tiểu học Thị xã"])]) == Places()
