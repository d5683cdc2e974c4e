"""What leaves: documents issued to agencies outside, and what became of those that came from there.

Actions only put a message into the log and promise its sending; the file is built, signed and
handed over by the task, so that each attempt carries the same bytes under the same identifier.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents import queries as documents
from eoffice.documents.issue.corrections_rules import CorrectionKind
from eoffice.documents.model import Document
from eoffice.documents.types import Secrecy
from eoffice.errors import Conflict
from eoffice.exchange import composing, peers, states
from eoffice.exchange.message import (
    STATUS_NAMES,
    BusinessType,
    StatusCode,
)
from eoffice.exchange.model import GatewayKind, MessageRow, Peer
from eoffice.exchange.states import Direction, Kind, State, Step
from eoffice.outbox import promise
from eoffice.people import queries as people
from eoffice.routing.model import Delivery
from eoffice.routing.outside_rules import Origin

SENDER: Final = "worker:exchange.send"


class SecretStaysInside(Conflict):
    """A document with a degree of secrecy never leaves by electronic exchange."""


def queue_issued(
    session: Session,
    document_id: UUID,
    *,
    organ_id: str,
    organ_name: str,
    business: BusinessType = BusinessType.NEW,
    at: datetime,
) -> UUID:
    """Put an issued document into the log for one agency outside; the message's identifier.

    Idempotent for (document, agency, what it does there). Runs as the office itself. Raises
    SecretStaysInside, NoWayThere.
    """
    secrecy = session.scalar(select(Document.secrecy).where(Document.id == document_id))
    if secrecy is not Secrecy.NONE:
        raise SecretStaysInside(
            "Văn bản có độ mật không được gửi qua liên thông. Hãy gửi theo quy định về bảo vệ bí "
            "mật nhà nước."
        )
    issued = documents.issued(session, document_id)
    agency = people.unit(session, issued.agency_id)
    peer = _peer_for(session, organ_id)
    return _queue(
        session,
        peer,
        message_id=f"{document_id}-{business.value}-{_token(organ_id)}",
        kind=Kind.DOCUMENT,
        agency_id=issued.agency_id,
        organ_id=organ_id,
        organ_name=organ_name,
        edxml_document_id=composing.named(composing.organ_id_of(agency), issued),
        code=issued.code,
        business_type=business,
        document_id=document_id,
        at=at,
    )


def queue_recall(session: Session, document_id: UUID, *, at: datetime) -> list[UUID]:
    """Ask every agency outside that was sent the document to give it back. Idempotent.

    A message that nobody began to send is put aside instead: there is nothing to give back.
    """
    sent = session.scalars(
        select(MessageRow)
        .where(
            MessageRow.direction == Direction.OUT,
            MessageRow.kind == Kind.DOCUMENT,
            MessageRow.document_id == document_id,
            MessageRow.business_type != BusinessType.RECALL,
        )
        .with_for_update()
    ).all()
    for each in sent:
        if each.state is State.WAITING and each.content_sha256 is None:
            each.state = states.after(each.state, Step.CALL_OFF)
            each.failure = "Văn bản đã thu hồi trước khi được gửi."
            each.next_try_at = None
            each.ended_at = at
            _record(session, "exchange_message.discarded", each, at=at)
    return [
        queue_issued(
            session,
            document_id,
            organ_id=each.organ_id,
            organ_name=each.organ_name,
            business=BusinessType.RECALL,
            at=at,
        )
        for each in sent
        if each.state is not State.DISCARDED
    ]


def waits_for_original(session: Session, row: MessageRow) -> bool:
    """Whether a recall would overtake the document that it recalls, which is still to be sent."""
    if row.business_type is not BusinessType.RECALL:
        return False
    found = session.scalar(
        select(MessageRow.id)
        .where(
            MessageRow.direction == Direction.OUT,
            MessageRow.document_id == row.document_id,
            MessageRow.organ_id == row.organ_id,
            MessageRow.business_type != BusinessType.RECALL,
            MessageRow.state == State.WAITING,
        )
        .limit(1)
    )
    return found is not None


def business_of(session: Session, document_id: UUID, organ_id: str) -> BusinessType:
    """What an issued document does at an agency: replace or update what it was sent before."""
    kinds = {kind for kind, _ in composing.corrected(session, document_id, organ_id)}
    if CorrectionKind.REPLACES in kinds:
        return BusinessType.REPLACE
    return BusinessType.UPDATE if kinds else BusinessType.NEW


def queue_steps(session: Session, delivery_id: UUID, *, at: datetime) -> list[UUID]:
    """Tell the sender every step that its document took here and that was not told yet.

    Idempotent: each status once. Nothing for what did not come by exchange.
    """
    delivery = session.get_one(Delivery, delivery_id)
    came = came_with(session, delivery)
    if came is None:
        return []
    return [
        queue_status(session, came, delivery, code, words=words, told_at=when, at=at)
        for code, when, words in steps_taken(delivery)
    ]


def came_with(session: Session, delivery: Delivery) -> MessageRow | None:
    """The message that brought a document; None for one that did not come by exchange."""
    if delivery.origin is not Origin.EXCHANGE:
        return None
    named = func.concat(MessageRow.organ_id, "|", MessageRow.edxml_document_id)
    return session.scalars(
        select(MessageRow)
        .where(
            MessageRow.direction == Direction.IN,
            MessageRow.kind == Kind.DOCUMENT,
            (MessageRow.delivery_id == delivery.id)
            | (named == delivery.external_id)
            | (func.concat(named, "|", MessageRow.message_id) == delivery.external_id),
        )
        .order_by(MessageRow.delivery_id.is_distinct_from(delivery.id), MessageRow.created_at)
    ).first()


def queue_status(
    session: Session,
    came: MessageRow,
    delivery: Delivery,
    code: StatusCode,
    *,
    words: str,
    told_at: datetime,
    at: datetime,
) -> UUID:
    """A status about the document that `came`, back to whom it came from."""
    peer = session.get_one(Peer, came.peer_id)
    return _queue(
        session,
        peer,
        message_id=f"{came.id}-{code.value}-{delivery.id.hex[-12:]}",
        kind=Kind.STATUS,
        agency_id=delivery.recipient_agency_id,
        organ_id=came.organ_id,
        organ_name=came.organ_name,
        edxml_document_id=came.edxml_document_id,
        code=came.code,
        status_code=code.value,
        words=words,
        told_at=told_at,
        delivery_id=delivery.id,
        at=at,
    )


def steps_taken(delivery: Delivery) -> list[tuple[StatusCode, datetime, str]]:
    """Codes of QCVN 102:2016 for what has happened to a delivery, in the order of time."""
    registered = f"Vào sổ văn bản đến, số đến {delivery.arrival_number}"
    facts = (
        (StatusCode.ARRIVED, delivery.delivered_at, STATUS_NAMES[StatusCode.ARRIVED]),
        (StatusCode.REFUSED, delivery.refused_at, delivery.refusal_reason or ""),
        (StatusCode.ACCEPTED, delivery.registered_at, registered),
        (StatusCode.ASSIGNED, delivery.assigned_at, STATUS_NAMES[StatusCode.ASSIGNED]),
        (StatusCode.IN_WORK, delivery.work_began_at, STATUS_NAMES[StatusCode.IN_WORK]),
        (StatusCode.DONE, delivery.done_at, STATUS_NAMES[StatusCode.DONE]),
    )
    return [(code, when, words) for code, when, words in facts if when is not None]


def note_built(row: MessageRow, *, sha256: str, size_bytes: int) -> None:
    """From here on every attempt carries these bytes."""
    row.content_sha256 = sha256
    row.size_bytes = size_bytes


def note_sent(session: Session, row: MessageRow, *, at: datetime) -> None:
    """The other side has it. Idempotent."""
    if row.state is not State.WAITING:
        return
    row.state = states.after(row.state, Step.SEND)
    row.failure = None
    row.next_try_at = None
    row.ended_at = at
    if row.kind is Kind.DOCUMENT and row.business_type is not BusinessType.RECALL:
        promise(session, "exchange.mark_sent", at=at, message_id=row.id)
    _record(session, "exchange_message.sent", row, at=at)


def note_attempt(row: MessageRow, *, attempt: int, next_try_at: datetime | None, why: str) -> None:
    row.attempts = attempt
    row.next_try_at = next_try_at
    row.failure = why[:500]


def give_up(session: Session, row: MessageRow, *, why: str, at: datetime) -> None:
    """It waits for an operator from now on."""
    if row.state is not State.WAITING:
        return
    row.state = states.after(row.state, Step.GIVE_UP)
    row.failure = why[:500]
    row.next_try_at = None
    _record(session, "exchange_message.failed", row, at=at)


def collects(peer: Peer) -> bool:
    """Whether the peer comes for its messages; then they wait for it."""
    return peer.gateway is GatewayKind.HTTP and not peer.address


def _queue(
    session: Session,
    peer: Peer,
    *,
    message_id: str,
    kind: Kind,
    at: datetime,
    **columns: object,
) -> UUID:
    row_id: UUID | None = session.scalar(
        insert(MessageRow)
        .values(
            id=new_id(),
            peer_id=peer.id,
            direction=Direction.OUT,
            kind=kind,
            state=State.WAITING,
            message_id=message_id,
            attempts=0,
            next_try_at=None if collects(peer) else at,
            created_at=at,
            **columns,
        )
        .on_conflict_do_nothing(index_elements=["direction", "peer_id", "message_id"])
        .returning(MessageRow.id)
    )
    if row_id is None:
        return session.scalars(
            select(MessageRow.id).where(
                MessageRow.direction == Direction.OUT,
                MessageRow.peer_id == peer.id,
                MessageRow.message_id == message_id,
            )
        ).one()
    promise(session, "exchange.send", at=at, message_id=row_id)
    _record(session, "exchange_message.queued", session.get_one(MessageRow, row_id), at=at)
    return row_id


def _peer_for(session: Session, organ_id: str) -> Peer:
    peer = peers.for_organ(session, organ_id)
    if peer is None:
        raise composing.NoWayThere(
            f"Chưa khai báo đối tác liên thông cho mã định danh {organ_id}. Đề nghị quản trị khai "
            "báo trong phần Liên thông."
        )
    return peer


def _token(organ_id: str) -> str:
    """As a part of an identifier that is also a file name."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in organ_id)


def _record(session: Session, action: str, row: MessageRow, *, at: datetime) -> None:
    record(
        session,
        action,
        object_kind="exchange_message",
        object_id=row.id,
        by=SENDER,
        at=at,
        details={
            "organ_id": row.organ_id,
            "kind": "" if row.kind is None else row.kind.value,
            "status_code": row.status_code or "",
            "document_id": str(row.document_id or ""),
        },
    )
