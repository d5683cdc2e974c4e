"""What both sides see of a recall. Read only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import Person, Unit
from eoffice.routing import states
from eoffice.routing.model import Delivery
from eoffice.routing.recall_model import DeliveryRecall
from eoffice.routing.states import DeliveryState, RecallState, RecallStep
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class RecallSeen:
    """A recalled copy, as its recipient and the sender see it."""

    delivery_id: UUID
    unit_name: str
    reason: str
    decided_by: str
    asked_at: datetime
    state: RecallState
    status_code: str
    answered_at: datetime | None
    answered_by: str | None
    answer: str | None

    @property
    def steps(self) -> tuple[RecallStep, ...]:
        """What the recipient may still answer."""
        return tuple(step for step in RecallStep if (self.state, step) in states.RECALLS)


@dataclass(frozen=True, slots=True)
class RecallStatus:
    """How far the recall of a document is, by name of the recipient."""

    copies: tuple[RecallSeen, ...]
    #: Units whose copies are still being taken back.
    on_the_way: tuple[str, ...]
    counts: Mapping[RecallState, int]


def of_delivery(session: Session, delivery_id: UUID) -> RecallSeen | None:
    """None while the copy was not recalled."""
    found = session.execute(
        select(DeliveryRecall, Unit.name, Person.full_name)
        .join(Delivery, Delivery.id == DeliveryRecall.delivery_id)
        .join(Unit, Unit.id == Delivery.recipient_unit_id)
        .outerjoin(Person, Person.id == DeliveryRecall.answered_by)
        .where(DeliveryRecall.delivery_id == delivery_id)
    ).one_or_none()
    return None if found is None else _seen(*found)


def of_document(session: Session, document_id: UUID, *, who: Principal) -> RecallStatus:
    """How each recipient answers the recall of a document of the acting agency."""
    rows = session.execute(
        select(DeliveryRecall, Unit.name, Person.full_name)
        .join(Delivery, Delivery.id == DeliveryRecall.delivery_id)
        .join(Unit, Unit.id == Delivery.recipient_unit_id)
        .outerjoin(Person, Person.id == DeliveryRecall.answered_by)
        .where(
            DeliveryRecall.document_id == document_id,
            DeliveryRecall.sender_agency_id == who.agency_id,
        )
        .order_by(Unit.name)
    )
    copies = tuple(_seen(*row) for row in rows)
    waiting = session.scalars(
        select(Unit.name)
        .join(Delivery, Delivery.recipient_unit_id == Unit.id)
        .where(
            Delivery.document_id == document_id,
            Delivery.sender_agency_id == who.agency_id,
            Delivery.state != DeliveryState.RECALLED,
        )
        .order_by(Unit.name)
    ).all()
    counted = Counter(copy.state for copy in copies)
    return RecallStatus(copies, tuple(waiting), {state: counted[state] for state in RecallState})


def standing(session: Session, document_id: UUID, *, who: Principal) -> tuple[int, int, int]:
    """Before a recall: how many copies are out, of them registered, of them worked on."""
    found = session.scalars(
        select(Delivery.state).where(
            Delivery.document_id == document_id, Delivery.sender_agency_id == who.agency_id
        )
    ).all()
    registered = (DeliveryState.REGISTERED, DeliveryState.ASSIGNED, DeliveryState.DONE)
    worked = (DeliveryState.ASSIGNED, DeliveryState.DONE)
    return (
        len(found),
        sum(state in registered for state in found),
        sum(state in worked for state in found),
    )


def _seen(row: DeliveryRecall, unit_name: str, answered_by: str | None) -> RecallSeen:
    return RecallSeen(
        delivery_id=row.delivery_id,
        unit_name=unit_name,
        reason=row.reason,
        decided_by=row.decided_by,
        asked_at=row.asked_at,
        state=row.state,
        status_code=states.RECALL_CODES[row.state],
        answered_at=row.answered_at,
        answered_by=answered_by,
        answer=row.answer,
    )
