"""Các sổ: the books of every kind that I may read, and the asking for those that are mine."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import staff_queries
from eoffice.errors import Refusal
from eoffice.registers import (
    book_asking,
    book_forms,
    book_kinds,
    class_queries,
    gradebook_queries,
    gradebooks,
    states,
    waiting,
)
from eoffice.registers.book_kinds import BookKind, Circle, Owner
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

_HERE: Final = "/registers/books"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    kind: BookKind
    school_year: str | None = None
    class_id: UUID | None = None
    part: str = ""
    because: str | None = None


@get(_HERE, sync_to_thread=True)
def listing(
    request: Request, kind: FromQuery[BookKind | None] = None, year: FromQuery[str] = ""
) -> Response[bytes]:
    """The books that I may read, and a form for each kind that I may ask for."""
    return _listing(request, kind, year, FormState())


@post(_HERE, sync_to_thread=True)
def ask(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Ask for a book; its pages are made in the background."""
    who = principal(request)
    try:
        entered = form.parse(Asked)

        def work(session: Session) -> See:
            of = book_asking.of(
                session, entered.kind, entered.school_year, entered.class_id, entered.part, by=who
            )
            gradebook_id = gradebooks.ask(
                session, of, by=who, at=clock.now(), because=entered.because
            )
            return See(f"/registers/gradebooks/{gradebook_id}", said="Đã yêu cầu lập sổ.")

        return once.see(work)
    except Refusal as refusal:
        return _listing(request, None, "", form.refused(refusal), status=refusal.status)


def _listing(
    request: Request, kind: BookKind | None, year: str, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = gradebook_queries.books(
            session, who, kinds=tuple(BookKind) if kind is None else (kind,)
        )
        classes = [
            row for row in class_queries.classes(session, who) if row.school_id == who.agency_id
        ]
        asked = _askable(session, who, [row.id for row in classes])
    years = sorted(
        {row.school_year for row in rows} | {row.school_year for row in classes}, reverse=True
    )
    chips = [("Mọi loại sổ", _HERE, kind is None)] + [
        (book_kinds.NAMES[each], f"{_HERE}?kind={each}", each is kind)
        for each in BookKind
        if each is BookKind.CLASS_BOOK or each in book_forms.FORMS_BY_KIND
    ]
    return page(
        request,
        "registers/books.html",
        status=status,
        rows=[row for row in rows if year in ("", row.school_year)],
        chips=chips,
        asked=[(each, book_kinds.NAMES[each], book_kinds.OWNERS[each].value) for each in asked],
        classes=[(row.id, f"Lớp {row.name}, năm học {row.school_year}") for row in classes],
        years=[(each, each) for each in years],
        form=form,
        names=states.NAMES,
        tones=waiting.TONES,
    )


def _askable(session: Session, who: Principal, class_ids: list[UUID]) -> list[BookKind]:
    """The kinds for which the person can ask here; the book of a class is asked for on its page,
    a teacher's on the page of own books.
    """
    actor = staff_queries.actor(who)
    teams = [staff_queries.staff(session, class_id) for class_id in class_ids]
    circles = {
        Owner.CLASS: [Circle(team.school_id, team) for team in teams],
        Owner.SCHOOL: [Circle(who.agency_id)],
    }
    return [
        kind
        for kind, form in book_forms.FORMS_BY_KIND.items()
        if any(
            form.may_request(actor, circle) for circle in circles.get(book_kinds.OWNERS[kind], ())
        )
    ]


HANDLERS = (listing, ask)
