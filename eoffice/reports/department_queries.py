"""What the department has set for report books, with its history. Everybody may read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import Person
from eoffice.reports import rules
from eoffice.reports.model import ReportDeadline, ReportRule
from eoffice.reports.rules import DayOfYear, Deadline, Due, SubjectsSign


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs in the report books of a school year."""

    subjects_sign: SubjectsSign
    deputy_may_sign: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """From when a value holds, where it comes from, who confirmed it, until when it held."""

    from_year: str
    source: str
    reason: str
    #: "" while nobody has.
    confirmed_by: str
    confirmed_at: datetime | None
    replaced_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    signing: Signing
    origin: Origin


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    kind: Deadline
    day: DayOfYear
    origin: Origin


def signing(session: Session, school_year: str) -> Signing:
    """What holds in a school year: the newest that began by then."""
    row = session.scalars(
        select(ReportRule)
        .where(ReportRule.replaced_at.is_(None), ReportRule.from_year <= school_year)
        .order_by(ReportRule.from_year.desc())
        .limit(1)
    ).one()
    return Signing(row.subjects_sign, row.deputy_may_sign)


def due(session: Session, school_year: str) -> Mapping[Deadline, Due]:
    """The days of a school year."""
    rows = session.scalars(
        select(ReportDeadline)
        .where(ReportDeadline.replaced_at.is_(None), ReportDeadline.from_year <= school_year)
        .order_by(ReportDeadline.from_year)
    )
    # The newest of each kind comes last and stays.
    return {row.kind: rules.due(_day(row), school_year) for row in rows}


def rule_rows(session: Session) -> tuple[RuleRow, ...]:
    """What holds first, the newest year first; then what was replaced."""
    rows = session.execute(
        select(ReportRule, Person.full_name)
        .outerjoin(Person, Person.id == ReportRule.confirmed_by)
        .order_by(
            ReportRule.replaced_at.is_not(None),
            ReportRule.from_year.desc(),
            ReportRule.replaced_at.desc(),
        )
    )
    return tuple(
        RuleRow(Signing(row.subjects_sign, row.deputy_may_sign), _origin(row, name))
        for row, name in rows
    )


def deadline_rows(session: Session) -> tuple[DeadlineRow, ...]:
    """The same of the deadlines."""
    rows = session.execute(
        select(ReportDeadline, Person.full_name)
        .outerjoin(Person, Person.id == ReportDeadline.confirmed_by)
        .order_by(
            ReportDeadline.replaced_at.is_not(None),
            ReportDeadline.from_year.desc(),
            ReportDeadline.month,
            ReportDeadline.day,
            ReportDeadline.replaced_at.desc(),
        )
    )
    return tuple(DeadlineRow(row.kind, _day(row), _origin(row, name)) for row, name in rows)


def _day(row: ReportDeadline) -> DayOfYear:
    return DayOfYear(row.month, row.day, row.warn_days)


def _origin(row: ReportRule | ReportDeadline, name: str | None) -> Origin:
    return Origin(
        row.from_year,
        row.source,
        row.reason,
        name or "",
        row.confirmed_at,
        row.replaced_at,
    )
