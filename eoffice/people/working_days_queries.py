"""The calendar of working days as operators keep it. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import extract, select
from sqlalchemy.orm import Session

from eoffice.people import working_days
from eoffice.people.model import CalendarDay, Person
from eoffice.people.working_days import Calendar, DayKind


@dataclass(frozen=True, slots=True)
class DaySet:
    """A day that a decision set, and who entered it."""

    day: date
    kind: DayKind
    name: str
    decision: str
    recorded_by: str
    recorded_at: datetime


def calendar(session: Session) -> Calendar:
    """All that decisions say, of every year: a few dozen rows for each."""
    rows = session.execute(select(CalendarDay.day, CalendarDay.kind)).all()
    return working_days.calendar_of((row.day, row.kind) for row in rows)


def days_of(session: Session, year: int) -> tuple[DaySet, ...]:
    """The days of a year that decisions set, in their order."""
    rows = session.execute(
        select(CalendarDay, Person.full_name)
        .join(Person, Person.id == CalendarDay.recorded_by)
        .where(extract("year", CalendarDay.day) == year)
        .order_by(CalendarDay.day)
    )
    return tuple(
        DaySet(
            row.CalendarDay.day,
            row.CalendarDay.kind,
            row.CalendarDay.name,
            row.CalendarDay.decision,
            row.full_name,
            row.CalendarDay.recorded_at,
        )
        for row in rows
    )


def years(session: Session) -> tuple[int, ...]:
    """The years of which something is known, latest first."""
    year = extract("year", CalendarDay.day)
    return tuple(
        int(each) for each in session.scalars(select(year).distinct().order_by(year.desc()))
    )
