"""Copies of documents that came in: sao y, trích sao, sao lục of what the book of arrivals holds.

Decree 30/2020, art. 25 to 27. The copy itself is an outgoing document (`documents.copies`).
"""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents.copies import pages as copy_pages
from eoffice.documents.copies.actions import NotCopied, Source
from eoffice.objects.sha256 import Sha256
from eoffice.routing import arrival_queries, delivery_queries
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


@get("/incoming/{arrival_id:uuid}/copies", sync_to_thread=True)
def show(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """Bản sao của văn bản đến, và mẫu lập bản sao mới."""
    source, delivery_id = _source(request, arrival_id)
    form = FormState.of(type="certified_copy", medium="paper")
    return copy_pages.shown(request, source, delivery_id, f"/incoming/{arrival_id}", form)


@post("/incoming/{arrival_id:uuid}/copies", sync_to_thread=True)
def make(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Make a copy and go to it, among the outgoing documents."""
    if (kept := once.kept()) is not None:
        return kept
    source, delivery_id = _source(request, arrival_id)
    who = principal(request)

    def still(session: Session) -> None:
        delivery_queries.readable(session, delivery_id, who=who)

    return copy_pages.made(
        request, source, delivery_id, f"/incoming/{arrival_id}", form, once, still=still
    )


def _source(request: Request, arrival_id: UUID) -> tuple[Source, UUID]:
    """What came in, with its identifier. Raises ArrivalUnknown, CopyRecalled, NotCopied."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = arrival_queries.arrival(
            session, arrival_id, who=who, today=clock.civil_date(clock.now())
        )
        came = delivery_queries.readable(session, found.delivery.id, who=who)
    if came.content_sha256 is None:
        raise NotCopied(
            "Văn bản này không có tệp trên hệ thống nên không sao được. Bản giấy thì quét vào hệ "
            "thống rồi sao."
        )
    source = Source(
        code=came.code,
        agency=came.sender_name,
        issued_on=came.issued_on,
        subject=came.subject,
        content_sha256=Sha256.parse(came.content_sha256),
        page_count=came.page_count,
        delivery_id=came.id,
    )
    return source, came.id


routes = [show, make]
