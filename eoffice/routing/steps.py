"""What every step on a delivery or an arrival begins and ends with: lock, may they, on record.

A delivery is locked before what hangs on it, so two people who do the same thing at the same time
do it one after the other, and the second is refused by the table of states.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.outbox import promise
from eoffice.routing import rules, succession
from eoffice.routing.arrival_queries import ArrivalUnknown
from eoffice.routing.delivery_queries import DeliveryUnknown
from eoffice.routing.model import Arrival, Assignment, Delivery
from eoffice.routing.outside_rules import Origin
from eoffice.routing.rules import Role
from eoffice.web.principal import Principal


def locked_delivery(session: Session, delivery_id: UUID, by: Principal) -> Delivery:
    """A delivery to the agency of `by` or to one that it succeeded.

    Raises DeliveryUnknown, also for a delivery to somebody else.
    """
    delivery = session.scalars(
        select(Delivery)
        .where(
            Delivery.id == delivery_id,
            Delivery.recipient_agency_id.in_(succession.agencies_of(session, by.agency_id)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if delivery is None:
        raise DeliveryUnknown
    return delivery


def locked_arrival(session: Session, arrival_id: UUID, by: Principal) -> Arrival:
    """The arrival on which the agency of `by` works, with its delivery locked before it.

    Raises ArrivalUnknown; also for what a predecessor left and nobody has taken over yet.
    """
    return _locked(session, arrival_id, by, worked_on_by=(by.agency_id,))


def locked_inheritance(session: Session, arrival_id: UUID, by: Principal) -> Arrival:
    """An arrival that a predecessor left and nobody took over, locked. Raises ArrivalUnknown."""
    own, *predecessors = succession.agencies_of(session, by.agency_id)
    assert own == by.agency_id
    return _locked(session, arrival_id, by, worked_on_by=predecessors)


def _locked(
    session: Session, arrival_id: UUID, by: Principal, *, worked_on_by: Collection[UUID]
) -> Arrival:
    delivery_id = session.scalar(
        select(Arrival.delivery_id).where(
            Arrival.id == arrival_id, Arrival.worked_on_by.in_(worked_on_by)
        )
    )
    if delivery_id is None:
        raise ArrivalUnknown
    locked_delivery(session, delivery_id, by)
    arrival = session.scalars(
        select(Arrival)
        .where(Arrival.id == arrival_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    # Somebody else may have taken it over while this one waited.
    if arrival.worked_on_by not in worked_on_by:
        raise ArrivalUnknown
    return arrival


def mine(arrival: Arrival, by: Principal) -> Select[Assignment]:
    """Assignments in force that are for `by`."""
    return select(Assignment).where(
        Assignment.arrival_id == arrival.id,
        Assignment.ended_at.is_(None),
        or_(
            Assignment.person_id == by.person_id,
            Assignment.person_id.is_(None) & (Assignment.unit_id == by.unit_id),
        ),
    )


def check_assigned(
    session: Session, arrival: Arrival, by: Principal, roles: Collection[Role]
) -> None:
    """Raises NotAssignedToYou."""
    found = session.scalars(mine(arrival, by).where(Assignment.role.in_(roles))).first()
    if found is None:
        raise rules.NotAssignedToYou(
            "Văn bản đến này không giao cho bạn xử lý. Hãy liên hệ người chủ trì."
        )


def put_on_record(
    session: Session,
    action: str,
    row: Delivery | Arrival,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    """One event of the audit log about a delivery or an arrival.

    Of a document that came by exchange the sender's system is told, by a promise.
    """
    kind = "delivery" if isinstance(row, Delivery) else "arrival"
    record(
        session, action=action, object_kind=kind, object_id=row.id, by=by, at=at, details=details
    )
    delivery = row if isinstance(row, Delivery) else session.get_one(Delivery, row.delivery_id)
    if delivery.origin is Origin.EXCHANGE:
        promise(session, "exchange.tell_steps", at=at, delivery_id=delivery.id)
