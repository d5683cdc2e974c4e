"""Tables of a year that are not marks: qualities and competences, decisions, choices, summers.

Every row carries the school it belongs to, by which row-level security goes.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.assessment.year import Outcome, TraitLevel, TraitTime
from eoffice.db import Base, EnumText, enum_check


class TraitRow(Base):
    """A quality (phẩm chất) or competence (năng lực) of a pupil in primary school."""

    __tablename__ = "traits"
    __table_args__ = (enum_check("time", TraitTime), enum_check("level", TraitLevel))

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    time: Mapped[TraitTime] = mapped_column(EnumText(TraitTime), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    level: Mapped[TraitLevel] = mapped_column(EnumText(TraitLevel))


class YearDecision(Base):
    """What was decided about a pupil in primary school and follows from no mark."""

    __tablename__ = "year_decisions"
    __table_args__ = (CheckConstraint("outcome in ('promoted', 'held_back')", name="outcome"),)

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: The class agrees that the pupil stands out, or has made marked progress.
    is_chosen: Mapped[bool]
    #: The principal's decision about whoever was helped and judged again; PROMOTED or HELD_BACK.
    outcome: Mapped[Outcome | None] = mapped_column(EnumText(Outcome))
    reason: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    decided_at: Mapped[datetime]


class ClosedSummer(Base):
    """In this class nothing more is made good: whoever still lacks something is held back."""

    __tablename__ = "closed_summers"

    class_id: Mapped[UUID] = mapped_column(ForeignKey("classes.id"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    closed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    closed_at: Mapped[datetime]


class ReassessmentChoice(Base):
    """Whether a pupil chose to be assessed in a subject again (22/2021: Đ14; 58/2011: Đ16)."""

    __tablename__ = "reassessment_choices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["class_id", "subject_code"],
            ["class_subjects.class_id", "class_subjects.code"],
            name="fk_reassessment_choices_subject",
        ),
    )

    class_id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_code: Mapped[str] = mapped_column(primary_key=True)
    pupil_id: Mapped[UUID] = mapped_column(ForeignKey("pupils.id"), primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    is_chosen: Mapped[bool]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]
