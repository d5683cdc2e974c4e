"""What stands in a book of a year from its first line to its last, ready to be set on pages.

The columns are those of Decree 30/2020, Annex IV: I (outgoing), VI (incoming), VIII (handling).
Read for the agency as a whole, by the worker that prints the book. Read only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import types
from eoffice.documents.books import queries as book_queries
from eoffice.documents.books import tables as book_tables
from eoffice.documents.books.kinds import BookKind
from eoffice.documents.books.queries import EntryState, Wanted
from eoffice.documents.model import Document, Issuance
from eoffice.filing.closing_states import ClosedKind
from eoffice.filing.closing_tables import Contents
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.printing.printed_table import Cell
from eoffice.routing import arrival_queries, outside_rules, states, tracking_tables
from eoffice.routing import book_tables as arrival_tables
from eoffice.routing.arrival_queries import OPEN, AssignmentSeen
from eoffice.routing.book_queries import BookLine
from eoffice.routing.model import Answer, Arrival, Delivery
from eoffice.routing.rules import ArrivalBookKind, Role
from eoffice.routing.states import ArrivalState
from eoffice.web.principal import Principal

OUTGOING_KINDS: Final[dict[ClosedKind, BookKind]] = {
    ClosedKind.OUTGOING: BookKind.OUTGOING,
    ClosedKind.SECRET: BookKind.SECRET,
    ClosedKind.COPY: BookKind.COPY,
}
#: Whose lines the book has; work on secret papers is not followed in a book that all read.
ARRIVAL_KINDS: Final[dict[ClosedKind, ArrivalBookKind]] = {
    ClosedKind.INCOMING: ArrivalBookKind.INCOMING,
    ClosedKind.INCOMING_SECRET: ArrivalBookKind.SECRET,
    ClosedKind.HANDLING: ArrivalBookKind.INCOMING,
}


def contents(session: Session, *, agency_id: UUID, kind: ClosedKind, year: int) -> Contents:
    """All lines of a book, the first number first."""
    if kind in OUTGOING_KINDS:
        return _outgoing(session, agency_id, kind, year)
    return _incoming(session, agency_id, kind, year)


def _outgoing(session: Session, agency_id: UUID, kind: ClosedKind, year: int) -> Contents:
    who = _office(session, agency_id)
    wanted = Wanted(year, OUTGOING_KINDS[kind])
    lines = book_queries.lines(session, wanted, who=who, oldest_first=True)
    book = book_queries.book(session, who=who, kind=wanted.kind, year=year)
    return Contents(
        kind=kind,
        year=year,
        columns=book_tables.COLUMNS,
        rows=tuple(book_tables.row(each) for each in lines),
        numbers=tuple(each.number for each in lines),
        days=tuple(each.issued_on for each in lines),
        opening_number=book.opening_number,
        annulled=sum(each.state is EntryState.ANNULLED for each in lines),
        withdrawn=sum(each.state is EntryState.WITHDRAWN for each in lines),
        unfinished=0,
    )


def _incoming(session: Session, agency_id: UUID, kind: ClosedKind, year: int) -> Contents:
    found = session.execute(
        select(Arrival, Delivery)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(
            Arrival.agency_id == agency_id,
            Arrival.book_kind == ARRIVAL_KINDS[kind],
            Arrival.year == year,
        )
        .order_by(Arrival.number)
    ).all()
    ids = [each.Arrival.id for each in found]
    handed = arrival_queries.assignments_of(session, ids, in_force=False)
    answers = _answers(session, ids) if kind is ClosedKind.HANDLING else {}
    rows = tuple(
        _handling_row(each.Arrival, each.Delivery, handed[each.Arrival.id], answers)
        if kind is ClosedKind.HANDLING
        else _incoming_row(each.Arrival, each.Delivery, handed[each.Arrival.id])
        for each in found
    )
    return Contents(
        kind=kind,
        year=year,
        columns=(
            tracking_tables.COLUMNS if kind is ClosedKind.HANDLING else arrival_tables.COLUMNS
        ),
        rows=rows,
        numbers=tuple(each.Arrival.number for each in found),
        days=tuple(each.Arrival.arrived_on for each in found),
        opening_number=0,
        annulled=0,
        withdrawn=sum(each.Arrival.state is ArrivalState.RECALLED for each in found),
        unfinished=sum(each.Arrival.state in OPEN for each in found),
    )


def _incoming_row(
    arrival: Arrival, delivery: Delivery, handed: list[AssignmentSeen]
) -> tuple[Cell, ...]:
    lead = next((each for each in handed if each.role is Role.LEAD), None)
    return arrival_tables.row(
        BookLine(
            arrival_id=arrival.id,
            delivery_id=delivery.id,
            arrived_on=arrival.arrived_on,
            number=arrival.number,
            year=arrival.year,
            sender_name=delivery.sender_name,
            code=outside_rules.code(delivery.number, delivery.notation),
            issued_on=delivery.issued_on,
            type_name=outside_rules.type_name(delivery.document_type, delivery.type_name),
            subject=delivery.subject,
            handed_to=_assignees(handed),
            handed_on=None if lead is None else clock.civil_date(lead.assigned_at),
            taken_at=None if lead is None else lead.taken_at,
            # How it was settled stands in the book of handling.
            note="",
            urgency=delivery.urgency,
            state=arrival.state,
            due_on=arrival.due_on,
            days_late=0,
        )
    )


def _handling_row(
    arrival: Arrival,
    delivery: Delivery,
    handed: list[AssignmentSeen],
    answers: dict[UUID, list[str]],
) -> tuple[Cell, ...]:
    type_name = outside_rules.type_name(delivery.document_type, delivery.type_name)
    code = outside_rules.code(delivery.number, delivery.notation)
    progress = states.ARRIVAL_NAMES[arrival.state]
    if arrival.done_at is not None:
        progress = f"{progress} ngày {clock.civil_date(arrival.done_at):%d/%m/%Y}"
    return (
        arrival.number,
        f"{type_name} số {code} ngày {delivery.issued_on:%d/%m/%Y} của {delivery.sender_name}",
        "; ".join(_assignees(handed)),
        arrival.due_on,
        progress,
        "; ".join(answers.get(arrival.id, [])),
        arrival.outcome,
    )


def _assignees(handed: Iterable[AssignmentSeen]) -> tuple[str, ...]:
    """Whom it was for in the end, each once, in the order of the assignments."""
    handed = list(handed)
    in_force = [each for each in handed if each.ended_at is None] or handed
    return tuple(dict.fromkeys(each.assignee for each in in_force))


def _answers(session: Session, arrival_ids: list[UUID]) -> dict[UUID, list[str]]:
    """Number and notation of the documents that answered, by arrival; only what was issued."""
    found: defaultdict[UUID, list[str]] = defaultdict(list)
    rows = session.execute(
        select(Answer.arrival_id, Document.number, Document.notation)
        .join(Document, Document.id == Answer.document_id)
        .join(Issuance, Issuance.document_id == Document.id)
        .where(Answer.arrival_id.in_(arrival_ids))
        .order_by(Issuance.issued_at)
    )
    for arrival_id, number, notation in rows:
        assert number is not None, "what was issued has its number"
        assert notation is not None
        found[arrival_id].append(types.code(number, notation))
    return found


def _office(session: Session, agency_id: UUID) -> Principal:
    """The records desk as a reader of its own books; nobody's hand in particular."""
    agency = people.unit(session, agency_id)
    nobody = UUID(int=0)
    return Principal(
        person_id=nobody,
        full_name="",
        appointment_id=nobody,
        position_title="",
        position_kind=PositionKind.CLERK.value,
        unit_id=agency_id,
        unit_name=agency.name,
        agency_id=agency_id,
        agency_name=agency.name,
        scopes=frozenset(),
        session_id=None,
    )
