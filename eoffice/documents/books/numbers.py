"""Books: where outgoing documents get their numbers, without gaps and never twice.

Decree 30/2020, art. 15: numbers run from 01 on 1 January to the last one of 31 December, of one
sequence for paper and electronic documents; what is secret and copies count for themselves. The
year is the civil year of Vietnam. The book's row is locked until the transaction ends, so a
rollback gives the number back; a database sequence would leave a hole.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents import types
from eoffice.documents.books import kinds as book_kinds
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.model import Book, BookEntry, Document
from eoffice.documents.states import State
from eoffice.errors import Conflict, Invalid
from eoffice.web.principal import Principal

OUTGOING = BookKind.OUTGOING


class BookInUse(Conflict):
    """The book has given numbers already; its opening number cannot change any more."""


class BookEnded(Conflict):
    """The book of this year is closed; nothing is entered in it any more."""


class BookUnfinished(Conflict):
    """The book cannot be closed while numbers in it are neither used nor annulled."""


class NumberTaken(Conflict):
    """This number and notation belong to another document of the agency already."""


def open_book(
    session: Session,
    agency_id: UUID,
    *,
    kind: BookKind = OUTGOING,
    year: int,
    opening_number: int,
    by: Principal | str,
    at: datetime,
) -> UUID:
    """Begin a book behind `opening_number`, the last one of the paper book (0: none).

    Idempotent while no number was given. Raises BookInUse, BookEnded.
    """
    if opening_number < 0:
        raise Invalid(
            "Số cuối cùng của sổ giấy không thể nhỏ hơn 0.",
            fields={"opening_number": "Nhập 0 nếu sổ bắt đầu từ số 01."},
        )
    book = locked(session, agency_id, kind=kind, year=year, at=at)
    if book.last_number != book.opening_number:
        raise BookInUse(
            f"{book_kinds.TITLES[kind]} năm {year} đã cấp đến số {book.last_number}, không thể "
            "đặt lại số bắt đầu."
        )
    book.opening_number = book.last_number = opening_number
    record(session, "book.opened", book, by=by, at=at, opening_number=opening_number)
    return book.id


def take_number(
    session: Session,
    agency_id: UUID,
    document_id: UUID,
    *,
    notation: str | None = None,
    by: Principal,
    at: datetime,
) -> int:
    """The number of this document in its book of this civil year.

    The one that was reserved for it, else the next one; a book that is not there yet is opened at
    01. Concurrent takers wait for each other. Raises BookEnded, NumberTaken.
    """
    document = session.get(Document, document_id)
    kind = OUTGOING if document is None else book_kinds.kind_of(document.type, document.secrecy)
    today = clock.civil_date(at)
    book = locked(session, agency_id, kind=kind, year=today.year, at=at)
    following = book.last_number + 1
    # One look for both questions: while it lasts everybody else at this book waits.
    asked = and_(
        BookEntry.book_id == book.id,
        BookEntry.for_document_id == document_id,
        BookEntry.document_id.is_(None),
        BookEntry.annulled_at.is_(None),
        BookEntry.reserved_until >= today,
    )
    met = session.scalars(
        select(BookEntry).where(or_(asked, _bearing(book, following, notation)))
    ).all()
    reserved = next(
        (one for one in met if (one.book_id, one.for_document_id) == (book.id, document_id)), None
    )
    if reserved is not None:
        require_free(session, book, reserved.number, notation)
        reserved.document_id = document_id
        reserved.notation = notation
        reserved.taken_at = at
        reserved.taken_by = by.person_id
        return reserved.number
    if met:
        raise _taken(met[0])
    entry = add(session, book, by=by, at=at)
    entry.document_id = document_id
    entry.notation = notation
    return entry.number


def annul(session: Session, document_id: UUID, *, because: str, at: datetime) -> None:
    """The number stays in the book, struck out, with the reason; nobody gets it again."""
    entry = session.scalars(
        select(BookEntry).where(BookEntry.document_id == document_id).with_for_update()
    ).one_or_none()
    if entry is not None and entry.annulled_at is None:
        entry.annulled_at = at
        entry.annulled_because = because


def close(
    session: Session, agency_id: UUID, *, kind: BookKind, year: int, by: Principal, at: datetime
) -> UUID:
    """End a book: every number in it is used or annulled, and none comes after. Idempotent.

    Raises BookUnfinished with the numbers that are still open, and before the last day of the year.
    """
    if clock.civil_date(at) < date(year, 12, 31):
        raise BookUnfinished(f"Sổ năm {year} chỉ khóa được từ ngày 31/12/{year}.")
    book = locked(session, agency_id, kind=kind, year=year, at=at, may_be_closed=True)
    if book.closed_at is not None:
        return book.id
    session.flush()  # What was entered in this transaction counts.
    unused = session.scalars(
        select(BookEntry.number)
        .outerjoin(Document, Document.id == BookEntry.document_id)
        .where(
            BookEntry.book_id == book.id,
            BookEntry.annulled_at.is_(None),
            BookEntry.subject.is_(None),
            BookEntry.document_id.is_(None) | Document.state.in_((State.NUMBERED, State.SEALED)),
        )
        .order_by(BookEntry.number)
    ).all()
    if unused:
        listed = ", ".join(types.printed_number(number) for number in unused[:20])
        more = f" và {len(unused) - 20} số khác" if len(unused) > 20 else ""
        raise BookUnfinished(
            f"Chưa khóa được sổ năm {year}: số {listed}{more} đang giữ hoặc đã cấp mà chưa phát "
            "hành. Hãy phát hành, thu hồi văn bản hoặc hủy số rồi khóa lại."
        )
    book.closed_at, book.closed_by = at, by.person_id
    record(session, "book.closed", book, by=by, at=at, last_number=book.last_number)
    return book.id


# --- For the other files of books -----------------------------------------------------------------


def locked(
    session: Session,
    agency_id: UUID,
    *,
    kind: BookKind,
    year: int,
    at: datetime,
    may_be_closed: bool = False,
) -> Book:
    """The book's row, made if it is not there and locked until the transaction ends."""
    wanted = (
        select(Book)
        .where(Book.agency_id == agency_id, Book.kind == kind, Book.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    book = session.scalars(wanted).one_or_none()
    if book is None:
        session.execute(
            insert(Book)
            .values(
                id=new_id(),
                agency_id=agency_id,
                kind=kind,
                year=year,
                opening_number=0,
                last_number=0,
                opened_at=at,
            )
            .on_conflict_do_nothing()
        )
        book = session.scalars(wanted).one()
    if book.closed_at is not None and not may_be_closed:
        raise BookEnded(
            f"{book_kinds.TITLES[kind]} năm {year} đã khóa ngày "
            f"{clock.civil_date(book.closed_at):%d/%m/%Y}, không ghi thêm được."
        )
    return book


def add(session: Session, book: Book, *, by: Principal, at: datetime) -> BookEntry:
    """The next line of a locked book; the caller says what it is for."""
    book.last_number += 1
    entry = BookEntry(
        book_id=book.id,
        number=book.last_number,
        agency_id=book.agency_id,
        year=book.year,
        is_secret=book.kind is BookKind.SECRET,
        taken_at=at,
        taken_by=by.person_id,
    )
    session.add(entry)
    return entry


def require_free(session: Session, book: Book, number: int, notation: str | None) -> None:
    """Raises NumberTaken where another line of the year bears the same number and notation.

    Within a book it cannot; a notation that was typed for a paper can be that of another book.
    """
    found = session.scalars(select(BookEntry).where(_bearing(book, number, notation))).first()
    if found is not None:
        raise _taken(found)


def _bearing(book: Book, number: int, notation: str | None) -> ColumnElement[bool]:
    """Lines of the year with this number and notation; none where the book counts for itself."""
    if notation is None or book.kind is BookKind.SECRET:
        return false()
    return and_(
        BookEntry.agency_id == book.agency_id,
        BookEntry.year == book.year,
        BookEntry.number == number,
        BookEntry.notation == notation,
        # As the index says it: another way to say the same would not find the index.
        ~BookEntry.is_secret,
    )


def _taken(found: BookEntry) -> NumberTaken:
    on = clock.civil_date(found.taken_at)
    assert found.notation is not None  # Lines without one are never in the way.
    return NumberTaken(
        f"Số {types.code(found.number, found.notation)} đã được cấp cho văn bản khác ngày "
        f"{on:%d/%m/%Y}. Hãy kiểm tra lại ký hiệu.",
        fields={"notation": "Ký hiệu này đã dùng với cùng số trong năm."},
    )


def record(
    session: Session, action: str, book: Book, *, by: Principal | str, at: datetime, **more: object
) -> None:
    audit.record(
        session,
        action,
        object_kind="book",
        object_id=book.id,
        by=by,
        at=at,
        details={"kind": book.kind.value, "year": book.year, **more},
    )
