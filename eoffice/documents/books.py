"""Books: where outgoing documents get their numbers, without gaps and never twice.

Decree 30/2020, art. 15: numbers run from 01 on 1 January to the last one of 31 December, of one
sequence for paper and electronic documents. The year is the civil year of Vietnam. The book's row
is locked until the transaction ends, so a rollback gives the number back; a database sequence
would leave a hole.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents.model import Book, BookEntry
from eoffice.errors import Conflict, Invalid
from eoffice.web.principal import Principal

OUTGOING = "outgoing"


class BookInUse(Conflict):
    """The book has given numbers already; its opening number cannot change any more."""


def open_book(
    session: Session,
    agency_id: UUID,
    *,
    year: int,
    opening_number: int,
    by: Principal | str,
    at: datetime,
) -> UUID:
    """Begin an outgoing book behind `opening_number`, the last one of the paper book (0: none).

    Idempotent while no number was given. Raises BookInUse.
    """
    if opening_number < 0:
        raise Invalid(
            "Số cuối cùng của sổ giấy không thể nhỏ hơn 0.",
            fields={"opening_number": "Nhập 0 nếu sổ bắt đầu từ số 01."},
        )
    book = _locked(session, agency_id, year=year, at=at)
    if book.last_number != book.opening_number:
        raise BookInUse(
            f"Sổ đăng ký văn bản đi năm {year} đã cấp đến số {book.last_number}, không thể đặt lại "
            "số bắt đầu."
        )
    book.opening_number = book.last_number = opening_number
    audit.record(
        session,
        "book.opened",
        object_kind="book",
        object_id=book.id,
        by=by,
        at=at,
        details={"year": year, "opening_number": opening_number},
    )
    return book.id


def take_number(
    session: Session, agency_id: UUID, document_id: UUID, *, by: Principal, at: datetime
) -> int:
    """The next number of the agency's outgoing book of this civil year, for this document.

    A book that is not there yet is opened at 01. Concurrent takers wait for each other.
    """
    book = _locked(session, agency_id, year=clock.civil_date(at).year, at=at)
    book.last_number += 1
    session.add(
        BookEntry(
            book_id=book.id,
            number=book.last_number,
            agency_id=agency_id,
            document_id=document_id,
            taken_at=at,
            taken_by=by.person_id,
        )
    )
    return book.last_number


def annul(session: Session, document_id: UUID, *, because: str, at: datetime) -> None:
    """The number stays in the book, struck out, with the reason; nobody gets it again."""
    entry = session.scalars(
        select(BookEntry).where(BookEntry.document_id == document_id).with_for_update()
    ).one_or_none()
    if entry is not None and entry.annulled_at is None:
        entry.annulled_at = at
        entry.annulled_because = because


def _locked(session: Session, agency_id: UUID, *, year: int, at: datetime) -> Book:
    session.execute(
        insert(Book)
        .values(
            id=new_id(),
            agency_id=agency_id,
            kind=OUTGOING,
            year=year,
            opening_number=0,
            last_number=0,
            opened_at=at,
        )
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(Book)
        .where(Book.agency_id == agency_id, Book.kind == OUTGOING, Book.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
