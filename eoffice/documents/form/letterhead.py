"""What is printed on every document of an agency, whoever writes it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Letterhead:
    #: cơ quan chủ quản, empty where there is none: "UBND tỉnh Đồng Tháp"
    parent_name: str
    #: cơ quan ban hành: "Sở Giáo dục và Đào tạo"
    agency_name: str
    #: chữ viết tắt of the agency: "SGDĐT"
    agency_notation: str
    #: địa danh: "Đồng Tháp"
    place: str
