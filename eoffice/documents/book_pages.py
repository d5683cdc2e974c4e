"""Sổ đăng ký văn bản đi of a year."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import books, queries, rules, types
from eoffice.errors import NotAllowed, Refusal
from eoffice.people.kinds import PositionKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_ROWS = 50


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    opening_number: Annotated[int, msgspec.Meta(ge=0, le=999_999)]


@get("/documents/books/{year:int}", sync_to_thread=True)
def book(
    request: Request, year: FromPath[int], before: FromQuery[int | None] = None
) -> Response[bytes]:
    """Sổ đăng ký văn bản đi."""
    return _book(request, year, before, FormState())


@post("/documents/books/{year:int}", sync_to_thread=True)
def open_book(
    request: Request,
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Begin the book behind the last number of the paper book."""
    who = principal(request)
    try:
        if PositionKind(who.position_kind) is not PositionKind.CLERK:
            raise NotAllowed("Việc mở sổ đăng ký văn bản dành cho văn thư cơ quan.")
        entered = form.parse(Opening)

        def work(session: Session) -> See:
            books.open_book(
                session,
                who.agency_id,
                year=year,
                opening_number=entered.opening_number,
                by=who,
                at=clock.now(),
            )
            following = types.printed_number(entered.opening_number + 1)
            return See(
                f"/documents/books/{year}", said=f"Đã mở sổ năm {year}. Số tiếp theo: {following}."
            )

        return once.see(work)
    except Refusal as refusal:
        return _book(request, year, None, form.refused(refusal), status=refusal.status)


def _book(
    request: Request, year: int, before: int | None, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    rules.require_reader(PositionKind(who.position_kind))
    with db.transaction(who.acting) as session:
        lines = queries.outgoing_book(
            session, agency_id=who.agency_id, year=year, before=before, limit=_ROWS + 1
        )
        last = queries.last_number(session, agency_id=who.agency_id, year=year)
    shown = lines[:_ROWS]
    this_year = clock.civil_date(clock.now()).year
    return page(
        request,
        "documents/book.html",
        status=status,
        form=form,
        year=year,
        lines=shown,
        before=shown[-1].number if len(lines) > _ROWS else None,
        at_start=before is None,
        last=last,
        may_open=PositionKind(who.position_kind) is PositionKind.CLERK and not lines,
        years=sorted({year, *range(this_year - 3, this_year + 1)}, reverse=True),
    )


routes = [
    book,
    open_book,
]
