"""A document from outside that its sender takes back or changes; for those of here see
`recall_actions` and the corrections of `documents`.

Decree 30/2020, art. 18: the recipient destroys what is recalled and says so; the metadata stay.
What is replaced or amended stays as it came, and says by what. Everything here runs as the office
itself, for the way by which the document came.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.routing import recall_actions, states
from eoffice.routing.change_model import DeliveryChange
from eoffice.routing.change_rules import ChangeKind
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.rules import NoticeKind
from eoffice.routing.states import ArrivalState, ArrivalStep, DeliveryState, DeliveryStep
from eoffice.routing.work_model import Forwarding

#: How deep a document is passed on at most: Sở, Phòng, trường, and one more.
_DEEPEST = 4


def take_back(
    session: Session, delivery_id: UUID, *, words: str = "", by: str, at: datetime
) -> None:
    """Take a copy back that came from outside, and tell everybody who acted on it. Idempotent.

    Copies that the recipient passed on to units below are taken back with it.
    """
    delivery = _locked(session, delivery_id)
    assert delivery.document_id is None, "own documents are recalled by their issuing agency"
    if delivery.state is DeliveryState.RECALLED:
        return
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.RECALL)
    arrival = _arrival(session, delivery_id)
    if arrival is not None and arrival.state is not ArrivalState.RECALLED:
        arrival.state = states.arrival_after(arrival.state, ArrivalStep.RECALL)
    _note(session, delivery, ChangeKind.RECALLS, None, words=words, at=at)
    _tell(session, NoticeKind.RECALLED, delivery, arrival, at=at)
    record(
        session,
        "delivery.recalled",
        object_kind="delivery",
        object_id=delivery_id,
        by=by,
        at=at,
        details={"origin": delivery.origin.value},
    )
    for copy in _passed_on(session, arrival):
        take_back(session, copy, words=words, by=by, at=at)


def change(
    session: Session,
    delivery_id: UUID,
    changed_by_id: UUID,
    kind: ChangeKind,
    *,
    words: str,
    by: str,
    at: datetime,
) -> None:
    """Note that one document from outside amends or replaces another that came before.

    Everybody who acted on the earlier one is told, and those to whom it was passed on. Idempotent.
    """
    assert kind is not ChangeKind.RECALLS
    delivery = _locked(session, delivery_id)
    if not _note(session, delivery, kind, changed_by_id, words=words, at=at):
        return
    record(
        session,
        "delivery.changed",
        object_kind="delivery",
        object_id=delivery_id,
        by=by,
        at=at,
        details={"changed_by_id": str(changed_by_id), "kind": kind.value},
    )
    copies = [delivery_id]
    for _ in range(_DEEPEST):
        following = []
        for copy in copies:
            told, arrival = session.get_one(Delivery, copy), _arrival(session, copy)
            _tell(session, NoticeKind.CHANGED, told, arrival, at=at)
            following += _passed_on(session, arrival)
        copies = following


def _locked(session: Session, delivery_id: UUID) -> Delivery:
    return session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _arrival(session: Session, delivery_id: UUID) -> Arrival | None:
    return session.scalars(
        select(Arrival).where(Arrival.delivery_id == delivery_id).with_for_update()
    ).one_or_none()


def _note(
    session: Session,
    delivery: Delivery,
    kind: ChangeKind,
    changed_by_id: UUID | None,
    *,
    words: str,
    at: datetime,
) -> bool:
    """Whether it was not on record before."""
    noted = session.scalar(
        insert(DeliveryChange)
        .values(
            id=new_id(),
            agency_id=delivery.recipient_agency_id,
            delivery_id=delivery.id,
            changed_by_id=changed_by_id,
            kind=kind,
            words=words[:500],
            noted_at=at,
        )
        .on_conflict_do_nothing()
        .returning(DeliveryChange.id)
    )
    return noted is not None


def _tell(
    session: Session, kind: NoticeKind, delivery: Delivery, arrival: Arrival | None, *, at: datetime
) -> None:
    acted = set() if arrival is None else recall_actions.who_acted(session, arrival, at=at)
    recall_actions.tell(
        session,
        kind,
        delivery_id=delivery.id,
        agency_id=delivery.recipient_agency_id,
        unit_id=delivery.recipient_agency_id,
        persons={None, *acted},
        at=at,
    )


def _passed_on(session: Session, arrival: Arrival | None) -> list[UUID]:
    """Copies that the recipient handed to units below."""
    if arrival is None:
        return []
    return list(
        session.scalars(
            select(Delivery.id)
            .join(Forwarding, Forwarding.id == Delivery.forwarding_id)
            .where(Forwarding.arrival_id == arrival.id)
            .order_by(Delivery.id)
        )
    )
