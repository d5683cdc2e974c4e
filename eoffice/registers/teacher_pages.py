"""Sổ của tôi: what a teacher teaches, and the own book of each subject: a file, or to sign."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.marks.marks_http import file_answer
from eoffice.registers import (
    book_asking,
    gradebook_queries,
    gradebooks,
    states,
    teacher_sources,
    waiting,
)
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.kinds import rendering, table
from eoffice.registers.kinds.table import RegisterKind
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal


@get("/registers/teacher-books", sync_to_thread=True)
def listing(request: Request) -> Response[bytes]:
    """The subjects that I teach, by school year."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        books = teacher_sources.own_books(session, who)
        made = {
            (row.of.part, row.school_year): row
            for row in gradebook_queries.books(session, who, kinds=(BookKind.TEACHER_BOOK,))
            if row.of.teacher_id == who.person_id
        }
    return page(
        request,
        "registers/teacher_books.html",
        books=[(book, made.get((book.subject_code, book.school_year))) for book in books],
        names=states.NAMES,
        tones=waiting.TONES,
    )


@post("/registers/teacher-books/{subject_code:str}/{school_year:str}", sync_to_thread=True)
def ask(
    request: Request,
    subject_code: FromPath[str],
    school_year: FromPath[str],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Have my book of a subject made to be signed, approved and sealed."""
    who = principal(request)

    def work(session: Session) -> See:
        of = book_asking.of(session, BookKind.TEACHER_BOOK, school_year, None, subject_code, by=who)
        gradebook_id = gradebooks.ask(session, of, by=who, at=clock.now())
        return See(f"/registers/gradebooks/{gradebook_id}", said="Đã yêu cầu lập sổ.")

    return once.see(work)


@get("/registers/teacher-books/{subject_code:str}/{school_year:str}", sync_to_thread=True)
def content(
    request: Request, subject_code: FromPath[str], school_year: FromPath[str]
) -> Response[bytes]:
    """My book of a subject and school year as PDF/A, with what is entered until now."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        entered = teacher_sources.book(session, who, subject_code, school_year, made_at=at)
    data = table.data_of(table.BY_KIND[RegisterKind.TEACHER_BOOK], entered, made_at=at)
    name = f"so-cua-giao-vien-{subject_code}-{school_year}.pdf"
    return file_answer(rendering.render(data), "application/pdf", name)


HANDLERS = (listing, ask, content)
