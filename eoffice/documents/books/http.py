"""sổ đăng ký văn bản for programs."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import shapes
from eoffice.documents.books import kinds as book_kinds
from eoffice.documents.books import numbers as books
from eoffice.documents.books import queries as book_queries
from eoffice.documents.books import reservations
from eoffice.documents.books.pages import filters, kind_of, require_reader
from eoffice.documents.books.queries import BookLine
from eoffice.documents.books.reservations import Paper
from eoffice.documents.types import DocumentType
from eoffice.people.kinds import PositionKind
from eoffice.web.idempotency import Once
from eoffice.web.paging import bounded
from eoffice.web.principal import Request, principal

_Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class BookLineOut(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    #: Null for a paper, for a reserved number, and where the document is not yours to read.
    document_id: UUID | None
    code: str
    issued_on: date | None
    type_and_subject: str
    signer: str
    recipients: str
    filed_by: str
    copies: int | None
    sent_on: date | None
    receipt: str
    note: str
    #: issued, numbered, withdrawn, paper, reserved, annulled
    state: str
    annulled_because: str | None
    reserved_until: date | None


class BookPage(msgspec.Struct, frozen=True, kw_only=True):
    lines: list[BookLineOut]
    #: Ask again with `before` this number; null at the first line of the book.
    before: int | None


class Reservation(msgspec.Struct, frozen=True, kw_only=True):
    #: The last day on which the number may be used.
    until: date
    purpose: _Line


class PaperIn(msgspec.Struct, frozen=True, kw_only=True):
    type: DocumentType
    #: Without the number: "QĐ-SGDĐT".
    notation: Annotated[str, msgspec.Meta(min_length=1, max_length=30)]
    subject: _Line
    issued_on: date
    signer_name: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]
    recipients: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    filed_with: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    copies: Annotated[int, msgspec.Meta(ge=0, le=9_999)]
    sent_on: date | None = None
    note: str | None = None
    #: A reserved number; null for the next one.
    number: int | None = None


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    because: _Line


class NumberOut(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    year: int


@get("/{kind:str}/{year:int}", sync_to_thread=True)
def book(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    before: FromQuery[int | None] = None,
    limit: FromQuery[int] = 100,
) -> BookPage:
    """A book of a year, the highest number first; kind is outgoing, secret or copy.

    Narrowed by since, until (yyyy-mm-dd), unit, type and state.
    """
    who = principal(request)
    found = kind_of(kind)
    require_reader(who, found)
    limit = bounded(limit)
    with db.transaction(who.acting) as session:
        lines = book_queries.lines(
            session,
            filters(request).wanted(found, year),
            who=who,
            before=before,
            limit=limit + 1,
        )
    shown = lines[:limit]
    return BookPage(
        lines=[_out(each) for each in shown],
        before=shown[-1].number if len(lines) > limit else None,
    )


@put("/{kind:str}/{year:int}", sync_to_thread=True)
def open_book(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    data: JSONBody[shapes.BookOpening],
) -> shapes.Made:
    """Begin the book behind the last number of the paper book; for the records clerk."""
    who = principal(request)
    book_kinds.require_keeper(PositionKind(who.position_kind))
    with db.transaction(who.acting) as session:
        book_id = books.open_book(
            session,
            who.agency_id,
            kind=kind_of(kind),
            year=year,
            opening_number=data.opening_number,
            by=who,
            at=clock.now(),
        )
    return shapes.Made(id=book_id)


@post("/{kind:str}/reservations", sync_to_thread=True)
def reserve(
    request: Request,
    kind: FromPath[str],
    data: JSONBody[Reservation],
    once: NamedDependency[Once],
) -> Response[NumberOut]:
    """Hold the next number of this year's book until the end of a day; for the records clerk."""
    who = principal(request)

    def work(session: Session) -> NumberOut:
        at = clock.now()
        number = reservations.reserve(
            session, kind=kind_of(kind), until=data.until, purpose=data.purpose, by=who, at=at
        )
        return NumberOut(number=number, year=clock.civil_date(at).year)

    return once.answer(work, status=201)


@post("/{kind:str}/papers", sync_to_thread=True)
def enter(
    request: Request,
    kind: FromPath[str],
    data: JSONBody[PaperIn],
    once: NamedDependency[Once],
) -> Response[NumberOut]:
    """Enter a paper in this year's book; for the records clerk."""
    who = principal(request)

    def work(session: Session) -> NumberOut:
        at = clock.now()
        number = reservations.enter_paper(
            session,
            msgspec.convert(data, Paper, from_attributes=True),
            kind=kind_of(kind),
            number=data.number,
            by=who,
            at=at,
        )
        return NumberOut(number=number, year=clock.civil_date(at).year)

    return once.answer(work, status=201)


@post("/{kind:str}/{year:int}/numbers/{number:int}/annulment", sync_to_thread=True)
def annul(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    number: FromPath[int],
    data: JSONBody[Reason],
    once: NamedDependency[Once],
) -> Response[NumberOut]:
    """Strike out a reserved number or a paper's; for the records clerk."""
    who = principal(request)

    def work(session: Session) -> NumberOut:
        reservations.annul_number(
            session,
            kind=kind_of(kind),
            year=year,
            number=number,
            because=data.because,
            by=who,
            at=clock.now(),
        )
        return NumberOut(number=number, year=year)

    return once.answer(work, status=200)


def _out(line: BookLine) -> BookLineOut:
    values = {name: getattr(line, name) for name in BookLineOut.__struct_fields__}
    return BookLineOut(**{**values, "document_id": line.document_id if line.is_readable else None})


router = Router(
    "/api/v1/books",
    route_handlers=[book, open_book, reserve, enter, annul],
    tags=["books"],
)
