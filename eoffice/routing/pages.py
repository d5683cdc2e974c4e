"""Pages of routing: the desk, the incoming book, how far a dispatch is; and all addresses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import queries as documents
from eoffice.documents import types, waiting
from eoffice.documents.states import NAMES as DOCUMENT_NAMES
from eoffice.people import queries as people
from eoffice.printing import printed_table, table_files
from eoffice.printing.table_files import Format
from eoffice.routing import (
    actions,
    arrival_pages,
    book_queries,
    book_tables,
    copy_pages,
    delivery_pages,
    delivery_queries,
    list_steps,
    metadata_pages,
    outgoing,
    progress_pages,
    queries,
    recall_pages,
    receipts_pages,
    rules,
    states,
    tracking_pages,
    work_pages,
    work_queries,
)
from eoffice.routing.arrival_pages import ARRIVAL_TONES
from eoffice.routing.book_queries import Show
from eoffice.routing.delivery_pages import DELIVERY_TONES
from eoffice.routing.rules import ArrivalBookKind, Standing
from eoffice.routing.states import DeliveryState
from eoffice.web import bulk, narrowing
from eoffice.web.forms import FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal

_ROWS: Final = 50
#: More than this many unregistered documents are reached by registering the first ones.
_MOST_UNREGISTERED: Final = 200
_UNREGISTERED: Final = (DeliveryState.DELIVERED, DeliveryState.OPENED)


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """The days of arrival to which a reader may narrow the book."""

    since: date | None = None
    until: date | None = None


_FILTERS: Final = (
    (Show.ALL, "Tất cả"),
    (Show.TO_SUBMIT, "Chờ trình"),
    (Show.TO_ASSIGN, "Chờ phân công"),
    (Show.IN_WORK, "Đang xử lý"),
    (Show.LATE, "Quá hạn"),
    (Show.DONE, "Hoàn thành"),
)


@get("/desk", sync_to_thread=True)
def desk(request: Request) -> Response[bytes]:
    """What awaits me in what came in and in what goes out."""
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        found = queries.desk(session, who=who, at=at)
        outgoing_lines = documents.awaiting(session, who)
    return page(
        request,
        "routing/desk.html",
        section="desk",
        desk=found,
        outgoing=outgoing_lines,
        type_name=types.name,
        document_names=DOCUMENT_NAMES,
        document_tones=waiting.TONES,
        role_names=rules.ROLE_NAMES,
    )


@post("/notices/{notice_id:uuid}/reading", sync_to_thread=True)
def read_notice(
    request: Request,
    notice_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Put a notice away."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.read_notice(session, notice_id, by=who, at=clock.now())
        return See("/", said="Đã cất thông báo.")

    return once.see(work)


@get("/incoming", sync_to_thread=True)
def book(
    request: Request,
    year: FromQuery[int | None] = None,
    show: FromQuery[Show] = Show.ALL,
    kind: FromQuery[ArrivalBookKind] = ArrivalBookKind.INCOMING,
    cursor: FromQuery[str | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 — the word in the address
    ticked: FromQuery[str] = "",
) -> Response[bytes]:
    """What is not registered yet, and below it the book of the year as clerks keep it.

    With `?format=pdf` or `?format=xlsx` the book as a file, narrowed as the page is.
    """
    who = principal(request)
    rules.require_reader(kind, who.position_kind)
    at = clock.now()
    today = clock.civil_date(at)
    chosen = year or today.year
    days = narrowing.asked(request, Days)
    if format is not None:
        return _book_file(who, chosen, kind, show, days, format, at=at)
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        unregistered = (
            delivery_queries.deliveries(
                session, who=who, among=_UNREGISTERED, limit=_MOST_UNREGISTERED
            )
            if rules.reads_the_book(who.position_kind)
            else []
        )
        lines = book_queries.book(
            session,
            who=who,
            year=chosen,
            today=today,
            kind=kind,
            show=show,
            first_day=days.since,
            last_day=days.until,
            after=after,
            limit=_ROWS + 1,
        )
        years = book_queries.years(session, who=who)
        inherited = work_queries.inherited(session, who=who)
    shown = Page.of(request, lines, limit=_ROWS, key=lambda line: (str(line.number),))
    of_line = {
        line.arrival_id: list_steps.offered(line.state, who.position_kind) for line in shown.items
    }
    here = _book_path(chosen, show, kind, days)
    this_part = here if cursor is None else f"{here}&{urlencode({'cursor': cursor})}"
    return page(
        request,
        "routing/book.html",
        of_line=of_line,
        offers=bulk.together(of_line.values()),
        to_register=list_steps.of_unregistered(who.position_kind),
        ticked=ticked,
        this_part=this_part,
        year=chosen,
        years=sorted({*years, today.year}, reverse=True),
        chips=[
            (label, _book_path(chosen, each, kind, days), each is show and cursor is None)
            for each, label in _FILTERS
        ],
        lines=shown.items,
        next_cursor=shown.next_cursor,
        at_start=after is None,
        here=here,
        whole=_book_path(chosen, show, kind, Days()),
        filter_form=FormState.of(**narrowing.shown(days)),
        is_narrowed=days != Days(),
        show=show,
        kind=kind,
        book_titles=[
            (each.value, title)
            for each, title in rules.ARRIVAL_BOOK_TITLES.items()
            if rules.reads_arrival_book(each, who.position_kind)
        ],
        unregistered=unregistered if after is None else [],
        inherited=inherited,
        arrival_names=states.ARRIVAL_NAMES,
        arrival_tones=ARRIVAL_TONES,
        delivery_names=states.ARRIVING_NAMES,
        delivery_tones=DELIVERY_TONES,
    )


def _book_file(
    who: Principal,
    year: int,
    kind: ArrivalBookKind,
    show: Show,
    days: Days,
    wanted: Format,
    *,
    at: datetime,
) -> Response[bytes]:
    today = clock.civil_date(at)
    with db.transaction(who.acting) as session:
        lines = book_queries.book(
            session,
            who=who,
            year=year,
            today=today,
            kind=kind,
            show=show,
            first_day=days.since,
            last_day=days.until,
            limit=printed_table.MOST_ROWS + 1,
            oldest_first=True,
        )
        letterhead = people.letterhead(session, who.agency_id, on=today)
    chosen = () if show is Show.ALL else (f"Tình trạng: {dict(_FILTERS)[show]}",)
    notes = (*table_files.period_note(days.since, days.until), *chosen)
    return table_files.answer(
        book_tables.table(lines, kind, year, notes=notes, is_whole=not notes),
        letterhead,
        wanted,
        name=book_tables.file_name(kind, year),
        printed_by=who.full_name,
        at=at,
    )


def _book_path(year: int, show: Show, kind: ArrivalBookKind, days: Days) -> str:
    chosen: dict[str, object] = {"year": year}
    if kind is not ArrivalBookKind.INCOMING:
        chosen["kind"] = kind.value
    if show is not Show.ALL:
        chosen["show"] = show.value
    return f"/incoming?{urlencode({**chosen, **narrowing.shown(days)})}"


@get("/documents/{document_id:uuid}/recipients", sync_to_thread=True)
def recipients(
    request: Request,
    document_id: FromPath[UUID],
    show: FromQuery[Standing | None] = None,
) -> Response[bytes]:
    """Each recipient of an issued document: how far it is, since when, and what it answered."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = outgoing.dispatch_status(
            session,
            document_id,
            who=who,
            today=clock.civil_date(clock.now()),
        )
    path = f"/documents/{document_id}/recipients"
    everybody = len(found.recipients) + len(found.on_the_way)
    return page(
        request,
        "routing/recipients.html",
        dispatch=found,
        everybody=everybody,
        rows=[each for each in found.recipients if show is None or show in each.standings],
        show=show,
        show_name="" if show is None else rules.STANDING_NAMES[show],
        chips=[
            (f"Tất cả {everybody}", path, show is None),
            *(
                (
                    f"{rules.STANDING_NAMES[each]} {found.counts[each]}",
                    f"{path}?show={each.value}",
                    each is show,
                )
                for each in Standing
            ),
        ],
        tones=DELIVERY_TONES,
        bars=[
            (
                rules.STANDING_LABELS[each],
                found.counts[each],
                f"{path}?show={each.value}",
                each in (Standing.LATE, Standing.REFUSED),
            )
            for each in Standing
            if found.counts[each]
        ],
    )


pages = Router(
    "/",
    route_handlers=[
        desk,
        read_notice,
        book,
        delivery_pages.delivery,
        delivery_pages.open_delivery,
        delivery_pages.register,
        delivery_pages.refuse,
        delivery_pages.content,
        delivery_pages.page_image,
        delivery_pages.file,
        arrival_pages.arrival,
        arrival_pages.submit,
        arrival_pages.assign,
        arrival_pages.log_work,
        arrival_pages.take_note,
        arrival_pages.finish,
        arrival_pages.answer,
        *work_pages.HANDLERS,
        *progress_pages.HANDLERS,
        *tracking_pages.HANDLERS,
        receipts_pages.receipt,
        recipients,
        *recall_pages.routes,
        *copy_pages.routes,
        *metadata_pages.routes,
    ],
    include_in_schema=False,
)
