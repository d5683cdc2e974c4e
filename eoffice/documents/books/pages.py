"""The books of outgoing documents: reading, printing, opening them."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import rules, types
from eoffice.documents.books import kinds as book_kinds
from eoffice.documents.books import numbers as books
from eoffice.documents.books import queries as book_queries
from eoffice.documents.books import tables as book_tables
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.books.queries import EntryState, Wanted
from eoffice.documents.types import DocumentType
from eoffice.errors import NotFound, Refusal
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.printing import printed_table, table_files
from eoffice.printing.table_files import Format
from eoffice.web import narrowing
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

_ROWS = 50


class BookUnknown(NotFound):
    """There is no book of this kind."""


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    opening_number: Annotated[int, msgspec.Meta(ge=0, le=999_999)]


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a reader may narrow a book or a report to; dates as yyyy-mm-dd."""

    since: date | None = None
    until: date | None = None
    unit: UUID | None = None
    type: DocumentType | None = None
    state: EntryState | None = None

    def shown(self) -> dict[str, str]:
        return narrowing.shown(self)

    def wanted(self, kind: BookKind, year: int) -> Wanted:
        return Wanted(year, kind, self.since, self.until, self.unit, self.type, self.state)

    def notes(self) -> tuple[str, ...]:
        """The narrowing in words, for the head of a printed list."""
        said = list(table_files.period_note(self.since, self.until))
        if self.type is not None:
            said.append(f"Loại văn bản: {types.name(self.type)}")
        if self.state is not None:
            said.append(f"Tình trạng: {book_queries.STATE_NAMES[self.state]}")
        return tuple(said)


@get("/documents/books/{year:int}", sync_to_thread=True)
def book(
    request: Request, year: FromPath[int], before: FromQuery[int | None] = None
) -> Response[bytes]:
    """Sổ đăng ký văn bản đi."""
    return _book(request, BookKind.OUTGOING, year, before, FormState())


@get("/documents/books/{kind:str}/{year:int}", sync_to_thread=True)
def book_of_kind(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    before: FromQuery[int | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 — the word in the address
) -> Response[bytes]:
    """A book; with `?format=pdf` or `?format=xlsx` as a file, narrowed as the page is."""
    if format is not None:
        return _file(request, kind_of(kind), year, format)
    return _book(request, kind_of(kind), year, before, FormState())


@post("/documents/books/{year:int}", sync_to_thread=True)
def open_book(
    request: Request,
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Begin the outgoing book behind the last number of the paper book."""
    return _open(request, BookKind.OUTGOING, year, form, once, f"/documents/books/{year}")


@post("/documents/books/{kind:str}/{year:int}", sync_to_thread=True)
def open_book_of_kind(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Begin a book behind the last number of the paper book."""
    found = kind_of(kind)
    return _open(request, found, year, form, once, address(found, year))


def kind_of(kind: str) -> BookKind:
    try:
        return BookKind(kind)
    except ValueError as error:
        raise BookUnknown("Không có loại sổ này.") from error


def address(kind: BookKind, year: int) -> str:
    return f"/documents/books/{kind.value}/{year}"


def filters(request: Request) -> Filters:
    """The narrowing that the address asks for; blank is absent. Raises Invalid."""
    return narrowing.asked(request, Filters)


def require_reader(who: Principal, kind: BookKind) -> None:
    position = PositionKind(who.position_kind)
    rules.require_reader(position)
    book_kinds.require_reader(kind, position)


def _open(
    request: Request, kind: BookKind, year: int, form: Form, once: Once, here: str
) -> Response[bytes]:
    who = principal(request)
    try:
        book_kinds.require_keeper(PositionKind(who.position_kind))
        entered = form.parse(Opening)

        def work(session: Session) -> See:
            books.open_book(
                session,
                who.agency_id,
                kind=kind,
                year=year,
                opening_number=entered.opening_number,
                by=who,
                at=clock.now(),
            )
            following = types.printed_number(entered.opening_number + 1)
            return See(here, said=f"Đã mở sổ năm {year}. Số tiếp theo: {following}.")

        return once.see(work)
    except Refusal as refusal:
        return _book(request, kind, year, None, form.refused(refusal), status=refusal.status)


def _file(request: Request, kind: BookKind, year: int, wanted: Format) -> Response[bytes]:
    who = principal(request)
    require_reader(who, kind)
    narrowed, at = filters(request), clock.now()
    asked = narrowed.wanted(kind, year)
    with db.transaction(who.acting) as session:
        printed_table.require_printable(book_queries.count(session, asked, who=who))
        found = book_queries.book(session, who=who, kind=kind, year=year)
        lines = book_queries.lines(session, asked, who=who, oldest_first=True)
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    return table_files.answer(
        book_tables.table(lines, found, notes=narrowed.notes(), is_whole=not narrowed.shown()),
        letterhead,
        wanted,
        name=f"{book_tables.file_name(kind)}-{year}",
        printed_by=who.full_name,
        at=at,
    )


def _book(
    request: Request,
    kind: BookKind,
    year: int,
    before: int | None,
    form: FormState,
    *,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    require_reader(who, kind)
    narrowed = filters(request)
    with db.transaction(who.acting) as session:
        lines = book_queries.lines(
            session, narrowed.wanted(kind, year), who=who, before=before, limit=_ROWS + 1
        )
        found = book_queries.book(session, who=who, kind=kind, year=year)
        known = book_queries.years(session, who=who)
        units = book_queries.units(session, who=who)
    shown = lines[:_ROWS]
    this_year = clock.civil_date(clock.now()).year
    position = PositionKind(who.position_kind)
    keeps = book_kinds.may_keep(position)
    asked = urlencode(narrowed.shown())
    return page(
        request,
        "documents/book.html",
        status=status,
        form=form,
        filter_form=FormState.of(**narrowed.shown()),
        here=address(kind, year),
        asked=f"&{asked}" if asked else "",
        is_narrowed=bool(asked),
        title=f"{book_kinds.TITLES[kind]} năm {year}",
        kind=kind,
        kinds=[
            (book_kinds.SHORT[each], address(each, year), each is kind)
            for each in BookKind
            if book_kinds.may_read(each, position)
        ],
        years=[
            (str(each), address(kind, each), each == year)
            for each in sorted({year, *known, *range(this_year - 3, this_year + 1)}, reverse=True)
        ],
        year=year,
        lines=shown,
        before=shown[-1].number if len(lines) > _ROWS else None,
        at_start=before is None,
        last=found.last_number,
        closed_at=found.closed_at,
        keeps=keeps and found.closed_at is None and year == this_year,
        may_open=keeps and found.closed_at is None and found.last_number == found.opening_number,
        units=[(str(id_), name) for id_, name in units],
        types=[(each.value, types.name(each)) for each in DocumentType],
        states=[(each.value, name) for each, name in book_queries.STATE_NAMES.items()],
    )


routes = [
    book,
    book_of_kind,
    open_book,
    open_book_of_kind,
]
