"""Books of incoming documents: where they get their arrival numbers, until the book is closed.

The book's row is the lock under which numbers are given, and a rollback gives a number back. Who
registers while the book is closed gets a number before, or is refused.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.errors import Conflict
from eoffice.routing import rules
from eoffice.routing.model import ArrivalBook
from eoffice.routing.rules import ArrivalBookKind
from eoffice.web.principal import Principal


class ArrivalBookEnded(Conflict):
    """The incoming book of this year is closed; nothing is entered in it any more."""


def take_number(session: Session, agency_id: UUID, kind: ArrivalBookKind, year: int) -> int:
    """The next arrival number; concurrent takers wait for each other. Raises ArrivalBookEnded."""
    book = locked(session, agency_id, kind=kind, year=year)
    if book.closed_at is not None:
        raise ArrivalBookEnded(
            f"{rules.ARRIVAL_BOOK_TITLES[kind]} năm {year} đã khóa ngày "
            f"{clock.civil_date(book.closed_at):%d/%m/%Y}, không vào sổ thêm được. "
            f"Từ ngày 01/01/{year + 1} hãy vào sổ năm {year + 1}."
        )
    book.last_number = rules.following(book.last_number)
    return book.last_number


def locked(session: Session, agency_id: UUID, *, kind: ArrivalBookKind, year: int) -> ArrivalBook:
    """The book's row, made if it is not there and locked until the transaction ends."""
    session.execute(
        insert(ArrivalBook)
        .values(agency_id=agency_id, kind=kind, year=year, last_number=0)
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(ArrivalBook)
        .where(
            ArrivalBook.agency_id == agency_id, ArrivalBook.kind == kind, ArrivalBook.year == year
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def close(
    session: Session,
    agency_id: UUID,
    *,
    kind: ArrivalBookKind,
    year: int,
    by: Principal,
    at: datetime,
) -> int:
    """End a book; returns its last number. Idempotent."""
    book = locked(session, agency_id, kind=kind, year=year)
    if book.closed_at is None:
        book.closed_at, book.closed_by = at, by.person_id
    return book.last_number
