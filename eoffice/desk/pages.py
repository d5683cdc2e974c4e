"""Pages of the desk: what awaits me, what I gave away, what is late."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from litestar import Response, Router, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.alerts import told
from eoffice.archive import queries as archive
from eoffice.archive import rules as archive_rules
from eoffice.archive.states import InspectionState
from eoffice.desk import batch_pages, batch_rules, queries, rules, signables, signature_pages
from eoffice.desk.lines import Line
from eoffice.desk.queries import Counts, Place
from eoffice.desk.rules import Kind, Of
from eoffice.diaries import waiting as diaries
from eoffice.documents import queries as documents
from eoffice.documents import states as document_states
from eoffice.documents import types, waiting
from eoffice.extracts import queries as copy_queries
from eoffice.extracts import states as copy_states
from eoffice.filing import closing_queries, closing_states
from eoffice.people.kinds import PositionKind
from eoffice.registers import correction_queries, correction_states, gradebook_queries
from eoffice.registers import states as register_states
from eoffice.reports import class_queries as report_classes
from eoffice.reports import states as report_states
from eoffice.reports import withdrawal_queries
from eoffice.routing import queries as routing
from eoffice.routing import rules as routing_rules
from eoffice.signing import key_ends
from eoffice.signing.batches import queries as batch_queries
from eoffice.signing.requests import queries as request_queries
from eoffice.signing.requests import states as request_states
from eoffice.transfers import waiting as transfers
from eoffice.web.pages import page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal

#: Lines of one part of a list.
ROWS: Final = 50
#: How long a batch of signatures in which something failed is told of.
_SIGNING_TOLD: Final = timedelta(days=3)
_VIEWS: Final = (
    ("Chờ tôi", "/"),
    ("Tôi đã giao", "/desk/given"),
    ("Quá hạn", "/desk/late"),
)


@get("/", sync_to_thread=True)
def desk(request: Request, ticked: FromQuery[str | None] = None) -> Response[bytes]:
    """Bàn làm việc: what awaits me in every part of the office.

    `ticked` names the list in which every line is ticked.
    """
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        routed = routing.desk(session, who=who, at=at)
        outgoing = documents.awaiting(session, who)
        books = gradebook_queries.awaiting(session, who)
        corrections = correction_queries.awaiting(session, who)
        answered = correction_queries.answered(session, who, at=at)
        reports = report_classes.awaiting(session, who)
        to_close = report_classes.near_or_late(session, who, today=clock.civil_date(at))
        to_decide = withdrawal_queries.to_decide(session, who)
        copies = copy_queries.awaiting(session, who)
        diary_lines = diaries.lines(session, who, at=at)
        packages = transfers.lines(session, who, at=at)
        closings = closing_queries.awaiting(session, who=who, at=at)
        to_sign = signables.offered(session, by=who, at=at)
        signing = batch_queries.unfinished(session, who, since=at - _SIGNING_TOLD)
        signatures = request_queries.unfinished(session, who, at=at)
        notices = told.unread(session, who.person_id)
        ending = key_ends.ending(session, who, at=at)
        inspections = (
            archive.inspections_of(session, who.person_id, on=clock.civil_date(at))
            if who.position_kind == archive_rules.INSPECTOR
            else ()
        )
    return page(
        request,
        "desk/desk.html",
        section="desk",
        views=views("/"),
        bulk=batch_rules.NAMES,
        ticked=ticked,
        to_sign={each.chosen.id: each for each in signables.several(to_sign)},
        signing=signing,
        signatures=signatures,
        signature_names=request_states.NAMES,
        signature_tones=request_states.TONES,
        desk=routed,
        outgoing=outgoing,
        books=books,
        book_names=register_states.NAMES,
        reports=reports,
        report_names=report_states.NAMES,
        to_close=to_close,
        to_decide=to_decide,
        copies=copies,
        copy_names=copy_states.NAMES,
        copy_kinds=copy_states.KIND_NAMES,
        diary_lines=diary_lines,
        packages=packages,
        corrections=corrections,
        answered=answered,
        correction_names=correction_states.NAMES,
        closings=closings,
        told=notices,
        ending=ending,
        closing_names=closing_states.NAMES,
        inspections=[each for each in inspections if each.state is InspectionState.RUNNING],
        type_name=types.name,
        document_names=document_states.NAMES,
        document_tones=waiting.TONES,
        role_names=routing_rules.ROLE_NAMES,
    )


@get("/desk/given", sync_to_thread=True)
def given(
    request: Request,
    kind: FromQuery[Kind | None] = None,
    cursor: FromQuery[str | None] = None,
    ticked: FromQuery[bool] = False,
) -> Response[bytes]:
    """Tôi đã giao: what I assigned, forwarded, submitted or asked of others, until it is done."""
    who = principal(request)
    at = clock.now()
    after = Place.read(Cursor.read(request, cursor))
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        counts = queries.count_given(session, who=who)
        rows = queries.given(session, who=who, at=at, kind=kind, after=after, limit=ROWS + 1)
    shown = Page.of(request, rows, limit=ROWS, key=lambda line: line.place)
    return _list(request, shown, counts, kind, {}, "/desk/given", cursor=cursor, ticked=ticked)


@get("/desk/late", sync_to_thread=True)
def late(
    request: Request,
    of: FromQuery[Of] = Of.MINE,
    kind: FromQuery[Kind | None] = None,
    cursor: FromQuery[str | None] = None,
    ticked: FromQuery[bool] = False,
) -> Response[bytes]:
    """Quá hạn: by working days; mine, what I gave away, and for leaders all of their unit."""
    who = principal(request)
    at = clock.now()
    after = Place.read(Cursor.read(request, cursor))
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        counts = {
            each: queries.count_late(session, each, who=who, at=at)
            for each in rules.views_for(PositionKind(who.position_kind))
        }
        rows = queries.late(session, of, who=who, at=at, kind=kind, after=after, limit=ROWS + 1)
    shown = Page.of(request, rows, limit=ROWS, key=lambda line: line.place)
    asked = {} if of is Of.MINE else {"of": of.value}
    return _list(
        request,
        shown,
        counts[of],
        kind,
        asked,
        "/desk/late",
        cursor=cursor,
        ticked=ticked,
        owners=[
            (
                f"{rules.OF_NAMES[each]} {counted(found.total)}",
                address("/desk/late", {} if each is Of.MINE else {"of": each.value}),
                each is of,
            )
            for each, found in counts.items()
        ],
    )


def _list(
    request: Request,
    shown: Page[Line],
    counts: Counts,
    kind: Kind | None,
    asked: dict[str, str],
    path: str,
    *,
    cursor: str | None,
    ticked: bool,
    owners: list[tuple[str, str, bool]] | None = None,
) -> Response[bytes]:
    here = address(path, asked if kind is None else {**asked, "kind": kind.value})
    there = queries.kinds_there(counts)
    return page(
        request,
        "desk/list.html",
        section="desk",
        views=views(path),
        title={href: name for name, href in _VIEWS}[path],
        is_late=path == "/desk/late",
        total=counted(counts.total),
        number=counts.total,
        owners=owners or [],
        chips=[
            (f"Tất cả {counted(counts.total)}", address(path, asked), kind is None),
            *(
                (
                    f"{rules.NAMES[each]} {counted(counts.of[each])}",
                    address(path, {**asked, "kind": each.value}),
                    each is kind,
                )
                for each in there
            ),
        ]
        if len(there) > 1 or kind is not None
        else [],
        lines=shown.items,
        next_cursor=shown.next_cursor,
        at_start=not cursor,
        here=here,
        ticked=ticked,
        this_part=_with(here, {} if not cursor else {"cursor": cursor}),
        all_ticked=_with(here, {"ticked": "true"} | ({} if not cursor else {"cursor": cursor})),
        steps=[
            (each.value, batch_rules.NAMES[each])
            for each in batch_rules.steps_for({line.kind for line in shown.items})
        ],
        kind_names=rules.NAMES,
    )


def views(here: str) -> list[tuple[str, str, bool]]:
    """The views of the desk as chips."""
    return [(name, href, href == here) for name, href in _VIEWS]


def address(path: str, asked: dict[str, str]) -> str:
    """The address of a list with its filters."""
    return f"{path}?{urlencode(asked)}" if asked else path


def _with(here: str, more: dict[str, str]) -> str:
    if not more:
        return here
    return f"{here}{'&' if '?' in here else '?'}{urlencode(more)}"


def counted(number: int) -> str:
    """ "12", and "1000+" where nobody counted further."""
    return f"{rules.MOST_COUNTED}+" if number >= rules.MOST_COUNTED else str(number)


pages = Router(
    "/",
    route_handlers=[desk, given, late, *batch_pages.HANDLERS, *signature_pages.HANDLERS],
    include_in_schema=False,
)
