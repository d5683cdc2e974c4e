"""What the actions of the diary share: timetables as values, the plan of a class, records."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import terms
from eoffice.classes.model import SchoolClass
from eoffice.diaries import rules
from eoffice.diaries.model import DiarySettings, DiaryWeek, TimetableRow
from eoffice.diaries.rules import Due, HalfDay, Place, Slot, Timetable, WeekState, YearDays
from eoffice.people import working_days_queries
from eoffice.web.principal import Principal


def timetables(session: Session, class_id: UUID) -> list[Timetable]:
    """What was entered last for each day of beginning."""
    rows = session.scalars(
        select(TimetableRow).where(TimetableRow.class_id == class_id).order_by(TimetableRow.set_at)
    )
    return list({row.from_on: Timetable(row.from_on, _slots(row)) for row in rows}.values())


def lessons_due(session: Session, school_class: SchoolClass, first: date, last: date) -> list[Due]:
    """What the timetable wants from `first` to `last`, both included."""
    days = terms.days_of(session, school_class.school_year)
    year = days and YearDays(
        days.begins_on,
        days.first_semester_ends_on,
        days.second_semester_begins_on,
        days.ends_on,
    )
    days_off: Collection[date] = working_days_queries.calendar(session).days_off
    return list(
        rules.due(
            timetables(session, school_class.id), first, last, days_off=days_off, year=year or None
        )
    )


def settings_on(session: Session, school_id: UUID, day: date) -> DiarySettings | None:
    """The school's bell schedule and ratings in force on a day."""
    return session.scalar(
        select(DiarySettings)
        .where(DiarySettings.school_id == school_id, DiarySettings.from_on <= day)
        .order_by(DiarySettings.from_on.desc(), DiarySettings.set_at.desc())
        .limit(1)
    )


def week_state(week: DiaryWeek | None, at: datetime) -> WeekState:
    if week is None:
        return WeekState.OPEN
    return rules.week_state(week.closed_at, week.reopened_until, at)


def stored(slots: Sequence[Slot]) -> list[dict[str, Any]]:
    return [
        {
            "weekday": one.weekday,
            "half": one.place.half.value,
            "number": one.place.number,
            "subject": one.subject,
            "teacher": str(one.teacher_id),
        }
        for one in slots
    ]


def record(
    session: Session,
    action: str,
    school_class: SchoolClass,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    audit.record(
        session,
        action,
        object_kind="class",
        object_id=school_class.id,
        by=by,
        at=at,
        details=details,
    )


def _slots(row: TimetableRow) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            one["weekday"],
            Place(HalfDay(one["half"]), one["number"]),
            one["subject"],
            UUID(one["teacher"]),
        )
        for one in row.slots
    )
