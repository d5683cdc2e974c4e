"""Passing an incoming document on to units below, with a covering instruction.

A Sở's dispatch that a Phòng passes to its schools is a delivery to each school: the document as it
came, the Phòng's words, its deadline. What the schools do shows at the Phòng and at the Sở.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents.types import Secrecy
from eoffice.outbox import promise
from eoffice.people.model import Unit
from eoffice.routing import (
    forwarding_queries,
    forwarding_rules,
    queries,
    recall_actions,
    rules,
    states,
    steps,
)
from eoffice.routing.change_model import ForwardedAnswer
from eoffice.routing.model import Arrival, Delivery, DeliveryFile
from eoffice.routing.outside_rules import Origin
from eoffice.routing.rules import NoticeKind, Role
from eoffice.routing.states import ArrivalStep, DeliveryState
from eoffice.routing.work_model import Forwarding, ForwardingRecipient
from eoffice.web.principal import Principal

#: Whose hand the audit log names when the office itself delivers what was passed on.
FORWARDER = "worker:routing.forward"


def forward(
    session: Session,
    arrival_id: UUID,
    unit_ids: Collection[UUID],
    *,
    instruction: str,
    due_on: date | None,
    by: Principal,
    at: datetime,
) -> UUID:
    """Pass an incoming document on; the identifier of the forwarding.

    The head does, or who leads the work. Units that have got the document already are left out.
    Without a deadline that of the arrival holds. Raises NotAssignedToYou, what
    `forwarding_rules.checked_units` raises, TextUnacceptable, DeadlineUnacceptable,
    ArrivalStepRefused, ArrivalUnknown.
    """
    words = rules.checked_text(instruction, field="covering_instruction")
    today = clock.civil_date(at)
    arrival = steps.locked_arrival(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.FORWARD)
    if not rules.is_head(by.position_kind):
        steps.check_assigned(session, arrival, by, {Role.LEAD})
    delivery = session.get_one(Delivery, arrival.delivery_id)
    if delivery.secrecy is not Secrecy.NONE:
        raise rules.SecretStays("Văn bản mật không chuyển qua hệ thống; văn thư chuyển bản giấy.")
    below = forwarding_queries.units_below(session, by.agency_id, on=today)
    chosen = forwarding_rules.checked_units(
        unit_ids,
        below={each.unit_id for each in below},
        had=forwarding_queries.had_already(session, arrival, delivery),
    )
    until = rules.checked_deadline(due_on, senders=arrival.due_on, today=today)
    forwarding = Forwarding(
        id=new_id(),
        agency_id=by.agency_id,
        arrival_id=arrival.id,
        instruction=words,
        due_on=until,
        forwarded_by=by.person_id,
        forwarded_at=at,
    )
    session.add(forwarding)
    session.flush()  # Its recipients point to it.
    for unit_id in chosen:
        session.add(
            ForwardingRecipient(
                forwarding_id=forwarding.id, unit_id=unit_id, agency_id=by.agency_id
            )
        )
        promise(session, "routing.forward", at=at, forwarding_id=forwarding.id, unit_id=unit_id)
    steps.put_on_record(
        session,
        "arrival.forwarded",
        arrival,
        by=by,
        at=at,
        forwarding_id=str(forwarding.id),
        recipients=len(chosen),
        due_on=str(until or ""),
    )
    return forwarding.id


def deliver_forwarded(
    session: Session, forwarding_id: UUID, unit_id: UUID, *, at: datetime
) -> UUID | None:
    """Put a document that was passed on into the hands of one unit; the delivery.

    Runs as the office itself; idempotent. None where the unit has got the document meanwhile.
    """
    forwarding = session.get_one(Forwarding, forwarding_id)
    arrival = session.get_one(Arrival, forwarding.arrival_id)
    # A copy that is made while the document is recalled would be found by nobody.
    source = session.get_one(
        Delivery, arrival.delivery_id, populate_existing=True, with_for_update={"read": True}
    )
    if source.state is DeliveryState.RECALLED:
        return None
    if source.document_id is not None and recall_actions.is_withdrawn(session, source.document_id):
        return None
    if unit_id in forwarding_queries.had_already(session, arrival, source):
        return None
    forwarder = session.get_one(Unit, forwarding.agency_id)
    copied = {
        name: getattr(source, name)
        for name in Delivery.__mapper__.columns.keys()  # noqa: SIM118 - a collection of columns
        if name not in _OWN
    }
    delivery_id: UUID | None = session.scalar(
        insert(Delivery)
        .values(
            **copied,
            id=new_id(),
            origin=Origin.DELIVERY,
            sender_agency_id=forwarding.agency_id,
            recipient_unit_id=unit_id,
            recipient_agency_id=queries.agency_of(session, unit_id),
            due_on=forwarding.due_on,
            forwarding_id=forwarding_id,
            forwarded_by_name=forwarder.name,
            covering_instruction=forwarding.instruction,
            origin_agency_id=source.origin_agency_id or source.sender_agency_id,
            state=DeliveryState.DELIVERED,
            delivered_at=at,
        )
        .on_conflict_do_nothing()
        .returning(Delivery.id)
    )
    if delivery_id is None:
        return None
    for file in session.scalars(select(DeliveryFile).where(DeliveryFile.delivery_id == source.id)):
        session.add(
            DeliveryFile(
                delivery_id=delivery_id,
                position=file.position,
                name=file.name,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
            )
        )
    record(
        session,
        "delivery.made",
        object_kind="delivery",
        object_id=delivery_id,
        by=FORWARDER,
        at=at,
        details={"forwarding_id": str(forwarding_id), "recipient_unit_id": str(unit_id)},
    )
    return delivery_id


def take_answer(
    session: Session, delivery_id: UUID, forwarding: Forwarding, *, at: datetime
) -> None:
    """A unit below answers what was passed on to it: the line of the book shows the answer.

    Who passed it on and who works on it there are told. Runs as the office itself, in the
    transaction that delivers the answer.
    """
    arrival = session.get_one(Arrival, forwarding.arrival_id)
    session.flush()  # The delivery's row is pointed to.
    session.add(
        ForwardedAnswer(
            delivery_id=delivery_id,
            agency_id=forwarding.agency_id,
            forwarding_id=forwarding.id,
            arrival_id=arrival.id,
        )
    )
    concerned = recall_actions.who_acted(session, arrival, at=at) - {arrival.registered_by}
    recall_actions.tell(
        session,
        NoticeKind.ANSWERED,
        delivery_id=delivery_id,
        agency_id=forwarding.agency_id,
        unit_id=forwarding.agency_id,
        persons={None, forwarding.forwarded_by, *concerned},
        at=at,
    )


#: What a delivery does not take from the one that it passes on: whose it is, and how far.
_OWN = frozenset(
    {
        "id",
        "origin",
        "external_id",
        "sender_agency_id",
        "recipient_unit_id",
        "recipient_agency_id",
        "due_on",
        "forwarding_id",
        "forwarded_by_name",
        "covering_instruction",
        "origin_agency_id",
        "answers_document_id",
        "state",
        "delivered_at",
        "opened_at",
        "registered_at",
        "arrival_number",
        "refused_at",
        "refusal_reason",
        "assigned_at",
        "work_began_at",
        "done_at",
    }
)
