"""Which circular governs a grade in a school year, under which terms; the days of the school year.

Read only. Everybody goes by what the department keeps.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes.year_model import AssessmentTerms, RuleSetInForce, SchoolYear
from eoffice.errors import Invalid


class NotGoverned(Invalid):
    """No circular on assessment is on record for this grade and school year."""


class TermsMissing(Invalid):
    """The department keeps no terms of this circular for this school year."""


def rule_set_of(session: Session, grade: int, school_year: str) -> str:
    """The name of the circular in force: "TT22/2021". Raises NotGoverned."""
    found = session.scalar(
        select(RuleSetInForce.rule_set)
        .where(
            RuleSetInForce.grade == grade,
            RuleSetInForce.from_year <= school_year,
            RuleSetInForce.replaced_at.is_(None),
        )
        .order_by(RuleSetInForce.from_year.desc())
        .limit(1)
    )
    if found is None:
        raise NotGoverned(
            f"Chưa có quy định đánh giá học sinh khối {grade} cho năm học {school_year}. "
            "Sở Giáo dục và Đào tạo ghi ở trang Quy định đánh giá."
        )
    return found


def of_year(session: Session, rule_set: str, school_year: str) -> dict[str, Any]:
    """The terms of a circular in a school year, as JSON values. Raises TermsMissing."""
    found: dict[str, Any] | None = session.scalar(
        select(AssessmentTerms.terms)
        .where(
            AssessmentTerms.rule_set == rule_set,
            AssessmentTerms.from_year <= school_year,
            AssessmentTerms.replaced_at.is_(None),
        )
        .order_by(AssessmentTerms.from_year.desc())
        .limit(1)
    )
    if found is None:
        raise TermsMissing(f"Chưa có bảng quy định của {rule_set} cho năm học {school_year}.")
    return found


def days_of(session: Session, school_year: str) -> SchoolYear | None:
    """Beginning, end and semesters; None until the department has entered them."""
    return session.get(SchoolYear, school_year)
