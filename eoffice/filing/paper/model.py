"""Tables of the books of paper. Their agency's; a line is struck out, never removed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base

_STRUCK = (
    "(struck_at IS NULL) = (struck_by IS NULL) AND (struck_at IS NULL) = (struck_because IS NULL)"
)


class PostLine(Base):
    """A line of the book of what goes out by post or by hand (Annex IV.III)."""

    __tablename__ = "post_lines"
    __table_args__ = (
        UniqueConstraint("agency_id", "year", "ordinal", name="uq_post_lines_ordinal"),
        CheckConstraint("envelopes BETWEEN 1 AND 9999", name="envelopes"),
        CheckConstraint("(receipt IS NULL) = (receipted_on IS NULL)", name="receipt"),
        CheckConstraint(_STRUCK, name="struck"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Of the day of sending.
    year: Mapped[int]
    ordinal: Mapped[int]
    sent_on: Mapped[date]
    #: None where what is sent is not a document of the office.
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    code: Mapped[str]
    recipient: Mapped[str]
    envelopes: Mapped[int]
    note: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]
    #: Who signed for it, or the number of the post's receipt; None until it came back.
    receipt: Mapped[str | None]
    receipted_on: Mapped[date | None]
    struck_at: Mapped[datetime | None]
    struck_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    struck_because: Mapped[str | None]


class CopyLoan(Base):
    """A line of the book of loans of file copies (Annex IV.IV)."""

    __tablename__ = "copy_loans"
    __table_args__ = (
        UniqueConstraint("agency_id", "year", "ordinal", name="uq_copy_loans_ordinal"),
        CheckConstraint(
            "(returned_on IS NULL) = (returned_to IS NULL) AND returned_on >= lent_on",
            name="returned",
        ),
        CheckConstraint(_STRUCK, name="struck"),
        Index(
            "uq_copy_loans_out",
            "document_id",
            unique=True,
            postgresql_where=text("returned_on IS NULL AND struck_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Of the day of lending.
    year: Mapped[int]
    ordinal: Mapped[int]
    lent_on: Mapped[date]
    borrower: Mapped[str]
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    code: Mapped[str]
    issued_on: Mapped[date]
    #: tên loại và trích yếu
    subject: Mapped[str]
    #: số và ký hiệu hồ sơ; empty where the copy lies in none
    case_notation: Mapped[str]
    allowed_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    allowed_name: Mapped[str]
    due_on: Mapped[date | None]
    note: Mapped[str]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    recorded_at: Mapped[datetime]
    returned_on: Mapped[date | None]
    returned_to: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    struck_at: Mapped[datetime | None]
    struck_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    struck_because: Mapped[str | None]
