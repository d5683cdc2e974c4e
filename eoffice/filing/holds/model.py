"""Tables of what is held. Their agency's; a hold that was lifted stays as history."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.filing.holds.rules import CopyState, HeldKind


class Hold(Base):
    """A decision to hold a set of records; a set may be one."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint(
            "(lifted_at IS NULL) = (lifted_by IS NULL)"
            " AND (lifted_at IS NULL) = (lifted_because IS NULL)",
            name="lifted",
        ),
        Index("ix_holds_agency_id", "agency_id", "placed_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    title: Mapped[str]
    reason: Mapped[str]
    legal_basis: Mapped[str]
    placed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    lifted_at: Mapped[datetime | None]
    lifted_because: Mapped[str | None]


class HeldRecord(Base):
    """A record of the set, as it was called when it was put in."""

    __tablename__ = "held_records"
    __table_args__ = (
        enum_check("kind", HeldKind),
        Index("ix_held_records_object_id", "object_id"),
    )

    hold_id: Mapped[UUID] = mapped_column(ForeignKey(Hold.id), primary_key=True)
    #: The document, the arrival or the case file.
    object_id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[HeldKind] = mapped_column(EnumText(HeldKind))
    code: Mapped[str]
    subject: Mapped[str]
    #: The case file of this hold through which a document is held; None: it was named itself.
    within_id: Mapped[UUID | None]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    added_at: Mapped[datetime]


class HeldCopy(Base):
    """The lock of an archived copy in the object store: what it was asked, and what it did."""

    __tablename__ = "held_copies"
    __table_args__ = (
        enum_check("state", CopyState),
        Index("ix_held_copies_object", "content_sha256", "object_version"),
    )

    hold_id: Mapped[UUID] = mapped_column(ForeignKey(Hold.id), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("archive_entries.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    content_sha256: Mapped[str]
    object_version: Mapped[str]
    state: Mapped[CopyState] = mapped_column(EnumText(CopyState))
    asked_at: Mapped[datetime]
    #: When the store last did what it was asked; None: it has not yet.
    answered_at: Mapped[datetime | None]
