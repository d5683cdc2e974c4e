"""Documents for which no way to their recipient was known: kept, shown, and sent again.

They wait until an operator enters a partner, or the agency's own identifier; nothing is sent
behind anybody's back, because a document may have gone on paper meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents import queries as documents
from eoffice.errors import Conflict
from eoffice.exchange import outgoing, peers
from eoffice.exchange.model import Peer
from eoffice.exchange.undelivered_model import Undelivered
from eoffice.outbox import promise
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Unit
from eoffice.people.operators import OnlyOperators
from eoffice.web.principal import Principal

log = structlog.get_logger()

#: Rows that a page shows; the counts are of all.
MOST_SHOWN = 200


class StillNoWay(Conflict):
    """No partner reaches these agencies yet, or the own agency has no identifier."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that waits for a way to one agency outside."""

    id: UUID
    document_id: UUID
    agency_id: UUID
    agency_name: str
    code: str
    organ_id: str
    organ_name: str
    #: A whole sentence.
    why: str
    since: datetime
    #: The partner by whom it would go now.
    peer_id: UUID | None
    #: Whether the sender has an identifier of its own.
    is_named: bool

    @property
    def can_go(self) -> bool:
        return self.peer_id is not None and self.is_named


def note(
    session: Session, document_id: UUID, organ_id: str, organ_name: str, why: str, *, at: datetime
) -> None:
    """Nobody reaches the agency: it waits in sight. Idempotent. Runs as the office itself."""
    issued = documents.issued(session, document_id)
    session.execute(
        insert(Undelivered)
        .values(
            id=new_id(),
            agency_id=issued.agency_id,
            document_id=document_id,
            organ_id=organ_id,
            organ_name=organ_name,
            code=issued.code,
            why=why[:500],
            since=at,
        )
        .on_conflict_do_update(
            index_elements=["document_id", "organ_id"],
            set_={"why": why[:500], "ended_at": None, "ended_by": None},
        )
    )
    log.warning("exchange.undelivered", organ_id=organ_id, document_id=str(document_id))
    _record(session, "exchange.undelivered", document_id, organ_id, by=outgoing.SENDER, at=at)


def drop(session: Session, document_id: UUID, *, at: datetime) -> None:
    """The document was recalled: it goes nowhere any more. Runs as the office itself."""
    session.execute(
        update(Undelivered)
        .where(Undelivered.document_id == document_id, Undelivered.ended_at.is_(None))
        .values(ended_at=at)
    )


def waiting(
    session: Session,
    *,
    who: Principal,
    document_id: UUID | None = None,
    peer_id: UUID | None = None,
    limit: int = MOST_SHOWN,
) -> list[Waiting]:
    """What waits, oldest first: operators see all, clerks and heads their agency's.

    `peer_id` leaves what would go by that partner now.
    """
    query = (
        select(Undelivered, Unit.name, Unit.organ_id)
        .join(Unit, Unit.id == Undelivered.agency_id)
        .where(Undelivered.ended_at.is_(None))
        .order_by(Undelivered.since, Undelivered.id)
    )
    if who.position_kind != PositionKind.OPERATOR:
        query = query.where(Undelivered.agency_id == who.agency_id)
    if document_id is not None:
        query = query.where(Undelivered.document_id == document_id)
    way = _ways(session)
    found = []
    for row, agency_name, own in session.execute(query):
        peer = way(row.organ_id)
        if peer_id is None or (peer is not None and peer.id == peer_id):
            found.append(
                Waiting(
                    id=row.id,
                    document_id=row.document_id,
                    agency_id=row.agency_id,
                    agency_name=agency_name,
                    code=row.code,
                    organ_id=row.organ_id,
                    organ_name=row.organ_name,
                    why=row.why,
                    since=row.since,
                    peer_id=None if peer is None else peer.id,
                    is_named=own is not None,
                )
            )
            if len(found) == limit:
                break
    return found


def count(session: Session) -> int:
    """How many the acting person may see."""
    return session.scalars(
        select(func.count()).select_from(Undelivered).where(Undelivered.ended_at.is_(None))
    ).one()


def may_send(who: Principal) -> bool:
    return who.position_kind in (PositionKind.OPERATOR, PositionKind.CLERK)


def send_again(
    session: Session,
    *,
    document_id: UUID | None = None,
    peer_id: UUID | None = None,
    by: Principal,
    at: datetime,
) -> int:
    """Send what can go now, of one document, by one partner, or all; how many.

    Operators send everybody's, clerks their agency's. Idempotent: what was sent is gone from the
    list. Raises OnlyOperators, and StillNoWay where something waits and nothing of it can go.
    """
    if not may_send(by):
        raise OnlyOperators("Văn thư của cơ quan gửi hoặc quản trị cho gửi lại qua liên thông.")
    found = waiting(session, who=by, document_id=document_id, peer_id=peer_id, limit=10_000)
    ready = [each for each in found if each.can_go]
    if found and not ready:
        raise StillNoWay(found[0].why)
    sent = 0
    for each in ready:
        row = session.scalars(
            select(Undelivered)
            .where(Undelivered.id == each.id, Undelivered.ended_at.is_(None))
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one_or_none()
        if row is None:
            continue  # Somebody else was faster.
        row.ended_at = at
        row.ended_by = by.person_id
        promise(
            session,
            "exchange.send_issued",
            at=at,
            document_id=row.document_id,
            organ_id=row.organ_id,
            organ_name=row.organ_name,
        )
        _record(session, "exchange.sent_again", row.document_id, row.organ_id, by=by, at=at)
        sent += 1
    return sent


def _ways(session: Session) -> Callable[[str], Peer | None]:
    """Which partner reaches an agency, asked once for each."""
    known: dict[str, Peer | None] = {}

    def way(organ_id: str) -> Peer | None:
        if organ_id not in known:
            known[organ_id] = peers.for_organ(session, organ_id)
        return known[organ_id]

    return way


def _record(
    session: Session,
    action: str,
    document_id: UUID,
    organ_id: str,
    *,
    by: Principal | str,
    at: datetime,
) -> None:
    record(
        session,
        action,
        object_kind="document",
        object_id=document_id,
        by=by,
        at=at,
        details={"organ_id": organ_id},
    )
