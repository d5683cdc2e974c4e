"""The log for operators: what happened, narrowed down by address."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.audit import phrases, queries, rules
from eoffice.audit.http import position
from eoffice.audit.queries import Filters
from eoffice.web.forms import FormState
from eoffice.web.pages import page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal

_ROWS = 50


@get("/admin/audit", sync_to_thread=True)
def listing(
    request: Request,
    action: FromQuery[str | None] = None,
    object_id: FromQuery[str | None] = None,
    since: FromQuery[str | None] = None,
    until: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Events, newest first; what a filter cannot read counts as not given."""
    who = principal(request)
    rules.require_reader(who.position_kind)
    chosen = {"action": action, "object_id": object_id, "since": since, "until": until}
    filters = Filters(
        action=action or None,
        object_id=_identifier(object_id),
        since=_beginning(since),
        until=_beginning(until, days=1),
    )
    with db.transaction(who.acting) as session:
        found = queries.events(
            session,
            filters,
            agency_id=who.agency_id,
            after=position(Cursor.read(request, cursor)),
            limit=_ROWS + 1,
        )
        head = queries.newest_head(session)
        summary = None if head is None else (head.size, head.at, head.log_id)
    part = Page.of(request, found, limit=_ROWS, key=lambda row: (row.at.isoformat(), str(row.id)))
    asked = urlencode({name: value for name, value in chosen.items() if value})
    return page(
        request,
        "audit/events.html",
        events=part.items,
        next_cursor=part.next_cursor,
        at_start=not cursor,
        here="/admin/audit" + (f"?{asked}" if asked else ""),
        actions=sorted(
            ((action, phrases.what(action, {})) for action in phrases.PHRASES),
            key=lambda pair: pair[1],
        ),
        form=FormState.of(**chosen),
        head=summary,
        objects=phrases.OBJECTS,
        is_narrowed=bool(asked),
    )


pages = Router("/", route_handlers=[listing], include_in_schema=False)


def _identifier(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _beginning(text: str | None, *, days: int = 0) -> datetime | None:
    """The first instant in Vietnam of the day, or of the day `days` later."""
    try:
        on = date.fromisoformat(text) + timedelta(days=days) if text else None
    except (ValueError, OverflowError):
        return None
    return None if on is None else datetime.combine(on, time(), tzinfo=clock.VIETNAM)
