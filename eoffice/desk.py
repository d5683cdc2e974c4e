"""The desk: a page that looks into several slices at once.

It stands above the slices because those do not know one another. Each part is filled by the
queries of its own slice, which decide what this person may see.
"""

from __future__ import annotations

from litestar import Response, Router, get

from eoffice import clock, db
from eoffice.archive import queries as archive
from eoffice.archive import rules as archive_rules
from eoffice.archive.states import InspectionState
from eoffice.documents import queries as documents
from eoffice.documents import states as document_states
from eoffice.documents import types, waiting
from eoffice.registers import gradebook_queries
from eoffice.registers import states as register_states
from eoffice.routing import queries as routing
from eoffice.routing import rules
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal


@get("/", sync_to_thread=True)
def desk(request: Request) -> Response[bytes]:
    """Bàn làm việc: what awaits me in every part of the office."""
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
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


pages = Router("/", route_handlers=[desk], include_in_schema=False)
