"""What the sender of a dispatch sees: how far each of its recipients is, and who answered.

Read only. What recipients keep for themselves (their work log, whom they assigned) stays theirs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents import rules as documents_rules
from eoffice.documents import types
from eoffice.documents.model import Document, Issuance, IssuanceRecipient
from eoffice.errors import NotFound
from eoffice.people import working_days_queries
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Unit
from eoffice.people.working_days import Calendar
from eoffice.routing import outside_rules, rules, states
from eoffice.routing.model import Delivery
from eoffice.routing.rules import Standing
from eoffice.routing.states import DeliveryState
from eoffice.web.principal import Principal


class DispatchUnknown(NotFound):
    """The acting agency has not issued such a document."""

    def __init__(self) -> None:
        super().__init__("Cơ quan chưa phát hành văn bản này, nên chưa có tình hình nơi nhận.")


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """The dispatch with which a recipient answered, as it was delivered to the sender."""

    delivery_id: UUID
    document_id: UUID
    #: Number and notation.
    code: str
    issued_on: date
    subject: str
    delivered_at: datetime


@dataclass(frozen=True, slots=True)
class RecipientStatus:
    """One recipient of a dispatch, with the time of each step that it has taken."""

    delivery_id: UUID
    unit_id: UUID
    unit_name: str
    state: DeliveryState
    #: One word for a table, lateness first: "Quá hạn".
    word: str
    standings: frozenset[Standing]
    #: Code of QCVN 102:2016/BTTTT.
    status_code: str
    delivered_at: datetime
    opened_at: datetime | None
    registered_at: datetime | None
    arrival_number: int | None
    assigned_at: datetime | None
    work_began_at: datetime | None
    done_at: datetime | None
    refused_at: datetime | None
    refusal_reason: str | None
    due_on: date | None
    days_late: int
    answer: AnswerGiven | None


@dataclass(frozen=True, slots=True)
class DispatchStatus:
    """A dispatch and how far each of its recipients is, by name of the recipient."""

    document_id: UUID
    code: str
    type_name: str
    subject: str
    issued_on: date
    due_on: date | None
    recipients: tuple[RecipientStatus, ...]
    #: Names of the units that it has not reached yet.
    on_the_way: tuple[str, ...]
    #: How many stand where; a late one counts as late and as what it is. Every standing is there.
    counts: Mapping[Standing, int]
    answered: int


def dispatch_status(
    session: Session, document_id: UUID, *, who: Principal, today: date
) -> DispatchStatus:
    """Raises DispatchUnknown unless the agency of `who` issued it, and for who reads no documents.

    Every recipient is named with what it did, so the rule of `documents` decides who is told.
    """
    if not documents_rules.may_write(PositionKind(who.position_kind)):
        raise DispatchUnknown
    document = session.execute(
        select(Document)
        .join(Issuance, Issuance.document_id == Document.id)
        .where(Document.id == document_id, Document.agency_id == who.agency_id)
    ).scalar_one_or_none()
    if document is None or document.number is None or document.notation is None:
        raise DispatchUnknown
    assert document.issued_on is not None
    rows = session.execute(
        select(Unit.name, Delivery)
        .select_from(IssuanceRecipient)
        .join(Unit, Unit.id == IssuanceRecipient.unit_id)
        .join(
            Delivery,
            (Delivery.document_id == IssuanceRecipient.document_id)
            & (Delivery.recipient_unit_id == IssuanceRecipient.unit_id),
            isouter=True,
        )
        .where(IssuanceRecipient.document_id == document_id)
        .order_by(Unit.name)
    ).all()
    answers = _answers_given(session, document_id, who.agency_id)
    calendar = working_days_queries.calendar(session)
    recipients = tuple(
        _recipient_status(
            delivery, name, answers.get(delivery.recipient_agency_id), today, calendar
        )
        for name, delivery in rows
        if delivery is not None
    )
    counted = Counter(standing for each in recipients for standing in each.standings)
    return DispatchStatus(
        document_id=document_id,
        code=types.code(document.number, document.notation),
        type_name=types.name(document.type),
        subject=document.subject,
        issued_on=document.issued_on,
        due_on=document.due_on,
        recipients=recipients,
        on_the_way=tuple(name for name, delivery in rows if delivery is None),
        counts={standing: counted[standing] for standing in Standing},
        answered=sum(each.answer is not None for each in recipients),
    )


def _answers_given(session: Session, document_id: UUID, agency_id: UUID) -> dict[UUID, AnswerGiven]:
    """By the agency that answered; of several answers the latest."""
    answers = session.scalars(
        select(Delivery)
        .where(
            Delivery.answers_document_id == document_id, Delivery.recipient_agency_id == agency_id
        )
        .order_by(Delivery.delivered_at)
    )
    return {
        answer.sender_agency_id: AnswerGiven(
            delivery_id=answer.id,
            document_id=answer.document_id,
            code=outside_rules.code(answer.number, answer.notation),
            issued_on=answer.issued_on,
            subject=answer.subject,
            delivered_at=answer.delivered_at,
        )
        for answer in answers
        # From outside comes no document of this office: it stands on the page of what it answers.
        if answer.sender_agency_id is not None and answer.document_id is not None
    }


def _recipient_status(
    delivery: Delivery,
    unit_name: str,
    answer: AnswerGiven | None,
    today: date,
    calendar: Calendar,
) -> RecipientStatus:
    done_on = None if delivery.done_at is None else clock.civil_date(delivery.done_at)
    asked = rules.asks_work(delivery.purpose)
    owes = delivery.state not in (DeliveryState.REFUSED, DeliveryState.RECALLED) and (
        asked or delivery.registered_at is None
    )
    return RecipientStatus(
        delivery_id=delivery.id,
        unit_id=delivery.recipient_unit_id,
        unit_name=unit_name,
        state=delivery.state,
        word=rules.word(delivery.state, delivery.due_on, today, calendar, asked=asked),
        standings=rules.standings(delivery.state, delivery.due_on, today, calendar, asked=asked),
        status_code=states.status_code(
            delivery.state, work_began=delivery.work_began_at is not None
        ),
        delivered_at=delivery.delivered_at,
        opened_at=delivery.opened_at,
        registered_at=delivery.registered_at,
        arrival_number=delivery.arrival_number,
        assigned_at=delivery.assigned_at,
        work_began_at=delivery.work_began_at,
        done_at=delivery.done_at,
        refused_at=delivery.refused_at,
        refusal_reason=delivery.refusal_reason,
        due_on=delivery.due_on,
        days_late=0 if not owes else rules.days_late(delivery.due_on, done_on, today, calendar),
        answer=answer,
    )
