"""Books that are closed at the end of their year, for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.files import http as files
from eoffice.filing import (
    closing_actions,
    closing_files,
    closing_queries,
    closing_rules,
    closing_signatures,
    closing_tables,
)
from eoffice.filing.closing_queries import BookSeen, ClosingSeen
from eoffice.filing.closing_rules import BookUnknown, Hindrance, Obstacle
from eoffice.filing.closing_states import ClosedKind, State, Step
from eoffice.signing.pin import PinEntered
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal

PDF = "application/pdf"


class ObstacleOut(msgspec.Struct, frozen=True, kw_only=True):
    hindrance: Hindrance
    what: str
    remedy: str
    #: Address of the page on which it is dealt with; null where there is none.
    path: str | None


class ClosingOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    state: State
    state_since: datetime
    begun_by: str
    begun_at: datetime
    entries: int
    annulled: int
    #: Null: for ever.
    retention_years: int | None
    retain_until: date | None
    #: Of the PDF with the signatures made so far; null while it is being made.
    content_sha256: str | None
    page_count: int | None
    volumes: int
    clerk: str | None
    clerk_signed_at: datetime | None
    head: str | None
    head_capacity: str | None
    head_signed_at: datetime | None
    sealed_by: str | None
    sealed_at: datetime | None
    #: The signature that waits for you.
    mine: Step | None


class BookOut(msgspec.Struct, frozen=True, kw_only=True):
    kind: ClosedKind
    year: int
    title: str
    entries: int
    annulled: int
    #: Null while the book is open.
    closing: ClosingOut | None
    #: What stands in the way of closing it; told to the records clerk.
    obstacles: list[ObstacleOut]
    may_close: bool


class ClosingIn(msgspec.Struct, frozen=True, kw_only=True):
    #: For how many years the book is kept; null for ever.
    retention_years: (
        Annotated[int, msgspec.Meta(ge=1, le=closing_rules.LONGEST_RETENTION_YEARS)] | None
    ) = None


@get("/", sync_to_thread=True)
def listing(request: Request, year: FromQuery[int | None] = None) -> list[BookOut]:
    """Every book of a year (this one by default) and how far its closing is."""
    who, at = principal(request), clock.now()
    wanted = clock.civil_date(at).year if year is None else year
    with db.transaction(who.acting) as session:
        found = closing_queries.listing(session, year=wanted, who=who, at=at)
    return [book_out(each) for each in found]


@get("/awaiting", sync_to_thread=True)
def awaiting(request: Request) -> list[BookOut]:
    """Closed books that wait for my signature, the longest waiting first."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        waiting = closing_queries.awaiting(session, who=who, at=at)
        found = [
            closing_queries.book(session, kind=each.kind, year=each.year, who=who, at=at)
            for each in waiting
        ]
    return [book_out(each) for each in found]


@get("/{kind:str}/{year:int}", sync_to_thread=True)
def show(request: Request, kind: FromPath[str], year: FromPath[int]) -> BookOut:
    """One book: its closing, or what stands in the way of it.

    Kind is outgoing, secret, copy, incoming, incoming_secret or handling.
    """
    who, wanted, at = principal(request), kind_of(kind), clock.now()
    with db.transaction(who.acting) as session:
        return book_out(closing_queries.book(session, kind=wanted, year=year, who=who, at=at))


@post("/{kind:str}/{year:int}", sync_to_thread=True)
def close(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    data: JSONBody[ClosingIn],
    once: NamedDependency[Once],
) -> Response[BookOut]:
    """Close the book for good; for the records clerk. Its pages are made in the background."""
    who, wanted = principal(request), kind_of(kind)

    def work(session: Session) -> BookOut:
        closing_actions.begin(
            session,
            kind=wanted,
            year=year,
            retention_years=data.retention_years,
            by=who,
            at=clock.now(),
        )
        return _seen(session, wanted, year, who)

    return once.answer(
        work, status=201, location=lambda out: f"/api/v1/book-closings/{out.kind.value}/{out.year}"
    )


@post("/{kind:str}/{year:int}/printing", sync_to_thread=True, status_code=200)
def print_again(
    request: Request, kind: FromPath[str], year: FromPath[int], once: NamedDependency[Once]
) -> Response[BookOut]:
    """Have the pages made anew where that failed; for the records clerk."""
    who, wanted = principal(request), kind_of(kind)

    def work(session: Session) -> BookOut:
        at = clock.now()
        found = closing_queries.closing(session, kind=wanted, year=year, who=who, at=at)
        closing_actions.ask_again(session, found.id, by=who, at=at)
        return _seen(session, wanted, year, who)

    return once.answer(work)


@post(
    "/{kind:str}/{year:int}/signature",
    sync_to_thread=True,
    status_code=200,
    opt={"scope": "sign"},
)
def sign(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    data: JSONBody[PinEntered],
    once: NamedDependency[Once],
) -> Response[BookOut]:
    """Sign the book where it is my turn, or seal it; the PIN is used and forgotten."""
    if (kept := once.kept()) is not None:
        return kept
    who, wanted = principal(request), kind_of(kind)

    def within(last: Callable[[Session], State]) -> Response[BookOut]:
        def work(session: Session) -> BookOut:
            last(session)
            return _seen(session, wanted, year, who)

        return once.answer(work)

    return closing_signatures.sign(closing_id(wanted, year, who), data.pin, by=who, within=within)


@get("/{kind:str}/{year:int}/content", sync_to_thread=True)
def content(request: Request, kind: FromPath[str], year: FromPath[int]) -> Response[bytes]:
    """The PDF as it stands, with the signatures made so far."""
    wanted = kind_of(kind)
    pdf = closing_files.content(wanted, year, by=principal(request), at=clock.now())
    return files.download(pdf, PDF, closing_tables.file_name(wanted, year))


@get("/{kind:str}/{year:int}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    number: FromPath[int],
    width: FromQuery[int] = 1400,
) -> Response[bytes]:
    """A page as PNG."""
    return picture(request, kind_of(kind), year, number, width)


def kind_of(kind: str) -> ClosedKind:
    """Raises BookUnknown."""
    try:
        return ClosedKind(kind)
    except ValueError as error:
        raise BookUnknown("Không có loại sổ này.") from error


def closing_id(kind: ClosedKind, year: int, who: Principal) -> UUID:
    """Raises ClosingNotYours, BookUnknown."""
    with db.transaction(who.acting) as session:
        return closing_queries.closing(session, kind=kind, year=year, who=who, at=clock.now()).id


def picture(
    request: Request, kind: ClosedKind, year: int, number: int, width: int
) -> Response[bytes]:
    """A page as PNG. The next signature changes it, so it is asked for anew."""
    return Response(
        closing_files.page(kind, year, number, width, by=principal(request), at=clock.now()),
        media_type="image/png",
        headers={"Cache-Control": "private, no-cache"},
    )


def book_out(seen: BookSeen) -> BookOut:
    return BookOut(
        kind=seen.kind,
        year=seen.year,
        title=seen.title,
        entries=seen.entries,
        annulled=seen.annulled,
        closing=None if seen.closing is None else _closing_out(seen.closing),
        obstacles=[_obstacle_out(each) for each in seen.obstacles],
        may_close=seen.may_close,
    )


def _seen(session: Session, kind: ClosedKind, year: int, who: Principal) -> BookOut:
    session.flush()  # The answer reads what was written.
    return book_out(closing_queries.book(session, kind=kind, year=year, who=who, at=clock.now()))


def _obstacle_out(each: Obstacle) -> ObstacleOut:
    return ObstacleOut(hindrance=each.hindrance, what=each.what, remedy=each.remedy, path=each.path)


def _closing_out(seen: ClosingSeen) -> ClosingOut:
    values = {
        name: getattr(seen, name) for name in ClosingOut.__struct_fields__ if name != "sealed_by"
    }
    return ClosingOut(**values, sealed_by=seen.sealer)


router = Router(
    "/api/v1/book-closings",
    route_handlers=[
        listing,
        awaiting,
        show,
        close,
        print_again,
        sign,
        content,
        page_image,
    ],
    tags=["book-closings"],
)
