"""Incoming documents from outside for programs: one request, with the file in it."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.files import http as files
from eoffice.files import intake
from eoffice.mailroom import entering, uploads
from eoffice.mailroom.entering import Brought, Entry
from eoffice.routing import delivery_queries, outside_queries, rules
from eoffice.routing.outside_queries import Twin
from eoffice.routing.outside_rules import Origin, TextState
from eoffice.signing.verdict import Finding
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

#: A file in JSON is a third longer than its bytes.
_BODY = files.UPLOAD_BODY * 4 // 3


class NewFile(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    #: Base64.
    content: bytes


class NewIncoming(Entry, frozen=True, kw_only=True):
    """A PDF is the document itself, another kind of file goes with it."""

    file: NewFile | None = None


class EnteredOut(msgspec.Struct, frozen=True, kw_only=True):
    delivery_id: UUID
    arrival_id: UUID | None
    arrival_number: int | None


class ExaminedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in the file; the verdict is null until it was verified."""

    text_state: TextState
    verdict: Finding | None
    reason: str | None


class TwinOut(msgspec.Struct, frozen=True, kw_only=True):
    delivery_id: UUID
    arrival_id: UUID | None
    arrival_number: int | None
    code: str
    sender_name: str
    subject: str


@post("/incoming", sync_to_thread=True, request_max_body_size=_BODY)
def enter(
    request: Request, data: JSONBody[NewIncoming], once: NamedDependency[Once]
) -> Response[EnteredOut]:
    """Enter a paper from outside for the agency of the clerk; registered at once on request."""
    who = principal(request)
    if (kept := once.kept()) is not None:
        return kept
    rules.check_clerk(who.position_kind)
    brought = Brought(Origin.HAND)
    if data.file is not None:
        intake.sniff(data.file.content)
        found = uploads.keep(data.file.name, data.file.content)
        brought = Brought(
            Origin.HAND, content=found.content, page_count=found.page_count, files=found.files
        )

    def work(session: Session) -> EnteredOut:
        done = entering.enter(session, data, brought, by=who, at=clock.now())
        return msgspec.convert(done, EnteredOut, from_attributes=True)

    return once.answer(
        work, status=201, location=lambda out: f"/api/v1/deliveries/{out.delivery_id}"
    )


@get("/incoming/duplicates", sync_to_thread=True)
def duplicates(
    request: Request,
    sender_name: FromQuery[str],
    number: FromQuery[str],
    notation: FromQuery[str] = "",
) -> list[TwinOut]:
    """What came to the acting agency with this number, notation and issuing agency."""
    who = principal(request)
    rules.check_clerk(who.position_kind)
    with db.transaction(who.acting) as session:
        found = outside_queries.twins(
            session, number, notation, sender_name, agency_id=who.agency_id
        )
    return [_twin(each) for each in found]


@get("/deliveries/{delivery_id:uuid}/examination", sync_to_thread=True)
def examination(request: Request, delivery_id: FromPath[UUID]) -> ExaminedOut:
    """Of a document from outside: where its words come from, and what its signatures are worth."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        delivery_queries.delivery(session, delivery_id, who=who)
        found = outside_queries.content_seen(session, delivery_id)
    if found is None:
        raise delivery_queries.FileUnknown
    return ExaminedOut(
        text_state=found.text_state,
        verdict=None if found.verdict is None else found.verdict.verdict,
        reason=None if found.verdict is None else found.verdict.reason,
    )


def _twin(found: Twin) -> TwinOut:
    return msgspec.convert(found, TwinOut, from_attributes=True)
