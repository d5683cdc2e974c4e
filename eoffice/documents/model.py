"""Tables of documents that an agency writes, and of the books that give them numbers.

Every row carries the agency it belongs to; row-level security shows it to that agency alone. What
recipients see is their own record of a delivery (`eoffice.routing`), never these rows.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.recipients.rules import Purpose, TargetKind
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType, Secrecy, Urgency


class VersionKind(StrEnum):
    #: as its writers made it: bản thảo
    DRAFT = "draft"
    #: with initials (ký nháy) of those who answer for content and form
    INITIALLED = "initialled"
    #: with the signature of the competent person
    SIGNED = "signed"
    #: with number and date filled into the signed page
    NUMBERED = "numbered"
    #: with the seal of the agency: văn bản điện tử hoàn chỉnh
    SEALED = "sealed"


class Document(Base):
    """văn bản đi"""

    __tablename__ = "documents"
    __table_args__ = (
        enum_check("type", DocumentType),
        enum_check("urgency", Urgency),
        enum_check("secrecy", Secrecy),
        enum_check("state", State),
        CheckConstraint("express_at IS NULL OR urgency = 'express_at'", name="express"),
        CheckConstraint(
            "(number IS NULL) = (notation IS NULL) AND (number IS NULL) = (issued_on IS NULL)",
            name="number_notation_date",
        ),
        CheckConstraint("issued_amount BETWEEN 1 AND 999", name="issued_amount"),
        Index("ix_documents_desk", "agency_id", "state", "created_at"),
        Index("ix_documents_newest", "agency_id", "created_at", "id"),
        Index(
            "ix_documents_due",
            "agency_id",
            "due_on",
            postgresql_where=text("state = 'issued' AND due_on IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: đơn vị soạn thảo: an office of the agency, or the agency itself
    drafting_unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    type: Mapped[DocumentType] = mapped_column(EnumText(DocumentType))
    #: trích yếu
    subject: Mapped[str]
    urgency: Mapped[Urgency] = mapped_column(EnumText(Urgency))
    #: For an urgency by the hour: until when it has to be with the recipients.
    express_at: Mapped[datetime | None]
    #: độ mật
    secrecy: Mapped[Secrecy] = mapped_column(EnumText(Secrecy), server_default="none")
    #: chỉ dẫn về phạm vi lưu hành, in capitals as printed; empty where there is none
    circulation: Mapped[str] = mapped_column(server_default="")
    state: Mapped[State] = mapped_column(EnumText(State))
    #: Until when the recipients are to have done what it asks.
    due_on: Mapped[date | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    #: The last step, so that a page can say since when the document waits.
    state_since: Mapped[datetime]
    #: số
    number: Mapped[int | None]
    #: ký hiệu, without the number: "SGDĐT-CNTTTBTV"
    notation: Mapped[str | None]
    #: ngày ban hành
    issued_on: Mapped[date | None]
    #: The competent person who signed, and in which capacity ("GIÁM ĐỐC").
    signer_id: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    signer_capacity: Mapped[str | None]
    #: Language, Description, IssuedAmount of Annex VI: ngôn ngữ, mô tả, số lượng bản phát hành.
    language: Mapped[str] = mapped_column(server_default="Tiếng Việt")
    description: Mapped[str] = mapped_column(server_default="")
    #: None: nobody counted; the book counts those to whom it went.
    issued_amount: Mapped[int | None]


class DocumentVersion(Base):
    """One version; a draft changes in place until it is submitted, and is frozen then."""

    __tablename__ = "document_versions"
    __table_args__ = (
        enum_check("kind", VersionKind),
        UniqueConstraint("document_id", "ordinal", name="uq_document_versions_ordinal"),
        CheckConstraint("kind = 'draft' OR content_sha256 IS NOT NULL", name="signed_has_content"),
        CheckConstraint(
            "(content_sha256 IS NULL) = (size_bytes IS NULL)"
            " AND (content_sha256 IS NULL) = (page_count IS NULL)",
            name="content",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: 1, 2, 3 … within the document.
    ordinal: Mapped[int]
    kind: Mapped[VersionKind] = mapped_column(EnumText(VersionKind))
    #: A `DispatchText`; None where the version came as a finished file.
    text: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: Counts the savings of a draft, so that two writers do not overwrite each other unseen.
    revision: Mapped[int]
    #: The PDF, once the version is frozen or was uploaded.
    content_sha256: Mapped[str | None]
    size_bytes: Mapped[int | None]
    page_count: Mapped[int | None]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    saved_at: Mapped[datetime]
    #: When it was submitted; from then on it does not change.
    frozen_at: Mapped[datetime | None]


class Attachment(Base):
    """A file that goes with the document; the same for all versions while it is a draft."""

    __tablename__ = "attachments"
    __table_args__ = (
        UniqueConstraint("document_id", "name", name="uq_attachments_name"),
        CheckConstraint(
            "(signed_sha256 IS NULL) = (signed_size_bytes IS NULL)"
            " AND (signed_sha256 IS NULL) = (signed_at IS NULL)",
            name="signed",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    content_sha256: Mapped[str]
    size_bytes: Mapped[int]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    added_at: Mapped[datetime]
    #: The same file with the agency's signature (Annex I, part I, III.1.d), once it was sealed.
    signed_sha256: Mapped[str | None]
    signed_size_bytes: Mapped[int | None]
    signed_at: Mapped[datetime | None]


class CopyMedium(StrEnum):
    #: closed by the agency's signature without image
    ELECTRONIC = "electronic"
    #: printed, with the block of the copying agency below the last part
    PAPER = "paper"


class DocumentCopy(Base):
    """Of what a document of the types SY, TrS and SL is a copy; written once."""

    __tablename__ = "document_copies"
    __table_args__ = (
        enum_check("medium", CopyMedium),
        CheckConstraint(
            "(source_document_id IS NULL) <> (source_delivery_id IS NULL)", name="one_source"
        ),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    medium: Mapped[CopyMedium] = mapped_column(EnumText(CopyMedium))
    #: An own issued document; else a delivery, of the slice above.
    source_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"), index=True)
    source_delivery_id: Mapped[UUID | None] = mapped_column(index=True)
    source_code: Mapped[str]
    source_agency: Mapped[str]
    source_date: Mapped[date | None]
    source_subject: Mapped[str]
    source_sha256: Mapped[str]
    #: "1, 3-5" for an extract; empty for the whole.
    pages: Mapped[str]


class DocumentComment(Base):
    """What somebody wrote about a version; the reason of a return is one."""

    __tablename__ = "document_comments"
    __table_args__ = (Index("ix_document_comments_document", "document_id", "written_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    version_ordinal: Mapped[int]
    text: Mapped[str]
    is_return_reason: Mapped[bool]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    written_at: Mapped[datetime]


class DocumentRecipient(Base):
    """Whom the writer chose and why; groups and rules are resolved at issue."""

    __tablename__ = "document_recipients"
    __table_args__ = (
        enum_check("kind", TargetKind),
        enum_check("purpose", Purpose),
        CheckConstraint(
            "(kind = 'unit') = (unit_id IS NOT NULL)"
            " AND (kind = 'group') = (group_code IS NOT NULL)"
            " AND (kind = 'rule') = (rule IS NOT NULL)"
            " AND (kind = 'person') = (appointment_id IS NOT NULL)"
            " AND (kind = 'outside') = (organisation_id IS NOT NULL)",
            name="one_target",
        ),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[TargetKind] = mapped_column(EnumText(TargetKind))
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose), default=Purpose.ACTION)
    unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    group_code: Mapped[str | None]
    #: A `recipient_rules.Rule`, and what it is called where it has a name.
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    rule_name: Mapped[str | None]
    appointment_id: Mapped[UUID | None] = mapped_column(ForeignKey("appointments.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("outside_organisations.id"))


class Issuance(Base):
    """That a document was issued: when, by whom, and exactly which content."""

    __tablename__ = "issuances"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    issued_at: Mapped[datetime]
    issued_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    content_sha256: Mapped[str]


class IssuanceRecipient(Base):
    """A unit to which the document was issued; groups are resolved here for good."""

    __tablename__ = "issuance_recipients"
    __table_args__ = (enum_check("purpose", Purpose),)

    document_id: Mapped[UUID] = mapped_column(ForeignKey("issuances.document_id"), primary_key=True)
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: The group through which it was named; None for one that was named itself.
    group_code: Mapped[str | None]
    purpose: Mapped[Purpose] = mapped_column(EnumText(Purpose), default=Purpose.ACTION)
    #: Through what it was named, in words: a group, a rule, the unit whose successor it is.
    named_by: Mapped[str | None]
    #: Whom it is for there, with their titles; None: whoever is in charge.
    addressees: Mapped[str | None]


class Withdrawal(Base):
    """That a signed document was withdrawn (thu hồi) or never went out, and why."""

    __tablename__ = "withdrawals"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("documents.id"), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    withdrawn_at: Mapped[datetime]
    withdrawn_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str]


class Book(Base):
    """sổ đăng ký văn bản đi: gives the numbers of one agency in one civil year."""

    __tablename__ = "books"
    __table_args__ = (
        enum_check("kind", BookKind),
        UniqueConstraint("agency_id", "kind", "year", name="uq_books_agency_id"),
        CheckConstraint("last_number >= opening_number", name="counts_up"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[BookKind] = mapped_column(EnumText(BookKind))
    year: Mapped[int]
    #: The last number that the paper book had given when this one began; 0 on 1 January.
    opening_number: Mapped[int]
    last_number: Mapped[int]
    opened_at: Mapped[datetime]
    #: From then on nothing is entered any more.
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))


class BookEntry(Base):
    """A number that was given. It stays in the book for good, annulled or not.

    To a document of the office, to one on paper that is described here, or kept free for a while.
    """

    __tablename__ = "book_entries"
    __table_args__ = (
        UniqueConstraint("document_id", name="uq_book_entries_document_id"),
        CheckConstraint(
            "(annulled_at IS NULL) = (annulled_because IS NULL)", name="annulled_with_reason"
        ),
        CheckConstraint("num_nonnulls(document_id, subject, reserved_for) > 0", name="something"),
        CheckConstraint(
            "num_nonnulls(type, subject, issued_on, signer_name, recipients, filed_with, copies)"
            " IN (0, 7) AND (subject IS NULL OR document_id IS NULL AND notation IS NOT NULL)",
            name="paper",
        ),
        CheckConstraint("(reserved_until IS NULL) = (reserved_for IS NULL)", name="reserved"),
        CheckConstraint("copies >= 0", name="copies"),
        Index(
            "ix_book_entries_valid",
            "book_id",
            "number",
            postgresql_where=text("annulled_at IS NULL"),
        ),
        Index(
            "uq_book_entries_triple",
            "agency_id",
            "year",
            "number",
            "notation",
            unique=True,
            postgresql_where=text("NOT is_secret"),
        ),
        Index(
            "uq_book_entries_for_document",
            "for_document_id",
            unique=True,
            postgresql_where=text("for_document_id IS NOT NULL"),
        ),
        Index(
            "ix_book_entries_expiring",
            "reserved_until",
            postgresql_where=text(
                "document_id IS NULL AND subject IS NULL AND annulled_at IS NULL"
            ),
        ),
    )

    book_id: Mapped[UUID] = mapped_column(ForeignKey("books.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    taken_at: Mapped[datetime]
    taken_by: Mapped[UUID] = mapped_column(ForeignKey("persons.id"))
    annulled_at: Mapped[datetime | None]
    annulled_because: Mapped[str | None]
    #: Year and secrecy of the book, for the rule that number and notation come once.
    year: Mapped[int]
    is_secret: Mapped[bool] = mapped_column(server_default=text("false"))
    #: None while the number is only reserved.
    notation: Mapped[str | None]

    # A document on paper, in the columns of the book; all of them None for any other.
    type: Mapped[DocumentType | None] = mapped_column(EnumText(DocumentType))
    subject: Mapped[str | None]
    issued_on: Mapped[date | None]
    signer_name: Mapped[str | None]
    recipients: Mapped[str | None]
    filed_with: Mapped[str | None]
    copies: Mapped[int | None]
    sent_on: Mapped[date | None]
    note: Mapped[str | None]

    #: The last day on which the reserved number may be used; it stays when it was used.
    reserved_until: Mapped[date | None]
    reserved_for: Mapped[str | None]
    #: The document that will take the reserved number.
    for_document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
