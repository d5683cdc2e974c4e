"""The desk and the search over everything: two pages that look into several slices at once.

They stand above the slices because those do not know one another. Each part is filled by the
queries of its own slice, which decide what this person may see.
"""

from __future__ import annotations

from litestar import Response, Router, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.archive import queries as archive
from eoffice.archive import reading
from eoffice.archive import rules as archive_rules
from eoffice.archive.queries import Line, Narrowed
from eoffice.archive.states import KIND_NAMES, InspectionState
from eoffice.documents import queries as documents
from eoffice.documents import states as document_states
from eoffice.documents import types, waiting
from eoffice.documents.queries import DocumentLine
from eoffice.registers import gradebook_queries
from eoffice.registers import states as register_states
from eoffice.routing import delivery_queries, rules
from eoffice.routing import queries as routing
from eoffice.routing.delivery_queries import DeliverySeen
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal

#: Lines of each kind on the page of all results; each kind has its own page with the rest.
MOST_OF_A_KIND = 10


@get("/", sync_to_thread=True)
def desk(request: Request) -> Response[bytes]:
    """Bàn làm việc: what awaits me in every part of the office."""
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        routed = routing.desk(session, who=who, at=at)
        outgoing = documents.awaiting(session, who)
        books = gradebook_queries.awaiting(session, who)
        inspections = (
            archive.inspections_of(session, who.person_id, on=clock.civil_date(at))
            if who.position_kind == archive_rules.INSPECTOR
            else ()
        )
    return page(
        request,
        "web/desk.html",
        section="desk",
        desk=routed,
        outgoing=outgoing,
        books=books,
        book_names=register_states.NAMES,
        inspections=[each for each in inspections if each.state is InspectionState.RUNNING],
        type_name=types.name,
        document_names=document_states.NAMES,
        document_tones=waiting.TONES,
        role_names=rules.ROLE_NAMES,
    )


@get("/search", sync_to_thread=True)
def search(request: Request, q: FromQuery[str] = "") -> Response[bytes]:
    """Tìm trong mọi văn bản và sổ sách: outgoing, incoming and archived, the newest of each."""
    who = principal(request)
    words = q.strip()
    outgoing: list[DocumentLine] = []
    came: list[DeliverySeen] = []
    kept: list[Line] = []
    if words:
        with db.transaction(who.acting) as session:
            outgoing = documents.listing(session, who=who, words=words, limit=MOST_OF_A_KIND)
            came = delivery_queries.search(session, words, who=who, limit=MOST_OF_A_KIND)
        kept, _ = reading.search(
            who, words, at=clock.now(), narrowed=Narrowed(), after=None, limit=MOST_OF_A_KIND
        )
    return page(
        request,
        "web/search.html",
        section="",
        q=words,
        outgoing=outgoing,
        incoming=came,
        archived=kept,
        type_name=types.name,
        document_names=document_states.NAMES,
        document_tones=waiting.TONES,
        kind_names=KIND_NAMES,
    )


pages = Router("/", route_handlers=[desk, search], include_in_schema=False)
