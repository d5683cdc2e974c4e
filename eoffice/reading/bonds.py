"""What belongs to what, among outgoing documents and those that came. Read only.

Each bond is said twice, as seen from either side. Whether somebody may see the other side is not
asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.documents import types
from eoffice.documents.drafts.quoting import Source
from eoffice.documents.drafts.quoting_model import DocumentCitation
from eoffice.documents.issue import corrections_rules
from eoffice.documents.model import Document, DocumentCopy
from eoffice.documents.recipients.model import Correction
from eoffice.routing import change_queries, change_rules
from eoffice.routing.change_model import ForwardedAnswer
from eoffice.routing.model import Answer, Arrival, Delivery

#: Of one kind of bond: a circular has thousands of answers.
MOST: Final = 60
#: What is said of one of two, when the same is seen from the other.
_TURNED: Final = {
    said: turned
    for rules in (corrections_rules, change_rules)
    for kind in rules.VERBS
    for said, turned in (
        (rules.VERBS[kind], rules.PASSIVE[kind]),
        (rules.PASSIVE[kind], rules.VERBS[kind]),
    )
}


class Direction(StrEnum):
    OUTGOING = "outgoing"
    INCOMING = "incoming"
    LAW = "law"
    CASE_FILE = "case_file"


@dataclass(frozen=True, slots=True)
class Node:
    """An outgoing document or a delivery."""

    direction: Direction
    id: UUID


@dataclass(frozen=True, slots=True)
class Edge:
    """That two belong together, said of `of` as seen from `seen_from`."""

    seen_from: Node
    of: Node
    said: str
    #: Whether the thread goes on behind it.
    goes_on: bool = True


def around(session: Session, nodes: Iterable[Node]) -> list[Edge]:
    """All bonds of these but legal bases."""
    nodes = list(nodes)
    own = [node.id for node in nodes if node.direction is Direction.OUTGOING]
    came = [node.id for node in nodes if node.direction is Direction.INCOMING]
    return [
        *_answers(session, own, came),
        *_answered_by_others(session, own, came),
        *_copies(session, own, came),
        *_corrections(session, own),
        *_changes(session, came),
        *_answers_from_below(session, came),
    ]


def _answers(session: Session, own: Sequence[UUID], came: Sequence[UUID]) -> list[Edge]:
    rows = session.execute(
        select(Answer.document_id, Arrival.delivery_id)
        .join(Arrival, Arrival.id == Answer.arrival_id)
        .where(or_(Answer.document_id.in_(own), Arrival.delivery_id.in_(came)))
        .order_by(Answer.begun_at)
        .limit(MOST)
    )
    return [
        edge
        for document_id, delivery_id in rows
        for edge in _answer(own_node(document_id), came_node(delivery_id))
    ]


def _answered_by_others(session: Session, own: Sequence[UUID], came: Sequence[UUID]) -> list[Edge]:
    rows = session.execute(
        select(Delivery.id, Delivery.answers_document_id)
        .where(
            Delivery.answers_document_id.is_not(None),
            or_(Delivery.answers_document_id.in_(own), Delivery.id.in_(came)),
        )
        .order_by(Delivery.delivered_at)
        .limit(MOST)
    )
    edges: list[Edge] = []
    for delivery_id, document_id in rows:
        assert document_id is not None
        edges += _answer(came_node(delivery_id), own_node(document_id))
    return edges


def _copies(session: Session, own: Sequence[UUID], came: Sequence[UUID]) -> list[Edge]:
    rows = session.execute(
        select(
            DocumentCopy.document_id,
            DocumentCopy.source_document_id,
            DocumentCopy.source_delivery_id,
            Document.type,
        )
        .join(Document, Document.id == DocumentCopy.document_id)
        .where(
            or_(
                DocumentCopy.document_id.in_(own),
                DocumentCopy.source_document_id.in_(own),
                DocumentCopy.source_delivery_id.in_(came),
            )
        )
        .limit(MOST)
    )
    edges: list[Edge] = []
    for document_id, source_id, delivery_id, kind in rows:
        if source_id is not None:
            source = own_node(source_id)
        else:
            assert delivery_id is not None, "a copy of nothing"
            source = came_node(delivery_id)
        edges += _both(own_node(document_id), source, f"{types.name(kind)} của", "Được sao thành")
    return edges


def _corrections(session: Session, own: Sequence[UUID]) -> list[Edge]:
    rows = session.execute(
        select(Correction.document_id, Correction.corrected_id, Correction.kind)
        .where(or_(Correction.document_id.in_(own), Correction.corrected_id.in_(own)))
        .limit(MOST)
    )
    return [
        edge
        for document_id, corrected_id, kind in rows
        for edge in _both(
            own_node(document_id),
            own_node(corrected_id),
            corrections_rules.VERBS[kind],
            corrections_rules.PASSIVE[kind],
        )
    ]


def _changes(session: Session, came: Sequence[UUID]) -> list[Edge]:
    """What its sender corrected or replaced, here or elsewhere."""
    edges = []
    for delivery_id in came:
        for each in change_queries.of_delivery(session, delivery_id).related:
            # There it is said of the one that is open; here of the other one.
            said = _TURNED.get(each.said, each.said)
            edges.append(Edge(came_node(delivery_id), came_node(each.delivery_id), said))
    return edges


def _answers_from_below(session: Session, came: Sequence[UUID]) -> list[Edge]:
    """What came as an answer to something that had been passed on."""
    rows = session.execute(
        select(ForwardedAnswer.delivery_id, Arrival.delivery_id)
        .join(Arrival, Arrival.id == ForwardedAnswer.arrival_id)
        .where(or_(ForwardedAnswer.delivery_id.in_(came), Arrival.delivery_id.in_(came)))
        .limit(MOST)
    )
    return [
        edge
        for answer_id, passed_id in rows
        for edge in _answer(came_node(answer_id), came_node(passed_id))
    ]


def citations(session: Session, start: Node) -> list[Edge]:
    """What it names as a legal base, and what names it."""
    source = Source.ISSUED if start.direction is Direction.OUTGOING else Source.RECEIVED
    rows = session.execute(
        select(DocumentCitation.document_id, DocumentCitation.source, DocumentCitation.source_id)
        .where(
            or_(
                (DocumentCitation.source == source) & (DocumentCitation.source_id == start.id),
                (DocumentCitation.document_id == start.id)
                & (DocumentCitation.source != Source.LAW),
            )
        )
        .order_by(DocumentCitation.cited_at)
        .limit(MOST)
    )
    edges = []
    for document_id, of_source, source_id in rows:
        if document_id == start.id:
            base = own_node(source_id) if of_source is Source.ISSUED else came_node(source_id)
            edges.append(Edge(start, base, "Là căn cứ của", goes_on=False))
        else:
            edges.append(Edge(start, own_node(document_id), "Căn cứ vào", goes_on=False))
    return edges


def _answer(answer: Node, answered: Node) -> tuple[Edge, Edge]:
    return _both(answer, answered, "Trả lời", "Được trả lời bằng")


def _both(one: Node, other: Node, said_of_one: str, said_of_other: str) -> tuple[Edge, Edge]:
    return Edge(other, one, said_of_one), Edge(one, other, said_of_other)


def own_node(document_id: UUID) -> Node:
    return Node(Direction.OUTGOING, document_id)


def came_node(delivery_id: UUID) -> Node:
    return Node(Direction.INCOMING, delivery_id)
