"""What all circulars on assessment share: marks, exact rounding, and results not there yet.

Pure values. Marks are decimals, averages exact quotients until the one rounding that a circular
asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from eoffice.errors import Invalid

TENTH = Decimal("0.1")
LOWEST_MARK = Decimal("0.0")
HIGHEST_MARK = Decimal("10.0")


class MarkRefused(Invalid):
    """A mark is a number from 0 to 10, whole or with one decimal."""


class SubjectKind(StrEnum):
    """How a subject is assessed (Đ5)."""

    SCORED = "scored"  # đánh giá bằng nhận xét kết hợp điểm số
    COMMENT = "comment"  # đánh giá bằng nhận xét


class Semester(StrEnum):
    FIRST = "1"  # học kì I
    SECOND = "2"  # học kì II


class Part(StrEnum):
    """What a mark of a pupil in a subject and semester stands for, over all circulars."""

    #: ĐĐGtx
    REGULAR = "regular"
    #: ĐĐGgk; in primary schools what is judged in the middle of a semester.
    MIDTERM = "midterm"
    #: ĐĐGck, KThk; in primary schools what is judged at the end of a semester.
    FINAL = "final"
    #: KTtx of Circular 58: kiểm tra miệng
    ORAL = "oral"
    #: KTtx of Circular 58: kiểm tra viết dưới 1 tiết, thực hành dưới 1 tiết
    WRITTEN = "written"
    #: KTđk of Circular 58: kiểm tra từ 1 tiết trở lên
    PERIODIC = "periodic"
    #: Kết quả chuyên đề học tập
    TOPIC = "topic"
    #: Điểm KTĐK in primary schools, beside what is judged at the same time.
    MIDTERM_TEST = "midterm_test"
    FINAL_TEST = "final_test"
    #: The semester's result as a whole, in place of the marks: brought from another school, or M.
    STATED = "stated"
    #: Đánh giá lại, kiểm tra lại: the year's result anew, kept with semester II.
    REASSESSED = "reassessed"
    REASSESSED_TEST = "reassessed_test"


class Verdict(StrEnum):
    """What is said in a word where there is no mark."""

    PASSED = "passed"  # Đ: Đạt
    FAILED = "failed"  # CĐ: Chưa đạt
    #: M: the pupil is exempted. In every circular.
    EXEMPT = "exempt"
    #: The three of primary schools.
    WELL_DONE = "well_done"  # T: Hoàn thành tốt
    DONE = "done"  # H: Hoàn thành
    NOT_DONE = "not_done"  # C: Chưa hoàn thành


@dataclass(frozen=True, slots=True)
class Incomplete:
    """No result yet: what it needs is not there. `missing` names it, in the order of the book."""

    missing: tuple[str, ...]


Value = Decimal | Verdict
#: A result, or what it waits for.
Result = Decimal | Verdict | Incomplete


def mark(value: Decimal) -> Decimal:
    """`value` as a mark with exactly one decimal place.

    Đ5.3b: a scale of 10; a mark is whole or has one decimal after rounding.
    Raises MarkRefused.
    """
    if not value.is_finite() or not LOWEST_MARK <= value <= HIGHEST_MARK:
        raise MarkRefused("Điểm phải nằm trong thang điểm từ 0 đến 10.")
    if value != value.quantize(TENTH):
        raise MarkRefused("Điểm chỉ có nhiều nhất một chữ số thập phân.")
    return value.quantize(TENTH).copy_abs()


def round_half_up(total: Decimal, divisor: int) -> Decimal:
    """`total` / `divisor` with one decimal, exactly, a tie away from zero: 66/8 = 8.25 is 8.3.

    Neither is negative. Binary floats and rounding half to even both give 8.2 there; ties occur
    with three regular marks, where the divisor is 8.
    """
    numerator, denominator = total.as_integer_ratio()
    whole = denominator * divisor
    return Decimal((20 * numerator + whole) // (2 * whole)) * TENTH
