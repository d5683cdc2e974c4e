"""The tray of e-mail, and the mailboxes. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.mailroom.imap import Place
from eoffice.mailroom.mail_actions import MessageUnknown
from eoffice.mailroom.model import MailAttachment, Mailbox, MailMessage
from eoffice.mailroom.states import AttachmentKind, MailboxSecurity, MailState
from eoffice.people.model import Unit
from eoffice.people.operators import operators_only
from eoffice.routing import rules
from eoffice.routing.model import Delivery
from eoffice.web.principal import Principal

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class AttachmentSeen:
    position: int
    name: str
    kind: AttachmentKind
    media_type: str
    size_bytes: int
    sha256: str
    page_count: int | None
    text: str


@dataclass(frozen=True, slots=True)
class MessageSeen:
    id: UUID
    sender_name: str
    sender_address: str
    #: As the agency is called here, where it is known.
    agency_name: str | None
    subject: str
    sent_at: datetime | None
    fetched_at: datetime
    text: str
    left_out: tuple[str, ...]
    state: MailState
    put_aside_reason: str | None
    delivery_id: UUID | None
    attachments: tuple[AttachmentSeen, ...]

    @property
    def documents(self) -> tuple[AttachmentSeen, ...]:
        return tuple(each for each in self.attachments if each.kind is AttachmentKind.DOCUMENT)

    @property
    def sender(self) -> str:
        return self.agency_name or self.sender_name or self.sender_address


@dataclass(frozen=True, slots=True)
class MailboxSeen:
    agency_id: UUID
    agency_name: str
    host: str
    port: int
    security: MailboxSecurity
    user_name: str
    password_name: str
    folder: str
    is_active: bool
    checked_at: datetime | None
    failure: str | None


def tray(session: Session, *, who: Principal, state: MailState) -> list[MessageSeen]:
    """Messages of the agency in one state, latest first, without their files' words."""
    rules.check_clerk(who.position_kind)
    rows = session.scalars(
        select(MailMessage)
        .where(MailMessage.agency_id == who.agency_id, MailMessage.state == state)
        .order_by(MailMessage.fetched_at.desc(), MailMessage.id.desc())
        .limit(MOST_SHOWN)
    ).all()
    return [_seen(session, row) for row in rows]


def message(session: Session, message_id: UUID, *, who: Principal) -> MessageSeen:
    """Raises ForClerksOnly, MessageUnknown."""
    rules.check_clerk(who.position_kind)
    row = session.scalars(
        select(MailMessage).where(
            MailMessage.id == message_id, MailMessage.agency_id == who.agency_id
        )
    ).one_or_none()
    if row is None:
        raise MessageUnknown
    return _seen(session, row)


def has_mailbox(session: Session, agency_id: UUID) -> bool:
    """Whether the e-mail of the agency is fetched."""
    return (
        session.scalar(
            select(Mailbox.agency_id).where(
                Mailbox.agency_id == agency_id, Mailbox.is_active.is_(True)
            )
        )
        is not None
    )


def mailboxes(session: Session, *, who: Principal) -> list[MailboxSeen]:
    """All mailboxes of the office, by agency. Raises OnlyOperators."""
    operators_only(who)
    rows = session.execute(
        select(Mailbox, Unit.name).join(Unit, Unit.id == Mailbox.agency_id).order_by(Unit.name)
    )
    return [
        MailboxSeen(
            agency_id=row.agency_id,
            agency_name=name,
            host=row.host,
            port=row.port,
            security=row.security,
            user_name=row.user_name,
            password_name=row.password_name,
            folder=row.folder,
            is_active=row.is_active,
            checked_at=row.checked_at,
            failure=row.failure,
        )
        for row, name in rows
    ]


def agencies(session: Session) -> list[tuple[UUID, str]]:
    """Who can have a mailbox: every agency that has not ended, by name."""
    rows = session.execute(
        select(Unit.id, Unit.name)
        .where(Unit.id == Unit.agency_id, Unit.valid_to.is_(None))
        .order_by(Unit.name)
    )
    return [(row.id, row.name) for row in rows]


def places(session: Session) -> list[tuple[UUID, Place, str]]:
    """Of each active mailbox: agency, where to look, name of the password. For the worker."""
    rows = session.scalars(select(Mailbox).where(Mailbox.is_active.is_(True)))
    return [
        (
            row.agency_id,
            Place(
                row.host,
                row.port,
                row.security,
                row.user_name,
                row.folder,
                row.uid_validity,
                row.last_uid,
            ),
            row.password_name,
        )
        for row in rows
    ]


def _seen(session: Session, row: MailMessage) -> MessageSeen:
    attachments = session.scalars(
        select(MailAttachment)
        .where(MailAttachment.message_id == row.id)
        .order_by(MailAttachment.position)
    )
    return MessageSeen(
        id=row.id,
        sender_name=row.sender_name,
        sender_address=row.sender_address,
        agency_name=_agency_name(session, row),
        subject=row.subject,
        sent_at=row.sent_at,
        fetched_at=row.fetched_at,
        text=row.text,
        left_out=tuple(line for line in row.left_out.splitlines() if line),
        state=row.state,
        put_aside_reason=row.put_aside_reason,
        delivery_id=row.delivery_id,
        attachments=tuple(
            AttachmentSeen(
                each.position,
                each.name,
                each.kind,
                each.media_type,
                each.size_bytes,
                each.sha256,
                each.page_count,
                each.text,
            )
            for each in attachments
        ),
    )


def _agency_name(session: Session, row: MailMessage) -> str | None:
    """As the clerk named the sender of this address last time; else as the directory does."""
    named = session.scalar(
        select(Delivery.sender_name)
        .join(MailMessage, MailMessage.delivery_id == Delivery.id)
        .where(
            MailMessage.agency_id == row.agency_id,
            MailMessage.sender_address == row.sender_address,
        )
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    if named is not None or row.sender_unit_id is None:
        return named
    return session.scalar(select(Unit.name).where(Unit.id == row.sender_unit_id))
