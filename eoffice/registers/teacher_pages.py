"""Sổ của tôi: what a teacher teaches, and the own book of each subject as a file."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from eoffice import clock, db
from eoffice.marks.marks_http import file_answer
from eoffice.registers import teacher_sources
from eoffice.registers.kinds import rendering, table
from eoffice.registers.kinds.table import RegisterKind
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal


@get("/registers/teacher-books", sync_to_thread=True)
def listing(request: Request) -> Response[bytes]:
    """The subjects that I teach, by school year."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        books = teacher_sources.own_books(session, who)
    return page(request, "registers/teacher_books.html", books=books)


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


HANDLERS = (listing, content)
