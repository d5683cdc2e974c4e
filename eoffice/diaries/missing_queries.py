"""Lessons of a school until today that nobody signed off, and weeks that nobody closed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.classes.model import ClassSubject
from eoffice.clock import civil_date
from eoffice.diaries import keeping, queries, rules
from eoffice.diaries.model import DiaryWeek, Lesson
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
    teacher_id: UUID
    is_begun: bool


@dataclass(frozen=True, slots=True)
class OpenWeek:
    """A week whose lessons are over and which its homeroom teacher did not close."""

    class_id: UUID
    class_name: str
    monday: date
    homeroom_teacher: str
    #: Lessons that nobody signed off.
    missing: int


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
            teacher_id=teacher_id,
            is_begun=is_begun,
        )
        for school_class, due, subject, teacher_id, is_begun in found
    ]


def open_weeks(
    session: Session,
    who: Principal,
    first: date,
    last: date,
    *,
    at: datetime,
    class_id: UUID | None = None,
) -> list[OpenWeek]:
    """Leaders see those of the whole school, homeroom teachers those of their class.

    Weeks that have a day from `first` to `last`, in one school year: that of `last`; those of the
    oldest week first. The number of queries does not grow with the classes.
    """
    leads = staff_queries.actor(who).kind in class_rules.LEADERS
    classes = [
        one
        for one in queries.classes_with_timetable(session, who.agency_id, last)
        if class_id in (None, one.id) and (leads or one.homeroom_teacher_id == who.person_id)
    ]
    if not classes:
        return []
    begins, ends = rules.monday_of(first), rules.monday_of(last) + timedelta(days=6)
    plans = keeping.lessons_due_of(session, classes, begins, ends)
    confirmed = {
        (row.class_id, row.on_day, Place(row.half, row.number))
        for row in session.scalars(
            select(Lesson).where(
                Lesson.class_id.in_(plans.keys()),
                Lesson.on_day.between(begins, ends),
                Lesson.confirmed_at.is_not(None),
            )
        )
    }
    closed = {
        (one_class, monday)
        for one_class, monday in session.execute(
            select(DiaryWeek.class_id, DiaryWeek.monday).where(
                DiaryWeek.class_id.in_(plans.keys()), DiaryWeek.monday.between(begins, ends)
            )
        )
    }
    names = queries.names_of(session, {one.homeroom_teacher_id for one in classes})
    found = []
    for school_class in classes:
        weeks: defaultdict[date, list[rules.Due]] = defaultdict(list)
        for due in plans[school_class.id]:
            weeks[rules.monday_of(due.on)].append(due)
        found += [
            OpenWeek(
                class_id=school_class.id,
                class_name=school_class.name,
                monday=monday,
                homeroom_teacher=names[school_class.homeroom_teacher_id],
                missing=sum(
                    (school_class.id, one.on, one.slot.place) not in confirmed for one in dues
                ),
            )
            for monday, dues in weeks.items()
            if (school_class.id, monday) not in closed
            and max(one.on for one in dues) < civil_date(at)
        ]
    return sorted(found, key=lambda one: (one.monday, one.class_name))
