"""Sổ ghi đầu bài and sổ chủ nhiệm of a class, read from the tables.

Nobody is asked for here: the machine of books does that.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.diaries import homeroom_queries, queries
from eoffice.diaries.homeroom_rules import WANTED
from eoffice.diaries.model import Lesson
from eoffice.diaries.queries import LessonSeen, WeekSeen
from eoffice.diaries.rules import HALF_DAY_NAMES, WeekState, monday_of
from eoffice.people import queries as people
from eoffice.people.model import Person
from eoffice.registers import class_sources
from eoffice.registers.book_kinds import BookOf
from eoffice.registers.kinds.class_diary import (
    AbsentPupil,
    ClassDiary,
    DiaryLesson,
    DiaryMonth,
    DiaryWeek,
)
from eoffice.registers.kinds.homeroom_book import BookNote, BookPart, HomeroomBook


def diary(session: Session, of: BookOf, version: int, made_at: datetime) -> ClassDiary:
    """Every week from the first lesson on record to the last one that has lessons."""
    class_id = of.owned_class
    first, last = session.execute(
        select(func.min(Lesson.on_day), func.max(Lesson.on_day)).where(Lesson.class_id == class_id)
    ).one()
    weeks = []
    if first is not None and last is not None:
        monday = monday_of(first)
        while monday <= last:
            week = queries.week_of(session, class_id, monday, at=made_at)
            if week.lessons:
                weeks.append(_week(week))
            monday += timedelta(days=7)
    school_class = staff_queries.class_row(session, class_id)
    return ClassDiary(
        version=version,
        school=class_sources.school(session, of.school_id, made_at),
        school_year=of.school_year,
        class_name=school_class.name,
        homeroom_teacher=session.get_one(Person, school_class.homeroom_teacher_id).full_name,
        principal=_principal(session, of, made_at),
        weeks=tuple(weeks),
        months=tuple(DiaryMonth(*one) for one in queries.months(session, class_id)),
    )


def homeroom(session: Session, of: BookOf, version: int, made_at: datetime) -> HomeroomBook:
    """Notes in force; what was struck out is not printed."""
    class_id = of.owned_class
    school_class = staff_queries.class_row(session, class_id)
    notes = [one for one in homeroom_queries.notes_of(session, class_id) if not one.is_struck]
    return HomeroomBook(
        version=version,
        school=class_sources.school(session, of.school_id, made_at),
        school_year=of.school_year,
        class_name=school_class.name,
        homeroom_teacher=session.get_one(Person, school_class.homeroom_teacher_id).full_name,
        principal=_principal(session, of, made_at),
        parts=tuple(
            BookPart(
                wanted.title,
                wanted.about,
                wanted.outcome,
                tuple(
                    BookNote(
                        one.on, one.about, one.pupil_code, one.pupil, one.text, one.outcome,
                        one.version,
                    )
                    for one in notes
                    if one.part is part
                ),
            )
            for part, wanted in WANTED.items()
        ),
    )  # fmt: skip


def _week(week: WeekSeen) -> DiaryWeek:
    is_closed = week.state is WeekState.CLOSED
    return DiaryWeek(
        first=week.monday,
        last=week.monday + timedelta(days=6),
        lessons=tuple(_lesson(one) for one in week.lessons),
        remark=week.remark,
        closed_by=week.closed_by,
        closed_at=week.closed_at if is_closed else None,
    )


def _lesson(one: LessonSeen) -> DiaryLesson:
    return DiaryLesson(
        on=one.on,
        half=HALF_DAY_NAMES[one.place.half],
        number=one.place.number,
        subject=one.subject_name,
        plan_number=one.plan_number,
        title=one.title,
        absent=tuple(AbsentPupil(*pupil) for pupil in one.absent),
        remark=one.remark,
        rating=one.rating,
        teacher=one.teacher,
        is_substitute=one.is_substitute,
        confirmed_at=one.confirmed_at,
    )


def _principal(session: Session, of: BookOf, made_at: datetime) -> str:
    head = people.head_of(session, of.school_id, at=made_at)
    return "" if head is None else head.full_name
