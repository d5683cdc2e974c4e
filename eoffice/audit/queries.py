"""Questions to the log: what happened to a thing, who looked at what, and the proofs of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_
from sqlalchemy.orm import Session

from eoffice.audit import leaf, merkle, phrases
from eoffice.audit.leaf import Proven
from eoffice.audit.model import ActorKind, AuditEvent, MerkleNode, TreeHead
from eoffice.errors import NotFound


class EventUnknown(NotFound):
    """There is no such event in the log."""


class NotYetInLog(NotFound):
    """The event has not got its place in the log yet."""

    status = 503


@dataclass(frozen=True, slots=True)
class Event:
    """An event as people read it: `who` did `what` at `at`."""

    id: UUID
    at: datetime
    #: "Trần Thị Hoa, Văn thư"; a process by what it does.
    who: str
    unit_name: str
    what: str
    action: str
    object_kind: str
    object_id: UUID
    details: Mapping[str, Any]
    person_id: UUID | None
    leaf_index: int | None
    #: What the timeline shows below: a comment is the business of the slice that has it.
    note: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the audit page narrows down to; None everywhere shows everything."""

    action: str | None = None
    person_id: UUID | None = None
    object_kind: str | None = None
    object_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def history(
    session: Session,
    object_kind: str,
    object_id: UUID,
    *,
    actions: Iterable[str] | None = None,
    limit: int = 500,
) -> list[Event]:
    """What happened to a thing, oldest first; the caller has checked that it may be seen.

    `actions` narrows it down to these; looks ("….viewed" and the like) are left out unless asked
    for, see `accesses`.
    """
    asked = select(AuditEvent).where(
        AuditEvent.object_kind == object_kind, AuditEvent.object_id == object_id
    )
    wanted = None if actions is None else tuple(actions)
    if wanted is None:
        asked = asked.where(AuditEvent.action.not_in(phrases.LOOKS))
    else:
        asked = asked.where(AuditEvent.action.in_(wanted))
    newest = asked.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(limit)
    return [event(row) for row in reversed(session.scalars(newest).all())]


def accesses(
    session: Session, object_kind: str, object_id: UUID, *, limit: int = 200
) -> list[Event]:
    """Who looked at a thing, newest first."""
    rows = session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.object_kind == object_kind,
            AuditEvent.object_id == object_id,
            AuditEvent.action.in_(phrases.LOOKS),
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(limit)
    )
    return [event(row) for row in rows]


def events(
    session: Session,
    filters: Filters,
    *,
    agency_id: UUID,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> list[Event]:
    """The log of an agency and of the units below it, newest first, processes included."""
    asked = _filtered(select(AuditEvent), filters).where(_shown_to(agency_id))
    if after is not None:
        asked = asked.where(tuple_(AuditEvent.at, AuditEvent.id) < tuple_(*after))
    rows = session.scalars(asked.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(limit))
    return [event(row) for row in rows]


def require_shown(session: Session, event_id: UUID, *, agency_id: UUID) -> None:
    """Raises EventUnknown for an event that is not in the log as this agency sees it."""
    found = session.scalar(
        select(AuditEvent.id).where(AuditEvent.id == event_id, _shown_to(agency_id))
    )
    if found is None:
        raise EventUnknown("Không có sự kiện này trong nhật ký.")


def newest_head(session: Session) -> TreeHead | None:
    """The head with the most events."""
    return session.scalars(select(TreeHead).order_by(TreeHead.size.desc()).limit(1)).one_or_none()


def signed_head(session: Session) -> tuple[int, str] | None:
    """Size and signed checkpoint of the newest head; None while the log is empty."""
    head = newest_head(session)
    return None if head is None else (head.size, head.note)


def proofs(session: Session, event_ids: Sequence[UUID], *, size: int) -> list[Proven]:
    """The events with their proofs under the head of this size, in the order asked.

    Raises NotYetInLog while one of them has no place under that head, EventUnknown.
    """
    rows = {
        event.id: event
        for event in session.scalars(select(AuditEvent).where(AuditEvent.id.in_(event_ids)))
    }
    nodes = node_of(session)
    found = []
    for event_id in event_ids:
        event = rows.get(event_id)
        if event is None:
            raise EventUnknown("Không có sự kiện này trong nhật ký.")
        if event.leaf_index is None or event.leaf_index >= size:
            raise NotYetInLog(
                "Nhật ký chưa kịp ghi nhận sự kiện này vào cây. Hãy thử lại sau ít phút."
            )
        path = tuple(merkle.inclusion_proof(event.leaf_index, size, nodes))
        found.append(Proven(leaf_of(event), event.leaf_index, size, path))
    return found


def event_ids(
    session: Session, object_kind: str, object_id: UUID, *, below: int, limit: int = 500
) -> list[UUID]:
    """Events of a thing that stand under the head of size `below`, oldest first, without looks."""
    return list(
        session.scalars(
            select(AuditEvent.id)
            .where(
                AuditEvent.object_kind == object_kind,
                AuditEvent.object_id == object_id,
                AuditEvent.action.not_in(phrases.LOOKS),
                AuditEvent.leaf_index < below,
            )
            .order_by(AuditEvent.leaf_index)
            .limit(limit)
        )
    )


def size(session: Session) -> int:
    """How many events have their place."""
    newest = session.scalar(select(func.max(AuditEvent.leaf_index)))
    return 0 if newest is None else newest + 1


def node_of(session: Session) -> merkle.NodeOf:
    """Reads complete subtrees of the stored tree, each once."""

    @cache
    def read(level: int, index: int) -> bytes:
        if level == 0:
            # Not from the events: those that another agency looked at are hidden from this one.
            leaves = func.leaf_digests(index, index + 1).table_valued("leaf_index", "leaf_hash")
            found: bytes | None = session.scalar(select(leaves.c.leaf_hash))
        else:
            found = session.scalar(
                select(MerkleNode.hash).where(MerkleNode.level == level, MerkleNode.index == index)
            )
        assert found is not None, f"the tree has no node {level}/{index}"
        return found

    return read


def leaf_of(event: AuditEvent) -> bytes:
    """The bytes of an event that stand in the tree."""
    actor: dict[str, leaf.Json] = {"kind": event.actor_kind.value, "name": event.actor_name}
    if event.actor_kind is ActorKind.PERSON:
        actor |= {
            "person_id": str(event.person_id),
            "appointment_id": str(event.appointment_id),
            "position": event.position_title,
            "unit_id": str(event.unit_id),
            "unit": event.unit_name,
            "agency_id": str(event.agency_id),
        }
    return leaf.canonical(
        {
            "v": leaf.VERSION,
            "id": str(event.id),
            "at": leaf.instant(event.at),
            "actor": actor,
            "action": event.action,
            "object": {"kind": event.object_kind, "id": str(event.object_id)},
            "details": event.details,
        }
    )


def _shown_to(agency_id: UUID) -> ColumnElement[bool]:
    """Events of the agency and of the units below it, and those of processes."""
    return or_(
        AuditEvent.agency_id == agency_id,
        AuditEvent.actor_kind == ActorKind.PROCESS,
        func.is_within(AuditEvent.agency_id, agency_id),
    )


def _filtered(asked: Select[Any], filters: Filters) -> Select[Any]:
    wanted = (
        (AuditEvent.action, filters.action),
        (AuditEvent.person_id, filters.person_id),
        (AuditEvent.object_kind, filters.object_kind),
        (AuditEvent.object_id, filters.object_id),
    )
    for column, value in wanted:
        if value is not None:
            asked = asked.where(column == value)
    if filters.since is not None:
        asked = asked.where(AuditEvent.at >= filters.since)
    if filters.until is not None:
        asked = asked.where(AuditEvent.at < filters.until)
    return asked


def event(row: AuditEvent) -> Event:
    """A row of the log as people read it."""
    return Event(
        id=row.id,
        at=row.at,
        who=phrases.who(row.actor_kind.value, row.actor_name, row.position_title),
        unit_name=row.unit_name or "",
        what=phrases.what(row.action, row.details),
        action=row.action,
        object_kind=row.object_kind,
        object_id=row.object_id,
        details=row.details,
        person_id=row.person_id,
        leaf_index=row.leaf_index,
    )
