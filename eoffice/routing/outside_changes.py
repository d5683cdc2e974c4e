"""A document from outside that its sender takes back: what `recall_actions` is for those of here.

Decree 30/2020, art. 18: the recipient destroys its copy and says so; the metadata stay.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.routing import states
from eoffice.routing.model import Arrival, Delivery, Notice
from eoffice.routing.rules import NoticeKind
from eoffice.routing.states import ArrivalState, ArrivalStep, DeliveryState, DeliveryStep
from eoffice.routing.work_model import Forwarding


def take_back(session: Session, delivery_id: UUID, *, by: str, at: datetime) -> None:
    """Take a copy back that came from outside, and tell its recipient. Idempotent.

    Copies that the recipient passed on to units below are taken back with it.
    Runs as the office itself, for the way by which the document came.
    """
    delivery = session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    assert delivery.document_id is None, "own documents are recalled by their issuing agency"
    if delivery.state is DeliveryState.RECALLED:
        return
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.RECALL)
    arrival = session.scalars(
        select(Arrival).where(Arrival.delivery_id == delivery_id).with_for_update()
    ).one_or_none()
    if arrival is not None and arrival.state is not ArrivalState.RECALLED:
        arrival.state = states.arrival_after(arrival.state, ArrivalStep.RECALL)
    session.execute(
        insert(Notice)
        .values(
            id=new_id(),
            agency_id=delivery.recipient_agency_id,
            unit_id=delivery.recipient_agency_id,
            kind=NoticeKind.RECALLED,
            delivery_id=delivery_id,
            created_at=at,
        )
        .on_conflict_do_nothing()
    )
    record(
        session,
        "delivery.recalled",
        object_kind="delivery",
        object_id=delivery_id,
        by=by,
        at=at,
        details={"origin": delivery.origin.value},
    )
    if arrival is None:
        return
    passed_on = session.scalars(
        select(Delivery.id)
        .join(Forwarding, Forwarding.id == Delivery.forwarding_id)
        .where(Forwarding.arrival_id == arrival.id)
        .order_by(Delivery.id)
    ).all()
    for copy in passed_on:
        take_back(session, copy, by=by, at=at)
