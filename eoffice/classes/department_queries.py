"""What the department keeps for all schools, with its history. Everybody may read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import RULE_SETS
from eoffice.classes.model import SchoolClass
from eoffice.classes.year_model import AssessmentTerms, RuleSetInForce, SchoolYear
from eoffice.people.model import Person


@dataclass(frozen=True, slots=True)
class YearRow:
    year: str
    begins_on: date
    first_semester_ends_on: date
    second_semester_begins_on: date
    ends_on: date
    source: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A circular for a grade, or the terms of a circular, from a school year on."""

    grade: int | None
    rule_set: str
    circular: str
    from_year: str
    source: str
    reason: str
    #: "" while nobody has.
    confirmed_by: str
    confirmed_at: datetime | None
    replaced_at: datetime | None
    #: JSON, of terms only.
    terms: str = ""


def years(session: Session) -> tuple[YearRow, ...]:
    """The newest first."""
    rows = session.scalars(select(SchoolYear).order_by(SchoolYear.year.desc()))
    return tuple(
        YearRow(
            row.year,
            row.begins_on,
            row.first_semester_ends_on,
            row.second_semester_begins_on,
            row.ends_on,
            row.source,
        )
        for row in rows
    )


def rule_sets(session: Session) -> tuple[Setting, ...]:
    """By grade, the newest first; those that were replaced behind those that hold."""
    rows = session.execute(
        select(RuleSetInForce, Person.full_name)
        .outerjoin(Person, Person.id == RuleSetInForce.confirmed_by)
        .order_by(
            RuleSetInForce.grade,
            RuleSetInForce.replaced_at.is_not(None),
            RuleSetInForce.from_year.desc(),
            RuleSetInForce.replaced_at.desc(),
        )
    )
    return tuple(_setting(row, name, row.grade, "") for row, name in rows)


def terms(session: Session) -> tuple[Setting, ...]:
    """By circular, the newest first; those that were replaced behind those that hold."""
    rows = session.execute(
        select(AssessmentTerms, Person.full_name)
        .outerjoin(Person, Person.id == AssessmentTerms.confirmed_by)
        .order_by(
            AssessmentTerms.rule_set,
            AssessmentTerms.replaced_at.is_not(None),
            AssessmentTerms.from_year.desc(),
            AssessmentTerms.replaced_at.desc(),
        )
    )
    return tuple(
        _setting(row, name, None, json.dumps(row.terms, ensure_ascii=False, indent=2))
        for row, name in rows
    )


def classes_under(session: Session, rule_set: str) -> list[tuple[str, int]]:
    """How many classes go by a circular, by school year, the newest first: as far as one may see.

    Terms that are changed from a school year on change the results of these classes from then on.
    """
    return [
        (year, count)
        for year, count in session.execute(
            select(SchoolClass.school_year, func.count())
            .where(SchoolClass.rule_set == rule_set)
            .group_by(SchoolClass.school_year)
            .order_by(SchoolClass.school_year.desc())
        )
    ]


def _setting(
    row: RuleSetInForce | AssessmentTerms, name: str | None, grade: int | None, text: str
) -> Setting:
    known = RULE_SETS.get(row.rule_set)
    return Setting(
        grade=grade,
        rule_set=row.rule_set,
        circular=row.rule_set if known is None else known.circular,
        from_year=row.from_year,
        source=row.source,
        reason=row.reason,
        confirmed_by=name or "",
        confirmed_at=row.confirmed_at,
        replaced_at=row.replaced_at,
        terms=text,
    )
