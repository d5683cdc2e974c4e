"""What may be seen of the log: operators all of it, an agency its own messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select, true, tuple_
from sqlalchemy.orm import Session

from eoffice.documents import rules as documents_rules
from eoffice.errors import NotAllowed
from eoffice.exchange.actions import MessageUnknown
from eoffice.exchange.message import BUSINESS_NAMES, STATUS_NAMES, BusinessType, StatusCode
from eoffice.exchange.model import MessageRow, Peer
from eoffice.exchange.states import DIRECTION_NAMES, STATE_NAMES, Direction, Kind, State
from eoffice.people.kinds import PositionKind
from eoffice.routing import rules as routing_rules
from eoffice.routing.delivery_queries import CopyRecalled, DeliveryUnknown
from eoffice.routing.model import Delivery
from eoffice.routing.states import DeliveryState
from eoffice.web.principal import Principal

#: What somebody has to do something about.
NEEDS_SOMEBODY = (State.FAILED, State.HELD, State.ASKING)


class LogNotYours(NotAllowed):
    """The log of the exchange is for operators and for those who keep an agency's books."""


@dataclass(frozen=True, slots=True)
class Line:
    """A message as the log shows it, without the document's subject."""

    id: UUID
    direction: Direction
    direction_name: str
    #: "Văn bản mới", "Trạng thái 03: Đã tiếp nhận", "Chưa đọc được".
    what: str
    code: str
    organ_id: str
    organ_name: str
    peer_name: str
    state: State
    state_name: str
    attempts: int
    next_try_at: datetime | None
    failure: str | None
    created_at: datetime
    ended_at: datetime | None
    message_id: str
    edxml_document_id: str
    words: str | None
    told_at: datetime | None
    content_sha256: str | None
    size_bytes: int | None
    signature_words: str | None
    document_id: UUID | None
    delivery_id: UUID | None
    agency_id: UUID | None


@dataclass(frozen=True, slots=True)
class Told:
    """A status that an agency outside told about a document of ours."""

    name: str
    words: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Abroad:
    """One agency outside to which a document went by exchange, and what it told."""

    message: Line
    statuses: tuple[Told, ...]


def is_operator(who: Principal) -> bool:
    return who.position_kind == PositionKind.OPERATOR


def may_read_log(who: Principal) -> bool:
    """Operators, and those who keep an agency's books."""
    return is_operator(who) or routing_rules.reads_the_book(who.position_kind)


def reader(who: Principal) -> Principal:
    """Who may read the log. Raises LogNotYours."""
    if not may_read_log(who):
        raise LogNotYours(
            "Nhật ký liên thông dành cho quản trị, văn thư và lãnh đạo cơ quan. Nếu cần biết tình "
            "hình một văn bản, hãy mở trang của văn bản đó."
        )
    return who


def log(
    session: Session,
    *,
    who: Principal,
    direction: Direction | None = None,
    needs_somebody: bool = False,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Line]:
    """Newest first, from behind `after`."""
    query = select(MessageRow, Peer.name).join(Peer).where(_visible(who))
    if direction is not None:
        query = query.where(MessageRow.direction == direction)
    if needs_somebody:
        query = query.where(MessageRow.state.in_(NEEDS_SOMEBODY))
    if after is not None:
        query = query.where(tuple_(MessageRow.created_at, MessageRow.id) < after)
    query = query.order_by(MessageRow.created_at.desc(), MessageRow.id.desc()).limit(limit)
    return [_line(row, name) for row, name in session.execute(query)]


def count_needing(session: Session, *, who: Principal) -> int:
    return session.execute(
        select(func.count())
        .select_from(MessageRow)
        .where(_visible(who), MessageRow.state.in_(NEEDS_SOMEBODY))
    ).scalar_one()


def message(session: Session, message_id: UUID, *, who: Principal) -> Line:
    """Raises MessageUnknown."""
    found = session.execute(
        select(MessageRow, Peer.name).join(Peer).where(_visible(who), MessageRow.id == message_id)
    ).one_or_none()
    if found is None:
        raise MessageUnknown
    return _line(*found)


def require_not_recalled(session: Session, line: Line) -> None:
    """That the document in a message that came may still be read.

    Raises CopyRecalled, and DeliveryUnknown where the acting person cannot see what became of it.
    """
    row = session.get_one(MessageRow, line.id)
    brings = row.kind is Kind.DOCUMENT and row.business_type is not BusinessType.RECALL
    if not brings or line.direction is not Direction.IN or line.delivery_id is None:
        return
    state = session.scalar(select(Delivery.state).where(Delivery.id == line.delivery_id))
    if state is None:
        raise DeliveryUnknown
    if state is DeliveryState.RECALLED:
        raise CopyRecalled


def abroad(session: Session, document_id: UUID, *, who: Principal) -> list[Abroad]:
    """The agencies outside to which an own document went by exchange, with what they told."""
    if not documents_rules.may_write(PositionKind(who.position_kind)):
        return []
    rows = session.execute(
        select(MessageRow, Peer.name)
        .join(Peer)
        .where(MessageRow.document_id == document_id, MessageRow.agency_id == who.agency_id)
        .order_by(MessageRow.created_at, MessageRow.id)
    ).all()
    statuses = [row for row, _ in rows if row.kind is Kind.STATUS]
    return [
        Abroad(
            _line(row, name),
            tuple(_told(each) for each in statuses if each.organ_id == row.organ_id),
        )
        for row, name in rows
        if row.kind is Kind.DOCUMENT and row.direction is Direction.OUT
    ]


def _visible(who: Principal) -> ColumnElement[bool]:
    if is_operator(who):
        return true()
    if not may_read_log(who):
        return false()
    return MessageRow.agency_id == who.agency_id


def _line(row: MessageRow, peer_name: str) -> Line:
    return Line(
        id=row.id,
        direction=row.direction,
        direction_name=DIRECTION_NAMES[row.direction],
        what=_what(row),
        code=row.code,
        organ_id=row.organ_id,
        organ_name=row.organ_name,
        peer_name=peer_name,
        state=row.state,
        state_name=STATE_NAMES[row.state],
        attempts=row.attempts,
        next_try_at=row.next_try_at,
        failure=row.failure,
        created_at=row.created_at,
        ended_at=row.ended_at,
        message_id=row.message_id,
        edxml_document_id=row.edxml_document_id,
        words=row.words,
        told_at=row.told_at,
        content_sha256=row.content_sha256,
        size_bytes=row.size_bytes,
        signature_words=row.signature_words,
        document_id=row.document_id,
        delivery_id=row.delivery_id,
        agency_id=row.agency_id,
    )


def _what(row: MessageRow) -> str:
    if row.kind is Kind.STATUS:
        return f"Trạng thái {row.status_code}: {status_name(row.status_code or '')}"
    if row.kind is Kind.DOCUMENT:
        return BUSINESS_NAMES[row.business_type or BusinessType.NEW]
    return "Chưa đọc"


def status_name(code: str) -> str:
    """A code that the regulation's samples do not show is named by its number only."""
    try:
        return STATUS_NAMES[StatusCode(code)]
    except ValueError:
        return "không có tên trong danh mục"


def _told(row: MessageRow) -> Told:
    return Told(status_name(row.status_code or ""), row.words or "", row.told_at or row.created_at)
