"""How pupils of primary schools are assessed under Circular 27/2020/TT-BGDĐT ("Đ" = Điều).

Pure values. Subjects are judged in words (T, H, C), some with whole marks of tests as well;
qualities and competences in three steps. Which marks the year's levels take is `Terms`, a table
that an officer of the department confirms or changes: part of it is known only at second hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from eoffice.assessment.marks import Incomplete, MarkRefused

RULE_SET = "TT27/2020"


class Subject(StrEnum):
    """The periodic judgement of a subject or educational activity (Đ6), best first."""

    WELL_DONE = "well_done"  # T: Hoàn thành tốt
    DONE = "done"  # H: Hoàn thành
    NOT_DONE = "not_done"  # C: Chưa hoàn thành


class Trait(StrEnum):
    """The judgement of a quality (phẩm chất) or competence (năng lực), best first."""

    GOOD = "good"  # T: Tốt
    ACHIEVED = "achieved"  # Đ: Đạt
    NEEDS_EFFORT = "needs_effort"  # C: Cần cố gắng


class Period(StrEnum):
    """The four times at which a year is looked at (Đ7)."""

    MIDDLE_OF_FIRST = "middle_1"  # giữa học kì I
    END_OF_FIRST = "end_1"  # cuối học kì I
    MIDDLE_OF_SECOND = "middle_2"  # giữa học kì II
    END_OF_YEAR = "end_2"  # cuối năm học


class YearLevel(StrEnum):
    """The level of the year (Đ9), best first."""

    EXCELLENT = "excellent"  # Hoàn thành xuất sắc
    WELL_DONE = "well_done"  # Hoàn thành tốt
    DONE = "done"  # Hoàn thành
    NOT_DONE = "not_done"  # Chưa hoàn thành


class Title(StrEnum):
    """Titles at the end of the year (Đ13)."""

    EXCELLENT_PUPIL = "excellent_pupil"  # Học sinh Xuất sắc
    #: Học sinh Tiêu biểu hoàn thành tốt trong học tập và rèn luyện.
    EXEMPLARY_PUPIL = "exemplary_pupil"


#: The five qualities, as the report book names them.
QUALITIES = {
    "YEU_NUOC": "Yêu nước",
    "NHAN_AI": "Nhân ái",
    "CHAM_CHI": "Chăm chỉ",
    "TRUNG_THUC": "Trung thực",
    "TRACH_NHIEM": "Trách nhiệm",
}
#: The three general competences, then the seven of particular fields.
COMPETENCES = {
    "TU_CHU": "Tự chủ và tự học",
    "GIAO_TIEP": "Giao tiếp và hợp tác",
    "GIAI_QUYET": "Giải quyết vấn đề và sáng tạo",
    "NGON_NGU": "Ngôn ngữ",
    "TINH_TOAN": "Tính toán",
    "KHOA_HOC": "Khoa học",
    "CONG_NGHE": "Công nghệ",
    "TIN_HOC": "Tin học",
    "THAM_MI": "Thẩm mĩ",
    "THE_CHAT": "Thể chất",
}


@dataclass(frozen=True, slots=True)
class Standard:
    """What a level of the year takes."""

    level: YearLevel
    #: No subject, quality or competence is judged lower.
    lowest_subject: Subject
    lowest_trait: Trait
    #: No test at the end of the year has a lower mark.
    lowest_test: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What the levels of the year take, the highest first; whoever meets none is not done."""

    standards: Sequence[Standard]


@dataclass(frozen=True, slots=True)
class Year:
    """All that the level of the year is judged from; None where nothing was entered."""

    subjects: Mapping[str, Subject | None]
    traits: Mapping[str, Trait | None]
    #: Subject code -> mark of the test at the end of the year.
    tests: Mapping[str, int | None]


def whole_mark(value: int) -> int:
    """A mark of a periodic test: a whole number from 0 to 10. Raises MarkRefused."""
    if isinstance(value, bool) or not 0 <= value <= 10:
        raise MarkRefused("Điểm kiểm tra định kì phải là số nguyên từ 0 đến 10.")
    return value


def subjects_tested(grade: int, period: Period, taught: Collection[str]) -> frozenset[str]:
    """The subjects, of those taught, that have a written test at that time (Đ7.1b, c)."""
    if period in (Period.END_OF_FIRST, Period.END_OF_YEAR):
        return _TESTED_AT_THE_END & frozenset(taught)
    return _TESTED_IN_THE_MIDDLE & frozenset(taught) if grade in (4, 5) else frozenset()


#: Schools write some of the codes in full and some short.
_TESTED_AT_THE_END = frozenset(
    {"TIENG_VIET", "TV", "TOAN", "NN1", "LSDL", "KHOA_HOC", "KH", "TIN_CN", "THCN"}
)
_TESTED_IN_THE_MIDDLE = frozenset({"TIENG_VIET", "TV", "TOAN"})


def year_level(year: Year, terms: Terms) -> YearLevel | Incomplete:
    """The level of the year (Đ9). Incomplete, naming what is open, until everything is judged."""
    given: dict[str, object | None] = {
        **year.subjects,
        **year.traits,
        **{f"test_{code}": mark for code, mark in year.tests.items()},
    }
    unfinished = tuple(name for name, value in given.items() if value is None)
    if unfinished or not year.subjects:
        return Incomplete(unfinished)
    for standard in terms.standards:
        if _meets(year, standard):
            return standard.level
    return YearLevel.NOT_DONE


def is_promoted(level: YearLevel) -> bool:
    """Đ11: whoever is not done is helped and assessed again; the principal then decides."""
    return level is not YearLevel.NOT_DONE


def title(level: YearLevel, *, is_chosen: bool) -> Title | None:
    """The title of the year, if any.

    `is_chosen`: the class agrees that a pupil at "Hoàn thành tốt" stands out in a subject or has
    made marked progress in a quality or competence.
    """
    if level is YearLevel.EXCELLENT:
        return Title.EXCELLENT_PUPIL
    return Title.EXEMPLARY_PUPIL if level is YearLevel.WELL_DONE and is_chosen else None


def _meets(year: Year, standard: Standard) -> bool:
    subjects, traits = list(Subject), list(Trait)
    return (
        all(
            subjects.index(one) <= subjects.index(standard.lowest_subject)
            for one in year.subjects.values()
            if one is not None
        )
        and all(
            traits.index(one) <= traits.index(standard.lowest_trait)
            for one in year.traits.values()
            if one is not None
        )
        and all(mark >= standard.lowest_test for mark in year.tests.values() if mark is not None)
    )
