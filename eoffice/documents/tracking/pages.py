"""Following the work on outgoing documents: the list, and the report that counts it.

Every number of the report leads to the documents that it counts.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.documents import states
from eoffice.documents.states import State
from eoffice.documents.tracking import queries as tracking_queries
from eoffice.documents.tracking import tables as tracking_tables
from eoffice.documents.tracking import tally_pages, tally_tables, timeliness
from eoffice.documents.tracking.queries import Wanted
from eoffice.documents.tracking.timeliness import Timeliness
from eoffice.people import queries as people
from eoffice.printing import table_files
from eoffice.printing.table_files import Format
from eoffice.web import narrowing
from eoffice.web.forms import FormState
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal

_LIST: Final = "/documents/handling"
_REPORT: Final = "/documents/report"
_TITLE: Final = "Báo cáo tình hình giải quyết văn bản đi"
#: The page; a file has them all.
_ROWS: Final = 500


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader may narrow the list and the report to; days are those of the first draft."""

    since: date | None = None
    until: date | None = None
    unit: UUID | None = None
    person: UUID | None = None
    state: State | None = None
    timeliness: Timeliness | None = None

    def wanted(self, today: date) -> Wanted:
        since, until = tally_pages.period(self.since, self.until, today)
        return Wanted(since, until, self.unit, self.person, self.state, self.timeliness)

    def notes(self) -> tuple[str, ...]:
        """The narrowing in words, for the head of a printed list."""
        said = list(table_files.period_note(self.since, self.until))
        if self.state is not None:
            said.append(f"Tình trạng: {states.NAMES[self.state]}")
        if self.timeliness is not None:
            said.append(f"Thời hạn: {timeliness.NAMES[self.timeliness]}")
        return tuple(said)


@get(_LIST, sync_to_thread=True)
def handling(
    request: Request,
    format: FromQuery[Format | None] = None,  # noqa: A002 — the word in the address
) -> Response[bytes]:
    """Outgoing documents with deadline and progress; `?format=` gives them as a file."""
    who, at = principal(request), clock.now()
    today = clock.civil_date(at)
    narrowed = _filters(request, today)
    with db.transaction(who.acting) as session:
        found = tracking_queries.lines(session, narrowed.wanted(today), who=who, today=today)
        letterhead = people.letterhead(session, who.agency_id, on=today)
    if format is not None:
        return table_files.answer(
            tracking_tables.table(found, notes=narrowed.notes()),
            letterhead,
            format,
            name=tracking_tables.FILE_NAME,
            printed_by=who.full_name,
            at=at,
        )
    asked = narrowing.shown(narrowed)
    days = {name: asked[name] for name in ("since", "until")}
    return page(
        request,
        "documents/tracking.html",
        title=tracking_tables.TITLE,
        lines=found[:_ROWS],
        total=len(found),
        here=f"{_LIST}?{urlencode(asked)}",
        report=f"{_REPORT}?{urlencode(days)}",
        filter_form=FormState.of(**asked),
        units=sorted({(str(each.unit_id), each.unit) for each in found}, key=lambda each: each[1]),
        persons=sorted(
            {(str(each.person_id), each.person) for each in found}, key=lambda each: each[1]
        ),
        states=[(each.value, states.NAMES[each]) for each in State],
        timely=[(each.value, timeliness.NAMES[each]) for each in Timeliness],
        tones=timeliness.TONES,
        names=states.NAMES,
    )


@get(_REPORT, sync_to_thread=True)
def report(
    request: Request,
    format: FromQuery[Format | None] = None,  # noqa: A002 — the word in the address
) -> Response[bytes]:
    """Báo cáo tình hình giải quyết văn bản đi: by unit, person and state, and how timely."""
    who, at = principal(request), clock.now()
    today = clock.civil_date(at)
    narrowed = _filters(request, today)
    with db.transaction(who.acting) as session:
        lines = tracking_queries.lines(session, narrowed.wanted(today), who=who, today=today)
        letterhead = people.letterhead(session, who.agency_id, on=today)
    found = tracking_queries.report(lines)
    parts = (
        ("Theo đơn vị soạn thảo", found.by_unit),
        ("Theo người soạn thảo", found.by_person),
        ("Theo tình trạng", found.by_state),
    )
    period, *more = narrowed.notes()
    notes = (f"Văn bản bắt đầu soạn thảo {period[0].lower()}{period[1:]}", *more)
    if format is not None:
        return table_files.answer(
            tally_tables.table(_TITLE, parts, notes=notes),
            letterhead,
            format,
            name="bao-cao-giai-quyet-van-ban-di",
            printed_by=who.full_name,
            at=at,
        )
    return tally_pages.show(
        request,
        title=_TITLE,
        about=notes[0],
        crumbs=[("Văn bản đi", "/documents")],
        here=_REPORT,
        to_list=_LIST,
        list_name=tracking_tables.TITLE,
        asked=narrowing.shown(narrowed),
        parts=parts,
    )


def _filters(request: Request, today: date) -> Filters:
    """What the address asks for, always with a period. Raises Invalid."""
    asked = narrowing.asked(request, Filters)
    since, until = tally_pages.period(asked.since, asked.until, today)
    return msgspec.structs.replace(asked, since=since, until=until)


routes = [handling, report]
