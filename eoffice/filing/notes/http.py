"""Notes on closed books for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.filing import closing_http
from eoffice.filing.closing_states import ClosedKind
from eoffice.filing.notes import actions, paper, queries, rules
from eoffice.filing.notes.queries import NoteSeen
from eoffice.signing.pin import PinEntered
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal


class NewNote(msgspec.Struct, frozen=True, kw_only=True):
    #: Which line or page of the book.
    place: str
    #: What should stand there.
    words: str
    reason: str


class NoteOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    ordinal: int
    place: str
    words: str
    reason: str
    written_by: str
    written_at: datetime
    #: Null until it is signed.
    signed_by: str | None
    signed_at: datetime | None
    capacity: str | None
    content_sha256: str
    page_count: int


@get("/", sync_to_thread=True)
def listing(request: Request, kind: FromPath[str], year: FromPath[int]) -> list[NoteOut]:
    """Notes on a closed book, in their order."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.of_book(
            session, kind=closing_http.kind_of(kind), year=year, who=who, at=clock.now()
        )
    return [_out(each) for each in found]


@post("/", sync_to_thread=True)
def write(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    data: JSONBody[NewNote],
    once: NamedDependency[Once],
) -> Response[NoteOut]:
    """Say on a page of its own what is wrong in a closed book."""
    if (kept := once.kept()) is not None:
        return kept
    who, wanted, at = principal(request), closing_http.kind_of(kind), clock.now()
    wording = rules.checked(data.place, data.words, data.reason)
    made = paper.make(wanted, year, wording, by=who, at=at)

    def work(session: Session) -> NoteOut:
        actions.write(
            session,
            made.closing_id,
            made.ordinal,
            wording,
            made.content,
            made.page_count,
            by=who,
            at=at,
        )
        return _one(session, wanted, year, made.ordinal, who)

    return once.answer(work, status=201)


@post("/{ordinal:int}/signature", sync_to_thread=True, opt={"scope": "sign"})
def sign(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    ordinal: FromPath[int],
    data: JSONBody[PinEntered],
    once: NamedDependency[Once],
) -> Response[NoteOut]:
    """The head signs a note."""
    if (kept := once.kept()) is not None:
        return kept
    who, wanted = principal(request), closing_http.kind_of(kind)
    with db.transaction(who.acting) as session:
        note = queries.note(session, ordinal, kind=wanted, year=year, who=who, at=clock.now())

    def within(last: Callable[[Session], None]) -> Response[NoteOut]:
        def work(session: Session) -> NoteOut:
            last(session)
            return _one(session, wanted, year, ordinal, who)

        return once.answer(work, status=200)

    return paper.sign(note.id, data.pin, by=who, within=within)


def _one(session: Session, kind: ClosedKind, year: int, ordinal: int, who: Principal) -> NoteOut:
    session.flush()  # The answer reads what was written.
    return _out(queries.note(session, ordinal, kind=kind, year=year, who=who, at=clock.now()))


def _out(note: NoteSeen) -> NoteOut:
    return NoteOut(**{name: getattr(note, name) for name in NoteOut.__struct_fields__})


router = Router(
    "/api/v1/book-closings/{kind:str}/{year:int}/notes",
    route_handlers=[listing, write, sign],
    tags=["book-closings"],
)
