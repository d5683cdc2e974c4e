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
from eoffice.diaries.model import DiarySettings, DiaryWeek, Lesson, TimetableRow
from eoffice.diaries.rules import Due, HalfDay, Place, Slot, Timetable, WeekState, YearDays
from eoffice.people import working_days_queries
from eoffice.web.principal import Principal


def lessons_due(session: Session, school_class: SchoolClass, first: date, last: date) -> list[Due]:
    """What the timetable wants from `first` to `last`, both included."""
    return lessons_due_of(session, [school_class], first, last)[school_class.id]


def lessons_due_of(
    session: Session, school_classes: Sequence[SchoolClass], first: date, last: date
) -> dict[UUID, list[Due]]:
    """The same of classes of one school year, asked at once."""
    rows = session.scalars(
        select(TimetableRow)
        .where(TimetableRow.class_id.in_([one.id for one in school_classes]))
        .order_by(TimetableRow.set_at)
    )
    tables: dict[UUID, dict[date, Timetable]] = {one.id: {} for one in school_classes}
    for row in rows:
        tables[row.class_id][row.from_on] = Timetable(row.from_on, _slots(row))
    days_off: Collection[date] = working_days_queries.calendar(session).days_off
    year = (school_classes and _days(session, school_classes[0].school_year)) or None
    return {
        class_id: list(rules.due([*found.values()], first, last, days_off=days_off, year=year))
        for class_id, found in tables.items()
    }


def _days(session: Session, school_year: str) -> YearDays | None:
    days = terms.days_of(session, school_year)
    if days is None:
        return None
    return YearDays(
        days.begins_on,
        days.first_semester_ends_on,
        days.second_semester_begins_on,
        days.ends_on,
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


def told(row: Lesson) -> dict[str, object]:
    """What the log says of a line; of pupils only how many were absent."""
    return {
        "subject": row.subject_code,
        "plan_number": row.plan_number,
        "title": row.title,
        "remark": row.remark,
        "rating": row.rating,
        "absent": len(row.absent),
    }


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
