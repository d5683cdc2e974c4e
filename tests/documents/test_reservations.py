"""Numbers that are held: given once, or annulled when their last day is over; never given again."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import reservations
from eoffice.documents.book_kinds import BookKind
from eoffice.documents.model import Book, BookEntry
from eoffice.errors import Refusal
from tests.cast import Cast, load_cast
from tests.documents.test_actions import Story


@pytest.fixture
def cast(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


def reserved(session: Session, cast: Cast, at: datetime, *, days: int = 3) -> int:
    return reservations.reserve(
        session,
        kind=BookKind.OUTGOING,
        until=clock.civil_date(at) + timedelta(days=days),
        purpose="Quyết định trên giấy đang chờ ký",
        by=cast.clerk,
        at=at,
    )


def entry(session: Session, number: int) -> BookEntry:
    return session.scalars(select(BookEntry).where(BookEntry.number == number)).one()


def test_a_held_number_is_the_next_one_and_the_book_goes_on_behind_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    assert [reserved(session, cast, at), reserved(session, cast, at)] == [1, 2]
    assert session.scalars(select(Book.last_number)).one() == 2


def test_a_number_that_was_held_too_long_is_annulled_with_its_reason(
    session: Session, cast: Cast, at: datetime
) -> None:
    number = reserved(session, cast, at)
    last_day = at + timedelta(days=3)
    assert reservations.expire(session, by="worker", at=last_day) == 0
    assert reservations.expire(session, by="worker", at=last_day + timedelta(days=1)) == 1
    assert reservations.expire(session, by="worker", at=last_day + timedelta(days=2)) == 0

    found = entry(session, number)
    assert found.annulled_at is not None
    assert found.annulled_because is not None
    assert found.annulled_because.startswith("Hết hạn giữ số ngày ")
    assert reserved(session, cast, last_day) == number + 1, "it is never given again"


@pytest.mark.parametrize("days", [-1, 400])
def test_a_number_is_held_for_a_while_only(
    session: Session, cast: Cast, at: datetime, days: int
) -> None:
    with pytest.raises(Refusal):
        reserved(session, cast, at, days=days)


@pytest.mark.parametrize("who", ["specialist", "director", "high_school_teacher"])
def test_only_the_clerk_holds_numbers(session: Session, cast: Cast, at: datetime, who: str) -> None:
    with pytest.raises(Refusal):
        reservations.reserve(
            session,
            kind=BookKind.OUTGOING,
            until=date(2018, 8, 20),
            purpose="Quyết định",
            by=getattr(cast, who),
            at=at,
        )


def test_a_number_that_was_given_never_moves_to_another_document(
    session: Session, cast: Cast, at: datetime
) -> None:
    """Not even for the owner of the tables: the book is what the office swears to."""
    Story(session, cast, at).until("issue")
    for moved in ("gen_random_uuid()", "null"):
        with pytest.raises(DBAPIError, match="stays with its document"), session.begin_nested():
            session.execute(text(f"update book_entries set document_id = {moved}"))  # noqa: S608
