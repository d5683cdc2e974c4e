"""sổ đăng ký văn bản for programs."""

from __future__ import annotations

from litestar import Router, get, put
from litestar.params import FromPath, FromQuery, JSONBody

from eoffice import clock, db
from eoffice.documents import books, queries, rules, shapes
from eoffice.errors import NotAllowed
from eoffice.people.kinds import PositionKind
from eoffice.web.paging import bounded
from eoffice.web.principal import Request, principal


@get("/outgoing/{year:int}", sync_to_thread=True)
def book(
    request: Request,
    year: FromPath[int],
    before: FromQuery[int | None] = None,
    limit: FromQuery[int] = 100,
) -> shapes.BookPage:
    """sổ đăng ký văn bản đi of a year, the highest number first."""
    who = principal(request)
    rules.require_reader(PositionKind(who.position_kind))
    limit = bounded(limit)
    with db.transaction(who.acting) as session:
        lines = queries.outgoing_book(
            session, agency_id=who.agency_id, year=year, before=before, limit=limit + 1
        )
    shown = lines[:limit]
    return shapes.BookPage(
        lines=[shapes.book_line(each) for each in shown],
        before=shown[-1].number if len(lines) > limit else None,
    )


@put("/outgoing/{year:int}", sync_to_thread=True)
def open_book(
    request: Request, year: FromPath[int], data: JSONBody[shapes.BookOpening]
) -> shapes.Made:
    """Begin the book behind the last number of the paper book; for the records clerk."""
    who = principal(request)
    if PositionKind(who.position_kind) is not PositionKind.CLERK:
        raise NotAllowed("Việc mở sổ đăng ký văn bản dành cho văn thư cơ quan.")
    with db.transaction(who.acting) as session:
        book_id = books.open_book(
            session,
            who.agency_id,
            year=year,
            opening_number=data.opening_number,
            by=who,
            at=clock.now(),
        )
    return shapes.Made(id=book_id)


router = Router("/api/v1/books", route_handlers=[book, open_book], tags=["books"])
