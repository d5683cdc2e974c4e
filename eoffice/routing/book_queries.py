"""The book of incoming documents, line by line, by year.

Read only; who may see a line is said in `delivery_queries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents.types import Urgency
from eoffice.people import working_days_queries
from eoffice.people.working_days import Calendar
from eoffice.routing import arrival_queries, delivery_queries, outside_rules
from eoffice.routing.arrival_queries import OPEN, AssignmentSeen
from eoffice.routing.model import (
    Arrival,
    ArrivalBook,
    Delivery,
)
from eoffice.routing.rules import ArrivalBookKind, Role
from eoffice.routing.states import ArrivalState
from eoffice.web.principal import Principal


class Show(StrEnum):
    """Which lines of the incoming book are wanted."""

    ALL = "all"
    TO_SUBMIT = "to_submit"
    TO_ASSIGN = "to_assign"
    IN_WORK = "in_work"
    LATE = "late"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class BookLine:
    """A line of Sổ đăng ký văn bản đến, in the columns of Decree 30/2020, Annex IV."""

    arrival_id: UUID
    delivery_id: UUID
    #: Ngày đến
    arrived_on: date
    #: Số đến
    number: int
    year: int
    #: Tác giả
    sender_name: str
    #: Số, ký hiệu
    code: str
    #: Ngày tháng of the document
    issued_on: date
    #: Tên loại
    type_name: str
    #: Trích yếu
    subject: str
    #: Đơn vị hoặc người nhận: the lead first
    handed_to: tuple[str, ...]
    #: Ngày chuyển
    handed_on: date | None
    #: Ký nhận: when the lead began to work on it
    taken_at: datetime | None
    #: Ghi chú: how it was settled
    note: str | None
    urgency: Urgency
    state: ArrivalState
    due_on: date | None
    days_late: int


def book(
    session: Session,
    *,
    who: Principal,
    year: int,
    today: date,
    kind: ArrivalBookKind = ArrivalBookKind.INCOMING,
    show: Show = Show.ALL,
    first_day: date | None = None,
    last_day: date | None = None,
    after: tuple[str, ...] | None = None,
    limit: int | None,
    oldest_first: bool = False,
) -> list[BookLine]:
    """Lines of a book of incoming documents in a year, latest first.

    `first_day` and `last_day` are days of arrival; `after` is (number,) of the last seen.
    """
    calendar = working_days_queries.calendar(session)
    wanted = (
        select(Arrival, Delivery)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(
            Arrival.book_kind == kind,
            Arrival.year == year,
            came_in(who, first_day, last_day),
            _shown(show, calendar.latest_missed(today)),
        )
        .order_by(Arrival.number if oldest_first else Arrival.number.desc())
        .limit(limit)
    )
    if after is not None:
        wanted = wanted.where(Arrival.number < int(after[0]))
    rows = session.execute(wanted).all()
    handed = arrival_queries.assignments_of(
        session, [row.Arrival.id for row in rows], in_force=True
    )
    return [
        _book_line(row.Arrival, row.Delivery, handed[row.Arrival.id], today, calendar)
        for row in rows
    ]


def came_in(who: Principal, first_day: date | None, last_day: date | None) -> ColumnElement[bool]:
    """Of an arrival joined with its delivery: in the agency's books, seen by who asks, on one of
    these days.
    """
    return and_(
        Arrival.agency_id == who.agency_id,
        true() if first_day is None else Arrival.arrived_on >= first_day,
        true() if last_day is None else Arrival.arrived_on <= last_day,
        delivery_queries.may_see(who),
    )


def years(session: Session, *, who: Principal) -> tuple[int, ...]:
    """The years for which the agency has an incoming book, latest first."""
    rows = session.scalars(
        select(ArrivalBook.year)
        .where(ArrivalBook.agency_id == who.agency_id)
        .distinct()
        .order_by(ArrivalBook.year.desc())
    )
    return tuple(rows)


def _shown(show: Show, latest_missed: date) -> ColumnElement[bool]:
    match show:
        case Show.ALL:
            return true()
        case Show.TO_SUBMIT:
            return Arrival.state == ArrivalState.REGISTERED
        case Show.TO_ASSIGN:
            return Arrival.state == ArrivalState.SUBMITTED
        case Show.IN_WORK:
            return Arrival.state.in_((ArrivalState.ASSIGNED, ArrivalState.IN_PROGRESS))
        case Show.LATE:
            return Arrival.state.in_(OPEN) & (Arrival.due_on <= latest_missed)
        case Show.DONE:
            return Arrival.state == ArrivalState.DONE


def _book_line(
    found: Arrival,
    came: Delivery,
    handed: list[AssignmentSeen],
    today: date,
    calendar: Calendar,
) -> BookLine:
    lead = next((each for each in handed if each.role is Role.LEAD), None)
    return BookLine(
        arrival_id=found.id,
        delivery_id=came.id,
        arrived_on=found.arrived_on,
        number=found.number,
        year=found.year,
        sender_name=came.sender_name,
        code=outside_rules.code(came.number, came.notation),
        issued_on=came.issued_on,
        type_name=outside_rules.type_name(came.document_type, came.type_name),
        subject=came.subject,
        handed_to=tuple(each.assignee for each in handed),
        handed_on=None if lead is None else clock.civil_date(lead.assigned_at),
        taken_at=None if lead is None else lead.taken_at,
        note=found.outcome,
        urgency=came.urgency,
        state=found.state,
        due_on=found.due_on,
        days_late=arrival_queries.days_late(found, today, calendar),
    )
