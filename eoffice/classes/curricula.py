"""The subjects of a grade in a school year: what the department sets, with a school's own changes.

Read only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import SubjectKind
from eoffice.classes.year_model import CurriculumSubject


@dataclass(frozen=True, slots=True)
class GradeSubject:
    """A subject as it is taught in a grade."""

    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    is_key: bool
    #: Whether the school has it otherwise than the department.
    is_own: bool
    source: str
    is_confirmed: bool


def of_grade(
    session: Session, grade: int, school_year: str, school_id: UUID | None = None
) -> tuple[GradeSubject, ...]:
    """In the order of the books."""
    rows = session.scalars(
        select(CurriculumSubject).where(
            CurriculumSubject.grade == grade,
            CurriculumSubject.from_year <= school_year,
            or_(
                CurriculumSubject.until_year.is_(None),
                CurriculumSubject.until_year >= school_year,
            ),
            or_(CurriculumSubject.school_id.is_(None), CurriculumSubject.school_id == school_id),
            CurriculumSubject.replaced_at.is_(None),
        )
    ).all()
    return _in_force(rows)


def _in_force(rows: Sequence[CurriculumSubject]) -> tuple[GradeSubject, ...]:
    """Of each code the school's row, and of several the one that begins last."""
    chosen: dict[str, CurriculumSubject] = {}
    for row in sorted(rows, key=lambda row: (row.school_id is not None, row.from_year)):
        chosen[row.code] = row
    return tuple(
        GradeSubject(
            code=row.code,
            name=row.name,
            kind=row.kind,
            periods_per_year=row.periods_per_year,
            is_key=row.is_key,
            is_own=row.school_id is not None,
            source=row.source,
            is_confirmed=row.confirmed_at is not None,
        )
        for row in sorted(chosen.values(), key=lambda row: (row.ordinal, row.code))
    )
