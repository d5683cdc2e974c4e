"""Results of sealed books, counted: how many pupils of a sex came to the same words. No names."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base


class CountedBook(Base):
    """A class whose sealed book has been counted; the newest version of it."""

    __tablename__ = "counted_books"
    __table_args__ = (Index("ix_counted_books_school_year", "school_year", "school_id"),)

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    gradebook_id: Mapped[UUID] = mapped_column(ForeignKey("gradebooks.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    school_year: Mapped[str]
    grade: Mapped[int]
    rule_set: Mapped[str]
    counted_at: Mapped[datetime]


class ResultCount(Base):
    """Pupils of a class with the same sex, levels, outcome and title, in the book's own words."""

    __tablename__ = "result_counts"
    __table_args__ = (CheckConstraint("pupils > 0", name="pupils"),)

    class_id: Mapped[UUID] = mapped_column(
        ForeignKey("counted_books.class_id", ondelete="CASCADE"), primary_key=True
    )
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    sex: Mapped[str]
    #: "" where the circular has none, or the year is not complete.
    learning: Mapped[str]
    conduct: Mapped[str]
    outcome: Mapped[str]
    title: Mapped[str]
    pupils: Mapped[int]
