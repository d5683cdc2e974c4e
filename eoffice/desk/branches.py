"""One query for each kind of line: which rows there are, until when, since when.

All have the same three columns (`id`, `due`, `since`), so that they can be put under each other,
and each says for itself whose rows they are; row-level security stands behind. What it costs is
bounded by what is open, not by what an office has done in its years: each begins at an index of
open rows (revision 0027).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, Select, and_, cast, exists, func, literal, or_, select, true
from sqlalchemy.orm import Session

from eoffice.desk import rules
from eoffice.desk.rules import Kind, Of
from eoffice.documents.flows import sql as flow_sql
from eoffice.documents.flows.model import DocumentFlowStep
from eoffice.documents.flows.rules import StepState
from eoffice.documents.model import Document
from eoffice.documents.recipients.rules import Purpose
from eoffice.documents.states import State
from eoffice.people.kinds import PositionKind
from eoffice.routing import succession
from eoffice.routing.model import Arrival, Assignment, Delivery
from eoffice.routing.rules import Role
from eoffice.routing.states import ArrivalState, DeliveryState
from eoffice.routing.work_model import Forwarding
from eoffice.web.principal import Principal

#: A document that was handed in and has not reached its end.
IN_APPROVAL = (
    State.SUBMITTED,
    State.CHECKING,
    State.AWAITING_SIGNATURE,
    State.SIGNED,
    State.NUMBERED,
    State.SEALED,
)
UNREGISTERED = (DeliveryState.DELIVERED, DeliveryState.OPENED)
UNFINISHED = (ArrivalState.ASSIGNED, ArrivalState.IN_PROGRESS)
#: Of the recipient something is still wanted.
OWING = (*UNREGISTERED, DeliveryState.REGISTERED, DeliveryState.ASSIGNED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose lines are wanted, and whether only those that are late."""

    who: Principal
    of: Of
    #: The latest deadline that has been missed; None: everything that is open.
    missed: date | None

    @property
    def position(self) -> PositionKind:
        return PositionKind(self.who.position_kind)


def branch(session: Session, kind: Kind, asked: Asked) -> Select[Any, Any, Any]:
    """The rows of a kind, in no order."""
    match kind:
        case Kind.ASSIGNED:
            return _assignments(asked, Assignment.assigned_by == asked.who.person_id)
        case Kind.TO_WORK_ON:
            return _assignments(asked, _in_charge(asked))
        case Kind.FORWARDED:
            return _forwarded(asked)
        case Kind.LAID:
            return _arrivals(
                asked, ArrivalState.SUBMITTED, Arrival.submitted_by == asked.who.person_id
            )
        case Kind.TO_ASSIGN:
            return _arrivals(asked, ArrivalState.SUBMITTED, true())
        case Kind.TO_SUBMIT:
            return _to_submit(asked)
        case Kind.TO_REGISTER:
            return _to_register(session, asked)
        case Kind.SUBMITTED:
            return _submitted(asked)
        case Kind.TO_REVIEW:
            return _to_review(asked)
        case Kind.ASKED:
            return _asked_of_others(asked)


def _in_charge(asked: Asked) -> Any:
    who = asked.who
    if asked.of is Of.UNIT:
        if rules.leads_agency(asked.position):
            return Assignment.role == Role.LEAD
        return and_(Assignment.role == Role.LEAD, Assignment.unit_id == who.unit_id)
    return or_(
        Assignment.person_id == who.person_id,
        and_(Assignment.person_id.is_(None), Assignment.unit_id == who.unit_id),
    )


def _assignments(asked: Asked, whose: Any) -> Select[Any, Any, Any]:
    return (
        select(
            Assignment.id.label("id"),
            _or_never(Assignment.due_on),
            Assignment.assigned_at.label("since"),
        )
        .join(Arrival, Arrival.id == Assignment.arrival_id)
        .where(
            Assignment.ended_at.is_(None),
            Assignment.role != Role.FOR_INFORMATION,
            Arrival.worked_on_by == asked.who.agency_id,
            Arrival.state.in_(UNFINISHED),
            whose,
            _missed(asked, Assignment.due_on),
        )
    )


def _arrivals(asked: Asked, state: ArrivalState, whose: Any) -> Select[Any, Any, Any]:
    return select(
        Arrival.id.label("id"),
        _or_never(Arrival.due_on),
        func.coalesce(Arrival.submitted_at, Arrival.registered_at).label("since"),
    ).where(
        Arrival.worked_on_by == asked.who.agency_id,
        Arrival.state == state,
        whose,
        _missed(asked, Arrival.due_on),
    )


def _to_submit(asked: Asked) -> Select[Any, Any, Any]:
    return select(
        Arrival.id.label("id"),
        _next_day(Arrival.registered_at),
        Arrival.registered_at.label("since"),
    ).where(
        Arrival.worked_on_by == asked.who.agency_id,
        Arrival.state == ArrivalState.REGISTERED,
        _came_before(asked, Arrival.registered_at),
    )


def _to_register(session: Session, asked: Asked) -> Select[Any, Any, Any]:
    return select(
        Delivery.id.label("id"),
        _next_day(Delivery.delivered_at),
        Delivery.delivered_at.label("since"),
    ).where(
        Delivery.recipient_agency_id.in_(succession.agencies_of(session, asked.who.agency_id)),
        Delivery.state.in_(UNREGISTERED),
        _came_before(asked, Delivery.delivered_at),
    )


def _forwarded(asked: Asked) -> Select[Any, Any, Any]:
    return (
        select(
            Delivery.id.label("id"),
            _or_never(Delivery.due_on),
            Delivery.delivered_at.label("since"),
        )
        .join(Forwarding, Forwarding.id == Delivery.forwarding_id)
        .where(
            Forwarding.agency_id == asked.who.agency_id,
            Forwarding.forwarded_by == asked.who.person_id,
            Delivery.state.in_(OWING),
            _missed(asked, Delivery.due_on),
        )
    )


def _submitted(asked: Asked) -> Select[Any, Any, Any]:
    due = (
        select(func.min(DocumentFlowStep.due_on))
        .where(
            DocumentFlowStep.document_id == Document.id,
            DocumentFlowStep.state == StepState.WAITING,
        )
        .correlate(Document)
        .scalar_subquery()
    )
    return select(
        Document.id.label("id"), _or_never(due), Document.state_since.label("since")
    ).where(
        Document.agency_id == asked.who.agency_id,
        Document.created_by == asked.who.person_id,
        Document.state.in_(IN_APPROVAL),
        _missed(asked, due),
    )


def _to_review(asked: Asked) -> Select[Any, Any, Any]:
    due = (
        select(func.min(DocumentFlowStep.due_on))
        .where(
            DocumentFlowStep.document_id == Document.id,
            DocumentFlowStep.state == StepState.WAITING,
        )
        .correlate(Document)
        .scalar_subquery()
    )
    return select(
        Document.id.label("id"), _or_never(due), Document.state_since.label("since")
    ).where(
        Document.agency_id == asked.who.agency_id,
        Document.state.in_((State.SUBMITTED, State.CHECKING)),
        flow_sql.waits_for(asked.who),
        _missed(asked, due),
    )


def _asked_of_others(asked: Asked) -> Select[Any, Any, Any]:
    """Issued documents with a deadline, while one recipient of whom work is wanted owes it."""
    owed = exists().where(
        Delivery.document_id == Document.id,
        Delivery.forwarding_id.is_(None),
        Delivery.state.in_(OWING),
        Delivery.due_on.is_not(None),
        Delivery.purpose != Purpose.INFORMATION,
    )
    return select(
        Document.id.label("id"), _or_never(Document.due_on), Document.state_since.label("since")
    ).where(
        Document.agency_id == asked.who.agency_id,
        Document.state == State.ISSUED,
        Document.due_on.is_not(None),
        _whose_document(asked),
        owed,
        _missed(asked, Document.due_on),
    )


def _whose_document(asked: Asked) -> Any:
    who = asked.who
    if asked.of is Of.UNIT:
        if rules.leads_agency(asked.position):
            return true()
        return Document.drafting_unit_id == who.unit_id
    return or_(Document.created_by == who.person_id, Document.signer_id == who.person_id)


def _or_never(due: Any) -> Any:
    return func.coalesce(due, literal(rules.NO_DEADLINE, Date)).label("due")


def _next_day(came_at: Any) -> Any:
    """For the order alone: what is shown goes by the calendar, which SQL does not know."""
    return (cast(func.timezone("Asia/Ho_Chi_Minh", came_at), Date) + 1).label("due")


def _missed(asked: Asked, due: Any) -> Any:
    return true() if asked.missed is None else due <= asked.missed


def _came_before(asked: Asked, came_at: Any) -> Any:
    return true() if asked.missed is None else came_at < rules.waiting_since(asked.missed)
