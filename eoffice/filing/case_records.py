"""What a case file keeps of a document, asked from the document's own slice. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import queries as documents
from eoffice.documents import types
from eoffice.errors import Conflict
from eoffice.filing.case_rules import RecordKind
from eoffice.people import queries as people
from eoffice.routing import arrival_queries
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.states import ArrivalState
from eoffice.web.principal import Principal


class NotIssued(Conflict):
    """Only what has its number belongs into a case file."""


@dataclass(frozen=True, slots=True)
class RecordKept:
    code: str
    issued_on: date | None
    type_name: str
    subject: str
    organ_name: str
    page_count: int | None
    content_sha256: str | None


def of(
    session: Session, kind: RecordKind, record_id: UUID, *, who: Principal, at: datetime
) -> RecordKept:
    """As the document is called now. Raises what its slice says where `who` may not read it."""
    if kind is RecordKind.OUTGOING:
        return _outgoing(session, record_id, who)
    return _incoming(session, record_id, who, at)


def in_work(session: Session, arrival_ids: Iterable[UUID]) -> list[str]:
    """Which of these incoming documents are not done yet, by their number in the book.

    On what was taken back nobody works any more.
    """
    rows = session.execute(
        select(Arrival.number, Arrival.year)
        .where(
            Arrival.id.in_(list(arrival_ids)),
            Arrival.state.not_in((ArrivalState.DONE, ArrivalState.RECALLED)),
        )
        .order_by(Arrival.year, Arrival.number)
    )
    return [f"số đến {number:02}/{year}" for number, year in rows]


def _outgoing(session: Session, record_id: UUID, who: Principal) -> RecordKept:
    found = documents.document(session, record_id, who=who)
    if found.number is None or found.notation is None:
        raise NotIssued("Văn bản chưa có số nên chưa đưa vào hồ sơ được.")
    agency = people.unit(session, found.agency_id)
    return RecordKept(
        code=types.code(found.number, found.notation),
        issued_on=found.issued_on,
        type_name=types.name(found.type),
        subject=found.subject,
        organ_name=agency.name,
        page_count=found.latest.page_count,
        content_sha256=found.latest.content_sha256,
    )


def _incoming(session: Session, record_id: UUID, who: Principal, at: datetime) -> RecordKept:
    seen = arrival_queries.arrival(session, record_id, who=who, today=clock.civil_date(at))
    row = session.get_one(Delivery, seen.delivery.id)
    return RecordKept(
        code=seen.delivery.code,
        issued_on=row.issued_on,
        type_name=seen.delivery.type_name,
        subject=row.subject,
        organ_name=row.sender_name,
        page_count=row.page_count or None,
        content_sha256=row.content_sha256 or None,
    )
