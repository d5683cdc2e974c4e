"""A book is closed at the end of its year, and after that nobody gets a number of it.

Decree 30/2020, art. 15 and 22: numbers run from the first one of the year to the last one of
31 December. A book is closed by the records clerk when every number in it is used, or was annulled
with its reason; who takes a number while it is closed gets it before, or is refused.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from eoffice import db
from eoffice.audit.model import AuditEvent
from eoffice.documents import actions as documents
from eoffice.documents.books import numbers as books
from eoffice.documents.books import reservations
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.books.numbers import BookEnded
from eoffice.documents.form.text import DispatchText
from eoffice.documents.issue import actions as issuing
from eoffice.documents.model import Book, BookEntry, Document
from eoffice.documents.states import State as DocumentState
from eoffice.documents.types import DocumentType
from eoffice.filing import closing_actions, closing_queries, closing_rules, closing_states
from eoffice.filing.closing_actions import BookClosed
from eoffice.filing.closing_model import BookClosing, ClosingVolume
from eoffice.filing.closing_rules import (
    BookNotReady,
    BookUnknown,
    ClosingNotYours,
    Hindrance,
    RetentionWrong,
)
from eoffice.filing.closing_states import ClosedKind, State, Step, StepRefused
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.people.kinds import PositionKind
from eoffice.routing.arrival_books import ArrivalBookEnded
from eoffice.routing.model import Arrival, ArrivalBook
from eoffice.web.principal import Principal
from tests.cast import Cast, load_cast
from tests.conftest import Office, owner_transaction, web_role
from tests.filing import year_end
from tests.filing.year_end import LAST_DAY, NEW_YEAR
from tests.routing import stage


@pytest.fixture
def cast(session: Session) -> Cast:
    return load_cast(session, LAST_DAY)


def begin(
    session: Session,
    by: Principal,
    kind: ClosedKind = ClosedKind.OUTGOING,
    *,
    year: int = 2018,
    at: datetime = LAST_DAY,
    years: int | None = None,
) -> BookClosing:
    closing_id = closing_actions.begin(
        session, kind=kind, year=year, retention_years=years, by=by, at=at
    )
    session.flush()
    return session.get_one(BookClosing, closing_id)


def hindrances(
    session: Session,
    cast: Cast,
    kind: ClosedKind = ClosedKind.OUTGOING,
    at: datetime = LAST_DAY,
) -> list[tuple[Hindrance, str | None]]:
    session.flush()
    seen = closing_queries.book(session, kind=kind, year=2018, who=cast.clerk, at=at)
    return [(each.hindrance, each.path) for each in seen.obstacles]


def numbered(session: Session, cast: Cast, at: datetime = LAST_DAY) -> Document:
    """A dispatch that has its number and went nowhere."""
    document_id = documents.begin(
        session,
        DocumentType.DISPATCH,
        DispatchText(subject="mời họp tổng kết"),
        by=cast.specialist,
        at=at,
    )
    session.flush()
    number = books.take_number(
        session, cast.department.id, document_id, notation="SGDĐT-VP", by=cast.clerk, at=at
    )
    document = session.get_one(Document, document_id)
    document.state = DocumentState.NUMBERED
    document.number, document.notation, document.issued_on = number, "SGDĐT-VP", date(2018, 12, 31)
    session.flush()
    return document


def arrive(session: Session, cast: Cast, at: datetime = LAST_DAY, number: int = 960) -> Arrival:
    """A dispatch of the department in the incoming book of the high school."""
    dispatch = stage.issued_by_the_department(
        session, cast, [cast.high_school], at=at, number=number
    )
    delivery = stage.delivered(session, dispatch, cast.high_school, at=at)
    arrival_id = stage.registered(session, delivery, by=cast.high_school_clerk, at=at)
    session.flush()
    return session.get_one(Arrival, arrival_id)


def test_a_book_without_holes_is_closed_counted_and_promised_to_be_printed(
    session: Session, cast: Cast
) -> None:
    year_end.fill(session, cast)
    closing = begin(session, cast.clerk, years=20)
    assert (closing.state, closing.entries, closing.annulled) == (State.BEGUN, 3, 1)
    book = session.scalars(select(Book)).one()
    assert (book.closed_at, book.closed_by) == (LAST_DAY, cast.clerk.person_id)
    promise = session.scalars(select(Promise).where(Promise.task == closing_actions.PRINT)).one()
    assert promise.payload == {"closing_id": str(closing.id)}
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "closing.begun")).one()
    assert event.object_id == closing.id


def test_nobody_takes_a_number_of_a_closed_book(session: Session, cast: Cast) -> None:
    year_end.fill(session, cast)
    document_id = documents.begin(
        session, DocumentType.DISPATCH, DispatchText(subject="x"), by=cast.specialist, at=LAST_DAY
    )
    begin(session, cast.clerk)
    with pytest.raises(BookEnded):
        books.take_number(
            session, cast.department.id, document_id, notation="A", by=cast.clerk, at=LAST_DAY
        )
    with pytest.raises(BookEnded):
        year_end.paper(session, cast, LAST_DAY)
    with pytest.raises(BookEnded):
        reservations.reserve(
            session,
            kind=BookKind.OUTGOING,
            until=date(2018, 12, 31),
            purpose="x",
            by=cast.clerk,
            at=LAST_DAY,
        )
    with pytest.raises(BookEnded):
        reservations.annul_number(
            session,
            kind=BookKind.OUTGOING,
            year=2018,
            number=960,
            because="x",
            by=cast.clerk,
            at=LAST_DAY,
        )
    with pytest.raises(BookEnded):
        books.open_book(
            session, cast.department.id, year=2018, opening_number=0, by=cast.clerk, at=LAST_DAY
        )
    assert year_end.paper(session, cast, NEW_YEAR) == 1, "the book of the new year is open"


def test_each_number_that_is_not_settled_is_named_with_its_page(
    session: Session, cast: Cast
) -> None:
    held = reservations.reserve(
        session,
        kind=BookKind.OUTGOING,
        until=date(2018, 12, 31),
        purpose="quyết định khen thưởng",
        by=cast.clerk,
        at=LAST_DAY,
    )
    document = numbered(session, cast)
    assert hindrances(session, cast) == [
        (Hindrance.RESERVED, f"/documents/books/outgoing/2018/numbers/{held}"),
        (Hindrance.NOT_ISSUED, f"/documents/{document.id}"),
    ]
    with pytest.raises(BookNotReady, match=r"Số 01: giữ .* khen thưởng; Số 02: Công văn mời họp"):
        begin(session, cast.clerk)
    assert session.scalars(select(Book.closed_at)).one() is None


def test_a_number_whose_document_is_withdrawn_is_annulled_and_no_hindrance(
    session: Session, cast: Cast
) -> None:
    document = numbered(session, cast)
    issuing.withdraw(session, document.id, reason="Sai người ký.", by=cast.director, at=LAST_DAY)
    assert hindrances(session, cast) == []
    assert begin(session, cast.clerk).annulled == 1


def test_a_hole_keeps_the_book_open(session: Session, cast: Cast) -> None:
    """No step of the office makes one; a book that has one all the same is not signed."""
    year_end.fill(session, cast)
    session.flush()
    session.execute(text("delete from book_entries where number = 961"))
    session.expire_all()
    assert hindrances(session, cast) == [(Hindrance.HOLE, None)]
    with pytest.raises(BookNotReady, match="Số 961: không có dòng nào trong sổ"):
        begin(session, cast.clerk)


def test_a_signed_document_waits_for_its_number_only_while_the_year_runs(
    session: Session, cast: Cast
) -> None:
    document_id = documents.begin(
        session, DocumentType.DISPATCH, DispatchText(subject="x"), by=cast.specialist, at=LAST_DAY
    )
    session.flush()
    session.get_one(Document, document_id).state = DocumentState.SIGNED
    assert hindrances(session, cast) == [(Hindrance.AWAITS_NUMBER, f"/documents/{document_id}")]
    assert hindrances(session, cast, at=NEW_YEAR) == []
    begin(session, cast.clerk, at=NEW_YEAR)


def test_an_issued_document_can_be_recalled_after_its_book_is_closed(
    session: Session, cast: Cast
) -> None:
    """Its number stays used; the recall is told with the document and in the list of the book."""
    document_id = stage.issued_by_the_department(session, cast, [cast.high_school], at=LAST_DAY)
    entry_number = books.take_number(
        session, cast.department.id, document_id, notation="A", by=cast.clerk, at=LAST_DAY
    )
    closing = begin(session, cast.clerk)
    issuing.withdraw(session, document_id, reason="Sai.", by=cast.director, at=NEW_YEAR)
    session.flush()
    entry = session.scalars(select(BookEntry)).one()
    assert (entry.number, entry.annulled_at, closing.annulled) == (entry_number, None, 0)


def test_a_book_is_not_closed_before_its_last_day(session: Session, cast: Cast) -> None:
    evening = datetime(2018, 12, 30, 16, 59, tzinfo=UTC)
    with pytest.raises(BookNotReady, match="Năm 2018 chưa hết"):
        begin(session, cast.clerk, at=evening)
    begin(session, cast.clerk, at=evening + timedelta(minutes=1))


@pytest.mark.parametrize("year", [1944, 2019])
def test_there_is_no_book_of_such_a_year(session: Session, cast: Cast, year: int) -> None:
    with pytest.raises(BookUnknown):
        begin(session, cast.clerk, year=year)


def test_a_book_is_closed_once_and_never_opened_again(session: Session, cast: Cast) -> None:
    begin(session, cast.clerk)
    with pytest.raises(BookClosed, match="đã khóa ngày 31/12/2018"):
        begin(session, cast.clerk)


def test_only_the_clerk_closes_books(session: Session, cast: Cast) -> None:
    for who in (cast.director, cast.specialist, cast.operator):
        with pytest.raises(ClosingNotYours):
            begin(session, who)


@pytest.mark.parametrize("years", [0, -1, 101])
def test_a_time_of_keeping_is_a_number_of_years_or_for_ever(
    session: Session, cast: Cast, years: int
) -> None:
    with pytest.raises(RetentionWrong):
        begin(session, cast.clerk, years=years)
    assert begin(session, cast.clerk, years=None).retention_years is None


def test_the_time_of_keeping_counts_from_the_year_of_the_book() -> None:
    assert closing_rules.retained_until(2018, 20) == date(2038, 12, 31)
    assert closing_rules.retained_until(2018, None) is None


def test_secret_books_and_copies_are_closed_for_themselves(session: Session, cast: Cast) -> None:
    begin(session, cast.clerk, ClosedKind.SECRET)
    begin(session, cast.clerk, ClosedKind.COPY)
    assert year_end.paper(session, cast, LAST_DAY) == 1, "the outgoing book is open"


# --- Incoming ------------------------------------------------------------------------------------


def test_no_arrival_gets_a_number_of_a_closed_incoming_book(session: Session, cast: Cast) -> None:
    arrive(session, cast)
    clerk = cast.high_school_clerk
    closing = begin(session, clerk, ClosedKind.INCOMING)
    assert closing.entries == 1
    book = session.scalars(select(ArrivalBook)).one()
    assert (book.closed_at, book.closed_by) == (LAST_DAY, clerk.person_id)
    with pytest.raises(ArrivalBookEnded, match="Từ ngày 01/01/2019 hãy vào sổ năm 2019"):
        arrive(session, cast, number=961)
    assert arrive(session, cast, NEW_YEAR, number=962).number == 1


def test_what_came_and_is_not_registered_keeps_the_incoming_book_open_while_the_year_runs(
    session: Session, cast: Cast
) -> None:
    dispatch = stage.issued_by_the_department(session, cast, [cast.high_school], at=LAST_DAY)
    delivery = stage.delivered(session, dispatch, cast.high_school, at=LAST_DAY)
    clerk = cast.high_school_clerk
    with pytest.raises(BookNotReady, match="Chưa vào sổ: Công văn 960/SGDĐT-CNTTTBTV"):
        begin(session, clerk, ClosedKind.INCOMING)
    seen = closing_queries.book(
        session, kind=ClosedKind.INCOMING, year=2018, who=clerk, at=LAST_DAY
    )
    assert [each.path for each in seen.obstacles] == [f"/incoming/deliveries/{delivery}"]
    begin(session, clerk, ClosedKind.INCOMING, at=NEW_YEAR)


def test_a_hole_in_the_incoming_book_keeps_it_open(session: Session, cast: Cast) -> None:
    arrive(session, cast)
    book = session.scalars(select(ArrivalBook)).one()
    book.last_number = 3
    session.flush()
    with pytest.raises(BookNotReady, match="Số 02: không có dòng nào trong sổ; Số 03"):
        begin(session, cast.high_school_clerk, ClosedKind.INCOMING)


def test_the_book_of_handling_ends_behind_the_incoming_book(session: Session, cast: Cast) -> None:
    arrive(session, cast)
    clerk = cast.high_school_clerk
    with pytest.raises(BookNotReady, match="Khóa sổ đăng ký văn bản đến trước"):
        begin(session, clerk, ClosedKind.HANDLING)
    begin(session, clerk, ClosedKind.INCOMING)
    assert begin(session, clerk, ClosedKind.HANDLING).entries == 1


def test_the_database_lets_no_arrival_into_a_closed_book(session: Session, cast: Cast) -> None:
    arrival = arrive(session, cast)
    begin(session, cast.high_school_clerk, ClosedKind.INCOMING)
    dispatch = stage.issued_by_the_department(
        session, cast, [cast.high_school], at=LAST_DAY, number=961
    )
    delivery = stage.delivered(session, dispatch, cast.high_school, at=LAST_DAY)
    session.flush()
    with pytest.raises(DBAPIError, match="the book is closed"):
        session.execute(
            text(
                "insert into arrivals (id, agency_id, delivery_id, year, number, arrived_on, state,"
                " registered_at, registered_by) select gen_random_uuid(), agency_id, :delivery,"
                " year, 2, arrived_on, state, registered_at, registered_by from arrivals"
                " where id = :id"
            ),
            {"id": arrival.id, "delivery": delivery},
        )


# --- Who sees it ---------------------------------------------------------------------------------


def test_another_agency_sees_nothing_of_it(session: Session, cast: Cast) -> None:
    closing = begin(session, cast.clerk)
    closing_actions.record_volume(session, closing.id, 1, Sha256.of(b"pages"), 1, at=LAST_DAY)
    with web_role(session, cast.clerk):
        assert len(session.scalars(select(BookClosing)).all()) == 1
        assert len(session.scalars(select(ClosingVolume)).all()) == 1
    with web_role(session, cast.district_clerk):
        assert session.scalars(select(BookClosing)).all() == []
        assert session.scalars(select(ClosingVolume)).all() == []
        with pytest.raises(BookUnknown):
            closing_queries.closing(
                session,
                kind=ClosedKind.OUTGOING,
                year=2018,
                who=cast.district_clerk,
                at=LAST_DAY,
            )


def test_the_list_has_every_book_that_the_reader_may_read(session: Session, cast: Cast) -> None:
    year_end.fill(session, cast)
    begin(session, cast.clerk)

    def kinds(who: Principal) -> list[ClosedKind]:
        found = closing_queries.listing(session, year=2018, who=who, at=LAST_DAY)
        return [each.kind for each in found]

    assert kinds(cast.clerk) == list(ClosedKind)
    open_to_all = [each for each in ClosedKind if each not in closing_states.SECRET]
    assert kinds(cast.specialist) == open_to_all
    with pytest.raises(ClosingNotYours):
        kinds(cast.operator)
    (first, *_) = closing_queries.listing(session, year=2018, who=cast.specialist, at=LAST_DAY)
    assert (first.entries, first.annulled, first.closing is not None) == (3, 1, True)


def test_the_secret_book_is_for_those_who_answer_for_it() -> None:
    readers = {each for each in PositionKind if closing_rules.may_read(ClosedKind.SECRET, each)}
    assert readers == {PositionKind.HEAD, PositionKind.DEPUTY_HEAD, PositionKind.CLERK}


# --- The table of states -------------------------------------------------------------------------


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("state", State)
def test_every_pair_of_state_and_step_is_in_the_table_or_refused(state: State, step: Step) -> None:
    if (state, step) in closing_states.TABLE:
        assert closing_states.after(state, step) in State
    else:
        with pytest.raises(StepRefused):
            closing_states.after(state, step)


def test_a_closed_book_goes_one_way_from_its_pages_to_its_seal() -> None:
    state, way = State.BEGUN, [State.BEGUN]
    for step in (Step.PRINT, Step.SIGN_BY_CLERK, Step.SIGN_BY_HEAD, Step.SEAL):
        state = closing_states.after(state, step)
        way.append(state)
    assert way == list(State)


# --- Many at once --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ClosedKind.OUTGOING, ClosedKind.INCOMING])
def test_who_takes_a_number_while_the_book_is_closed_gets_it_before_or_is_refused(
    office: Office, kind: ClosedKind
) -> None:
    """Eight takers and two who close it, at once: no gap, no line behind the closing."""
    with owner_transaction() as session:
        cast = load_cast(session, LAST_DAY)
        deliveries = [
            stage.delivered(
                session,
                stage.issued_by_the_department(
                    session, cast, [cast.high_school], at=LAST_DAY, number=100 + number
                ),
                cast.high_school,
                at=LAST_DAY,
            )
            for number in range(8 if kind is ClosedKind.INCOMING else 0)
        ]
    clerk = cast.high_school_clerk if deliveries else cast.clerk

    def take(number: int) -> bool:
        try:
            with db.transaction(clerk.acting) as session:
                if deliveries:
                    stage.registered(session, deliveries[number], by=clerk, at=LAST_DAY)
                else:
                    year_end.paper(session, cast, LAST_DAY)
        except (BookEnded, ArrivalBookEnded):
            return False
        return True

    def close(_: int) -> bool:
        # In the new year nobody waits for a number of the old one, so the race is open.
        try:
            with db.transaction(clerk.acting) as session:
                begin(session, clerk, kind, at=NEW_YEAR)
        except BookClosed:
            return False
        return True

    with ThreadPoolExecutor(10) as pool:
        taking = [pool.submit(take, number) for number in range(8)]
        closing = [pool.submit(close, number) for number in range(2)]
        taken = sum(each.result() for each in taking)
        assert sum(each.result() for each in closing) == 1
    with owner_transaction() as session:
        row = session.scalars(select(BookClosing)).one()
        column = Arrival.number if deliveries else BookEntry.number
        assert sorted(session.scalars(select(column))) == list(range(1, taken + 1))
        assert row.entries == taken, "what the closing counted is what stands in the book"
