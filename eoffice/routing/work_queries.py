"""Files of the work log, and what agencies that ended left undone. Read only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import Unit
from eoffice.routing import outside_rules, rules, succession
from eoffice.routing.arrival_queries import OPEN
from eoffice.routing.delivery_queries import FileUnknown
from eoffice.routing.model import Arrival, Delivery, WorkEntry
from eoffice.routing.states import ArrivalState
from eoffice.routing.work_model import WorkFile
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class WorkFileSeen:
    id: UUID
    name: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Inherited:
    """Open work of an agency that ended."""

    arrival_id: UUID
    number: int
    year: int
    book_of: str
    code: str
    subject: str
    due_on: date | None
    state: ArrivalState


def files(session: Session, arrival_id: UUID) -> dict[UUID, tuple[WorkFileSeen, ...]]:
    """By entry of the work log."""
    found: defaultdict[UUID, list[WorkFileSeen]] = defaultdict(list)
    rows = session.scalars(
        select(WorkFile)
        .join(WorkEntry, WorkEntry.id == WorkFile.entry_id)
        .where(WorkEntry.arrival_id == arrival_id)
        .order_by(WorkFile.id)
    )
    for row in rows:
        found[row.entry_id].append(
            WorkFileSeen(row.id, row.name, row.media_type, row.size_bytes, row.sha256)
        )
    return {entry_id: tuple(each) for entry_id, each in found.items()}


def file(session: Session, arrival_id: UUID, file_id: UUID) -> WorkFileSeen:
    """One file of the work log of an arrival. Raises FileUnknown."""
    for each in files(session, arrival_id).values():
        for one in each:
            if one.id == file_id:
                return one
    raise FileUnknown


def inherited(session: Session, *, who: Principal) -> tuple[Inherited, ...]:
    """What predecessors left undone and nobody took over, for those who may; oldest first."""
    if not rules.is_clerk(who.position_kind) and not rules.is_head(who.position_kind):
        return ()
    _, *predecessors = succession.agencies_of(session, who.agency_id)
    if not predecessors:
        return ()
    rows = session.execute(
        select(Arrival, Delivery, Unit.name)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .join(Unit, Unit.id == Arrival.agency_id)
        .where(
            Arrival.agency_id.in_(predecessors),
            Arrival.taken_over_by.is_(None),
            Arrival.state.in_(OPEN),
        )
        .order_by(Arrival.due_on.nulls_last(), Arrival.registered_at)
    )
    return tuple(
        Inherited(
            arrival_id=arrival.id,
            number=arrival.number,
            year=arrival.year,
            book_of=name,
            code=outside_rules.code(delivery.number, delivery.notation),
            subject=delivery.subject,
            due_on=arrival.due_on,
            state=arrival.state,
        )
        for arrival, delivery, name in rows
    )
