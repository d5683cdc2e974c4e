"""Tables of certified copies: the copies themselves, and the last number of each year."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.extracts.states import CopyKind, CopyState, SourceKind


class RegisterCopyCounter(Base):
    """The last number in a school's book of copies of registers, anew every civil year."""

    __tablename__ = "register_copy_counters"

    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class RegisterCopy(Base):
    """A copy of a closed book or report book, whole or of one pupil's lines."""

    __tablename__ = "register_copies"
    __table_args__ = (
        enum_check("kind", CopyKind),
        enum_check("source_kind", SourceKind),
        enum_check("state", CopyState),
        UniqueConstraint("school_id", "year", "number", name="uq_register_copies_number"),
        CheckConstraint(
            "(state = 'cancelled') = (cancelled_because IS NOT NULL)", name="cancelled"
        ),
        CheckConstraint("kind = 'whole' OR pupil_id IS NOT NULL", name="extract"),
        Index("ix_register_copies_source", "source_kind", "source_id"),
        Index("ix_register_copies_pupil_id", "pupil_id"),
        Index(
            "ix_register_copies_signer",
            "signer_id",
            postgresql_where=text("state = 'awaiting_signature'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    school_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[CopyKind] = mapped_column(EnumText(CopyKind))
    source_kind: Mapped[SourceKind] = mapped_column(EnumText(SourceKind))
    source_id: Mapped[UUID]
    source_title: Mapped[str]
    #: The signed file of which this is a copy.
    source_sha256: Mapped[str]
    #: Where the original is kept; None while it is on its way there.
    archive_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("archive_entries.id"))
    #: Whose lines; None for the copy of a whole class book.
    pupil_id: Mapped[UUID | None] = mapped_column(ForeignKey("pupils.id"))
    pupil_name: Mapped[str]
    number: Mapped[int]
    year: Mapped[int]
    #: "SY-THCSNTMK"
    notation: Mapped[str]
    #: Who asked for it, and what for: personal data that the school alone sees.
    requester: Mapped[str]
    purpose: Mapped[str]
    signer_id: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    state: Mapped[CopyState] = mapped_column(EnumText(CopyState))
    state_since: Mapped[datetime]
    content_sha256: Mapped[str]
    page_count: Mapped[int]
    cancelled_because: Mapped[str | None]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[datetime]
