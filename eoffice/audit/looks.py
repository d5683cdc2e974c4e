"""Looks: who read a document, took its file away, or had it printed with their name.

Looks are events of the one log, as those of the archive are, so nobody takes one out again. What
belongs to an agency's daily work is kept for that agency: row-level security shows it to the
agency, to who took it over and to the units above. No address of a machine is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from eoffice.audit import actions, queries
from eoffice.audit.model import AuditEvent
from eoffice.audit.queries import Event
from eoffice.web.principal import Principal


class Thing(StrEnum):
    """What is read in daily work; the archive has its own ways of looking."""

    DOCUMENT = "document"
    DELIVERY = "delivery"
    SCAN = "scan"


class Way(StrEnum):
    VIEWED = "viewed"
    DOWNLOADED = "downloaded"
    PRINTED = "printed"


#: Looking again within this time is the same look: a page that is loaded anew, its next picture.
AGAIN: Final = timedelta(minutes=30)

ACTIONS: Final = frozenset(f"{thing}.{way}" for thing in Thing for way in Way)


def look(
    session: Session,
    thing: Thing,
    object_id: UUID,
    way: Way,
    *,
    by: Principal,
    at: datetime,
    details: Mapping[str, object] = {},
) -> None:
    """Put on record that somebody looked; the caller has found the thing for this person.

    Who goes on looking leaves one trace in half an hour, in each position. Whatever leaves the
    office, as a file or on paper, leaves one each time.
    """
    action = f"{thing}.{way}"
    if way is Way.VIEWED and _looks_on(session, action, object_id, by=by, at=at):
        return
    actions.record(
        session, action, object_kind=thing.value, object_id=object_id, by=by, at=at, details=details
    )


def looks(
    session: Session,
    thing: Thing,
    object_id: UUID,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[Event]:
    """Who looked, newest first; `after` is time and identifier of the last one seen.

    The caller has checked that it may be shown; of other agencies nothing is.
    """
    asked = select(AuditEvent).where(
        AuditEvent.object_kind == thing.value,
        AuditEvent.object_id == object_id,
        func.is_look(AuditEvent.action),
    )
    if after is not None:
        asked = asked.where(tuple_(AuditEvent.at, AuditEvent.id) < tuple_(*after))
    rows = session.scalars(asked.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(limit))
    return [queries.event(row) for row in rows]


def _looks_on(
    session: Session, action: str, object_id: UUID, *, by: Principal, at: datetime
) -> bool:
    """Whether this person has looked just now: a question to what one person did lately."""
    found = session.scalar(
        select(AuditEvent.id)
        .where(
            AuditEvent.person_id == by.person_id,
            AuditEvent.at > at - AGAIN,
            AuditEvent.at <= at,
            AuditEvent.object_id == object_id,
            AuditEvent.action == action,
            AuditEvent.appointment_id == by.appointment_id,
        )
        .limit(1)
    )
    return found is not None
