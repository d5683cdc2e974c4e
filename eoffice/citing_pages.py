"""Legal bases: found among what the agency issued, received and keeps of laws, put into a draft.

Above the slices, because what was received belongs to one that documents do not know. Each part is
searched by the queries of its own slice, which decide what this person may see.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import document_page
from eoffice.documents.drafts import quoting_actions
from eoffice.documents.drafts.quoting import Citable, Source
from eoffice.documents.drafts.quoting_actions import Cited
from eoffice.errors import Invalid, Refusal
from eoffice.routing import delivery_queries
from eoffice.routing.delivery_queries import DeliverySeen
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

SOURCE_NAMES = {
    Source.ISSUED: "Văn bản đi của cơ quan",
    Source.RECEIVED: "Văn bản đến",
    Source.LAW: "Danh mục pháp luật",
}
#: Where a linked document is read; a law has no page.
_PLACES = {Source.ISSUED: "/documents/", Source.RECEIVED: "/incoming/deliveries/"}

Words = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Law(msgspec.Struct, frozen=True, kw_only=True):
    """A text for the register of laws."""

    type_name: Words
    code: Words
    issued_on: date
    issuer: Words
    subject: Words


class CitationIn(msgspec.Struct, frozen=True, kw_only=True):
    source: Source
    source_id: UUID


class CitableOut(msgspec.Struct, frozen=True, kw_only=True):
    source: Source
    source_id: UUID
    words: str


@get("/documents/{document_id:uuid}/legal-bases", sync_to_thread=True)
def legal_bases(
    request: Request, document_id: FromPath[UUID], q: FromQuery[str] = ""
) -> Response[bytes]:
    """Căn cứ ban hành của một dự thảo."""
    return _page(request, document_id, q, FormState())


@post("/documents/{document_id:uuid}/legal-bases", sync_to_thread=True)
def cite(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Put a document that was found into the draft."""
    who = principal(request)
    wanted = form.parse(CitationIn)

    def work(session: Session) -> See:
        found = _found(session, wanted.source, wanted.source_id, who)
        quoting_actions.cite(session, document_id, found, by=who, at=clock.now())
        return See(f"/documents/{document_id}/legal-bases", said="Đã thêm căn cứ vào dự thảo.")

    return once.see(work)


@post("/documents/{document_id:uuid}/legal-bases/removal", sync_to_thread=True)
def give_up(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take a legal base out of the draft again."""
    who = principal(request)
    wanted = form.parse(CitationIn)

    def work(session: Session) -> See:
        quoting_actions.give_up(
            session, document_id, wanted.source, wanted.source_id, by=who, at=clock.now()
        )
        return See(f"/documents/{document_id}/legal-bases", said="Đã bỏ căn cứ khỏi dự thảo.")

    return once.see(work)


@post("/documents/{document_id:uuid}/laws", sync_to_thread=True)
def register_law(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Put a law into the register and into the draft at once."""
    who = principal(request)
    try:
        entered = form.parse(Law)

        def work(session: Session) -> See:
            law_id = _registered(session, entered, who)
            session.flush()  # The citation reads the row.
            found = quoting_actions.law(session, law_id, who=who)
            quoting_actions.cite(session, document_id, found, by=who, at=clock.now())
            return See(f"/documents/{document_id}/legal-bases", said="Đã thêm căn cứ vào dự thảo.")

        return once.see(work)
    except Refusal as refusal:
        return _page(request, document_id, "", form.refused(refusal), status=refusal.status)


@get("/citable", sync_to_thread=True)
def citable(request: Request, q: FromQuery[str] = "") -> list[CitableOut]:
    """What can be named as a legal base and holds all words, with the line for the draft."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = _search(session, q, who)
    return [_out(each) for hits in found.values() for each in hits]


@post("/legal-texts", sync_to_thread=True)
def register(
    request: Request, data: JSONBody[Law], once: NamedDependency[Once]
) -> Response[CitableOut]:
    """Put a law or another text from outside into the agency's register."""
    who = principal(request)

    def work(session: Session) -> CitableOut:
        law_id = _registered(session, data, who)
        session.flush()  # The answer reads the row.
        return _out(quoting_actions.law(session, law_id, who=who))

    return once.answer(work, status=201)


@get("/documents/{document_id:uuid}/citations", sync_to_thread=True)
def citations(request: Request, document_id: FromPath[UUID]) -> list[CitableOut]:
    """The documents on which a document is based."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_linked(each) for each in quoting_actions.cited(session, document_id, who=who)]


@post("/documents/{document_id:uuid}/citations", sync_to_thread=True)
def add_citation(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[CitationIn],
    once: NamedDependency[Once],
) -> Response[CitableOut]:
    """Put a document into a draft as its legal base, and keep the link."""
    who = principal(request)

    def work(session: Session) -> CitableOut:
        found = _found(session, data.source, data.source_id, who)
        quoting_actions.cite(session, document_id, found, by=who, at=clock.now())
        return _out(found)

    return once.answer(work, status=201)


@delete(
    "/documents/{document_id:uuid}/citations/{source:str}/{source_id:uuid}", sync_to_thread=True
)
def remove_citation(
    request: Request, document_id: FromPath[UUID], source: FromPath[str], source_id: FromPath[UUID]
) -> None:
    """Take a legal base and its link out of a draft."""
    who = principal(request)
    if source not in set(Source):
        raise Invalid("Nguồn của căn cứ không đúng.")
    with db.transaction(who.acting) as session:
        quoting_actions.give_up(
            session, document_id, Source(source), source_id, by=who, at=clock.now()
        )


def _page(
    request: Request, document_id: UUID, q: str, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    found = document_page.read(request, document_id)
    with db.transaction(who.acting) as session:
        linked = quoting_actions.cited(session, document_id, who=who)
        users = quoting_actions.cited_by(session, document_id, who=who)
        hits = _search(session, q, who) if q.strip() else {}
    text = found.latest.text
    return page(
        request,
        "documents/legal_bases.html",
        status=status,
        document=found,
        form=form,
        q=q,
        written=() if text is None else text.legal_bases,
        linked=linked,
        cited_by=users,
        places=_PLACES,
        hits=[(SOURCE_NAMES[source], rows) for source, rows in hits.items()],
        count=sum(len(rows) for rows in hits.values()),
        chosen={(each.source, each.source_id) for each in linked},
    )


def _search(session: Session, q: str, who: Principal) -> dict[Source, list[Citable]]:
    words = q.strip()
    if not words:
        return {Source.LAW: quoting_actions.laws(session, "", who=who)}
    received = delivery_queries.search(session, words, who=who, limit=quoting_actions.MOST_HITS)
    return {
        Source.LAW: quoting_actions.laws(session, words, who=who),
        Source.ISSUED: quoting_actions.issued_documents(session, words, who=who),
        Source.RECEIVED: [_of_delivery(each) for each in received if each.code],
    }


def _found(session: Session, source: Source, source_id: UUID, who: Principal) -> Citable:
    """What was chosen, read anew as this person may read it. Raises the refusals of its slice."""
    if source is Source.ISSUED:
        return quoting_actions.issued_document(session, source_id, who=who)
    if source is Source.LAW:
        return quoting_actions.law(session, source_id, who=who)
    return _of_delivery(delivery_queries.delivery(session, source_id, who=who))


def _of_delivery(seen: DeliverySeen) -> Citable:
    return Citable(
        Source.RECEIVED,
        seen.id,
        seen.type_name,
        seen.code,
        seen.issued_on,
        seen.sender_name,
        seen.subject,
    )


def _registered(session: Session, law: Law, who: Principal) -> UUID:
    return quoting_actions.register_law(
        session,
        law.type_name,
        law.code,
        law.issued_on,
        law.issuer,
        law.subject,
        by=who,
        at=clock.now(),
    )


def _out(found: Citable) -> CitableOut:
    return CitableOut(source=found.source, source_id=found.source_id, words=found.words)


def _linked(found: Cited) -> CitableOut:
    return CitableOut(source=found.source, source_id=found.source_id, words=found.words)


pages = Router(
    "/", route_handlers=[legal_bases, cite, give_up, register_law], include_in_schema=False
)
router = Router(
    "/api/v1",
    route_handlers=[citable, register, citations, add_citation, remove_citation],
    tags=["documents"],
)
