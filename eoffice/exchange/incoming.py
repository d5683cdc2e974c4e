"""What comes in: kept first, then read, judged and made into deliveries, statuses and recalls.

A message is in the log before it is understood. One that cannot be processed stays there with the
reason, in sight, until somebody has it tried again or puts it aside.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, Refusal
from eoffice.exchange import outgoing, peers, states
from eoffice.exchange.edxml import Read
from eoffice.exchange.mapping import Codes
from eoffice.exchange.message import (
    BUSINESS_NAMES,
    BusinessType,
    DocumentMessage,
    StatusCode,
    StatusMessage,
    Trace,
)
from eoffice.exchange.model import MessageRow, Peer
from eoffice.exchange.states import Direction, Kind, State, Step
from eoffice.exchange.xml_signature import SignatureState, SignatureVerdict
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import promise
from eoffice.people import queries as people
from eoffice.people.views import UnitView
from eoffice.routing import outside, outside_changes, recall_actions
from eoffice.routing.change_rules import ChangeKind
from eoffice.routing.model import Delivery
from eoffice.routing.outside_rules import Origin, OutsideDocument, OutsideFile
from eoffice.routing.rules import NoticeKind

RECEIVER: Final = "worker:exchange.take_in"
#: Certain enough to act upon by itself; everything else waits where signatures are required.
_SIGNED: Final = frozenset({SignatureState.VALID})
_LONGEST_SIGNER: Final = 50
#: Statuses of which those hear who wrote, signed or issued the document.
_CONCERNS: Final[dict[str, NoticeKind]] = {
    StatusCode.REFUSED: NoticeKind.OUTSIDE_REFUSED,
    StatusCode.CHANGE_ACCEPTED: NoticeKind.OUTSIDE_ANSWERED,
    StatusCode.CHANGE_REFUSED: NoticeKind.OUTSIDE_ANSWERED,
}
_CHANGES: Final = {
    BusinessType.UPDATE: ChangeKind.AMENDS,
    BusinessType.REPLACE: ChangeKind.REPLACES,
}


class MessageTwice(Conflict):
    """Another message came under the same identifier before."""


class NotProcessable(Refusal):
    """The message is in order for a reader, but cannot be acted upon by itself."""


class SenderUnknown(NotProcessable):
    """The message names a sender for whom this partner does not speak."""


class RecipientUnknown(NotProcessable):
    """The message is for agencies that do not work in this office."""


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """Files of a document message, in the object store already."""

    content: Sha256 | None = None
    page_count: int = 1
    others: tuple[OutsideFile, ...] = ()


def keep(
    session: Session, peer: Peer, message_id: str, content: Sha256, size_bytes: int, *, at: datetime
) -> UUID:
    """Put a message that came into the log; its identifier there.

    Idempotent by the sender's identifier. The bytes lie in the store already. Raises MessageTwice:
    the identifier was used for another content before.
    """
    row_id: UUID | None = session.scalar(
        insert(MessageRow)
        .values(
            id=new_id(),
            peer_id=peer.id,
            direction=Direction.IN,
            state=State.RECEIVED,
            message_id=message_id,
            organ_id=peer.organ_id,
            organ_name=peer.name,
            edxml_document_id="",
            code="",
            content_sha256=str(content),
            size_bytes=size_bytes,
            attempts=0,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["direction", "peer_id", "message_id"])
        .returning(MessageRow.id)
    )
    if row_id is None:
        before = session.scalars(
            select(MessageRow).where(
                MessageRow.direction == Direction.IN,
                MessageRow.peer_id == peer.id,
                MessageRow.message_id == message_id,
            )
        ).one()
        if before.content_sha256 != str(content):
            raise MessageTwice("Mã thông điệp này đã dùng cho một nội dung khác.")
        return before.id
    promise(session, "exchange.take_in", at=at, message_id=row_id)
    _record(session, "exchange_message.received", session.get_one(MessageRow, row_id), at=at)
    return row_id


def process(
    session: Session,
    row: MessageRow,
    read: Read,
    verdict: SignatureVerdict,
    stored: StoredFiles,
    *,
    at: datetime,
) -> None:
    """Act upon a message that was read. Raises NotProcessable and refusals of routing."""
    peer = session.get_one(Peer, row.peer_id)
    note_read(row, read, verdict)
    if read.damage is not None:
        raise NotProcessable("Tệp bị hỏng, chỉ đọc được một phần. Hãy đề nghị bên gửi gửi lại.")
    if not peers.speaks_for(peer, read.message.sender.organ_id):
        raise SenderUnknown(
            f"Thông điệp ghi cơ quan gửi là {read.message.sender.organ_id}, không phải mã của "
            f"{peer.name}. Nếu đúng là cơ quan này, thêm mã vào danh sách mã khác của đối tác."
        )
    if peer.requires_signature and verdict.state not in _SIGNED:
        raise NotProcessable(f"Đối tác này phải ký số thông điệp. {verdict.words}")
    if isinstance(read.message, StatusMessage):
        _take_status(session, row, read.message, at=at)
    else:
        _take_document(session, row, read.message, peer, stored, at=at)


def note_read(row: MessageRow, read: Read, verdict: SignatureVerdict) -> None:
    """What the log shows of a message, whether or not anything can be done with it."""
    message = read.message
    row.organ_id = message.sender.organ_id
    row.organ_name = message.sender.name or row.organ_name
    row.signature_state = verdict.state
    row.signature_words = verdict.words
    row.signer = verdict.signer
    if isinstance(message, StatusMessage):
        row.kind = Kind.STATUS
        row.status_code = message.status
        row.words = message.description
        row.told_at = message.at
        row.edxml_document_id = message.response_for.document_id
        row.code = message.response_for.code
    else:
        row.kind = Kind.DOCUMENT
        row.business_type = _business(message)
        row.words = None if message.business is None else message.business.reason
        row.edxml_document_id = _document_id(message)
        row.code = message.code


def hold(session: Session, row: MessageRow, *, why: str, at: datetime) -> None:
    """It cannot be processed: it waits in sight. Nothing where it was processed meanwhile."""
    if row.state is not State.RECEIVED:
        return
    row.state = states.after(row.state, Step.HOLD)
    row.failure = why[:500]
    _record(session, "exchange_message.held", row, at=at)


def _take_status(
    session: Session, row: MessageRow, message: StatusMessage, *, at: datetime
) -> None:
    if message.status == StatusCode.TAKE_BACK:
        found = _deliveries(session, row, (message.response_for.document_id,))
        _take_back(session, row, found, words=message.description, at=at)
        return
    ours = session.scalars(
        select(MessageRow)
        .where(
            MessageRow.direction == Direction.OUT,
            MessageRow.kind == Kind.DOCUMENT,
            MessageRow.peer_id == row.peer_id,
            MessageRow.edxml_document_id == message.response_for.document_id,
        )
        .order_by(MessageRow.created_at)
    ).first()
    if ours is None:
        raise NotProcessable(
            f"Trạng thái nói về văn bản {message.response_for.document_id or '(không ghi mã)'}, "
            "mà cơ quan chưa gửi cho đối tác này."
        )
    row.agency_id = ours.agency_id
    row.document_id = ours.document_id
    kind = _CONCERNS.get(message.status)
    if kind is not None and ours.document_id is not None:
        recall_actions.tell_concerned(session, kind, None, of_document=ours.document_id, at=at)
    _end(session, row, at=at)


def _take_document(
    session: Session,
    row: MessageRow,
    message: DocumentMessage,
    peer: Peer,
    stored: StoredFiles,
    *,
    at: datetime,
) -> None:
    business = _business(message)
    changed = _deliveries(session, row, _changed(message))
    if business is BusinessType.RECALL:
        _take_back(session, row, changed, words=_why(message), at=at)
        return
    removed = _removed(message)
    # An update that takes a recipient off the list: its copy goes back.
    gone = [each for each in changed if each.recipient_unit_id in _units(session, removed)]
    for delivery in gone:
        outside_changes.take_back(session, delivery.id, words=_why(message), by=RECEIVER, at=at)
    units = [each for each in _addressees(session, message) if each.organ_id not in removed]
    if gone and not units:
        row.delivery_id, row.agency_id = gone[0].id, gone[0].recipient_agency_id
        _ask(session, row, at=at)
        return
    if not units:
        raise RecipientUnknown(
            "Không cơ quan nào ở đây có mã định danh mà thông điệp gửi đến: "
            f"{', '.join(each.organ_id for each in message.recipients)[:300] or '(không ghi)'}."
        )
    if message.promulgated_on is None:
        raise NotProcessable("Thông điệp không ghi ngày ban hành của văn bản.")
    codes = peers.codes(session, peer.id)
    for unit in units:
        item = _item(row, message, unit, codes, stored)
        delivery_id = outside.receive(session, item, by=RECEIVER, at=at)
        if row.delivery_id is None:
            row.delivery_id, row.agency_id = delivery_id, unit.agency_id
        session.flush()  # The steps are read from the delivery and from this message.
        _tell_arrival(session, row, delivery_id, at=at)
        for earlier in changed:
            if earlier.recipient_unit_id == unit.id and earlier.id != delivery_id:
                outside_changes.change(
                    session,
                    earlier.id,
                    delivery_id,
                    _CHANGES[business],
                    words=_why(message),
                    by=RECEIVER,
                    at=at,
                )
    if business is not BusinessType.NEW and changed:
        _ask(session, row, at=at)
        return
    _end(session, row, at=at)


def _tell_arrival(session: Session, row: MessageRow, delivery_id: UUID, *, at: datetime) -> None:
    delivery = session.get_one(Delivery, delivery_id)
    for code, when, words in outgoing.steps_taken(delivery):
        outgoing.queue_status(session, row, delivery, code, words=words, told_at=when, at=at)


def _take_back(
    session: Session, row: MessageRow, found: list[Delivery], *, words: str, at: datetime
) -> None:
    """The sender recalls: its copies here are taken back, and a clerk answers."""
    if not found:
        raise NotProcessable("Bên gửi đề nghị lấy lại một văn bản chưa từng đến đây.")
    for delivery in found:
        outside_changes.take_back(session, delivery.id, words=words, by=RECEIVER, at=at)
    row.delivery_id = found[0].id
    row.agency_id = found[0].recipient_agency_id
    row.words = words
    _ask(session, row, at=at)


def _ask(session: Session, row: MessageRow, *, at: datetime) -> None:
    """A clerk of the recipient answers with 15 or 16."""
    row.state = states.after(row.state, Step.ASK)
    _record(session, "exchange_message.asked", row, at=at)


def _end(session: Session, row: MessageRow, *, at: datetime) -> None:
    row.state = states.after(row.state, Step.PROCESS)
    row.failure = None
    row.ended_at = at
    _record(session, "exchange_message.processed", row, at=at)


def _why(message: DocumentMessage) -> str:
    return "" if message.business is None else message.business.reason


def _removed(message: DocumentMessage) -> frozenset[str]:
    """Identifiers that an update takes off the list of its recipients (ReceiverType 0)."""
    business = message.business
    if business is None or business.update is None or business.type is not BusinessType.UPDATE:
        return frozenset()
    return frozenset(each.organ_id for each in business.update.receivers if not each.is_added)


def _units(session: Session, organ_ids: frozenset[str]) -> frozenset[UUID]:
    found = (people.unit_by_organ_id(session, each) for each in organ_ids)
    return frozenset(each.id for each in found if each is not None)


def _business(message: DocumentMessage) -> BusinessType:
    return BusinessType.NEW if message.business is None else message.business.type


def _document_id(message: DocumentMessage) -> str:
    """How the sender calls the document; made from its parts where it says nothing."""
    if message.document_id:
        return message.document_id
    on = "" if message.promulgated_on is None else f"{message.promulgated_on:%Y/%m/%d}"
    return f"{message.sender.organ_id},{on},{message.code}"


def _changed(message: DocumentMessage) -> tuple[str, ...]:
    """The documents that it recalls, updates or replaces, as their sender names them."""
    business = message.business
    if business is None or business.type is BusinessType.NEW:
        return ()
    named = (business.document_id, *(each.document_id for each in business.replacements))
    return tuple(dict.fromkeys(each for each in (*named, _document_id(message)) if each))


def _deliveries(session: Session, row: MessageRow, names: tuple[str, ...]) -> list[Delivery]:
    """What came under these names from the same sender, oldest first."""
    if not names:
        return []
    external = [f"{row.organ_id}|{name}" for name in names]
    return list(
        session.scalars(
            select(Delivery)
            .where(
                Delivery.origin == Origin.EXCHANGE,
                or_(
                    Delivery.external_id.in_(external),
                    *(
                        Delivery.external_id.startswith(f"{each}|", autoescape=True)
                        for each in external
                    ),
                ),
                ~Delivery.external_id.endswith(f"|{row.message_id}", autoescape=True),
            )
            .order_by(Delivery.delivered_at, Delivery.id)
        )
    )


def _addressees(session: Session, message: DocumentMessage) -> list[UnitView]:
    found: dict[UUID, UnitView] = {}
    for organ in message.recipients:
        unit = people.unit_by_organ_id(session, organ.organ_id)
        if unit is not None:
            found.setdefault(unit.id, unit)
    return list(found.values())


def _item(
    row: MessageRow, message: DocumentMessage, unit: UnitView, codes: Codes, stored: StoredFiles
) -> OutsideDocument:
    business = _business(message)
    assert message.promulgated_on is not None
    kind = codes.type_name(message.type.type, message.type.name)
    external_id = f"{message.sender.organ_id}|{_document_id(message)}"
    note = ""
    if business is not BusinessType.NEW:
        external_id = f"{external_id}|{row.message_id}"
        note = f"{BUSINESS_NAMES[business]} văn bản {', '.join(_changed(message))}."
    return OutsideDocument(
        origin=Origin.EXCHANGE,
        recipient_unit_id=unit.id,
        external_id=external_id,
        sender_name=(message.sender.name or message.sender.organ_id)[:200],
        sender_organ_id=message.sender.organ_id[:35],
        type_name=kind[:100],
        number=message.number[:11],
        notation=message.notation[:30],
        issued_on=message.promulgated_on,
        subject=(message.subject or message.content or kind)[:500],
        signer_name=message.signer.full_name[:_LONGEST_SIGNER],
        signer_position=message.signer.position[:100] or None,
        urgency=codes.urgency(message.other.priority),
        due_on=message.due_on,
        description=note[:500] or None,
        to_places="; ".join(message.to_places)[:1000] or None,
        trace_headers="; ".join(map(_traced, message.traces)) or None,
        content=stored.content,
        page_count=stored.page_count,
        files=stored.others,
        arrived_at=row.created_at,
    )


def _traced(trace: Trace) -> str:
    if trace.at is None:
        return trace.organ_id
    return f"{trace.organ_id} {clock.vietnam_time(trace.at):%d/%m/%Y %H:%M}"


def _record(session: Session, action: str, row: MessageRow, *, at: datetime) -> None:
    record(
        session,
        action,
        object_kind="exchange_message",
        object_id=row.id,
        by=RECEIVER,
        at=at,
        details={
            "organ_id": row.organ_id,
            "content_sha256": row.content_sha256 or "",
            "delivery_id": str(row.delivery_id or ""),
        },
    )
