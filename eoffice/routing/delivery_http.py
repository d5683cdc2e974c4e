"""Deliveries for programs: opened or refused, and read only after the opening."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents.types import Secrecy, Urgency
from eoffice.routing import actions, delivery_content, delivery_queries
from eoffice.routing.delivery_content import PAGE_WIDTH_PX
from eoffice.routing.outside_rules import Origin
from eoffice.routing.states import DeliveryState
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Principal, Request, principal


class Refusing(msgspec.Struct, frozen=True, kw_only=True):
    reason: str


class FileOut(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    name: str
    media_type: str
    size_bytes: int
    sha256: str


class DeliveryOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    origin: Origin
    #: Null for what came from outside of this office, as is the agency.
    document_id: UUID | None
    sender_agency_id: UUID | None
    sender_organ_id: str | None
    sender_name: str
    type_name: str
    code: str
    issued_on: date
    subject: str
    signer_name: str
    signer_position: str | None
    language: str | None
    description: str | None
    to_places: str | None
    urgency: Urgency
    secrecy: Secrecy
    due_on: date | None
    #: Null for a paper of which there is no file.
    content_sha256: str | None
    page_count: int
    state: DeliveryState
    delivered_at: datetime
    opened_at: datetime | None
    refused_at: datetime | None
    refusal_reason: str | None
    to_be_handled_by: date
    arrival_id: UUID | None
    arrival_number: int | None
    answers_document_id: UUID | None
    answers_code: str | None


@get("/", sync_to_thread=True)
def deliveries(
    request: Request,
    among: FromQuery[list[DeliveryState] | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[DeliveryOut]:
    """What came to the acting agency, latest first; `among` leaves only those states."""
    who = principal(request)
    limit = bounded(limit)
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        rows = delivery_queries.deliveries(
            session, who=who, among=among or tuple(DeliveryState), after=after, limit=limit + 1
        )
    return Page.of(
        request,
        [msgspec.convert(row, DeliveryOut, from_attributes=True) for row in rows],
        limit=limit,
        key=lambda row: (row.delivered_at.isoformat(), str(row.id)),
    )


@get("/{delivery_id:uuid}", sync_to_thread=True)
def delivery(request: Request, delivery_id: FromPath[UUID]) -> DeliveryOut:
    """One document that came to the acting agency."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _delivery(session, delivery_id, who)


@post("/{delivery_id:uuid}/opening", sync_to_thread=True, status_code=200)
def open_delivery(
    request: Request, delivery_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[DeliveryOut]:
    """mở: the first look; the sender sees it."""
    who = principal(request)

    def work(session: Session) -> DeliveryOut:
        actions.open_delivery(session, delivery_id, by=who, at=clock.now())
        return _delivery(session, delivery_id, who)

    return once.answer(work)


@post("/{delivery_id:uuid}/refusal", sync_to_thread=True, status_code=200)
def refuse(
    request: Request,
    delivery_id: FromPath[UUID],
    data: JSONBody[Refusing],
    once: NamedDependency[Once],
) -> Response[DeliveryOut]:
    """từ chối tiếp nhận: send it back with a reason."""
    who = principal(request)

    def work(session: Session) -> DeliveryOut:
        actions.refuse(session, delivery_id, data.reason, by=who, at=clock.now())
        return _delivery(session, delivery_id, who)

    return once.answer(work)


@get("/{delivery_id:uuid}/content", sync_to_thread=True)
def content(request: Request, delivery_id: FromPath[UUID]) -> Response[bytes]:
    """The signed and sealed PDF."""
    return delivery_content.pdf_of(principal(request), delivery_id, at=clock.now())


@get("/{delivery_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_of_content(
    request: Request,
    delivery_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = PAGE_WIDTH_PX,
) -> Response[bytes]:
    """A page of the document as PNG; the first is 1."""
    return delivery_content.picture(principal(request), delivery_id, number, width, at=clock.now())


@get("/{delivery_id:uuid}/files", sync_to_thread=True)
def files(request: Request, delivery_id: FromPath[UUID]) -> list[FileOut]:
    """What came with the document."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        delivery_queries.delivery(session, delivery_id, who=who)
        return [
            msgspec.convert(each, FileOut, from_attributes=True)
            for each in delivery_queries.files(session, delivery_id)
        ]


@get("/{delivery_id:uuid}/files/{position:int}", sync_to_thread=True)
def file(request: Request, delivery_id: FromPath[UUID], position: FromPath[int]) -> Response[bytes]:
    """The bytes of a file that came with the document."""
    return delivery_content.attached(principal(request), delivery_id, position, at=clock.now())


def _delivery(session: Session, delivery_id: UUID, who: Principal) -> DeliveryOut:
    session.flush()  # The answer reads what the step wrote.
    return msgspec.convert(
        delivery_queries.delivery(session, delivery_id, who=who), DeliveryOut, from_attributes=True
    )
