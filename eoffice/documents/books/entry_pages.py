"""Papers, reserved and annulled numbers of the books, entered by the records clerk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import types
from eoffice.documents.books import kinds as book_kinds
from eoffice.documents.books import queries as book_queries
from eoffice.documents.books import reservations
from eoffice.documents.books import twins as book_twins
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.books.pages import address, kind_of
from eoffice.documents.books.queries import EntryState, Wanted
from eoffice.documents.books.reservations import EntryUnknown, Paper
from eoffice.documents.books.twins import Twin
from eoffice.documents.types import DocumentType
from eoffice.errors import Refusal
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

_Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    until: date
    purpose: _Line


class Entered(msgspec.Struct, frozen=True, kw_only=True):
    type: DocumentType
    notation: Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
    subject: _Line
    issued_on: date
    signer_name: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    recipients: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    filed_with: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    copies: Annotated[int, msgspec.Meta(ge=0, le=9_999)]
    sent_on: date | None = None
    note: str | None = None
    number: int | None = None
    #: The clerk has seen the other one and goes on.
    confirmed: str | None = None


class Annulled(msgspec.Struct, frozen=True, kw_only=True):
    because: _Line


class Assigned(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID


@get("/documents/books/{kind:str}/{year:int}/reservations", sync_to_thread=True)
def reserving(request: Request, kind: FromPath[str], year: FromPath[int]) -> Response[bytes]:
    """Before a number is held."""
    who, found = _keeper(request, kind)
    until = clock.civil_date(clock.now()) + timedelta(days=7)
    return _reserving(request, who, found, year, FormState.of(until=until))


@post("/documents/books/{kind:str}/{year:int}/reservations", sync_to_thread=True)
def reserve(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Hold the next number."""
    who, found = _keeper(request, kind)
    try:
        entered = form.parse(Reserved)

        def work(session: Session) -> See:
            at = clock.now()
            number = reservations.reserve(
                session,
                kind=found,
                until=entered.until,
                purpose=entered.purpose,
                by=who,
                at=at,
            )
            here = address(found, clock.civil_date(at).year)
            return See(
                f"{here}/numbers/{number}",
                said=f"Đã giữ số {types.printed_number(number)} đến hết ngày "
                f"{entered.until:%d/%m/%Y}.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _reserving(request, who, found, year, form.refused(refusal), refusal.status)


@get("/documents/books/{kind:str}/{year:int}/papers", sync_to_thread=True)
def entering(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    number: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Before a paper is entered, under a reserved number or the next one."""
    who, found = _keeper(request, kind)
    today = clock.civil_date(clock.now())
    begun = FormState.of(issued_on=today, copies=1, number=number or "", filed_with="Văn thư")
    return _entering(request, who, found, year, begun)


@post("/documents/books/{kind:str}/{year:int}/papers", sync_to_thread=True)
def enter(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Enter a paper; what seems to be there already is asked about once."""
    who, found = _keeper(request, kind)
    try:
        entered = form.parse(Entered)
        paper = msgspec.convert(entered, Paper, from_attributes=True)
        if not entered.confirmed:
            with db.transaction(who.acting) as session:
                twins = book_twins.of_paper(session, paper, kind=found, who=who, at=clock.now())
            if twins:
                raise book_twins.SameContent(twins)

        def work(session: Session) -> See:
            at = clock.now()
            number = reservations.enter_paper(
                session, paper, kind=found, number=entered.number, by=who, at=at
            )
            return See(
                address(found, clock.civil_date(at).year),
                said=f"Đã vào sổ văn bản giấy số {types.code(number, paper.notation)}.",
            )

        return once.see(work)
    except book_twins.SameContent as same:
        state = form.refused(same)
        return _entering(request, who, found, year, state, same.status, twins=same.twins)
    except Refusal as refusal:
        return _entering(request, who, found, year, form.refused(refusal), refusal.status)


@get("/documents/books/{kind:str}/{year:int}/numbers/{number:int}", sync_to_thread=True)
def entry(
    request: Request, kind: FromPath[str], year: FromPath[int], number: FromPath[int]
) -> Response[bytes]:
    """A number that no document of the office has: what it is for, and what can be done."""
    who, found = _keeper(request, kind)
    return _entry(request, who, found, year, number, FormState())


@post("/documents/books/{kind:str}/{year:int}/numbers/{number:int}/document", sync_to_thread=True)
def assign(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    number: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """A signed document will take the reserved number."""
    who, found = _keeper(request, kind)
    try:
        entered = form.parse(Assigned)

        def work(session: Session) -> See:
            reservations.assign(
                session,
                entered.document_id,
                kind=found,
                year=year,
                number=number,
                by=who,
                at=clock.now(),
            )
            return See(
                f"/documents/{entered.document_id}",
                said=f"Khi cấp số, văn bản này sẽ nhận số {types.printed_number(number)}.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _entry(request, who, found, year, number, form.refused(refusal), refusal.status)


@post("/documents/books/{kind:str}/{year:int}/numbers/{number:int}/annulment", sync_to_thread=True)
def annul(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    number: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Strike the number out, with the reason."""
    who, found = _keeper(request, kind)
    try:
        entered = form.parse(Annulled)

        def work(session: Session) -> See:
            reservations.annul_number(
                session,
                kind=found,
                year=year,
                number=number,
                because=entered.because,
                by=who,
                at=clock.now(),
            )
            return See(address(found, year), said=f"Đã hủy số {types.printed_number(number)}.")

        return once.see(work)
    except Refusal as refusal:
        return _entry(request, who, found, year, number, form.refused(refusal), refusal.status)


def _keeper(request: Request, kind: str) -> tuple[Principal, BookKind]:
    who = principal(request)
    book_kinds.require_keeper(PositionKind(who.position_kind))
    return who, kind_of(kind)


def _reserving(
    request: Request,
    who: Principal,
    kind: BookKind,
    year: int,
    form: FormState,
    status: int = 200,
) -> Response[bytes]:
    with db.transaction(who.acting) as session:
        last = book_queries.book(session, who=who, kind=kind, year=year).last_number
    return page(
        request,
        "documents/book_reservation.html",
        status=status,
        form=form,
        here=address(kind, year),
        title=f"{book_kinds.TITLES[kind]} năm {year}",
        following=types.printed_number(last + 1),
        most_days=reservations.LONGEST_DAYS,
    )


def _entering(
    request: Request,
    who: Principal,
    kind: BookKind,
    year: int,
    form: FormState,
    status: int = 200,
    *,
    twins: list[Twin] | None = None,
) -> Response[bytes]:
    with db.transaction(who.acting) as session:
        last = book_queries.book(session, who=who, kind=kind, year=year).last_number
        held = book_queries.lines(
            session, Wanted(year, kind, state=EntryState.RESERVED), who=who, oldest_first=True
        )
        notation = people.unit(session, who.agency_id).notation
    is_copy = kind is BookKind.COPY
    return page(
        request,
        "documents/book_paper.html",
        status=status,
        form=form,
        twins=twins or [],
        here=address(kind, year),
        title=f"{book_kinds.TITLES[kind]} năm {year}",
        following=types.printed_number(last + 1),
        numbers=[
            (
                str(line.number),
                f"{types.printed_number(line.number)}, giữ cho {line.type_and_subject}",
            )
            for line in held
        ],
        types=[
            (each.value, types.name(each))
            for each in DocumentType
            if kind is BookKind.SECRET or (each in types.COPIES) is is_copy
        ],
        notation=notation,
    )


def _entry(
    request: Request,
    who: Principal,
    kind: BookKind,
    year: int,
    number: int,
    form: FormState,
    status: int = 200,
) -> Response[bytes]:
    with db.transaction(who.acting) as session:
        lines = book_queries.lines(session, Wanted(year, kind), who=who, before=number + 1, limit=1)
        if not lines or lines[0].number != number:
            raise EntryUnknown(f"Sổ năm {year} không có số {number}.")
        documents = book_queries.to_number(session, kind=kind, who=who)
    return page(
        request,
        "documents/book_number.html",
        status=status,
        form=form,
        here=address(kind, year),
        title=f"{book_kinds.TITLES[kind]} năm {year}",
        line=lines[0],
        state_name=book_queries.STATE_NAMES[lines[0].state],
        documents=[(str(id_), name) for id_, name in documents],
    )


routes = [
    reserving,
    reserve,
    entering,
    enter,
    entry,
    assign,
    annul,
]
