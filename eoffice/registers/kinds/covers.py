"""What the forms of registers need beside their lists: cover, guidance, names beside signatures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from eoffice.assessment.tt58 import AMENDED
from eoffice.registers.kinds.class_register import ClassRegister
from eoffice.registers.kinds.parts import School
from eoffice.registers.kinds.teacher_book import TeacherBook

_LOWER: Final = "TRUNG HỌC CƠ SỞ"
_UPPER: Final = "TRUNG HỌC PHỔ THÔNG"
_FIRST_UPPER_GRADE: Final = 10
_CIRCULAR_58: Final = "Thông tư số 58/2011/TT-BGDĐT của Bộ trưởng Bộ Giáo dục và Đào tạo"


def of_roll_book(book: ClassRegister) -> Mapping[str, object]:
    is_amended = book.rule_set == AMENDED.rule_set
    return {
        "title": f"Sổ gọi tên và ghi điểm lớp {book.of_class.name} "
        f"năm học {book.of_class.school_year}",
        "school": asdict(book.school),
        "own-name": own_name(book.school),
        "places": places(book.school),
        "class": asdict(book.of_class),
        "level-words": level_words(book.of_class.grade),
        "is-amended": is_amended,
        "version": book.version,
        "subjects": [{"name": one.name, "teacher": one.teacher} for one in book.subjects],
        "rule-words": f"{_CIRCULAR_58}, sửa đổi, bổ sung bởi Thông tư số 26/2020/TT-BGDĐT"
        if is_amended
        else _CIRCULAR_58,
    }


def of_teacher_book(book: TeacherBook) -> Mapping[str, object]:
    return {
        "title": f"Sổ theo dõi và đánh giá học sinh môn {book.subject_name} "
        f"của {book.teacher}, năm học {book.school_year}",
        "school": asdict(book.school),
        "places": places(book.school),
        "version": book.version,
        "school-year": book.school_year,
        "teacher": book.teacher,
        "principal": book.principal,
        "subject": {"code": book.subject_code, "name": book.subject_name},
        "classes": [one.name for one in book.classes],
    }


def of_primary_table(table: ClassRegister) -> Mapping[str, object]:
    return {
        "title": f"Bảng tổng hợp kết quả đánh giá giáo dục lớp {table.of_class.name} "
        f"năm học {table.of_class.school_year}",
        "school": asdict(table.school),
        "places": places(table.school),
        "class": asdict(table.of_class),
        "version": table.version,
        "subjects": [
            {"name": one.name, "short": one.short_name, "teacher": one.teacher}
            for one in table.subjects
        ],
    }


def level_words(grade: int) -> str:
    """The level of a secondary class as covers write it."""
    return _LOWER if grade < _FIRST_UPPER_GRADE else _UPPER


def own_name(school: School) -> str:
    """As it stands behind the word "Trường:" of a cover: "THCS Nguyễn Thị Minh Khai"."""
    return school.name.removeprefix("Trường ")


def places(school: School) -> list[tuple[str, str]]:
    """The lines of the cover that say where the school is; levels that are no more are left out."""
    lines: Any = (
        ("Xã (phường, thị trấn)" if school.district else "Xã (phường, đặc khu)", school.commune),
        ("Huyện (quận, thị xã, thành phố)", school.district),
        ("Tỉnh (thành phố)", school.province),
    )
    return [(kind, name) for kind, name in lines if name]
