"""Steps that somebody took on several things at once, with what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.desk.batch_rules import BulkStep, ItemState, Thing


class Batch(Base):
    """One press of one button; seen by nobody but its person."""

    __tablename__ = "desk_batches"
    __table_args__ = (
        enum_check("step", BulkStep),
        Index("ix_desk_batches_person_id", "person_id", "begun_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    #: In which position: what is left over is done in no other.
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointments.id"))
    step: Mapped[BulkStep] = mapped_column(EnumText(BulkStep))
    #: A `batch_rules.Particulars`.
    particulars: Mapped[dict[str, Any]] = mapped_column(JSONB)
    begun_at: Mapped[datetime]


class BatchItem(Base):
    """One thing of a batch; its row is the lock under which its step is taken once."""

    __tablename__ = "desk_batch_items"
    __table_args__ = (
        UniqueConstraint("batch_id", "object_id"),
        enum_check("kind", Thing),
        enum_check("state", ItemState),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="end"),
    )

    batch_id: Mapped[UUID] = mapped_column(ForeignKey("desk_batches.id"), primary_key=True)
    #: 1 for the first, in the order of the list.
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    kind: Mapped[Thing] = mapped_column(EnumText(Thing))
    object_id: Mapped[UUID]
    state: Mapped[ItemState] = mapped_column(EnumText(ItemState))
    #: What was done or why not, as a sentence; empty while it waits.
    said: Mapped[str]
    ended_at: Mapped[datetime | None]
