"""How deadlines of incoming documents were moved. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import Person
from eoffice.routing.work_model import DeadlineMove


@dataclass(frozen=True, slots=True)
class Moved:
    """One move of a deadline."""

    at: datetime
    who: str
    from_on: date | None
    to_on: date
    reason: str


def moves(session: Session, arrival_id: UUID) -> tuple[Moved, ...]:
    """How the deadline was moved, oldest first."""
    rows = session.execute(
        select(DeadlineMove, Person.full_name)
        .join(Person, Person.id == DeadlineMove.moved_by)
        .where(DeadlineMove.arrival_id == arrival_id)
        .order_by(DeadlineMove.moved_at, DeadlineMove.id)
    )
    return tuple(
        Moved(move.moved_at, name, move.from_on, move.to_on, move.reason) for move, name in rows
    )
