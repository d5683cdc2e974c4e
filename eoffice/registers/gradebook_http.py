"""Books for programs, of every kind: asked for, read, signed part by part, returned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.marks.marks_http import file_answer
from eoffice.registers import book_asking, book_files, gradebook_queries, gradebooks, signatures
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.gradebook_queries import GradebookView
from eoffice.registers.states import SignatureKind, State
from eoffice.signing.pin import Pin
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

PDF = "application/pdf"


class SignatureIn(msgspec.Struct, frozen=True, kw_only=True):
    #: One place of the book; all places that are mine to sign now where null.
    field: str | None = None
    pin: Pin = ""


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: str


class SignatureOut(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    kind: SignatureKind
    part: str
    signer: str
    signer_id: UUID | None
    signed_at: datetime | None
    is_mine_now: bool
    #: The version in which this was signed, where it need not be signed again.
    cited_id: UUID | None


class BookIn(msgspec.Struct, frozen=True, kw_only=True):
    """Which book is asked for: of the class, or else of me (a teacher) or of my school."""

    kind: BookKind
    #: "2024-2025"; of the class where null.
    school_year: str | None = None
    class_id: UUID | None = None
    #: The subject of a teacher's book.
    part: str = ""
    #: Why another version is made of a book that is closed.
    because: str | None = None


class BookRowOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: BookKind
    class_id: UUID | None
    teacher_id: UUID | None
    part: str
    title: str
    about: str
    school_year: str
    version: int
    state: State
    state_since: datetime


class GradebookOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: BookKind
    #: Null, and the name too, of a book that is not of a class.
    class_id: UUID | None
    class_name: str | None
    teacher_id: UUID | None
    part: str
    #: "Sổ gọi tên và ghi điểm lớp 7A1, năm học 2017-2018"
    name: str
    school_year: str
    version: int
    #: The version whose place this one takes when it is sealed, why; and who took its place.
    supersedes_id: UUID | None
    because: str | None
    superseded_by: UUID | None
    state: State
    state_since: datetime
    content_sha256: str | None
    data_sha256: str | None
    page_count: int | None
    returned_because: str | None
    signatures: list[SignatureOut]


class AwaitedOut(msgspec.Struct, frozen=True, kw_only=True):
    gradebook_id: UUID
    kind: BookKind
    name: str
    class_name: str | None
    school_year: str
    state: State
    state_since: datetime
    parts: int


@post("/{class_id:uuid}/gradebooks", sync_to_thread=True)
def request_gradebook(
    request: Request, class_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[GradebookOut]:
    """Ask for the book of the year; its pages are made in the background."""
    who = principal(request)

    def work(session: Session) -> GradebookOut:
        gradebook_id = gradebooks.request(session, class_id, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return gradebook_out(gradebook_queries.gradebook(session, gradebook_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/gradebooks/{out.id}")


@post("/", sync_to_thread=True)
def ask(
    request: Request, data: JSONBody[BookIn], once: NamedDependency[Once]
) -> Response[GradebookOut]:
    """Ask for a book of any kind; its pages are made in the background."""
    who = principal(request)

    def work(session: Session) -> GradebookOut:
        of = book_asking.of(session, data.kind, data.school_year, data.class_id, data.part, by=who)
        gradebook_id = gradebooks.ask(session, of, by=who, at=clock.now(), because=data.because)
        session.flush()  # The answer reads what was written.
        return gradebook_out(gradebook_queries.gradebook(session, gradebook_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/gradebooks/{out.id}")


@get("/", sync_to_thread=True)
def listing(
    request: Request,
    kind: FromQuery[BookKind | None] = None,
    school_year: FromQuery[str | None] = None,
    class_id: FromQuery[UUID | None] = None,
) -> list[BookRowOut]:
    """The books that I may read, each with its newest version; the newest school year first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = gradebook_queries.books(
            session,
            who,
            kinds=tuple(BookKind) if kind is None else (kind,),
            school_year=school_year,
            class_id=class_id,
        )
    return [
        BookRowOut(
            id=row.id,
            kind=row.of.kind,
            class_id=row.of.class_id,
            teacher_id=row.of.teacher_id,
            part=row.of.part,
            title=row.title,
            about=row.about,
            school_year=row.school_year,
            version=row.version,
            state=row.state,
            state_since=row.state_since,
        )
        for row in found
    ]


@get("/awaiting", sync_to_thread=True)
def awaiting(request: Request) -> list[AwaitedOut]:
    """Gradebooks that I can sign now, the longest waiting first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = gradebook_queries.awaiting(session, who)
    return [
        AwaitedOut(
            gradebook_id=book.gradebook_id,
            kind=book.kind,
            name=book.name,
            class_name=book.class_name,
            school_year=book.school_year,
            state=book.state,
            state_since=book.state_since,
            parts=book.parts,
        )
        for book in found
    ]


@get("/{gradebook_id:uuid}", sync_to_thread=True)
def show_gradebook(request: Request, gradebook_id: FromPath[UUID]) -> GradebookOut:
    """A gradebook: how far it is, who has signed, who is next."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return gradebook_out(gradebook_queries.gradebook(session, gradebook_id, who))


@get("/{gradebook_id:uuid}/content", sync_to_thread=True)
def content(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it stands, with the signatures made so far."""
    pdf = book_files.book(gradebook_id, by=principal(request))
    return file_answer(pdf, PDF, f"so-{gradebook_id}.pdf")


@get("/{gradebook_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request,
    gradebook_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = 1400,
) -> Response[bytes]:
    """A page as PNG."""
    return picture(request, gradebook_id, number, width)


@post(
    "/{gradebook_id:uuid}/signatures",
    sync_to_thread=True,
    status_code=200,
    opt={"scope": "sign"},
)
def sign(
    request: Request,
    gradebook_id: FromPath[UUID],
    data: JSONBody[SignatureIn],
    once: NamedDependency[Once],
) -> Response[GradebookOut]:
    """Sign my part of the book, or every part that is mine now; the PIN is used and forgotten."""
    kept = once.kept()
    if kept is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], State]) -> Response[GradebookOut]:
        def work(session: Session) -> GradebookOut:
            last(session)
            session.flush()  # The answer reads what was written.
            return gradebook_out(gradebook_queries.gradebook(session, gradebook_id, who))

        return once.answer(work)

    return signatures.sign_mine(gradebook_id, data.field, data.pin, by=who, within=within)


@post("/{gradebook_id:uuid}/return", sync_to_thread=True, status_code=200)
def send_back(
    request: Request,
    gradebook_id: FromPath[UUID],
    data: JSONBody[Because],
    once: NamedDependency[Once],
) -> Response[GradebookOut]:
    """Return the book to be corrected, with a reason; the next version takes its place."""
    who = principal(request)

    def work(session: Session) -> GradebookOut:
        gradebooks.send_back(session, gradebook_id, data.reason, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return gradebook_out(gradebook_queries.gradebook(session, gradebook_id, who))

    return once.answer(work)


def picture(request: Request, gradebook_id: UUID, number: int, width: int) -> Response[bytes]:
    """A page as PNG. The next signature changes it, so it is asked for anew."""
    return Response(
        book_files.book_page(gradebook_id, number, width, by=principal(request)),
        media_type="image/png",
        headers={"Cache-Control": "private, no-cache"},
    )


def gradebook_out(view: GradebookView) -> GradebookOut:
    return GradebookOut(
        id=view.id,
        kind=view.kind,
        class_id=view.class_id,
        class_name=view.class_name,
        teacher_id=view.teacher_id,
        part=view.part,
        name=view.name,
        school_year=view.school_year,
        version=view.version,
        supersedes_id=view.supersedes_id,
        because=view.because,
        superseded_by=view.superseded_by,
        state=view.state,
        state_since=view.state_since,
        content_sha256=view.content_sha256,
        data_sha256=view.data_sha256,
        page_count=view.page_count,
        returned_because=view.returned_because,
        signatures=[
            SignatureOut(
                field=one.field,
                kind=one.kind,
                part=one.part,
                signer=one.signer,
                signer_id=one.signer_id,
                signed_at=one.signed_at,
                is_mine_now=one.is_mine_now,
                cited_id=one.cited_id,
            )
            for one in view.signatures
        ],
    )
