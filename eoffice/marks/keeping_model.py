"""Tables of what keeps marks: which cells were changed from what, locks, and their openings."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.assessment.marks import Part, Semester, Verdict
from eoffice.db import Base, EnumText, enum_check

_MARK = Numeric(3, 1)


class MarkChange(Base):
    """A mark that was typed, or that took the place of another; never changed, never removed."""

    __tablename__ = "mark_changes"
    __table_args__ = (
        enum_check("semester", Semester),
        enum_check("part", Part),
        enum_check("old_verdict", Verdict),
        enum_check("new_verdict", Verdict),
        Index("ix_mark_changes_class_id", "class_id", "changed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    subject_code: Mapped[str]
    semester: Mapped[Semester] = mapped_column(EnumText(Semester))
    part: Mapped[Part] = mapped_column(EnumText(Part))
    place: Mapped[int]
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    old_score: Mapped[Decimal | None] = mapped_column(_MARK)
    old_verdict: Mapped[Verdict | None] = mapped_column(EnumText(Verdict))
    new_score: Mapped[Decimal | None] = mapped_column(_MARK)
    new_verdict: Mapped[Verdict | None] = mapped_column(EnumText(Verdict))
    #: The upload that brought the new mark; None where it was typed.
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("mark_imports.id"))
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    changed_at: Mapped[datetime]


class MarkLock(Base):
    """A column, a semester or a year in which marks must not be changed; None is all of a kind."""

    __tablename__ = "mark_locks"
    __table_args__ = (
        enum_check("semester", Semester),
        enum_check("part", Part),
        CheckConstraint(r"school_year ~ '^\d{4}-\d{4}$'", name="school_year"),
        CheckConstraint("part is null or semester is not null", name="column"),
        CheckConstraint("place is null or part is not null", name="place"),
        CheckConstraint(
            "(lifted_at is null) = (lifted_by is null) and (lifted_at is null) = "
            "(lifted_because is null)",
            name="lifted",
        ),
        Index(
            "ix_mark_locks_school",
            "school_id",
            "school_year",
            postgresql_where=text("lifted_at is null"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    school_year: Mapped[str]
    class_id: Mapped[UUID | None] = mapped_column(ForeignKey("classes.id"))
    subject_code: Mapped[str | None]
    semester: Mapped[Semester | None] = mapped_column(EnumText(Semester))
    part: Mapped[Part | None] = mapped_column(EnumText(Part))
    place: Mapped[int | None]
    reason: Mapped[str]
    locked_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    locked_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[str | None]


class MarkUnlock(Base):
    """A lock opened for some of what it covers, until an instant."""

    __tablename__ = "mark_unlocks"
    __table_args__ = (CheckConstraint("(ended_at is null) = (ended_by is null)", name="ended"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    lock_id: Mapped[UUID] = mapped_column(ForeignKey("mark_locks.id"), index=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    class_id: Mapped[UUID | None] = mapped_column(ForeignKey("classes.id"))
    subject_code: Mapped[str | None]
    reason: Mapped[str]
    until: Mapped[datetime]
    granted_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    granted_at: Mapped[datetime]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    ended_at: Mapped[datetime | None]
