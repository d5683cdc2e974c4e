"""Who stands below, who has got a document, and how far those are to whom it was passed on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.people import working_days_queries
from eoffice.people.kinds import UnitKind
from eoffice.people.model import Person, Unit
from eoffice.routing import outside_rules, rules
from eoffice.routing.change_model import ForwardedAnswer
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.rules import Standing
from eoffice.routing.states import DeliveryState
from eoffice.routing.work_model import Forwarding, ForwardingRecipient


@dataclass(frozen=True, slots=True)
class Below:
    """A unit to which something can be passed on."""

    unit_id: UUID
    name: str
    kind: UnitKind


@dataclass(frozen=True, slots=True)
class AnswerFromBelow:
    """The document with which a unit below answered, as it was delivered."""

    delivery_id: UUID
    code: str
    subject: str
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class ForwardedTo:
    """One unit to which it was passed on; no state while it is on the way."""

    unit_id: UUID
    unit_name: str
    parent_id: UUID | None
    state: DeliveryState | None
    word: str
    standings: frozenset[Standing]
    arrival_number: int | None
    due_on: date | None
    done_at: datetime | None
    days_late: int
    #: What it sent back in answer, oldest first.
    answers: tuple[AnswerFromBelow, ...] = ()


@dataclass(frozen=True, slots=True)
class ForwardingSeen:
    id: UUID
    instruction: str
    due_on: date | None
    forwarded_by: str
    forwarded_at: datetime
    #: By name.
    recipients: tuple[ForwardedTo, ...]

    @property
    def done(self) -> int:
        return sum(each.state is DeliveryState.DONE for each in self.recipients)

    @property
    def late(self) -> int:
        return sum(Standing.LATE in each.standings for each in self.recipients)


def units_below(session: Session, agency_id: UUID, *, on: date) -> tuple[Below, ...]:
    """Agencies at any depth below this one that exist on that day, by name."""
    tree = select(Unit.id).where(Unit.parent_id == agency_id).cte("below", recursive=True)
    tree = tree.union(select(Unit.id).join(tree, Unit.parent_id == tree.c.id))
    rows = session.execute(
        select(Unit.id, Unit.name, Unit.kind)
        .where(
            Unit.id.in_(select(tree.c.id)),
            Unit.kind != UnitKind.OFFICE,
            Unit.valid_from <= on,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= on),
        )
        .order_by(Unit.name, Unit.id)
    )
    return tuple(Below(row.id, row.name, row.kind) for row in rows)


def had_already(session: Session, arrival: Arrival, delivery: Delivery) -> frozenset[UUID]:
    """Units that have got this document, or are about to by a forwarding of this arrival."""
    found = set(
        session.scalars(
            select(ForwardingRecipient.unit_id)
            .join(Forwarding, Forwarding.id == ForwardingRecipient.forwarding_id)
            .join(
                Delivery,
                (Delivery.forwarding_id == Forwarding.id)
                & (Delivery.recipient_unit_id == ForwardingRecipient.unit_id),
            )
            .where(Forwarding.arrival_id == arrival.id)
        )
    )
    if delivery.document_id is not None:
        found |= set(
            session.scalars(
                select(Delivery.recipient_unit_id).where(
                    Delivery.document_id == delivery.document_id
                )
            )
        )
    return frozenset(found)


def forwardings(session: Session, arrival_id: UUID, *, today: date) -> tuple[ForwardingSeen, ...]:
    """How this arrival was passed on, oldest first, and how far each recipient is."""
    heads = session.execute(
        select(Forwarding, Person.full_name)
        .join(Person, Person.id == Forwarding.forwarded_by)
        .where(Forwarding.arrival_id == arrival_id)
        .order_by(Forwarding.forwarded_at, Forwarding.id)
    ).all()
    if not heads:
        return ()
    calendar = working_days_queries.calendar(session)
    rows = session.execute(
        select(ForwardingRecipient.forwarding_id, Unit.id, Unit.name, Unit.parent_id, Delivery)
        .join(Unit, Unit.id == ForwardingRecipient.unit_id)
        .join(
            Delivery,
            (Delivery.forwarding_id == ForwardingRecipient.forwarding_id)
            & (Delivery.recipient_unit_id == ForwardingRecipient.unit_id),
            isouter=True,
        )
        .where(ForwardingRecipient.forwarding_id.in_([each.Forwarding.id for each in heads]))
        .order_by(Unit.name)
    ).all()

    answered = _answered(session, arrival_id)

    def seen(unit_id: UUID, name: str, parent: UUID | None, found: Delivery | None) -> ForwardedTo:
        if found is None:
            return ForwardedTo(
                unit_id, name, parent, None, "Đang gửi", frozenset(), None, None, None, 0
            )
        asked = rules.asks_work(found.purpose)
        ended = None if found.done_at is None else clock.civil_date(found.done_at)
        return ForwardedTo(
            unit_id=unit_id,
            unit_name=name,
            parent_id=parent,
            state=found.state,
            word=rules.word(found.state, found.due_on, today, calendar, asked=asked),
            standings=rules.standings(found.state, found.due_on, today, calendar, asked=asked),
            arrival_number=found.arrival_number,
            due_on=found.due_on,
            done_at=found.done_at,
            days_late=calendar.days_late(found.due_on, ended, today),
            answers=tuple(answered[found.forwarding_id, found.recipient_agency_id]),
        )

    return tuple(
        ForwardingSeen(
            id=head.id,
            instruction=head.instruction,
            due_on=head.due_on,
            forwarded_by=name,
            forwarded_at=head.forwarded_at,
            recipients=tuple(
                seen(unit_id, unit, parent, found)
                for forwarding_id, unit_id, unit, parent, found in rows
                if forwarding_id == head.id
            ),
        )
        for head, name in heads
    )


def _answered(
    session: Session, arrival_id: UUID
) -> defaultdict[tuple[UUID | None, UUID | None], list[AnswerFromBelow]]:
    """By the forwarding and the agency that answers."""
    rows = session.execute(
        select(ForwardedAnswer.forwarding_id, Delivery)
        .join(Delivery, Delivery.id == ForwardedAnswer.delivery_id)
        .where(ForwardedAnswer.arrival_id == arrival_id, Delivery.state != DeliveryState.RECALLED)
        .order_by(Delivery.delivered_at, Delivery.id)
    )
    found: defaultdict[tuple[UUID | None, UUID | None], list[AnswerFromBelow]] = defaultdict(list)
    for forwarding_id, row in rows:
        found[forwarding_id, row.sender_agency_id].append(
            AnswerFromBelow(
                row.id,
                outside_rules.code(row.number, row.notation),
                row.subject,
                row.delivered_at,
            )
        )
    return found
