"""Slips on paper: two share a sheet, with as many subjects as a class can have."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pypdfium2
import pytest

from eoffice.families import printing
from eoffice.families.printing import Door
from eoffice.families.rules import Slip, SubjectLine

AT = datetime(2025, 1, 20, 2, 0, tzinfo=UTC)
MARKS = (("ĐĐGtx", "8,5 7 9 10"), ("ĐĐGgk", "7,5"), ("ĐĐGck", "8,5"))


def door(subjects: int, pupil: str = "Nguyễn Hoàng Phương Thảo Nguyên") -> Door:
    slip = Slip(
        school="Trường THCS Nguyễn Thị Minh Khai",
        school_year="2024-2025",
        class_name="7A1",
        pupil=pupil,
        born_on=date(2012, 7, 8),
        period="học kì I",
        homeroom_teacher="Trần Thị Mỹ Hạnh",
        subjects=tuple(
            SubjectLine(f"Hoạt động trải nghiệm, hướng nghiệp {n}", MARKS, "8,1")
            for n in range(subjects)
        ),
        facts=(
            ("Kết quả học tập", "Khá"),
            ("Kết quả rèn luyện", "Tốt"),
            ("Nghỉ có phép", "2 buổi"),
        ),
        remark="Chăm ngoan, lễ phép; cần mạnh dạn phát biểu hơn và luyện thêm phần hình học.",
    )
    return Door(slip, "https://phieu.example.vn/p/0198c0de00007000800000000000f1", "K7QF-92XM")


@pytest.mark.parametrize("subjects", [1, 10, 12, 13, 15])
def test_two_slips_share_a_sheet(subjects: int) -> None:
    pdf = printing.pdf([door(subjects), door(subjects, "Trần Mỹ Chi"), door(subjects)], at=AT)

    pages = [
        " ".join(page.get_textpage().get_text_range().split())
        for page in pypdfium2.PdfDocument(pdf)
    ]

    assert len(pages) == 2
    assert "Nguyễn Hoàng Phương Thảo Nguyên" in pages[0]
    assert "Trần Mỹ Chi" in pages[0]
    assert pages[0].count("K7QF-92XM") == 2
