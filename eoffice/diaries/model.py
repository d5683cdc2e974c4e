"""Tables of what is written down of a class week by week.

Every row carries the school it belongs to, by which row-level security goes. Settings, timetables
and notes of the homeroom book are only added to: the latest row is in force, the others stay.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.diaries.homeroom_rules import Part
from eoffice.diaries.rules import HalfDay


class DiarySettings(Base):
    """A school's bell schedule and how lessons are rated, from a day."""

    __tablename__ = "diary_settings"
    __table_args__ = (Index("ix_diary_settings_school_id", "school_id", "from_on", "set_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    from_on: Mapped[date]
    #: [{"half": "morning", "number": 1, "from": "07:00", "to": "07:45"}, ...]
    periods: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    #: [{"name": "Tốt", "points": "10"}, ...]; empty where lessons are not rated.
    ratings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    set_at: Mapped[datetime]


class TimetableRow(Base):
    """thời khóa biểu of a class from a day; entered anew for the same day, the later row holds."""

    __tablename__ = "timetables"
    __table_args__ = (Index("ix_timetables_class_id", "class_id", "from_on", "set_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    from_on: Mapped[date]
    #: [{"weekday": 0, "half": "morning", "number": 1, "subject": "TOAN", "teacher": id}, ...]
    slots: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    set_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    set_at: Mapped[datetime]


class Lesson(Base):
    """A line of sổ ghi đầu bài. Saved as it is typed; `confirmed_at` says that it is signed off."""

    __tablename__ = "lessons"
    __table_args__ = (
        UniqueConstraint("class_id", "on_day", "half", "number", name="uq_lessons_class_id"),
        enum_check("half", HalfDay),
        CheckConstraint("number BETWEEN 1 AND 8", name="number"),
        CheckConstraint("plan_number BETWEEN 1 AND 999", name="plan_number"),
        Index("ix_lessons_teacher_id", "teacher_id", "on_day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    on_day: Mapped[date]
    half: Mapped[HalfDay] = mapped_column(EnumText(HalfDay))
    number: Mapped[int]
    subject_code: Mapped[str]
    #: Who taught it.
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    is_substitute: Mapped[bool]
    #: tiết PPCT
    plan_number: Mapped[int | None]
    title: Mapped[str]
    remark: Mapped[str]
    #: Name of a rating of the school; "" for none.
    rating: Mapped[str]
    #: Pupil -> whether with leave.
    absent: Mapped[dict[str, bool]] = mapped_column(JSONB)
    written_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class DiaryWeek(Base):
    """The close of a week by the homeroom teacher, and its opening again by the head."""

    __tablename__ = "diary_weeks"
    __table_args__ = (
        CheckConstraint("extract(isodow from monday) = 1", name="monday"),
        CheckConstraint(
            "(reopened_until IS NULL) = (reopened_by IS NULL)"
            " AND (reopened_until IS NULL) = (reopened_because IS NULL)",
            name="reopened",
        ),
    )

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    monday: Mapped[date] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    remark: Mapped[str]
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    closed_at: Mapped[datetime]
    reopened_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    reopened_because: Mapped[str | None]
    reopened_until: Mapped[datetime | None]


class LessonDeletion(Base):
    """A line that was written by mistake and taken out again: only added to."""

    __tablename__ = "lesson_deletions"
    __table_args__ = (
        enum_check("half", HalfDay),
        CheckConstraint("number BETWEEN 1 AND 8", name="number"),
        Index("ix_lesson_deletions_class_id", "class_id", "on_day"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    on_day: Mapped[date]
    half: Mapped[HalfDay] = mapped_column(EnumText(HalfDay))
    number: Mapped[int]
    subject_code: Mapped[str]
    #: Who had written it.
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    title: Mapped[str]
    because: Mapped[str]
    deleted_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    deleted_at: Mapped[datetime]


class DiaryBinding(Base):
    """A book that was made of the weeks closed until then; they change only to correct it."""

    __tablename__ = "diary_bindings"
    __table_args__ = (Index("ix_diary_bindings_class_id", "class_id"),)

    #: The book; it is kept by the slice of books.
    holder_id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: "Sổ ghi đầu bài lớp 7A1, năm học 2024-2025"
    name: Mapped[str]
    asked_at: Mapped[datetime]
    is_sealed: Mapped[bool]
    #: Returned, or another version took its place.
    released_at: Mapped[datetime | None]


class DiaryMonth(Base):
    """What the head wrote at the inspection of a month."""

    __tablename__ = "diary_months"
    __table_args__ = (CheckConstraint("extract(day from month) = 1", name="month"),)

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    text: Mapped[str]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    written_at: Mapped[datetime]


class HomeroomNote(Base):
    """A note of sổ chủ nhiệm in one of its versions; the highest is in force."""

    __tablename__ = "homeroom_notes"
    __table_args__ = (
        enum_check("part", Part),
        CheckConstraint("version > 0", name="version"),
        Index("ix_homeroom_notes_class_id", "class_id", "part"),
    )

    note_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    part: Mapped[Part] = mapped_column(EnumText(Part))
    on_day: Mapped[date | None]
    about: Mapped[str]
    pupil_id: Mapped[UUID | None] = mapped_column(ForeignKey("pupils.id"))
    text: Mapped[str]
    outcome: Mapped[str]
    #: Taken out by the teacher: it is not printed any more.
    is_struck: Mapped[bool]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    written_at: Mapped[datetime]
