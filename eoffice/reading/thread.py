"""Văn bản liên quan: what belongs to a document, going and coming, in the order of time.

Built from what the slices keep anyway: answers, corrections and replacements, copies, legal bases,
what was passed on below, case files. From the document that is open the thread goes on through
answers, changes and copies; legal bases and case files end it. Of all of them only what this person
may read is told, and nothing is said of the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import queries as documents
from eoffice.documents import states as document_states
from eoffice.documents import types
from eoffice.documents.drafts.quoting import Source
from eoffice.documents.drafts.quoting_model import DocumentCitation, LegalText
from eoffice.documents.model import Document, Issuance
from eoffice.documents.waiting import TONES
from eoffice.filing import case_queries, case_rules
from eoffice.filing.case_rules import RecordKind
from eoffice.people.kinds import PositionKind
from eoffice.reading import bonds
from eoffice.reading.bonds import MOST, Direction, Edge, Node, came_node, own_node
from eoffice.routing import delivery_queries, outside_rules, states, succession
from eoffice.routing.delivery_pages import DELIVERY_TONES
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.work_model import Forwarding, ForwardingRecipient
from eoffice.web.principal import Principal

_LAST: Final = datetime.max.replace(tzinfo=UTC)
#: Steps from the document that is open.
FURTHEST: Final = 4


DIRECTION_NAMES: Final = {
    Direction.OUTGOING: "Đi",
    Direction.INCOMING: "Đến",
    Direction.LAW: "Pháp luật",
    Direction.CASE_FILE: "Hồ sơ",
}


@dataclass(frozen=True, slots=True)
class Related:
    """One line of the thread."""

    direction: Direction
    id: UUID
    #: How it belongs to what: "Trả lời 960/SGDĐT"; empty for the one that is open.
    said: str
    type_name: str
    code: str
    #: Who sent it; empty for the own agency.
    sender: str
    #: When it was issued or came; None for a case file, which goes on.
    at: datetime | None
    subject: str
    state: str
    tone: str
    path: str | None
    is_open: bool = False


def of(session: Session, direction: Direction, thing_id: UUID, *, who: Principal) -> list[Related]:
    """The thread around a thing that the caller has found for this person, oldest first.

    The thing itself is one of its lines.
    """
    start = Node(direction, thing_id)
    edges = _gathered(session, start, who)
    seen = _lines(session, {start, *edges}, who)
    found = [_said(seen, node, edges.get(node), is_open=node == start) for node in seen]
    found += _laws(session, start)
    found += _passed_on(session, start)
    found.sort(key=lambda each: (each.at or _LAST, each.code, str(each.id)))
    return found + _case_files(session, start, who)


def _gathered(session: Session, start: Node, who: Principal) -> dict[Node, Edge]:
    """Every thing of the thread with the edge by which it was reached first."""
    reached: dict[Node, Edge] = {}
    frontier = {start}
    for step in range(FURTHEST):
        edges = bonds.around(session, frontier)
        if step == 0:
            edges += bonds.citations(session, start)
        new: dict[Node, Edge] = {}
        for edge in edges:
            if edge.seen_from not in frontier:
                continue
            if edge.of != start and edge.of not in reached and len(reached) + len(new) < MOST:
                new.setdefault(edge.of, edge)
        # Nothing is followed through what this person may not see.
        visible = _lines(session, new, who)
        reached |= {node: edge for node, edge in new.items() if node in visible}
        frontier = {node for node in visible if new[node].goes_on}
        if not frontier:
            break
    return reached


def _lines(session: Session, nodes: Iterable[Node], who: Principal) -> dict[Node, Related]:
    """Of these things those that the person may read, as lines without what is said of them."""
    wanted = list(nodes)
    own = [node.id for node in wanted if node.direction is Direction.OUTGOING]
    came = [node.id for node in wanted if node.direction is Direction.INCOMING]
    return {**_own_lines(session, own, who), **_came_lines(session, came, who)}


def _own_lines(session: Session, ids: Sequence[UUID], who: Principal) -> dict[Node, Related]:
    if not ids:
        return {}
    rows = session.execute(
        select(Document, Issuance.issued_at)
        .outerjoin(Issuance, Issuance.document_id == Document.id)
        .where(Document.id.in_(ids), documents.may_see(who))
    )
    return {
        own_node(row.id): Related(
            direction=Direction.OUTGOING,
            id=row.id,
            said="",
            type_name=types.name(row.type),
            code=types.code(row.number, row.notation or "") if row.number else "(chưa có số)",
            sender="",
            at=issued_at or row.created_at,
            subject=row.subject,
            state=document_states.NAMES[row.state],
            tone=TONES[row.state],
            path=f"/documents/{row.id}",
        )
        for row, issued_at in rows
    }


def _came_lines(session: Session, ids: Sequence[UUID], who: Principal) -> dict[Node, Related]:
    if not ids:
        return {}
    rows = session.execute(
        select(Delivery, Arrival.id)
        .outerjoin(Arrival, Arrival.delivery_id == Delivery.id)
        .where(
            Delivery.id.in_(ids),
            Delivery.recipient_agency_id.in_(succession.agencies_of(session, who.agency_id)),
            delivery_queries.may_see(who),
        )
    )
    return {
        came_node(row.id): Related(
            direction=Direction.INCOMING,
            id=row.id,
            said="",
            type_name=outside_rules.type_name(row.document_type, row.type_name),
            code=outside_rules.code(row.number, row.notation),
            sender=row.sender_name,
            at=row.delivered_at,
            subject=row.subject,
            state=states.ARRIVING_NAMES[row.state],
            tone=DELIVERY_TONES[row.state],
            path=f"/incoming/{arrival}" if arrival else f"/incoming/deliveries/{row.id}",
        )
        for row, arrival in rows
    }


def _said(seen: dict[Node, Related], node: Node, edge: Edge | None, *, is_open: bool) -> Related:
    if edge is None:
        return replace(seen[node], is_open=is_open)
    return replace(seen[node], said=f"{edge.said} {seen[edge.seen_from].code}")


def _laws(session: Session, start: Node) -> list[Related]:
    if start.direction is not Direction.OUTGOING:
        return []
    rows = session.scalars(
        select(LegalText)
        .join(DocumentCitation, DocumentCitation.source_id == LegalText.id)
        .where(DocumentCitation.document_id == start.id, DocumentCitation.source == Source.LAW)
        .limit(MOST)
    )
    return [
        Related(
            direction=Direction.LAW,
            id=row.id,
            said="Là căn cứ của văn bản đang xem",
            type_name=row.type_name,
            code=row.code,
            sender=row.issuer,
            at=datetime.combine(row.issued_on, time(), tzinfo=clock.VIETNAM),
            subject=row.subject,
            state="",
            tone="quiet",
            path=None,
        )
        for row in rows
    ]


def _passed_on(session: Session, start: Node) -> list[Related]:
    """chuyển xuống: what the agency sent on of a document that came to it."""
    if start.direction is not Direction.INCOMING:
        return []
    units = (
        select(func.count())
        .where(ForwardingRecipient.forwarding_id == Forwarding.id)
        .correlate(Forwarding)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Forwarding, units)
        .join(Arrival, Arrival.id == Forwarding.arrival_id)
        .where(Arrival.delivery_id == start.id)
        .limit(MOST)
    )
    return [
        Related(
            direction=Direction.OUTGOING,
            id=row.id,
            said="Chuyển văn bản đang xem xuống đơn vị trực thuộc",
            type_name="Chuyển xuống",
            code=f"{count} đơn vị",
            sender="",
            at=row.forwarded_at,
            subject=row.instruction,
            state="Đã chuyển",
            tone="going",
            path=f"/incoming/{row.arrival_id}/forwardings",
        )
        for row, count in rows
    ]


def _case_files(session: Session, start: Node, who: Principal) -> list[Related]:
    if not case_rules.may_read(PositionKind(who.position_kind)):
        return []
    kind, record_id = RecordKind.OUTGOING, start.id
    if start.direction is Direction.INCOMING:
        arrival_id = session.scalar(select(Arrival.id).where(Arrival.delivery_id == start.id))
        if arrival_id is None:
            return []
        kind, record_id = RecordKind.INCOMING, arrival_id
    return [
        Related(
            direction=Direction.CASE_FILE,
            id=each.id,
            said="Hồ sơ có văn bản đang xem",
            type_name="Hồ sơ",
            code=each.notation,
            sender="",
            at=None,
            subject=each.title,
            state=case_rules.STATE_NAMES[each.state],
            tone="quiet",
            path=f"/case-files/{each.id}",
        )
        for each in case_queries.holding(session, kind, record_id, who=who)
    ]
