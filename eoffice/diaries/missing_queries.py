"""Lessons of a school until today that nobody signed off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.classes.model import ClassSubject
from eoffice.clock import civil_date
from eoffice.diaries import keeping, queries
from eoffice.diaries.model import Lesson
from eoffice.diaries.rules import Place
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Missing:
    class_id: UUID
    class_name: str
    on: date
    place: Place
    subject: str
    #: Who began to write the lesson; the teacher of the timetable where nobody did.
    teacher: str
    is_begun: bool


def missing(
    session: Session,
    who: Principal,
    first: date,
    last: date,
    *,
    at: datetime,
    class_id: UUID | None = None,
) -> list[Missing]:
    """Leaders see those of the whole school, others those of their own lessons and homeroom class.

    Both days included, in one school year: that of `last`. A lesson of today counts when the day
    is over. The number of queries does not grow with the classes.
    """
    leads = staff_queries.actor(who).kind in class_rules.LEADERS
    classes = [
        one
        for one in queries.classes_with_timetable(session, who.agency_id, last)
        if class_id in (None, one.id)
    ]
    if not classes:
        return []
    before_today = date.fromordinal(civil_date(at).toordinal() - 1)
    plans = keeping.lessons_due_of(session, classes, first, min(last, before_today))
    rows = {
        (row.class_id, row.on_day, Place(row.half, row.number)): row
        for row in session.scalars(
            select(Lesson).where(
                Lesson.class_id.in_(plans.keys()), Lesson.on_day.between(first, last)
            )
        )
    }
    found = []
    for school_class in classes:
        for due in plans[school_class.id]:
            row = rows.get((school_class.id, due.on, due.slot.place))
            if row is not None and row.confirmed_at is not None:
                continue
            subject = row.subject_code if row else due.slot.subject
            teacher_id = row.teacher_id if row else due.slot.teacher_id
            if leads or who.person_id in (teacher_id, school_class.homeroom_teacher_id):
                found.append((school_class, due, subject, teacher_id, row is not None))
    names = queries.names_of(session, {teacher_id for _, _, _, teacher_id, _ in found})
    subjects = {
        (owner, code): name
        for owner, code, name in session.execute(
            select(ClassSubject.class_id, ClassSubject.code, ClassSubject.name).where(
                ClassSubject.class_id.in_(plans.keys())
            )
        )
    }
    return [
        Missing(
            class_id=school_class.id,
            class_name=school_class.name,
            on=due.on,
            place=due.slot.place,
            subject=subjects.get((school_class.id, subject), subject),
            teacher=names[teacher_id],
            is_begun=is_begun,
        )
        for school_class, due, subject, teacher_id, is_begun in found
    ]
