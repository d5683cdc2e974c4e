"""What happens to e-mail: mailboxes set, messages kept once, taken as documents or put aside."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import named_secrets
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Invalid, NotFound
from eoffice.mailroom import entering, proposals, states
from eoffice.mailroom.entering import Brought, Entered, Entry
from eoffice.mailroom.mime import Letter
from eoffice.mailroom.model import MailAttachment, Mailbox, MailMessage
from eoffice.mailroom.states import AttachmentKind, MailboxSecurity, MailState
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import promise
from eoffice.people.model import Unit
from eoffice.people.operators import operators_only
from eoffice.routing import rules
from eoffice.routing.outside_rules import Origin, OutsideFile
from eoffice.web.principal import Principal

#: Whose hand the audit log names when mail is fetched.
FETCHER: Final = "worker:mailroom.fetch"
#: Mail without encryption is for a server on this machine alone.
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
LONGEST: Final = 253


class MessageUnknown(NotFound):
    """There is no such message in the tray of the acting agency."""

    def __init__(self) -> None:
        super().__init__("Không có thư này, hoặc thư không gửi cho cơ quan mình.")


class MailboxUnacceptable(Invalid):
    """A mailbox cannot be set like this."""


@dataclass(frozen=True, slots=True)
class MailboxSetting:
    host: str
    port: int
    security: MailboxSecurity
    user_name: str
    password_name: str
    folder: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class KeptPart:
    """A file of a message; its bytes lie in the object store already."""

    file: OutsideFile
    kind: AttachmentKind
    #: Of a document that can be read.
    page_count: int | None
    text: str


def set_mailbox(
    session: Session, agency_id: UUID, setting: MailboxSetting, *, by: Principal, at: datetime
) -> None:
    """Where the e-mail of an agency is fetched from now on; another place begins anew.

    Raises OnlyOperators, MailboxUnacceptable, SecretNameWrong.
    """
    operators_only(by)
    checked = _checked(setting)
    known = session.get(Mailbox, agency_id)
    row = known or Mailbox(agency_id=agency_id, last_uid=0)
    if known is None or (known.host, known.user_name, known.folder) != (
        checked.host,
        checked.user_name,
        checked.folder,
    ):
        row.uid_validity = None
        row.last_uid = 0
    row.host = checked.host
    row.port = checked.port
    row.security = checked.security
    row.user_name = checked.user_name
    row.password_name = checked.password_name
    row.folder = checked.folder
    row.is_active = checked.is_active
    row.failure = None
    row.changed_at = at
    session.add(row)
    record(
        session,
        "mailbox.set",
        object_kind="mailbox",
        object_id=agency_id,
        by=by,
        at=at,
        details={"security": checked.security.value, "is_active": checked.is_active},
    )


def keep_message(
    session: Session,
    agency_id: UUID,
    letter: Letter,
    source: Sha256,
    parts: Collection[KeptPart],
    *,
    note: str = "",
    at: datetime,
) -> UUID | None:
    """Lay a message into the tray; None when it lies there already, or did.

    Known by Message-ID and the digest of what it says. Messages of the electronic exchange in it
    are handed to the exchange by the name of its task. Runs as the office itself.
    """
    message_id: UUID | None = session.scalar(
        insert(MailMessage)
        .values(
            id=new_id(),
            agency_id=agency_id,
            message_id=letter.message_id,
            digest=letter.digest,
            source_sha256=str(source),
            sender_address=letter.sender_address,
            sender_name=letter.sender_name,
            sender_unit_id=_unit_named(session, letter.sender_name),
            subject=letter.subject,
            sent_at=letter.sent_at,
            fetched_at=at,
            text=letter.text,
            left_out="\n".join((*letter.left_out, note) if note else letter.left_out),
            state=MailState.NEW,
        )
        .on_conflict_do_nothing(index_elements=["agency_id", "message_id", "digest"])
        .returning(MailMessage.id)
    )
    if message_id is None:
        return None
    for position, part in enumerate(parts, start=1):
        session.add(
            MailAttachment(
                message_id=message_id,
                position=position,
                agency_id=agency_id,
                name=part.file.name,
                kind=part.kind,
                media_type=part.file.media_type,
                size_bytes=part.file.size_bytes,
                sha256=str(part.file.sha256),
                page_count=part.page_count,
                text=part.text,
            )
        )
        if part.kind is AttachmentKind.EXCHANGE:
            promise(
                session,
                "exchange.take_mailed",
                at=at,
                agency_id=agency_id,
                content_sha256=str(part.file.sha256),
                mail_message_id=message_id,
            )
    _record(session, "mail.fetched", message_id, by=FETCHER, at=at, files=len(parts))
    return message_id


def advance(
    session: Session, agency_id: UUID, uid_validity: int, uid: int, *, at: datetime
) -> None:
    """Everything up to `uid` is in the tray. Never backwards while the folder is the same."""
    row = _locked_mailbox(session, agency_id)
    row.last_uid = max(row.last_uid, uid) if row.uid_validity == uid_validity else uid
    row.uid_validity = uid_validity
    row.checked_at = at


def looked(session: Session, agency_id: UUID, failure: str | None, *, at: datetime) -> None:
    """A look at the mailbox ended, well or not; the operator sees why."""
    row = _locked_mailbox(session, agency_id)
    row.checked_at = at
    row.failure = failure


def take(
    session: Session,
    message_id: UUID,
    entry: Entry,
    document: int | None,
    *,
    by: Principal,
    at: datetime,
) -> Entered:
    """Make an incoming document of a message: attachment `document` is its content, if any.

    The other files go with it. Raises MessageUnknown, NotOpenAnyMore, MailboxUnacceptable and what
    `entering.enter` raises.
    """
    message = _locked_own(session, message_id, by)
    attachments = session.scalars(
        select(MailAttachment)
        .where(MailAttachment.message_id == message_id)
        .order_by(MailAttachment.position)
    ).all()
    chosen = next((each for each in attachments if each.position == document), None)
    if document is not None and (chosen is None or chosen.kind is not AttachmentKind.DOCUMENT):
        detail = "Hãy chọn một tệp PDF của thư làm nội dung văn bản."
        raise MailboxUnacceptable(detail, fields={"document": detail})
    brought = Brought(
        Origin.MAIL,
        external_id=f"{message.message_id} {message.digest}".strip(),
        content=None if chosen is None else Sha256.parse(chosen.sha256),
        page_count=None if chosen is None else chosen.page_count,
        files=tuple(
            OutsideFile(each.name, each.media_type, each.size_bytes, Sha256.parse(each.sha256))
            for each in attachments
            if each is not chosen
        ),
    )
    done = entering.enter(session, entry, brought, by=by, at=at)
    message.state = MailState.TAKEN
    message.delivery_id = done.delivery_id
    message.ended_at = at
    message.ended_by = by.person_id
    _record(session, "mail.taken", message_id, by=by, at=at, delivery_id=str(done.delivery_id))
    return done


def put_aside(
    session: Session, message_id: UUID, reason: str, *, by: Principal, at: datetime
) -> None:
    """A message that is no document. Raises MessageUnknown, NotOpenAnyMore, TextUnacceptable."""
    words = rules.checked_text(reason, field="reason")
    message = _locked_own(session, message_id, by)
    message.state = MailState.PUT_ASIDE
    message.put_aside_reason = words
    message.ended_at = at
    message.ended_by = by.person_id
    _record(session, "mail.put_aside", message_id, by=by, at=at)


def _checked(setting: MailboxSetting) -> MailboxSetting:
    host, user = setting.host.strip().lower(), setting.user_name.strip()
    folder = setting.folder.strip() or "INBOX"
    wrong: dict[str, str] = {}
    if not host or len(host) > LONGEST or any(each in host for each in " /@\"'"):
        wrong["host"] = "Tên hoặc địa chỉ của máy chủ thư, ví dụ imap.dongthap.gov.vn."
    if not 1 <= setting.port <= 65535:
        wrong["port"] = "Cổng từ 1 đến 65535; thường là 993."
    if not user or len(user) > LONGEST or not user.isprintable():
        wrong["user_name"] = "Chưa nhập tên đăng nhập của hộp thư."
    if not (folder.isascii() and folder.isprintable() and len(folder) <= LONGEST):
        wrong["folder"] = "Tên thư mục viết bằng chữ không dấu, ví dụ INBOX."
    if setting.security is MailboxSecurity.NONE and host not in _LOOPBACK:
        wrong["security"] = "Chỉ máy chủ thư trên chính máy này mới được nối không mã hóa."
    if wrong:
        raise MailboxUnacceptable(" ".join(wrong.values()), fields=wrong)
    name = named_secrets.needed(setting.password_name, field="password_name", what="mật khẩu")
    return MailboxSetting(
        host, setting.port, setting.security, user, name, folder, setting.is_active
    )


def _unit_named(session: Session, name: str) -> UUID | None:
    """The agency of the directory with this name, as letters compare."""
    wanted = proposals.folded(name)
    if not wanted:
        return None
    rows = session.execute(
        select(Unit.id, Unit.name).where(
            Unit.id == Unit.agency_id, func.length(Unit.name) <= len(name) + 40
        )
    )
    found = [row.id for row in rows if proposals.folded(row.name) == wanted]
    return found[0] if len(found) == 1 else None


def _locked_mailbox(session: Session, agency_id: UUID) -> Mailbox:
    return session.scalars(
        select(Mailbox)
        .where(Mailbox.agency_id == agency_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _locked_own(session: Session, message_id: UUID, by: Principal) -> MailMessage:
    rules.check_clerk(by.position_kind)
    message = session.scalars(
        select(MailMessage)
        .where(MailMessage.id == message_id, MailMessage.agency_id == by.agency_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if message is None:
        raise MessageUnknown
    states.check_open(message.state)
    return message


def _record(
    session: Session,
    action: str,
    message_id: UUID,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    record(
        session,
        action,
        object_kind="mail_message",
        object_id=message_id,
        by=by,
        at=at,
        details=details,
    )
