"""What stands in the way of closing a book of a year, thing by thing, each with its page.

Read by the page beforehand, and again by the closing itself once the book's row is locked.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from eoffice.documents import states as documents_states
from eoffice.documents import types
from eoffice.documents.books import queries as book_queries
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.model import Book, BookEntry, Document, Issuance
from eoffice.documents.states import State
from eoffice.filing.closing_lines import ARRIVAL_KINDS, OUTGOING_KINDS
from eoffice.filing.closing_rules import Hindrance, Obstacle
from eoffice.filing.closing_states import ClosedKind
from eoffice.routing import outside_rules
from eoffice.routing.model import Arrival, ArrivalBook, Delivery
from eoffice.routing.rules import ArrivalBookKind, arrival_book_of
from eoffice.routing.states import DeliveryState
from eoffice.web.principal import Principal

#: Nobody reads a longer list; what is dealt with makes room for the rest.
_MOST: Final = 200
_ARRIVING: Final = (DeliveryState.DELIVERED, DeliveryState.OPENED)


def of_book(
    session: Session, *, kind: ClosedKind, year: int, who: Principal, this_year: int
) -> tuple[Obstacle, ...]:
    """What is neither used nor annulled in the agency's book, and what waits for a number of it.

    A number is one of the year in which it is given: only while the year runs can anybody still
    wait for one. The end of the year itself is asked by `closing_rules.year_runs`.
    """
    still = year == this_year
    if kind in OUTGOING_KINDS:
        found = _numbers(session, OUTGOING_KINDS[kind], year, who)
        if still:
            found += _awaiting_number(session, OUTGOING_KINDS[kind], who)
        return tuple(found)
    if kind is ClosedKind.HANDLING:
        return _of_handling(session, year, who)
    found = _gaps_of_arrivals(session, ARRIVAL_KINDS[kind], year, who)
    if still:
        found += _not_registered(session, ARRIVAL_KINDS[kind], who)
    return tuple(found)


def _numbers(session: Session, kind: BookKind, year: int, who: Principal) -> list[Obstacle]:
    book = session.scalars(
        select(Book).where(Book.agency_id == who.agency_id, Book.kind == kind, Book.year == year)
    ).one_or_none()
    if book is None:
        return []
    rows = session.execute(
        select(BookEntry, Document)
        .outerjoin(Document, Document.id == BookEntry.document_id)
        .outerjoin(Issuance, Issuance.document_id == Document.id)
        .where(
            BookEntry.book_id == book.id,
            BookEntry.annulled_at.is_(None),
            BookEntry.subject.is_(None),
            or_(
                BookEntry.document_id.is_(None),
                Document.state.in_((State.NUMBERED, State.SEALED)),
                and_(Document.state == State.WITHDRAWN, Issuance.document_id.is_(None)),
            ),
        )
        .order_by(BookEntry.number)
        .limit(_MOST)
    ).all()
    here = f"/documents/books/{kind.value}/{year}/numbers"
    found = [
        _held(entry, here) if document is None else _unfinished(entry, document)
        for entry, document in rows
    ]
    numbers = func.generate_series(book.opening_number + 1, book.last_number).column_valued("n")
    given = select(BookEntry.number).where(BookEntry.book_id == book.id)
    missing = session.scalars(
        select(numbers).where(numbers.not_in(given)).order_by(numbers).limit(_MOST)
    )
    return found + [_missing(number) for number in missing]


def _held(entry: BookEntry, here: str) -> Obstacle:
    assert entry.reserved_until is not None, "a line without document or paper is held"
    number = types.printed_number(entry.number)
    return Obstacle(
        Hindrance.RESERVED,
        f"Số {number}: giữ đến hết ngày {entry.reserved_until:%d/%m/%Y} cho {entry.reserved_for}",
        f"{here}/{entry.number}",
    )


def _unfinished(entry: BookEntry, document: Document) -> Obstacle:
    number = types.printed_number(entry.number)
    state = documents_states.NAMES[document.state]
    return Obstacle(
        Hindrance.HOLE if document.state is State.WITHDRAWN else Hindrance.NOT_ISSUED,
        f"Số {number}: {types.name(document.type)} {document.subject} ({state.lower()})",
        f"/documents/{document.id}",
    )


def _missing(number: int) -> Obstacle:
    return Obstacle(
        Hindrance.HOLE, f"Số {types.printed_number(number)}: không có dòng nào trong sổ"
    )


def _awaiting_number(session: Session, kind: BookKind, who: Principal) -> list[Obstacle]:
    return [
        Obstacle(Hindrance.AWAITS_NUMBER, f"Chờ cấp số: {title}", f"/documents/{document_id}")
        for document_id, title in book_queries.to_number(session, kind=kind, who=who)
    ]


def _gaps_of_arrivals(
    session: Session, kind: ArrivalBookKind, year: int, who: Principal
) -> list[Obstacle]:
    book = session.get(ArrivalBook, (who.agency_id, kind, year))
    if book is None:
        return []
    numbers = func.generate_series(1, book.last_number).column_valued("n")
    given = select(Arrival.number).where(
        Arrival.agency_id == who.agency_id, Arrival.book_kind == kind, Arrival.year == year
    )
    missing = session.scalars(
        select(numbers).where(numbers.not_in(given)).order_by(numbers).limit(_MOST)
    )
    return [_missing(number) for number in missing]


def _not_registered(session: Session, kind: ArrivalBookKind, who: Principal) -> list[Obstacle]:
    secrecies = [each for each in types.Secrecy if arrival_book_of(each) is kind]
    rows = session.scalars(
        select(Delivery)
        .where(
            Delivery.recipient_agency_id == who.agency_id,
            Delivery.state.in_(_ARRIVING),
            Delivery.secrecy.in_(secrecies),
        )
        .order_by(Delivery.delivered_at)
        .limit(_MOST)
    )
    return [
        Obstacle(
            Hindrance.NOT_REGISTERED,
            f"Chưa vào sổ: {outside_rules.type_name(each.document_type, each.type_name)} "
            f"{outside_rules.code(each.number, each.notation)} của {each.sender_name}",
            f"/incoming/deliveries/{each.id}",
        )
        for each in rows
    ]


def _of_handling(session: Session, year: int, who: Principal) -> tuple[Obstacle, ...]:
    """Lines come into the book of handling with those of the incoming book, so it ends with it."""
    book = session.get(ArrivalBook, (who.agency_id, ArrivalBookKind.INCOMING, year))
    if book is not None and book.closed_at is not None:
        return ()
    return (
        Obstacle(
            Hindrance.INCOMING_OPEN,
            f"Sổ đăng ký văn bản đến năm {year} chưa khóa",
            f"/books/{ClosedKind.INCOMING.value}/{year}",
        ),
    )


def count(session: Session, agency_id: UUID, *, kind: ClosedKind, year: int) -> tuple[int, int]:
    """How many lines the book has, and how many of them are struck out."""
    if kind in OUTGOING_KINDS:
        lines, annulled = session.execute(
            select(func.count(), func.count(BookEntry.annulled_at))
            .select_from(BookEntry)
            .join(Book, Book.id == BookEntry.book_id)
            .where(
                Book.agency_id == agency_id,
                Book.kind == OUTGOING_KINDS[kind],
                Book.year == year,
            )
        ).one()
        return lines, annulled
    arrived = session.scalar(
        select(func.count())
        .select_from(Arrival)
        .where(
            Arrival.agency_id == agency_id,
            Arrival.book_kind == ARRIVAL_KINDS[kind],
            Arrival.year == year,
        )
    )
    return arrived or 0, 0
