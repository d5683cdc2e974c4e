"""The log for programs: events for operators, heads and proofs for everybody who checks the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery

from eoffice import db
from eoffice.audit import queries, rules
from eoffice.audit.queries import Event, Filters
from eoffice.errors import NotFound
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Request, principal


class LogEmpty(NotFound):
    """The log has no events yet."""


class EventOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    at: datetime
    who: str
    unit: str
    what: str
    action: str
    object_kind: str
    object_id: UUID
    details: dict[str, Any]
    leaf_index: int | None


class ProofOut(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 9162, 2.1.3; hashes in hexadecimal."""

    #: The bytes of the leaf, as text.
    leaf: str
    index: int
    size: int
    path: list[str]
    checkpoint: str


@get("/events", sync_to_thread=True)
def events(
    request: Request,
    action: FromQuery[str | None] = None,
    person_id: FromQuery[UUID | None] = None,
    object_kind: FromQuery[str | None] = None,
    object_id: FromQuery[UUID | None] = None,
    since: FromQuery[datetime | None] = None,
    until: FromQuery[datetime | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[EventOut]:
    """The log of the acting agency and the units below it, newest first. Operators only."""
    who = principal(request)
    rules.require_reader(who.position_kind)
    filters = Filters(action, person_id, object_kind, object_id, since, until)
    most = bounded(limit)
    with db.transaction(who.acting) as session:
        found = queries.events(
            session,
            filters,
            agency_id=who.agency_id,
            after=position(Cursor.read(request, cursor)),
            limit=most + 1,
        )
    rows = [_out(event) for event in found]
    return Page.of(request, rows, limit=most, key=lambda row: (row.at.isoformat(), str(row.id)))


@get("/events/{event_id:uuid}/proof", sync_to_thread=True)
def proof(request: Request, event_id: FromPath[UUID]) -> ProofOut:
    """That an event stands under the newest signed head. Operators only."""
    who = principal(request)
    rules.require_reader(who.position_kind)
    with db.transaction(who.acting) as session:
        queries.require_shown(session, event_id, agency_id=who.agency_id)
        size, checkpoint = queries.signed_head(session) or (0, "")
        (found,) = queries.proofs(session, [event_id], size=size)
    return ProofOut(
        leaf=found.leaf.decode(),
        index=found.index,
        size=found.size,
        path=[one.hex() for one in found.path],
        checkpoint=checkpoint,
    )


@get("/checkpoint", sync_to_thread=True, opt={"public": True}, media_type="text/plain")
def checkpoint() -> Response[str]:
    """The newest signed head, for witnesses outside of the office. Says nothing about events."""
    with db.transaction(None) as session:
        head = queries.signed_head(session)
    if head is None:
        raise LogEmpty("Nhật ký chưa có sự kiện nào.")
    return Response(head[1], media_type="text/plain; charset=utf-8")


router = Router("/api/v1/audit", route_handlers=[events, proof, checkpoint], tags=["audit"])


def position(after: tuple[str, ...] | None) -> tuple[datetime, UUID] | None:
    """Where the next part of a list of events begins."""
    return None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1]))


def _out(event: Event) -> EventOut:
    return EventOut(
        id=event.id,
        at=event.at,
        who=event.who,
        unit=event.unit_name,
        what=event.what,
        action=event.action,
        object_kind=event.object_kind,
        object_id=event.object_id,
        details=dict(event.details),
        leaf_index=event.leaf_index,
    )
