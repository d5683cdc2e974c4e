"""What all circulars on assessment share: marks, exact rounding, and results not there yet.

Pure values. Marks are decimals, averages exact fractions until the one rounding that a circular
asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

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


class Verdict(StrEnum):
    """The two levels of a comment subject, and the pupil who is exempted from it."""

    PASSED = "passed"  # Đạt
    FAILED = "failed"  # Chưa đạt
    EXEMPT = "exempt"  # Miễn


@dataclass(frozen=True, slots=True)
class Incomplete:
    """No result yet: what it needs is not there. `missing` names it, in the order of the book."""

    missing: tuple[str, ...]


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


def round_half_up(exact: Fraction) -> Decimal:
    """A non-negative fraction with one decimal, a tie away from zero: 8.25 becomes 8.3.

    Binary floats and rounding half to even both give 8.2 there; ties occur with three regular
    marks, where the divisor is 8.
    """
    return Decimal((exact * 20 + 1) // 2) * TENTH
