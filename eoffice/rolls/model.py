"""Tables of what a school keeps of its pupils for ever. A line is annulled, never removed.

Every row carries the school it belongs to, by which row-level security goes.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.rolls.rules import Direction, Stage

_ANNULLED = (
    "(annulled_at IS NULL) = (annulled_by IS NULL)"
    " AND (annulled_at IS NULL) = (annulled_because IS NULL)"
)


class Book(StrEnum):
    """What counts its own numbers."""

    ENROLMENT = "enrolment"
    MOVES_IN = "moves_in"
    MOVES_OUT = "moves_out"
    CERTIFICATES = "certificates"
    COPIES = "copies"


class RollCounter(Base):
    """The last number that a book of the school gave in a period; "" where it counts for ever."""

    __tablename__ = "roll_counters"
    __table_args__ = (enum_check("book", Book),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    book: Mapped[Book] = mapped_column(EnumText(Book), primary_key=True)
    period: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


class EnrolmentRoll(Base):
    """sổ đăng bộ of a school: where its numbers begin, and what is printed behind them."""

    __tablename__ = "enrolment_rolls"
    __table_args__ = (CheckConstraint("first_number > 0", name="first_number"),)

    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    first_number: Mapped[int]
    #: "/THCS"; "" for none.
    suffix: Mapped[str]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    opened_at: Mapped[datetime]


class EnrolmentLine(Base):
    """A pupil under a số đăng bộ, as they were known on the day on which the line was written."""

    __tablename__ = "enrolment_lines"
    __table_args__ = (
        UniqueConstraint("school_id", "number", name="uq_enrolment_lines_number"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint(_ANNULLED, name="annulled"),
        CheckConstraint("(ended_on IS NULL) = (ended_as = '')", name="ended"),
        Index(
            "uq_enrolment_lines_pupil_id",
            "pupil_id",
            unique=True,
            postgresql_where=text("annulled_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    number: Mapped[int]
    #: None for who left before the office was kept here, and for a number without a pupil.
    pupil_id: Mapped[UUID | None] = mapped_column(ForeignKey("pupils.id"))
    #: Taken over from the book on paper.
    is_from_paper: Mapped[bool]
    admitted_on: Mapped[date | None]
    class_name: Mapped[str]
    code: Mapped[str]
    personal_id: Mapped[str]
    name: Mapped[str]
    born_on: Mapped[date | None]
    sex: Mapped[str]
    birthplace: Mapped[str]
    #: quê quán
    hometown: Mapped[str]
    ethnicity: Mapped[str]
    #: tôn giáo
    religion: Mapped[str]
    #: quốc tịch
    nationality: Mapped[str]
    address: Mapped[str]
    permanent_address: Mapped[str]
    father: Mapped[str]
    mother: Mapped[str]
    #: The school from which the pupil came; "" for none.
    came_from: Mapped[str]
    #: Of the book on paper: when and how the pupil left; else the movements say it.
    ended_on: Mapped[date | None]
    ended_as: Mapped[str]
    note: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    entered_at: Mapped[datetime]
    annulled_at: Mapped[datetime | None]
    annulled_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    annulled_because: Mapped[str | None]


class EnrolmentChange(Base):
    """What the clerk wrote anew in a line of the book that no list of pupils has."""

    __tablename__ = "enrolment_changes"
    __table_args__ = (Index("ix_enrolment_changes_line_id", "line_id", "recorded_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("enrolment_lines.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    field: Mapped[str]
    old: Mapped[str]
    new: Mapped[str]
    reason: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]


class Graduation(Base):
    """A pupil finished a stage of school, by a decision."""

    __tablename__ = "graduations"
    __table_args__ = (
        enum_check("stage", Stage),
        CheckConstraint(r"school_year ~ '^\d{4}-\d{4}$'", name="school_year"),
        CheckConstraint(_ANNULLED, name="annulled"),
        Index(
            "uq_graduations_pupil_id",
            "pupil_id",
            "stage",
            unique=True,
            postgresql_where=text("annulled_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    stage: Mapped[Stage] = mapped_column(EnumText(Stage))
    school_year: Mapped[str]
    #: The class in which the pupil sat.
    class_name: Mapped[str]
    on_day: Mapped[date]
    #: Number, date and body of the decision of recognition.
    decision: Mapped[str]
    #: xếp loại; "" where there is none.
    grading: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]
    annulled_at: Mapped[datetime | None]
    annulled_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    annulled_because: Mapped[str | None]


class MoveLine(Base):
    """The number of a movement between schools in the book of its school year, and its papers."""

    __tablename__ = "move_lines"
    __table_args__ = (
        enum_check("direction", Direction),
        UniqueConstraint(
            "school_id", "school_year", "direction", "number", name="uq_move_lines_number"
        ),
        CheckConstraint(r"school_year ~ '^\d{4}-\d{4}$'", name="school_year"),
        CheckConstraint("(papers_on IS NULL) = (papers = '')", name="papers"),
    )

    movement_id: Mapped[UUID] = mapped_column(ForeignKey("movements.id"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    school_year: Mapped[str]
    direction: Mapped[Direction] = mapped_column(EnumText(Direction))
    number: Mapped[int]
    #: Which papers were handed over or received: "Học bạ, giấy khai sinh (bản sao)".
    papers: Mapped[str]
    papers_on: Mapped[date | None]
    #: Who took or brought them.
    papers_with: Mapped[str]
    note: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    entered_at: Mapped[datetime]
