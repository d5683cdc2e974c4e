"""What awaits somebody (their part of the desk), and what the actions have to look up.

What a sender sees is in `outgoing`, what a recipient sees in `incoming`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents.model import Document
from eoffice.documents.states import State
from eoffice.documents.types import Urgency
from eoffice.people import working_days_queries
from eoffice.people.model import Appointment, Person, Position, Unit
from eoffice.people.working_days import Calendar
from eoffice.routing import notice_queries, outside_rules, reminders, rules, succession
from eoffice.routing.model import Answer, Arrival, Assignment, Delivery, Notice
from eoffice.routing.notice_queries import NoticeSeen
from eoffice.routing.reminders import ReminderSeen
from eoffice.routing.rules import Role
from eoffice.routing.states import ArrivalState, DeliveryState
from eoffice.web.principal import Principal

#: The desk shows no more of each kind; the lists behind it show all.
MOST_ON_DESK = 50
_UNREGISTERED = (DeliveryState.DELIVERED, DeliveryState.OPENED)
_UNFINISHED = (ArrivalState.ASSIGNED, ArrivalState.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class WaitingCounts:
    """How many things in routing await one person."""

    to_register: int
    to_submit: int
    to_assign: int
    to_work_on: int
    #: Of those above, how many are behind their deadline.
    late: int
    notices: int

    @property
    def total(self) -> int:
        """For the section "Văn bản đến" of the navigation; notices ask for nothing."""
        return self.to_register + self.to_submit + self.to_assign + self.to_work_on


@dataclass(frozen=True, slots=True)
class Waiting:
    """One incoming document that awaits a step of the person."""

    #: None while it is not registered.
    arrival_id: UUID | None
    delivery_id: UUID
    arrival_number: int | None
    sender_name: str
    type_name: str
    code: str
    subject: str
    urgency: Urgency
    #: Deadline of the step, not of the whole work, for a clerk.
    due_on: date | None
    days_late: int
    since: datetime
    role: Role | None = None
    instruction: str | None = None

    @property
    def path(self) -> str:
        """The page on which the step is taken."""
        if self.arrival_id is None:
            return f"/incoming/deliveries/{self.delivery_id}"
        return f"/incoming/{self.arrival_id}"


@dataclass(frozen=True, slots=True)
class Desk:
    """What awaits one person in routing; each list has the oldest deadline first."""

    to_register: tuple[Waiting, ...]
    to_submit: tuple[Waiting, ...]
    to_assign: tuple[Waiting, ...]
    to_work_on: tuple[Waiting, ...]
    #: For information; each is put away by taking note of it.
    to_know: tuple[Waiting, ...]
    notices: tuple[NoticeSeen, ...]
    #: Of what others asked for and still wait for.
    reminders: tuple[ReminderSeen, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(
            (
                self.to_register,
                self.to_submit,
                self.to_assign,
                self.to_work_on,
                self.to_know,
                self.notices,
                self.reminders,
            )
        )


@dataclass(frozen=True, slots=True)
class Colleagues:
    """A unit of the agency and who is appointed in it: whom a head can assign work to."""

    unit_id: UUID
    unit_name: str
    #: (person, name with position), by name.
    people: tuple[tuple[UUID, str], ...]


def desk(session: Session, *, who: Principal, at: datetime) -> Desk:
    """What awaits `who` in routing."""
    today = clock.civil_date(at)
    calendar = working_days_queries.calendar(session)
    return Desk(
        to_register=_to_register(session, who, today, calendar),
        to_submit=_of_arrivals(session, who, ArrivalState.REGISTERED, today, calendar),
        to_assign=_of_arrivals(session, who, ArrivalState.SUBMITTED, today, calendar),
        to_work_on=_assigned(session, _to_work_on(who), today, calendar),
        to_know=_assigned(session, _to_know(who), today, calendar),
        notices=notices(session, who=who),
        reminders=reminders.unread(session, who=who, today=today, limit=MOST_ON_DESK),
    )


def notices(session: Session, *, who: Principal) -> tuple[NoticeSeen, ...]:
    """What the unit of `who`, or for a clerk its agency, has not put away yet; latest first."""
    return notice_queries.notices(session, who=who, limit=MOST_ON_DESK)


def waiting_for(session: Session, who: Principal, at: datetime) -> WaitingCounts:
    """How much awaits `who`, for the counts of the navigation."""
    today = clock.civil_date(at)
    calendar = working_days_queries.calendar(session)
    clerk = rules.is_clerk(who.position_kind)
    deliveries = (
        session.scalars(select(Delivery.delivered_at).where(*_unregistered(session, who))).all()
        if clerk
        else ()
    )
    arrivals = session.execute(
        select(Arrival.state, Arrival.registered_at, Arrival.due_on).where(
            Arrival.worked_on_by == who.agency_id,
            or_(
                Arrival.state == ArrivalState.REGISTERED if clerk else false(),
                Arrival.state == ArrivalState.SUBMITTED
                if rules.is_head(who.position_kind)
                else false(),
            ),
        )
    ).all()
    mine = session.execute(
        select(Arrival.id, Assignment.due_on)
        .join(Arrival, Arrival.id == Assignment.arrival_id)
        .where(*_to_work_on(who))
    ).all()
    due = [
        *(rules.to_be_handled_by(clock.civil_date(each), calendar) for each in deliveries),
        *(_step_due(row.state, row.registered_at, row.due_on, calendar) for row in arrivals),
        *(row.due_on for row in mine),
    ]
    return WaitingCounts(
        to_register=len(deliveries),
        to_submit=sum(row.state is ArrivalState.REGISTERED for row in arrivals),
        to_assign=sum(row.state is ArrivalState.SUBMITTED for row in arrivals),
        to_work_on=len(mine),
        late=sum(rules.days_late(each, None, today, calendar) > 0 for each in due),
        notices=session.scalars(
            select(func.count()).select_from(Notice).where(*notice_queries.unread(who))
        ).one(),
    )


def colleagues(session: Session, *, agency_id: UUID, on: date) -> tuple[Colleagues, ...]:
    """The agency and its offices, with the people who hold a position in them on that day."""
    units = session.execute(
        select(Unit.id, Unit.name)
        .where(
            Unit.agency_id == agency_id,
            Unit.valid_from <= on,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= on),
        )
        .order_by((Unit.id != agency_id), Unit.name)
    ).all()
    people = session.execute(
        select(Position.unit_id, Person.id, Person.full_name, Position.title)
        .join(Appointment, Appointment.position_id == Position.id)
        .join(Person, Person.id == Appointment.person_id)
        .where(Position.unit_id.in_([unit.id for unit in units]), _in_force(on))
        .order_by(Person.full_name)
    ).all()
    return tuple(
        Colleagues(
            unit.id,
            unit.name,
            tuple(
                {
                    row.id: f"{row.full_name}, {row.title}"
                    for row in people
                    if row.unit_id == unit.id
                }.items()
            ),
        )
        for unit in units
    )


def agency_of(session: Session, unit_id: UUID) -> UUID:
    """The agency to which a unit belongs; a school belongs to itself."""
    return session.scalars(select(Unit.agency_id).where(Unit.id == unit_id)).one()


def is_appointed(session: Session, person_id: UUID, unit_id: UUID, *, on: date) -> bool:
    """Whether the person holds a position in the unit on that day."""
    found = session.scalar(
        select(Appointment.id)
        .join(Position, Position.id == Appointment.position_id)
        .where(Appointment.person_id == person_id, Position.unit_id == unit_id, _in_force(on))
        .limit(1)
    )
    return found is not None


def has_answer(session: Session, arrival_id: UUID) -> bool:
    """Whether the agency answers the arrival in writing: issued, or still being written."""
    found = session.scalar(
        select(Answer.document_id)
        .join(Document, Document.id == Answer.document_id)
        .where(Answer.arrival_id == arrival_id, Document.state != State.WITHDRAWN)
        .limit(1)
    )
    return found is not None


def answer_in_writing(session: Session, arrival_id: UUID) -> UUID | None:
    """The agency's own document that answers the arrival and has not been issued or withdrawn."""
    return session.scalar(
        select(Answer.document_id)
        .join(Document, Document.id == Answer.document_id)
        .where(
            Answer.arrival_id == arrival_id,
            Document.state.not_in((State.ISSUED, State.WITHDRAWN)),
        )
        .order_by(Answer.begun_at)
        .limit(1)
    )


def _to_register(
    session: Session, who: Principal, today: date, calendar: Calendar
) -> tuple[Waiting, ...]:
    if not rules.is_clerk(who.position_kind):
        return ()
    rows = session.scalars(
        select(Delivery)
        .where(*_unregistered(session, who))
        .order_by(Delivery.delivered_at)
        .limit(MOST_ON_DESK)
    )
    return tuple(
        _waiting(
            each,
            None,
            due_on=rules.to_be_handled_by(clock.civil_date(each.delivered_at), calendar),
            since=each.delivered_at,
            today=today,
            calendar=calendar,
        )
        for each in rows
    )


def _of_arrivals(
    session: Session, who: Principal, state: ArrivalState, today: date, calendar: Calendar
) -> tuple[Waiting, ...]:
    """What awaits the clerk (REGISTERED) or the head (SUBMITTED)."""
    wanted = rules.is_clerk if state is ArrivalState.REGISTERED else rules.is_head
    if not wanted(who.position_kind):
        return ()
    rows = session.execute(
        select(Arrival, Delivery)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(Arrival.worked_on_by == who.agency_id, Arrival.state == state)
        .order_by(Arrival.due_on.nulls_last(), Arrival.registered_at)
        .limit(MOST_ON_DESK)
    )
    return tuple(
        _waiting(
            delivery,
            arrival,
            due_on=_step_due(state, arrival.registered_at, arrival.due_on, calendar),
            since=arrival.submitted_at or arrival.registered_at,
            today=today,
            calendar=calendar,
        )
        for arrival, delivery in rows
    )


def _assigned(
    session: Session, which: Iterable[ColumnElement[bool]], today: date, calendar: Calendar
) -> tuple[Waiting, ...]:
    rows = session.execute(
        select(Assignment, Arrival, Delivery)
        .join(Arrival, Arrival.id == Assignment.arrival_id)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(*which)
        .order_by(Assignment.due_on.nulls_last(), Assignment.assigned_at)
        .limit(MOST_ON_DESK)
    )
    return tuple(
        _waiting(
            delivery,
            arrival,
            due_on=assignment.due_on,
            since=assignment.assigned_at,
            today=today,
            calendar=calendar,
            assignment=assignment,
        )
        for assignment, arrival, delivery in rows
    )


def _waiting(
    delivery: Delivery,
    arrival: Arrival | None,
    *,
    due_on: date | None,
    since: datetime,
    today: date,
    calendar: Calendar,
    assignment: Assignment | None = None,
) -> Waiting:
    return Waiting(
        arrival_id=None if arrival is None else arrival.id,
        delivery_id=delivery.id,
        arrival_number=None if arrival is None else arrival.number,
        sender_name=delivery.sender_name,
        type_name=outside_rules.type_name(delivery.document_type, delivery.type_name),
        code=outside_rules.code(delivery.number, delivery.notation),
        subject=delivery.subject,
        urgency=delivery.urgency,
        due_on=due_on,
        days_late=rules.days_late(due_on, None, today, calendar),
        since=since,
        role=None if assignment is None else assignment.role,
        instruction=None if assignment is None else assignment.instruction,
    )


def _step_due(
    state: ArrivalState, registered_at: datetime, due_on: date | None, calendar: Calendar
) -> date | None:
    """Until when the step after this state has to be taken."""
    if state is ArrivalState.REGISTERED:
        return rules.to_be_handled_by(clock.civil_date(registered_at), calendar)
    return due_on


def _unregistered(session: Session, who: Principal) -> Iterable[ColumnElement[bool]]:
    return (
        Delivery.recipient_agency_id.in_(succession.agencies_of(session, who.agency_id)),
        Delivery.state.in_(_UNREGISTERED),
    )


def _to_work_on(who: Principal) -> Iterable[ColumnElement[bool]]:
    """Assignments in force on which `who` has to work."""
    return (
        *_for(who),
        Assignment.role != Role.FOR_INFORMATION,
        Arrival.state.in_(_UNFINISHED),
    )


def _to_know(who: Principal) -> Iterable[ColumnElement[bool]]:
    """Assignments that `who` has to know of and has not taken note of yet."""
    return (
        *_for(who),
        Assignment.role == Role.FOR_INFORMATION,
        Assignment.taken_at.is_(None),
    )


def _for(who: Principal) -> Iterable[ColumnElement[bool]]:
    return (
        Assignment.ended_at.is_(None),
        Assignment.agency_id == who.agency_id,
        or_(
            Assignment.person_id == who.person_id,
            and_(Assignment.person_id.is_(None), Assignment.unit_id == who.unit_id),
        ),
    )


def _in_force(on: date) -> ColumnElement[bool]:
    return and_(
        Appointment.valid_from <= on,
        or_(Appointment.valid_to.is_(None), Appointment.valid_to >= on),
    )
