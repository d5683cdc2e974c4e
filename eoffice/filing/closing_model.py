"""The tables of closed books; each agency sees its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.filing.closing_states import ClosedKind, State


class BookClosing(Base):
    """A book of a year that was closed: its printed form and who signed it."""

    __tablename__ = "book_closings"
    __table_args__ = (
        enum_check("kind", ClosedKind),
        enum_check("state", State),
        UniqueConstraint("agency_id", "kind", "year", name="uq_book_closings_book"),
        CheckConstraint(
            "(content_sha256 IS NULL) = (page_count IS NULL)"
            " AND (state = 'begun') = (content_sha256 IS NULL)",
            name="content",
        ),
        CheckConstraint("retention_years BETWEEN 1 AND 100", name="retention"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[ClosedKind] = mapped_column(EnumText(ClosedKind))
    year: Mapped[int]
    state: Mapped[State] = mapped_column(EnumText(State))
    state_since: Mapped[datetime]
    begun_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    begun_at: Mapped[datetime]
    #: Lines when it was closed, and how many of them are struck out.
    entries: Mapped[int]
    annulled: Mapped[int]
    #: For how long it is kept, as the agency says; None: for ever.
    retention_years: Mapped[int | None]
    #: The PDF with every signature that was made so far.
    content_sha256: Mapped[str | None]
    page_count: Mapped[int | None]
    clerk_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    clerk_signed_at: Mapped[datetime | None]
    head_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    #: "GIÁM ĐỐC", "KT. GIÁM ĐỐC PHÓ GIÁM ĐỐC"
    head_capacity: Mapped[str | None]
    head_signed_at: Mapped[datetime | None]
    sealed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    sealed_at: Mapped[datetime | None]


class ClosingVolume(Base):
    """A volume of the printed form that is made; what was made once is not made again."""

    __tablename__ = "book_closing_volumes"

    closing_id: Mapped[UUID] = mapped_column(ForeignKey("book_closings.id"), primary_key=True)
    #: quyển số, from 1
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    content_sha256: Mapped[str]
    page_count: Mapped[int]
    printed_at: Mapped[datetime]


class ClosingNote(Base):
    """đính chính: a correction of a closed book, on a page of its own; the book itself stays."""

    __tablename__ = "closing_notes"
    __table_args__ = (
        UniqueConstraint("closing_id", "ordinal", name="uq_closing_notes_ordinal"),
        CheckConstraint(
            "(signed_at IS NULL) = (signed_by IS NULL)"
            " AND (signed_at IS NULL) = (capacity IS NULL)",
            name="signed",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    closing_id: Mapped[UUID] = mapped_column(ForeignKey("book_closings.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: From 1 within the book.
    ordinal: Mapped[int]
    #: Which line or page of the book it is about.
    place: Mapped[str]
    #: What should stand there.
    words: Mapped[str]
    reason: Mapped[str]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    written_at: Mapped[datetime]
    #: The page, signed once it is signed.
    content_sha256: Mapped[str]
    page_count: Mapped[int]
    capacity: Mapped[str | None]
    signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    signed_at: Mapped[datetime | None]
