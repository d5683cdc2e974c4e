"""The parts of sổ chủ nhiệm, one table instead of one form each.

Circular 15/2026/TT-BGDĐT, art. 21 (2): it is one of the three things that a teacher keeps. What a
part asks for is said here; the words are the teacher's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Part(StrEnum):
    FEATURES = "features"
    OFFICERS = "officers"
    GROUPS = "groups"
    PARENTS = "parents"
    PLAN = "plan"
    CARE = "care"
    CONTACT = "contact"
    MEETING = "meeting"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a note of the part has beside its text."""

    title: str
    #: The label of the line above the text.
    about: str
    needs_day: bool = False
    has_pupil: bool = False
    #: The label of the second text; "" for none.
    outcome: str = ""


WANTED: Final = {
    Part.FEATURES: Wanted("Đặc điểm tình hình lớp", "Mục"),
    Part.OFFICERS: Wanted("Ban cán sự lớp", "Nhiệm vụ", has_pupil=True),
    Part.GROUPS: Wanted("Danh sách tổ", "Tổ"),
    Part.PARENTS: Wanted("Ban đại diện cha mẹ học sinh", "Họ tên, nhiệm vụ"),
    Part.PLAN: Wanted("Kế hoạch tháng, tuần", "Tháng hoặc tuần", outcome="Kết quả thực hiện"),
    Part.CARE: Wanted(
        "Học sinh cần quan tâm", "Hoàn cảnh", has_pupil=True, outcome="Biện pháp, tiến bộ"
    ),
    Part.CONTACT: Wanted(
        "Liên hệ với gia đình", "Gặp ai, bằng cách nào", needs_day=True, has_pupil=True,
        outcome="Kết quả",
    ),
    Part.MEETING: Wanted(
        "Họp lớp, họp cha mẹ học sinh", "Cuộc họp", needs_day=True, outcome="Kết luận"
    ),
    Part.RESULT: Wanted("Kết quả theo học kì", "Học kì"),
}  # fmt: skip
