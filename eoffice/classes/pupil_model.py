"""Tables of pupils beside their class: guardians, movements; and who taught what, and when."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.particulars import Relation
from eoffice.db import Base, EnumText, enum_check


class Guardian(Base):
    """cha, mẹ hoặc người giám hộ, with how they are reached."""

    __tablename__ = "guardians"
    __table_args__ = (
        enum_check("relation", Relation),
        UniqueConstraint("pupil_id", "ordinal", name="uq_guardians_pupil_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    ordinal: Mapped[int]
    relation: Mapped[Relation] = mapped_column(EnumText(Relation))
    name: Mapped[str]
    phone: Mapped[str]
    email: Mapped[str]


class Movement(Base):
    """A pupil came, went, changed class, left or returned. Never changed once it is recorded."""

    __tablename__ = "movements"
    __table_args__ = (
        enum_check("kind", MovementKind),
        Index("ix_movements_pupil_id", "pupil_id", "on_day", "recorded_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[MovementKind] = mapped_column(EnumText(MovementKind))
    on_day: Mapped[date]
    from_class_id: Mapped[UUID | None] = mapped_column(ForeignKey("classes.id"))
    to_class_id: Mapped[UUID | None] = mapped_column(ForeignKey("classes.id"))
    #: Where the pupil came from or went to, as it is printed.
    other_school: Mapped[str]
    reason: Mapped[str]
    #: Number, date and body of the paper; "" where there is none.
    decision: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]


class ParticularsChange(Base):
    """What was written of a pupil before and after it was corrected. Never changed itself."""

    __tablename__ = "particulars_changes"
    __table_args__ = (Index("ix_particulars_changes_pupil_id", "pupil_id", "recorded_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Name of the column of `pupils`.
    field: Mapped[str]
    #: As it is read on paper: a day as 05/03/2012.
    old: Mapped[str]
    new: Mapped[str]
    reason: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]


class TeachingPeriod(Base):
    """Who taught a subject of a class, or the class as its homeroom teacher, from when to when."""

    __tablename__ = "teaching_periods"
    __table_args__ = (
        CheckConstraint("to_on >= from_on", name="to_on"),
        Index(
            "uq_teaching_periods_now",
            "class_id",
            "subject_code",
            unique=True,
            postgresql_where=text("to_on IS NULL"),
            postgresql_nulls_not_distinct=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"))
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: None for the homeroom teacher.
    subject_code: Mapped[str | None]
    teacher_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    from_on: Mapped[date]
    #: The last day; None while it goes on.
    to_on: Mapped[date | None]
