"""Tables of what lies in the mailroom until a clerk makes an incoming document of it.

Everything belongs to one agency. Bytes lie in the object store under their digests.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from eoffice.db import Base, EnumText, enum_check
from eoffice.mailroom.states import AttachmentKind, MailboxSecurity, MailState, ScanState


class Scan(Base):
    """A paper that was scanned, on its way to the incoming book."""

    __tablename__ = "scans"
    __table_args__ = (
        enum_check("state", ScanState),
        CheckConstraint(
            "(state IN ('taken', 'discarded')) = (ended_at IS NOT NULL)",
            name="end",
        ),
        CheckConstraint("(state = 'taken') = (delivery_id IS NOT NULL)", name="delivery"),
        Index(
            "ix_scans_open",
            "agency_id",
            "uploaded_at",
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    state: Mapped[ScanState] = mapped_column(EnumText(ScanState))
    #: The PDF as it was received, or as it was put together from the pictures.
    content_sha256: Mapped[str]
    size_bytes: Mapped[int]
    page_count: Mapped[int]
    pages_read: Mapped[int]
    text: Mapped[str]
    #: A copy with a text layer; the other bytes stay as they are.
    searchable_sha256: Mapped[str | None]
    uploaded_at: Mapped[datetime]
    #: None for a document that came by another way and was found to have pictures only.
    uploaded_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliveries.id"))


class ScanFile(Base):
    """A file as the scanner made it, in the order of the pages."""

    __tablename__ = "scan_files"

    scan_id: Mapped[UUID] = mapped_column(ForeignKey("scans.id"), primary_key=True)
    #: 1 for the first.
    position: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]


class ScanPage(Base):
    """One page that was read; there is no row while it was not."""

    __tablename__ = "scan_pages"

    scan_id: Mapped[UUID] = mapped_column(ForeignKey("scans.id"), primary_key=True)
    #: 1 for the first.
    number: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: None: it could not be read.
    text: Mapped[str | None]
    #: A PDF of one page with the words alone, where they stand.
    layer_sha256: Mapped[str | None]


class Mailbox(Base):
    """Where the e-mail of one agency is fetched, and how far."""

    __tablename__ = "mailboxes"
    __table_args__ = (
        enum_check("security", MailboxSecurity),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
    )

    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"), primary_key=True)
    host: Mapped[str]
    port: Mapped[int]
    security: Mapped[MailboxSecurity] = mapped_column(EnumText(MailboxSecurity))
    user_name: Mapped[str]
    #: Under which name this machine keeps the password, see `named_secrets`.
    password_name: Mapped[str]
    folder: Mapped[str]
    is_active: Mapped[bool]
    #: Of the folder when it was last looked at (RFC 3501, 2.3.1.1); None: never.
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    #: Everything up to here is in the tray.
    last_uid: Mapped[int] = mapped_column(BigInteger)
    checked_at: Mapped[datetime | None]
    #: Why the last look failed, for the operator.
    failure: Mapped[str | None]
    changed_at: Mapped[datetime]


class MailMessage(Base):
    """An e-mail message in the tray of an agency."""

    __tablename__ = "mail_messages"
    __table_args__ = (
        UniqueConstraint("agency_id", "message_id", "digest"),
        enum_check("state", MailState),
        CheckConstraint("(state = 'put_aside') = (put_aside_reason IS NOT NULL)", name="reason"),
        CheckConstraint("(state = 'new') = (ended_at IS NULL)", name="end"),
        Index("ix_mail_messages_tray", "agency_id", "state", "fetched_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    #: Message-ID as it was written; empty where there is none.
    message_id: Mapped[str]
    #: SHA-256 of sender, subject and body: not of the lines that servers on the way add.
    digest: Mapped[str]
    #: The whole message in the object store.
    source_sha256: Mapped[str]
    sender_address: Mapped[str]
    sender_name: Mapped[str]
    #: The unit of the directory with this address.
    sender_unit_id: Mapped[UUID | None] = mapped_column(ForeignKey("units.id"))
    subject: Mapped[str]
    sent_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime]
    text: Mapped[str]
    #: What was not kept and why, a line each.
    left_out: Mapped[str]
    state: Mapped[MailState] = mapped_column(EnumText(MailState))
    put_aside_reason: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("persons.id"))
    delivery_id: Mapped[UUID | None] = mapped_column(ForeignKey("deliveries.id"))


class MailAttachment(Base):
    """A file that came with a message."""

    __tablename__ = "mail_attachments"
    __table_args__ = (enum_check("kind", AttachmentKind),)

    message_id: Mapped[UUID] = mapped_column(ForeignKey("mail_messages.id"), primary_key=True)
    #: 1 for the first.
    position: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("units.id"))
    name: Mapped[str]
    kind: Mapped[AttachmentKind] = mapped_column(EnumText(AttachmentKind))
    media_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    #: Of a document.
    page_count: Mapped[int | None]
    #: The words of a document, for proposals.
    text: Mapped[str]
