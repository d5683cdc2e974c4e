"""A number is held for a while for what is on paper or to come; papers stand in the same book."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from eoffice.documents.books import kinds as book_kinds
from eoffice.documents.books import numbers as books
from eoffice.documents.books import reservations
from eoffice.documents.books.kinds import BookKind, BookNotYours
from eoffice.documents.books.numbers import BookEnded, BookUnfinished, NumberTaken
from eoffice.documents.books.reservations import NotReserved, Paper
from eoffice.documents.model import Book, BookEntry, Document
from eoffice.documents.types import DocumentType, Secrecy
from eoffice.errors import Conflict, Invalid
from eoffice.people.kinds import PositionKind
from tests.cast import Cast
from tests.documents.test_actions import Story
from tests.documents.test_books import draft, number

PAPER = Paper(
    type=DocumentType.DECISION,
    notation="QĐ-SGDĐT",
    subject="Về việc cử cán bộ đi học",
    issued_on=date(2018, 8, 13),
    signer_name="Trần Thanh Liêm",
    recipients="Văn phòng Sở",
    filed_with="Văn thư",
    copies=3,
)
NEW_YEARS_EVE = datetime(2018, 12, 31, 9, tzinfo=UTC)


def reserve(session: Session, cast: Cast, at: datetime, days: int = 3) -> int:
    return reservations.reserve(
        session,
        kind=BookKind.OUTGOING,
        until=date(2018, 8, 13) + timedelta(days=days),
        purpose="Quyết định khen thưởng",
        by=cast.clerk,
        at=at,
    )


def paper(session: Session, cast: Cast, at: datetime, given: int | None = None) -> int:
    return reservations.enter_paper(
        session, PAPER, kind=BookKind.OUTGOING, number=given, by=cast.clerk, at=at
    )


def entries(session: Session) -> list[BookEntry]:
    session.flush()
    return list(session.scalars(select(BookEntry).order_by(BookEntry.number)))


def test_papers_reservations_and_documents_count_in_one_sequence(
    session: Session, cast: Cast, at: datetime
) -> None:
    taken = [
        number(session, cast, at),
        paper(session, cast, at),
        reserve(session, cast, at),
        number(session, cast, at),
    ]
    assert taken == [1, 2, 3, 4]


def test_a_paper_takes_the_number_that_was_held_for_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    held = reserve(session, cast, at)
    number(session, cast, at)
    assert paper(session, cast, at, held) == held
    with pytest.raises(NumberTaken, match="Số 01 đã được cấp cho văn bản khác ngày 13/08/2018"):
        paper(session, cast, at, held)


def test_a_document_takes_the_number_that_was_held_for_it(
    session: Session, cast: Cast, at: datetime
) -> None:
    held = reserve(session, cast, at)
    number(session, cast, at)
    document_id = draft(session, cast, at)
    session.flush()
    reservations.assign(
        session, document_id, kind=BookKind.OUTGOING, year=2018, number=held, by=cast.clerk, at=at
    )
    taken = books.take_number(session, cast.department.id, document_id, by=cast.clerk, at=at)
    assert taken == held
    assert number(session, cast, at) == 3


def test_a_document_whose_reservation_ended_takes_the_next_number(
    session: Session, cast: Cast, at: datetime
) -> None:
    held = reserve(session, cast, at, days=1)
    document_id = draft(session, cast, at)
    session.flush()
    reservations.assign(
        session, document_id, kind=BookKind.OUTGOING, year=2018, number=held, by=cast.clerk, at=at
    )
    later = at + timedelta(days=2)
    assert books.take_number(session, cast.department.id, document_id, by=cast.clerk, at=later) == (
        held + 1
    )


def test_an_expired_reservation_is_annulled_with_its_reason_and_never_given_again(
    session: Session, cast: Cast, at: datetime
) -> None:
    held = reserve(session, cast, at, days=1)
    session.flush()
    assert reservations.expire(session, by="worker:tests", at=at + timedelta(days=1)) == 0
    later = at + timedelta(days=2)
    assert reservations.expire(session, by="worker:tests", at=later) == 1
    assert reservations.expire(session, by="worker:tests", at=later) == 0
    (entry,) = entries(session)
    assert entry.annulled_because == "Hết hạn giữ số ngày 14/08/2018"
    with pytest.raises(NotReserved, match="đã hủy"):
        paper(session, cast, at, held)
    assert number(session, cast, at) == 2


def test_before_the_sweep_an_expired_number_is_refused_all_the_same(
    session: Session, cast: Cast, at: datetime
) -> None:
    held = reserve(session, cast, at, days=1)
    with pytest.raises(NotReserved, match="hết hạn giữ"):
        paper(session, cast, at + timedelta(days=2), held)


def test_a_number_that_the_book_has_not_reached_is_refused(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(reservations.EntryUnknown, match="số tiếp theo là 01"):
        paper(session, cast, at, 7)


@pytest.mark.parametrize("days", [-1, 61])
def test_a_reservation_ends_soon_and_not_before_today(
    session: Session, cast: Cast, at: datetime, days: int
) -> None:
    with pytest.raises(Invalid):
        reserve(session, cast, at, days)


def test_only_the_clerk_keeps_the_book(session: Session, cast: Cast, at: datetime) -> None:
    stranger = replace(cast, clerk=cast.specialist)
    with pytest.raises(BookNotYours):
        reserve(session, stranger, at)
    with pytest.raises(BookNotYours):
        paper(session, stranger, at)


def test_a_paper_is_described_in_every_column_of_the_book(
    session: Session, cast: Cast, at: datetime
) -> None:
    empty = replace(PAPER, subject=" ", notation="12/QĐ", issued_on=date(2017, 1, 1), copies=-1)
    with pytest.raises(Invalid) as refused:
        reservations.enter_paper(session, empty, kind=BookKind.COPY, by=cast.clerk, at=at)
    assert set(refused.value.fields) == {"subject", "notation", "issued_on", "copies", "type"}


def test_a_number_is_struck_out_with_a_reason_and_stays(
    session: Session, cast: Cast, at: datetime
) -> None:
    held = reserve(session, cast, at)
    with pytest.raises(Invalid):
        annul(session, cast, at, held, "  ")
    annul(session, cast, at, held, "Không dùng nữa.")
    assert entries(session)[0].annulled_because == "Không dùng nữa."
    given = number(session, cast, at)
    with pytest.raises(Conflict, match="Hãy thu hồi văn bản"):
        annul(session, cast, at, given, "Nhầm.")


def annul(session: Session, cast: Cast, at: datetime, given: int, because: str) -> None:
    session.flush()
    reservations.annul_number(
        session,
        kind=BookKind.OUTGOING,
        year=2018,
        number=given,
        because=because,
        by=cast.clerk,
        at=at,
    )


# --- Kinds ---------------------------------------------------------------------------------------


def test_what_is_secret_and_copies_have_numbers_of_their_own(
    session: Session, cast: Cast, at: datetime
) -> None:
    taken = []
    for kind, secrecy in (
        (DocumentType.DISPATCH, Secrecy.NONE),
        (DocumentType.CERTIFIED_COPY, Secrecy.NONE),
        (DocumentType.DISPATCH, Secrecy.SECRET),
        (DocumentType.DECISION, Secrecy.NONE),
    ):
        document_id = draft(session, cast, at)
        session.flush()
        document = session.get_one(Document, document_id)
        document.type, document.secrecy = kind, secrecy
        taken.append(
            books.take_number(session, cast.department.id, document_id, by=cast.clerk, at=at)
        )
    assert taken == [1, 1, 1, 2]
    assert set(session.scalars(select(Book.kind))) == set(BookKind)


@pytest.mark.parametrize("position", list(PositionKind))
def test_the_secret_book_is_for_those_who_answer_for_it(position: PositionKind) -> None:
    answers = position in (PositionKind.HEAD, PositionKind.DEPUTY_HEAD, PositionKind.CLERK)
    assert book_kinds.may_read(BookKind.SECRET, position) is answers
    assert book_kinds.may_read(BookKind.OUTGOING, position)


# --- Twice ---------------------------------------------------------------------------------------


def test_the_same_number_and_notation_twice_in_a_year_is_refused_in_a_sentence(
    session: Session, cast: Cast, at: datetime
) -> None:
    paper(session, cast, at)
    same = replace(PAPER, type=DocumentType.CERTIFIED_COPY)
    with pytest.raises(NumberTaken, match="Số 01/QĐ-SGDĐT đã được cấp"):
        reservations.enter_paper(session, same, kind=BookKind.COPY, by=cast.clerk, at=at)


def test_not_even_a_wrong_program_enters_the_same_triple_twice(
    session: Session, cast: Cast, at: datetime
) -> None:
    paper(session, cast, at)
    session.flush()
    other = books.locked(session, cast.department.id, kind=BookKind.COPY, year=2018, at=at)
    copied = "agency_id, taken_at, taken_by, year, notation, type, subject, issued_on,"
    copied += " signer_name, recipients, filed_with, copies"
    with pytest.raises(IntegrityError, match="uq_book_entries_triple"):
        session.execute(
            text(
                f"insert into book_entries (book_id, number, {copied})"  # noqa: S608
                f" select :book, number, {copied} from book_entries"
            ),
            {"book": other.id},
        )


def test_a_number_that_was_given_never_moves_to_another_document(
    session: Session, cast: Cast, at: datetime
) -> None:
    """Not even for the owner of the tables: the book is what the office swears to."""
    Story(session, cast, at).until("issue")
    for moved in ("gen_random_uuid()", "null"):
        with pytest.raises(DBAPIError, match="stays with its document"), session.begin_nested():
            session.execute(text(f"update book_entries set document_id = {moved}"))  # noqa: S608


# --- The end of the year -------------------------------------------------------------------------


def close(session: Session, cast: Cast, at: datetime) -> UUID:
    return books.close(
        session, cast.department.id, kind=BookKind.OUTGOING, year=2018, by=cast.clerk, at=at
    )


def test_a_book_is_closed_on_the_last_day_of_its_year_at_the_earliest(
    session: Session, cast: Cast, at: datetime
) -> None:
    with pytest.raises(BookUnfinished, match="chỉ khóa được từ ngày 31/12/2018"):
        close(session, cast, at)


def test_a_book_with_an_open_number_is_not_closed(
    session: Session, cast: Cast, at: datetime
) -> None:
    paper(session, cast, at)
    held = reserve(session, cast, at)
    with pytest.raises(BookUnfinished, match="số 02 đang giữ"):
        close(session, cast, NEW_YEARS_EVE)
    annul(session, cast, NEW_YEARS_EVE, held, "Không dùng nữa.")
    assert close(session, cast, NEW_YEARS_EVE) == close(session, cast, NEW_YEARS_EVE)


def test_nothing_is_entered_in_a_closed_book(session: Session, cast: Cast, at: datetime) -> None:
    paper(session, cast, at)
    close(session, cast, NEW_YEARS_EVE)
    with pytest.raises(BookEnded, match="đã khóa ngày 31/12/2018"):
        number(session, cast, NEW_YEARS_EVE)
    with pytest.raises(BookEnded):
        annul(session, cast, at, 1, "Nhầm.")


def test_not_even_a_wrong_program_changes_a_closed_book(
    session: Session, cast: Cast, at: datetime
) -> None:
    paper(session, cast, at)
    close(session, cast, NEW_YEARS_EVE)
    session.flush()
    with pytest.raises(DBAPIError, match="the book is closed"):
        session.execute(text("update book_entries set subject = 'Khác'"))
