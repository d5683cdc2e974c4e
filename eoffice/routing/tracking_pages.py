"""Following the work on incoming documents: the book of handling, and the report that counts it.

Every number of the report leads to the lines of the book that it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.documents.tracking import tally_pages, tally_tables, timeliness
from eoffice.documents.tracking.timeliness import Timeliness
from eoffice.errors import Invalid
from eoffice.people import queries as people
from eoffice.printing import printed_table, table_files
from eoffice.printing.table_files import Format
from eoffice.routing import states, tracking_queries, tracking_tables
from eoffice.routing.states import ArrivalState
from eoffice.routing.tracking_queries import NOBODY, Wanted
from eoffice.web import narrowing
from eoffice.web.forms import FormState
from eoffice.web.pages import page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal

_ROWS: Final = 50
_BOOK: Final = "/incoming/handling"
_REPORT: Final = "/incoming/report"
_TITLE: Final = "Báo cáo tình hình giải quyết văn bản đến"


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader may narrow the book and the report to; days are those of arrival."""

    since: date | None = None
    until: date | None = None
    #: Of who leads the work; "none" for nobody yet, and for a unit as a whole.
    unit: str | None = None
    person: str | None = None
    state: ArrivalState | None = None
    timeliness: Timeliness | None = None

    def wanted(self) -> Wanted:
        return Wanted(
            self.since,
            self.until,
            _leader(self.unit),
            _leader(self.person),
            self.state,
            self.timeliness,
        )

    def notes(self) -> tuple[str, ...]:
        """The narrowing in words, for the head of a printed list."""
        said = list(table_files.period_note(self.since, self.until))
        if self.state is not None:
            said.append(f"Tình trạng: {states.ARRIVAL_NAMES[self.state]}")
        if self.timeliness is not None:
            said.append(f"Thời hạn: {timeliness.NAMES[self.timeliness]}")
        return tuple(said)


@get(_BOOK, sync_to_thread=True)
def book(
    request: Request,
    cursor: FromQuery[str | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 — the word in the address
) -> Response[bytes]:
    """Sổ theo dõi giải quyết văn bản đến; `?format=` gives it as a file, narrowed alike."""
    who, at = principal(request), clock.now()
    today = clock.civil_date(at)
    narrowed = _filters(request, today)
    wanted = narrowed.wanted()
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        found = tracking_queries.lines(
            session,
            wanted,
            who=who,
            today=today,
            after=None if format else after,
            limit=printed_table.MOST_ROWS + 1 if format else _ROWS + 1,
            oldest_first=format is not None,
        )
        units, persons = tracking_queries.leaders(session, who=who)
        letterhead = people.letterhead(session, who.agency_id, on=today)
    if format is not None:
        return table_files.answer(
            tracking_tables.table(
                found,
                notes=(*narrowed.notes(), *_led_by(narrowed, units, persons)),
                whole_year=_whole_year(narrowed, today),
            ),
            letterhead,
            format,
            name=tracking_tables.FILE_NAME,
            printed_by=who.full_name,
            at=at,
        )
    shown = Page.of(
        request, found, limit=_ROWS, key=lambda line: (str(line.year), str(line.number))
    )
    asked = narrowing.shown(narrowed)
    return page(
        request,
        "routing/tracking.html",
        title=tracking_tables.TITLE,
        lines=shown.items,
        next_cursor=shown.next_cursor,
        at_start=after is None,
        here=f"{_BOOK}?{urlencode(asked)}",
        report=f"{_REPORT}?{urlencode(_days(narrowed))}",
        filter_form=FormState.of(**asked),
        units=[(NOBODY, "Chưa phân công"), *((str(id_), name) for id_, name in units)],
        persons=[(NOBODY, "Cả đơn vị"), *((str(id_), name) for id_, name in persons)],
        states=[(each.value, states.ARRIVAL_NAMES[each]) for each in ArrivalState],
        timely=[(each.value, timeliness.NAMES[each]) for each in Timeliness],
        tones=timeliness.TONES,
        names=states.ARRIVAL_NAMES,
    )


@get(_REPORT, sync_to_thread=True)
def report(
    request: Request,
    format: FromQuery[Format | None] = None,  # noqa: A002 — the word in the address
) -> Response[bytes]:
    """Báo cáo tình hình giải quyết văn bản đến: by unit, person and state, and how timely."""
    who, at = principal(request), clock.now()
    today = clock.civil_date(at)
    narrowed = _filters(request, today)
    with db.transaction(who.acting) as session:
        found = tracking_queries.report(session, narrowed.wanted(), who=who, today=today)
        letterhead = people.letterhead(session, who.agency_id, on=today)
    parts = (
        ("Theo đơn vị chủ trì", found.by_unit),
        ("Theo người chủ trì", found.by_person),
        ("Theo tình trạng", found.by_state),
    )
    period, *more = narrowed.notes()
    notes = (f"Văn bản đến {period[0].lower()}{period[1:]}", *more)
    if format is not None:
        return table_files.answer(
            tally_tables.table(_TITLE, parts, notes=notes),
            letterhead,
            format,
            name="bao-cao-giai-quyet-van-ban-den",
            printed_by=who.full_name,
            at=at,
        )
    return tally_pages.show(
        request,
        title=_TITLE,
        about=notes[0],
        crumbs=[("Văn bản đến", "/incoming")],
        here=_REPORT,
        to_list=_BOOK,
        list_name=tracking_tables.TITLE,
        asked=narrowing.shown(narrowed),
        parts=parts,
    )


def _filters(request: Request, today: date) -> Filters:
    """What the address asks for, always with a period. Raises Invalid."""
    asked = narrowing.asked(request, Filters)
    since, until = tally_pages.period(asked.since, asked.until, today)
    return msgspec.structs.replace(asked, since=since, until=until)


def _leader(choice: str | None) -> UUID | str | None:
    if choice is None or choice == NOBODY:
        return choice
    try:
        return UUID(choice)
    except ValueError as wrong:
        raise Invalid("Bộ lọc trong địa chỉ không đúng. Hãy bỏ lọc rồi chọn lại.") from wrong


def _days(narrowed: Filters) -> dict[str, str]:
    return {"since": str(narrowed.since), "until": str(narrowed.until)}


def _whole_year(narrowed: Filters, today: date) -> int | None:
    """The year of which this is everything so far; None for an extract."""
    since, until = narrowed.since, narrowed.until
    assert since is not None, "_filters set it"
    assert until is not None
    days_alone = Filters(since=since, until=until) == narrowed
    year = since.year
    whole = since == date(year, 1, 1) and until.year == year
    return year if days_alone and whole and until >= min(today, date(year, 12, 31)) else None


def _led_by(
    narrowed: Filters, units: Sequence[tuple[UUID, str]], persons: Sequence[tuple[UUID, str]]
) -> tuple[str, ...]:
    names = {str(id_): name for id_, name in (*units, *persons)}
    said = []
    if narrowed.unit is not None:
        said.append(f"Đơn vị chủ trì: {names.get(narrowed.unit, 'chưa phân công')}")
    if narrowed.person is not None:
        said.append(f"Người chủ trì: {names.get(narrowed.person, 'cả đơn vị')}")
    return tuple(said)


HANDLERS: Final = (book, report)
