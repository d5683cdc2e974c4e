"""Tables of what the department sets for all schools: school years, circulars, terms, subjects.

A row that is changed is replaced: the old one keeps the time at which it ended. Rows of a new
office are proposals, which nobody has confirmed.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.assessment.marks import SubjectKind
from eoffice.db import Base, EnumText, enum_check

_YEAR = r"from_year ~ '^\d{4}-\d{4}$'"


class SchoolYear(Base):
    """năm học: its days, as the plan of the department has them."""

    __tablename__ = "school_years"
    __table_args__ = (
        CheckConstraint(r"year ~ '^\d{4}-\d{4}$'", name="year"),
        CheckConstraint(
            "begins_on < first_semester_ends_on"
            " AND first_semester_ends_on < second_semester_begins_on"
            " AND second_semester_begins_on < ends_on",
            name="order",
        ),
    )

    year: Mapped[str] = mapped_column(primary_key=True)
    begins_on: Mapped[date]
    first_semester_ends_on: Mapped[date]
    second_semester_begins_on: Mapped[date]
    ends_on: Mapped[date]
    source: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]


class RuleSetInForce(Base):
    """From which school year a circular on assessment governs a grade."""

    __tablename__ = "rule_sets_in_force"
    __table_args__ = (
        CheckConstraint("grade BETWEEN 1 AND 12", name="grade"),
        CheckConstraint(_YEAR, name="from_year"),
        Index(
            "uq_rule_sets_in_force_now",
            "grade",
            "from_year",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    grade: Mapped[int]
    from_year: Mapped[str]
    rule_set: Mapped[str]
    source: Mapped[str]
    reason: Mapped[str]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class AssessmentTerms(Base):
    """What an officer keeps of a circular: the values that its text leaves open (`Terms`)."""

    __tablename__ = "assessment_terms"
    __table_args__ = (
        CheckConstraint(_YEAR, name="from_year"),
        Index(
            "uq_assessment_terms_now",
            "rule_set",
            "from_year",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rule_set: Mapped[str]
    from_year: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    source: Mapped[str]
    reason: Mapped[str]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]


class CurriculumSubject(Base):
    """A subject of a grade, its periods a year; a school's own row goes before the department's."""

    __tablename__ = "curriculum_subjects"
    __table_args__ = (
        CheckConstraint("grade BETWEEN 1 AND 12", name="grade"),
        CheckConstraint(_YEAR, name="from_year"),
        CheckConstraint(r"until_year ~ '^\d{4}-\d{4}$'", name="until_year"),
        enum_check("kind", SubjectKind),
        CheckConstraint("periods_per_year BETWEEN 1 AND 600", name="periods"),
        Index(
            "uq_curriculum_subjects_now",
            "grade",
            "code",
            "from_year",
            "school_id",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    grade: Mapped[int]
    code: Mapped[str]
    from_year: Mapped[str]
    #: The last school year; None without end.
    until_year: Mapped[str | None]
    #: None for what the department sets.
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    kind: Mapped[SubjectKind] = mapped_column(EnumText(SubjectKind))
    periods_per_year: Mapped[int]
    is_key: Mapped[bool]
    ordinal: Mapped[int]
    source: Mapped[str]
    reason: Mapped[str]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    confirmed_at: Mapped[datetime | None]
    replaced_at: Mapped[datetime | None]
