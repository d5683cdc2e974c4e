"""Whose records an agency has: its own, and those that agencies left to it when they ended."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import UnitSuccession


def agencies_of(session: Session, agency_id: UUID) -> tuple[UUID, ...]:
    """The agency first, then all whose records it took over when they ended.

    What `app_agencies()` says to row-level security.
    """
    found = (
        select(UnitSuccession.predecessor_id)
        .where(UnitSuccession.successor_id == agency_id)
        .cte("taken_over", recursive=True)
    )
    found = found.union(
        select(UnitSuccession.predecessor_id).join(
            found, UnitSuccession.successor_id == found.c.predecessor_id
        )
    )
    return (agency_id, *session.scalars(select(found.c.predecessor_id)))
