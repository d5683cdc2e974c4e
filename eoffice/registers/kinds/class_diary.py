"""Sổ ghi đầu bài of a class and school year: lessons week by week, closes, monthly inspections."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from eoffice.registers.kinds.parts import School

FORMAT: Final = "eoffice-class-diary/1"


@dataclass(frozen=True, slots=True)
class AbsentPupil:
    code: str
    name: str
    excused: bool


@dataclass(frozen=True, slots=True)
class DiaryLesson:
    on: date
    #: "Sáng" or "Chiều".
    half: str
    number: int
    subject: str
    #: tiết PPCT
    plan_number: int | None
    title: str
    absent: tuple[AbsentPupil, ...]
    remark: str
    rating: str
    teacher: str
    is_substitute: bool
    #: When the teacher signed the lesson off with their account.
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DiaryWeek:
    #: Monday and Sunday.
    first: date
    last: date
    lessons: tuple[DiaryLesson, ...]
    remark: str
    closed_by: str
    #: None while the week is written, or written again.
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DiaryMonth:
    #: The first day of the month.
    month: date
    text: str
    inspected_by: str


@dataclass(frozen=True, slots=True)
class ClassDiary:
    version: int
    school: School
    school_year: str
    class_name: str
    homeroom_teacher: str
    principal: str
    weeks: tuple[DiaryWeek, ...]
    months: tuple[DiaryMonth, ...]


@dataclass(frozen=True, slots=True)
class DiaryTotals:
    lessons: int
    confirmed: int
    substituted: int
    #: Lessons missed by pupils.
    with_leave: int
    without_leave: int


@dataclass(frozen=True, slots=True)
class DiaryResults:
    weeks: tuple[DiaryTotals, ...]
    year: DiaryTotals


def compute(book: ClassDiary) -> DiaryResults:
    return DiaryResults(
        tuple(_totals(week.lessons) for week in book.weeks),
        _totals(lesson for week in book.weeks for lesson in week.lessons),
    )


def gaps(book: ClassDiary) -> list[str]:
    """The diary is signed when each of its weeks is closed."""
    return [
        f"Tuần từ {week.first:%d/%m/%Y} chưa chốt" for week in book.weeks if week.closed_at is None
    ]


def _totals(lessons: Iterable[DiaryLesson]) -> DiaryTotals:
    every = list(lessons)
    absent = [pupil.excused for lesson in every for pupil in lesson.absent]
    return DiaryTotals(
        lessons=len(every),
        confirmed=sum(one.confirmed_at is not None for one in every),
        substituted=sum(one.is_substitute for one in every),
        with_leave=sum(absent),
        without_leave=len(absent) - sum(absent),
    )
