"""Numbers run without gaps and without doubles within a civil year of Vietnam, whatever fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from eoffice import db
from eoffice.documents import actions
from eoffice.documents.books import numbers as books
from eoffice.documents.books.numbers import BookInUse
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import Book, BookEntry, Document
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType
from eoffice.errors import Invalid
from eoffice.settings import settings
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.documents import numbers_at_once


def draft(session: Session, cast: Cast, at: datetime) -> UUID:
    text = DispatchText(subject="thử cấp số")
    return actions.begin(session, DocumentType.DISPATCH, text, by=cast.specialist, at=at)


def number(session: Session, cast: Cast, at: datetime) -> int:
    document_id = draft(session, cast, at)
    session.flush()
    return books.take_number(session, cast.department.id, document_id, by=cast.clerk, at=at)


def test_the_first_number_of_a_book_is_one(session: Session, cast: Cast, at: datetime) -> None:
    assert [number(session, cast, at) for _ in range(3)] == [1, 2, 3]


def test_a_book_goes_on_behind_the_paper_book(session: Session, cast: Cast, at: datetime) -> None:
    books.open_book(
        session, cast.department.id, year=2018, opening_number=959, by=cast.clerk, at=at
    )
    assert number(session, cast, at) == 960


def test_a_book_that_gave_a_number_cannot_begin_elsewhere(
    session: Session, cast: Cast, at: datetime
) -> None:
    number(session, cast, at)
    with pytest.raises(BookInUse):
        books.open_book(
            session, cast.department.id, year=2018, opening_number=7, by=cast.clerk, at=at
        )


def test_a_book_does_not_begin_below_nothing(session: Session, cast: Cast, at: datetime) -> None:
    with pytest.raises(Invalid):
        books.open_book(
            session, cast.department.id, year=2018, opening_number=-1, by=cast.clerk, at=at
        )


def test_the_year_of_a_number_is_the_year_in_vietnam(
    session: Session, cast: Cast, at: datetime
) -> None:
    last_evening = datetime(2018, 12, 31, 16, 59, tzinfo=UTC)
    assert number(session, cast, last_evening) == 1
    assert number(session, cast, last_evening + timedelta(minutes=1)) == 1
    books_of_years = session.execute(select(Book.year, Book.last_number).order_by(Book.year))
    assert [tuple(row) for row in books_of_years] == [(2018, 1), (2019, 1)]


def test_each_agency_has_a_book_of_its_own(session: Session, cast: Cast, at: datetime) -> None:
    number(session, cast, at)
    document_id = draft(session, cast, at)
    session.flush()
    taken = books.take_number(session, cast.district.id, document_id, by=cast.clerk, at=at)
    assert taken == 1


def test_a_document_has_one_number(session: Session, cast: Cast, at: datetime) -> None:
    document_id = draft(session, cast, at)
    session.flush()
    books.take_number(session, cast.department.id, document_id, by=cast.clerk, at=at)
    books.take_number(session, cast.department.id, document_id, by=cast.clerk, at=at)
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_annulled_number_stays_with_its_reason_and_is_never_given_again(
    session: Session, cast: Cast, at: datetime
) -> None:
    document_id = draft(session, cast, at)
    session.flush()
    books.take_number(session, cast.department.id, document_id, by=cast.clerk, at=at)
    session.flush()

    books.annul(session, document_id, because="Sai người ký.", at=at)
    books.annul(session, document_id, because="Lần hai.", at=at + timedelta(hours=1))

    entry = session.scalars(select(BookEntry)).one()
    assert (entry.number, entry.annulled_because, entry.annulled_at) == (1, "Sai người ký.", at)
    assert number(session, cast, at) == 2


def test_under_the_lock_of_the_book_one_look_is_taken_and_every_row_is_written_once(
    session: Session, cast: Cast, at: datetime
) -> None:
    """Whoever wants the next number waits for what stands between the lock and the commit."""
    first, second = (draft(session, cast, at) for _ in range(2))
    for document_id in (first, second):
        session.get_one(Document, document_id).state = State.SIGNED
    session.flush()
    actions.take_number(session, first, by=cast.clerk, at=at)
    session.flush()
    statements: list[str] = []

    def heard(*sent: Any) -> None:
        statements.append(sent[2])

    connection = session.connection()
    event.listen(connection, "before_cursor_execute", heard)
    try:
        actions.take_number(session, second, by=cast.clerk, at=at)
        session.flush()
    finally:
        event.remove(connection, "before_cursor_execute", heard)

    lock = next(n for n, one in enumerate(statements) if "FROM books" in one)
    under = [one.split()[0] for one in statements[lock + 1 :]]
    assert statements[lock].rstrip().endswith("FOR UPDATE")
    assert under.count("SELECT") == 1
    assert sorted(under) == ["INSERT", "INSERT", "SELECT", "UPDATE", "UPDATE"]


@pytest.fixture
def province(office: Office, at: datetime) -> Cast:
    """The cast in a database whose transactions commit."""
    engine = create_engine(office.databases.owner_url)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        cast = load_cast(session, at)
    engine.dispose()
    return cast


class Cut(Exception):
    """The process dies here."""


def take(cast: Cast, at: datetime, *, dies: bool = False) -> int:
    """One transaction of the web process that takes a number, or dies before it commits."""
    with db.transaction(cast.clerk.acting) as session:
        taken = number(session, cast, at)
        session.flush()
        if dies:
            raise Cut
    return taken


def test_a_rolled_back_transaction_gives_its_number_to_the_next(
    province: Cast, at: datetime
) -> None:
    assert take(province, at) == 1
    with pytest.raises(Cut):
        take(province, at, dies=True)
    assert take(province, at) == 2


def test_thirty_two_takers_at_once_leave_no_gap_and_no_double(
    province: Cast, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every fifth of their transactions dies before it commits."""
    monkeypatch.setenv("EOFFICE_WEB_THREADS", "32")
    settings.cache_clear()
    documents = numbers_at_once.signed_documents(province, 400, at=at)

    died = numbers_at_once.take_all(province, documents, threads=32, at=at)

    assert died == 99
    numbers_at_once.check_book(province, documents)
