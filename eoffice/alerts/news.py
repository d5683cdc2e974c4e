"""What is new for whom: actions of the worker, which pass row-level security."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.alerts import push_actions, rules, told
from eoffice.alerts.model import Alert, AlertAddress, AlertLook, Webhook, WebhookCall
from eoffice.alerts.push_model import PushDevice, ToldNotice
from eoffice.alerts.states import CallState, Timing
from eoffice.alerts.waiting import Item
from eoffice.audit.model import AuditEvent
from eoffice.db import new_id
from eoffice.documents.model import Document
from eoffice.outbox import promise
from eoffice.people.model import Appointment, Position, Unit
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.work_model import Reminder

#: A transaction that was open for long commits events whose time lies back; looks overlap.
OVERLAP: Final = timedelta(minutes=2)
#: The first look of an office reaches back this far.
FIRST_LOOK: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Told:
    """An address to which mail may go."""

    id: UUID
    person_id: UUID
    address: str
    timing: Timing
    told_on: date | None


def look_since(session: Session, *, at: datetime) -> datetime:
    """From when on something may have happened that nobody was told of."""
    looked_at = session.scalar(select(AlertLook.looked_at))
    return (looked_at or at - FIRST_LOOK) - OVERLAP


def note_look(session: Session, *, at: datetime) -> None:
    """Everything before `at` was looked at; what people were told long ago is forgotten."""
    session.execute(
        insert(AlertLook)
        .values(id=1, looked_at=at)
        .on_conflict_do_update(index_elements=["id"], set_={"looked_at": at})
    )
    session.execute(delete(Alert).where(Alert.found_at < at - KEPT))
    told.forget(session, before=at - KEPT)


def people_to_look_at(session: Session, *, since: datetime) -> frozenset[UUID]:
    """Who wants to be told at once and works where something happened.

    By mail or on a device; also who was told of something by another part of the office.
    """
    acted = select(AuditEvent.agency_id).where(AuditEvent.at > since)
    received = select(Delivery.recipient_agency_id).where(Delivery.delivered_at > since)
    sent = (
        select(Delivery.sender_agency_id)
        .join(AuditEvent, AuditEvent.object_id == Delivery.id)
        .where(AuditEvent.at > since)
    )
    reminded = select(Reminder.agency_id).where(Reminder.reminded_at > since)
    by_mail = select(AlertAddress.person_id).where(
        AlertAddress.ended_at.is_(None),
        AlertAddress.confirmed_at.is_not(None),
        AlertAddress.timing == Timing.AT_ONCE,
    )
    on_device = select(PushDevice.person_id).where(
        PushDevice.ended_at.is_(None), PushDevice.timing == Timing.AT_ONCE
    )
    concerned = (
        select(Appointment.person_id)
        .join(Position, Position.id == Appointment.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(
            or_(
                Unit.agency_id.in_(acted),
                Unit.agency_id.in_(received),
                Unit.agency_id.in_(sent),
                Unit.agency_id.in_(reminded),
            )
        )
    )
    told_of = select(ToldNotice.person_id).where(ToldNotice.told_at > since)
    wanting = by_mail.union(on_device).subquery()
    rows = session.scalars(
        select(wanting.c.person_id).where(
            or_(wanting.c.person_id.in_(concerned), wanting.c.person_id.in_(told_of))
        )
    )
    return frozenset(rows)


def addresses_that_are_told(
    session: Session, *, timing: Timing, person_id: UUID | None = None
) -> tuple[Told, ...]:
    """Confirmed addresses, of one person or of all."""
    query = select(AlertAddress).where(
        AlertAddress.ended_at.is_(None),
        AlertAddress.confirmed_at.is_not(None),
        AlertAddress.timing == timing,
    )
    if person_id is not None:
        query = query.where(AlertAddress.person_id == person_id)
    return tuple(map(_told, session.scalars(query)))


def address(session: Session, address_id: UUID) -> AlertAddress | None:
    """For the tasks that write to it; None once it has ended."""
    row = session.get(AlertAddress, address_id)
    return None if row is None or row.ended_at is not None else row


def tell(
    session: Session,
    person_id: UUID,
    items: Iterable[Item],
    *,
    at: datetime,
    by_mail: bool = True,
    on_devices: bool = True,
) -> int:
    """Note what is new of what awaits the person and promise to tell; returns how much is new.

    Idempotent: what was noted before is not new. `by_mail`, `on_devices`: the ways that this
    machine has.
    """
    values = [
        {
            "id": new_id(),
            "person_id": person_id,
            "awaits": item.awaits,
            "object_id": item.object_id,
            "since": item.since,
            "found_at": at,
        }
        for item in items
    ]
    if not values:
        return 0
    new = session.scalars(
        insert(Alert)
        .values(values)
        .on_conflict_do_nothing(index_elements=["person_id", "awaits", "object_id", "since"])
        .returning(Alert.id)
    ).all()
    if new and by_mail:
        for each in addresses_that_are_told(session, timing=Timing.AT_ONCE, person_id=person_id):
            promise(
                session,
                "alerts.send_news",
                at=at,
                address_id=each.id,
                found_at=at.isoformat(),
            )
    if new and on_devices:
        push_actions.promise_news(session, person_id, at=at)
    return len(new)


def promise_digest(session: Session, to: Told, *, today: date, at: datetime) -> bool:
    """The morning's mail of an address, once a day; False where it was promised before."""
    changed = session.scalars(
        update(AlertAddress)
        .where(
            AlertAddress.id == to.id,
            AlertAddress.ended_at.is_(None),
            or_(AlertAddress.told_on.is_(None), AlertAddress.told_on < today),
        )
        .values(told_on=today)
        .returning(AlertAddress.id)
    ).one_or_none()
    if changed is None:
        return False
    promise(session, "alerts.send_digest", at=at, address_id=to.id)
    return True


def found(session: Session, person_id: UUID, *, found_at: datetime) -> frozenset[tuple[str, UUID]]:
    """What one look found new for a person: kind and object."""
    rows = session.execute(
        select(Alert.awaits, Alert.object_id).where(
            Alert.person_id == person_id, Alert.found_at == found_at
        )
    )
    return frozenset((awaits.value, object_id) for awaits, object_id in rows)


def note_calls(session: Session, *, since: datetime, at: datetime) -> int:
    """Put the events of agencies with webhooks on their way; returns how many calls are new.

    An agency's events are what its people did, and what processes of the office did to its
    documents, deliveries and arrivals. Idempotent.
    """
    hooks = session.scalars(select(Webhook).where(Webhook.ended_at.is_(None))).all()
    made = 0
    for hook in hooks:
        events = session.execute(
            select(
                AuditEvent.id,
                AuditEvent.action,
                AuditEvent.object_kind,
                AuditEvent.object_id,
                AuditEvent.at,
            )
            .where(AuditEvent.at > max(since, hook.created_at), _concerns(hook.agency_id))
            .order_by(AuditEvent.at, AuditEvent.id)
        )
        values = [
            {
                "id": new_id(),
                "webhook_id": hook.id,
                "agency_id": hook.agency_id,
                "event_id": event.id,
                "action": event.action,
                "object_kind": event.object_kind,
                "object_id": event.object_id,
                "happened_at": event.at,
                "created_at": at,
                "state": CallState.WAITING,
                "attempts": 0,
            }
            for event in events
            if rules.wants(hook.actions, event.action)
        ]
        if not values:
            continue
        new = session.scalars(
            insert(WebhookCall)
            .values(values)
            .on_conflict_do_nothing(index_elements=["webhook_id", "event_id"])
            .returning(WebhookCall.id)
        ).all()
        for call_id in new:
            promise(session, "alerts.call", at=at, call_id=call_id)
        made += len(new)
    return made


def call(session: Session, call_id: UUID) -> tuple[WebhookCall, Webhook] | None:
    """A call that waits and its webhook; None when it is delivered, given up, or wanted no more."""
    row = session.execute(
        select(WebhookCall, Webhook)
        .join(Webhook, Webhook.id == WebhookCall.webhook_id)
        .where(
            WebhookCall.id == call_id,
            WebhookCall.state == CallState.WAITING,
            Webhook.ended_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def note_attempt(
    session: Session,
    call_id: UUID,
    *,
    status: int | None,
    failure: str | None,
    is_last: bool,
    at: datetime,
) -> None:
    """What became of one attempt."""
    delivered = failure is None
    state = CallState.WAITING
    if delivered:
        state = CallState.DELIVERED
    elif is_last:
        state = CallState.GIVEN_UP
    session.execute(
        update(WebhookCall)
        .where(WebhookCall.id == call_id, WebhookCall.state == CallState.WAITING)
        .values(
            state=state,
            attempts=WebhookCall.attempts + 1,
            last_status=status,
            failure=failure,
            delivered_at=at if delivered else None,
        )
    )


def _concerns(agency_id: UUID) -> ColumnElement[bool]:
    own = (
        select(Document.id).where(Document.agency_id == agency_id),
        select(Delivery.id).where(
            or_(Delivery.sender_agency_id == agency_id, Delivery.recipient_agency_id == agency_id)
        ),
        select(Arrival.id).where(Arrival.agency_id == agency_id),
    )
    return or_(
        AuditEvent.agency_id == agency_id,
        and_(
            AuditEvent.agency_id.is_(None),
            or_(*(AuditEvent.object_id.in_(each) for each in own)),
        ),
    )


def _told(row: AlertAddress) -> Told:
    return Told(row.id, row.person_id, row.address, row.timing, row.told_on)
