"""The diary as it is read: a week, a teacher's day, what is missing, who was absent.

Who may read is decided by the rules of classes; nobody is asked for in `daily_absences`, whose
callers ask themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from eoffice.classes import queries as classes
from eoffice.classes import staff_queries
from eoffice.classes.model import ClassSubject, Pupil, SchoolClass
from eoffice.diaries import binding, keeping, rules
from eoffice.diaries.binding import Bound
from eoffice.diaries.model import DiaryMonth, DiaryWeek, Lesson, LessonDeletion, TimetableRow
from eoffice.diaries.rules import HalfDay, Place, WeekState
from eoffice.people.model import Person
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class LessonSeen:
    """A line of the diary, written or due."""

    class_id: UUID
    class_name: str
    on: date
    place: Place
    subject: str
    subject_name: str
    #: Who taught it; the teacher of the timetable while nothing is written.
    teacher_id: UUID
    teacher: str
    is_substitute: bool
    plan_number: int | None
    title: str
    remark: str
    rating: str
    #: Code and name of the pupil, and whether with leave.
    absent: tuple[tuple[str, str, bool], ...]
    is_written: bool
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeletedLesson:
    """A line that was written by mistake and taken out."""

    on: date
    place: Place
    subject: str
    title: str
    #: Who had written it.
    teacher: str
    because: str
    deleted_by: str
    deleted_at: datetime


@dataclass(frozen=True, slots=True)
class WeekSeen:
    class_id: UUID
    class_name: str
    school_year: str
    monday: date
    state: WeekState
    remark: str
    closed_by: str
    closed_at: datetime | None
    reopened_because: str
    reopened_until: datetime | None
    lessons: tuple[LessonSeen, ...]
    deleted: tuple[DeletedLesson, ...]
    #: The signed book that has the week.
    book: Bound | None

    @property
    def missing(self) -> int:
        """How many lessons are not signed off."""
        return sum(one.confirmed_at is None for one in self.lessons)

    @property
    def absences(self) -> tuple[int, int]:
        """Lessons missed with and without leave."""
        every = [leave for one in self.lessons for _, _, leave in one.absent]
        return sum(every), len(every) - sum(every)


@dataclass(frozen=True, slots=True)
class AbsentHalfDay:
    """A pupil who missed a lesson of that half of the day; with leave where every one was."""

    pupil_code: str
    on: date
    half: HalfDay
    excused: bool


def week(session: Session, who: Principal, class_id: UUID, day: date, *, at: datetime) -> WeekSeen:
    """The week of the diary that has `day`. Raises ClassUnknown, NotOfTheClass."""
    staff_queries.require_reader(who, staff_queries.staff(session, class_id))
    return week_of(session, class_id, day, at=at)


def week_of(session: Session, class_id: UUID, day: date, *, at: datetime) -> WeekSeen:
    """The same, for those who have asked already."""
    school_class = staff_queries.class_row(session, class_id)
    monday = rules.monday_of(day)
    row = session.get(DiaryWeek, (class_id, monday))
    closer = row and session.get(Person, row.closed_by)
    return WeekSeen(
        class_id=class_id,
        class_name=school_class.name,
        school_year=school_class.school_year,
        monday=monday,
        state=keeping.week_state(row, at),
        remark=row.remark if row else "",
        closed_by=closer.full_name if closer else "",
        closed_at=row.closed_at if row else None,
        reopened_because=(row.reopened_because or "") if row else "",
        reopened_until=row.reopened_until if row else None,
        lessons=lessons(session, school_class, monday, monday + timedelta(days=6)),
        deleted=deleted(session, class_id, monday, monday + timedelta(days=6)),
        book=binding.book_with(session, class_id, row.closed_at if row else None),
    )


def deleted(session: Session, class_id: UUID, first: date, last: date) -> tuple[DeletedLesson, ...]:
    """Lines of these days that were taken out, in the order in which that was done."""
    writer, deleter = aliased(Person), aliased(Person)
    rows = session.execute(
        select(LessonDeletion, ClassSubject.name, writer.full_name, deleter.full_name)
        .join(writer, writer.id == LessonDeletion.teacher_id)
        .join(deleter, deleter.id == LessonDeletion.deleted_by)
        .outerjoin(
            ClassSubject,
            (ClassSubject.class_id == LessonDeletion.class_id)
            & (ClassSubject.code == LessonDeletion.subject_code),
        )
        .where(LessonDeletion.class_id == class_id, LessonDeletion.on_day.between(first, last))
        .order_by(LessonDeletion.deleted_at, LessonDeletion.id)
    )
    return tuple(
        DeletedLesson(
            on=row.on_day,
            place=Place(row.half, row.number),
            subject=subject or row.subject_code,
            title=row.title,
            teacher=teacher,
            because=row.because,
            deleted_by=by,
            deleted_at=row.deleted_at,
        )
        for row, subject, teacher, by in rows
    )


def lessons(
    session: Session, school_class: SchoolClass, first: date, last: date
) -> tuple[LessonSeen, ...]:
    """What is written and what is due, in the order of the book."""
    names = dict(
        session.execute(
            select(ClassSubject.code, ClassSubject.name).where(
                ClassSubject.class_id == school_class.id
            )
        ).all()
    )
    rows = session.scalars(
        select(Lesson).where(Lesson.class_id == school_class.id, Lesson.on_day.between(first, last))
    ).all()
    written = {(row.on_day, Place(row.half, row.number)): row for row in rows}
    due = rules.missing(keeping.lessons_due(session, school_class, first, last), written.keys())
    people = names_of(
        session, {row.teacher_id for row in rows} | {one.slot.teacher_id for one in due}
    )
    pupils = _pupils(session, {UUID(one) for row in rows for one in row.absent})
    found = [
        LessonSeen(
            class_id=school_class.id,
            class_name=school_class.name,
            on=row.on_day,
            place=Place(row.half, row.number),
            subject=row.subject_code,
            subject_name=names.get(row.subject_code, row.subject_code),
            teacher_id=row.teacher_id,
            teacher=people[row.teacher_id],
            is_substitute=row.is_substitute,
            plan_number=row.plan_number,
            title=row.title,
            remark=row.remark,
            rating=row.rating,
            absent=tuple((*pupils[UUID(one)], leave) for one, leave in row.absent.items()),
            is_written=True,
            confirmed_at=row.confirmed_at,
        )
        for row in rows
    ]
    found += [
        LessonSeen(
            class_id=school_class.id,
            class_name=school_class.name,
            on=one.on,
            place=one.slot.place,
            subject=one.slot.subject,
            subject_name=names.get(one.slot.subject, one.slot.subject),
            teacher_id=one.slot.teacher_id,
            teacher=people[one.slot.teacher_id],
            is_substitute=False,
            plan_number=None,
            title="",
            remark="",
            rating="",
            absent=(),
            is_written=False,
            confirmed_at=None,
        )
        for one in due
    ]
    return tuple(sorted(found, key=_in_order))


def mine(session: Session, who: Principal, first: date, last: date) -> list[LessonSeen]:
    """The acting person's lessons of some days in all classes of the school, written or due."""
    found = [
        one
        for school_class in classes_with_timetable(session, who.agency_id, last)
        for one in lessons(session, school_class, first, last)
        if one.teacher_id == who.person_id
    ]
    return sorted(found, key=_in_order)


def instead(session: Session, who: Principal, class_id: UUID, day: date) -> list[LessonSeen]:
    """Lessons of a class of the school that nobody wrote yet, for whoever takes them over."""
    return [
        replace(one, is_substitute=True)
        for school_class in classes_with_timetable(session, who.agency_id, day)
        if school_class.id == class_id
        for one in lessons(session, school_class, day, day)
        if not one.is_written and one.teacher_id != who.person_id
    ]


def planned_classes(session: Session, who: Principal, day: date) -> list[tuple[UUID, str]]:
    """The classes of the school that have a timetable."""
    rows = classes_with_timetable(session, who.agency_id, day)
    return [(row.id, row.name) for row in rows]


def next_plan_number(session: Session, class_id: UUID, subject: str) -> int:
    """What the form proposes as tiết PPCT: the highest that was written, and one."""
    last = session.scalar(
        select(func.max(Lesson.plan_number)).where(
            Lesson.class_id == class_id, Lesson.subject_code == subject
        )
    )
    return rules.next_plan_number(last)


def daily_absences(
    session: Session, class_id: UUID, first: date, last: date
) -> list[AbsentHalfDay]:
    """What lessons say of attendance, for whoever keeps it; nothing of this is stored twice."""
    rows = session.scalars(
        select(Lesson).where(Lesson.class_id == class_id, Lesson.on_day.between(first, last))
    )
    seen: dict[tuple[str, date, HalfDay], list[bool]] = defaultdict(list)
    for row in rows:
        for pupil, leave in row.absent.items():
            seen[pupil, row.on_day, row.half].append(leave)
    codes = {str(one.id): one.code for one in classes.pupils_of(session, class_id)}
    return sorted(
        (
            AbsentHalfDay(codes[pupil], day, half, all(leaves))
            for (pupil, day, half), leaves in seen.items()
            if pupil in codes
        ),
        key=lambda one: (one.on, one.half is HalfDay.AFTERNOON, one.pupil_code),
    )


def months(session: Session, class_id: UUID) -> Sequence[tuple[date, str, str]]:
    """Month, remark and name of who inspected it."""
    return [
        (row.month, row.text, name)
        for row, name in session.execute(
            select(DiaryMonth, Person.full_name)
            .join(Person, Person.id == DiaryMonth.written_by)
            .where(DiaryMonth.class_id == class_id)
            .order_by(DiaryMonth.month)
        )
    ]


def classes_with_timetable(session: Session, school_id: UUID, day: date) -> Sequence[SchoolClass]:
    """Of the school year of the day; a year begins in July."""
    begins = day.year if day.month >= 7 else day.year - 1
    return session.scalars(
        select(SchoolClass)
        .where(
            SchoolClass.school_id == school_id,
            SchoolClass.school_year == f"{begins}-{begins + 1}",
            SchoolClass.id.in_(select(TimetableRow.class_id)),
        )
        .order_by(SchoolClass.grade, SchoolClass.name)
    ).all()


def names_of(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(Person.id, Person.full_name).where(Person.id.in_(ids)))
    return dict(rows.all())


def _pupils(session: Session, ids: set[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(select(Pupil.id, Pupil.code, Pupil.name).where(Pupil.id.in_(ids)))
    return {pupil_id: (code, name) for pupil_id, code, name in rows}


def _in_order(one: LessonSeen) -> tuple[date, bool, int, str]:
    return one.on, one.place.half is HalfDay.AFTERNOON, one.place.number, one.class_name
