"""What changed a document that came, or is changed by it; and what it answers from below.

Read only. Both documents came to the same agency; row-level security shows it no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.documents.issue import corrections_rules
from eoffice.routing import change_rules, outside_rules
from eoffice.routing.change_model import DeliveryChange, ForwardedAnswer
from eoffice.routing.change_rules import ChangeKind
from eoffice.routing.model import Arrival, Delivery


@dataclass(frozen=True, slots=True)
class Related:
    """Another document that came, which changes this one or is changed by it."""

    delivery_id: UUID
    arrival_id: UUID | None
    #: "Được thay thế bởi", "Đính chính".
    said: str
    code: str
    issued_on: date
    subject: str
    arrival_number: int | None
    #: Whether it is the other one that changes this one.
    is_newer: bool
    #: What the sender said about it; may be empty.
    words: str

    @property
    def path(self) -> str:
        if self.arrival_id is None:
            return f"/incoming/deliveries/{self.delivery_id}"
        return f"/incoming/{self.arrival_id}"


@dataclass(frozen=True, slots=True)
class Recalled:
    """That a sender outside of this office took it back."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class AnswersForwarded:
    """The line of the own book that was passed on, and is answered by this document."""

    arrival_id: UUID
    number: int
    year: int


@dataclass(frozen=True, slots=True)
class Changes:
    related: tuple[Related, ...]
    recalled: Recalled | None
    answers: AnswersForwarded | None


def of_delivery(session: Session, delivery_id: UUID) -> Changes:
    """Everything of this kind about one document that came, in the order in which it was issued."""
    this = session.get_one(Delivery, delivery_id)
    recalled = session.scalars(
        select(DeliveryChange).where(
            DeliveryChange.delivery_id == delivery_id, DeliveryChange.kind == ChangeKind.RECALLS
        )
    ).first()
    return Changes(
        related=(*_of_this_office(session, this), *_from_outside(session, this)),
        recalled=None if recalled is None else Recalled(recalled.noted_at, recalled.words),
        answers=_answers(session, delivery_id),
    )


def _of_this_office(session: Session, this: Delivery) -> list[Related]:
    if this.document_id is None:
        return []
    rows = session.execute(
        select(Delivery, Arrival.id)
        .outerjoin(Arrival, Arrival.delivery_id == Delivery.id)
        .where(
            Delivery.recipient_agency_id == this.recipient_agency_id,
            or_(
                Delivery.corrects_document_id == this.document_id,
                Delivery.document_id == this.corrects_document_id,
            ),
        )
        .order_by(Delivery.issued_on, Delivery.delivered_at)
    )
    found = []
    for row, arrival_id in rows:
        is_newer = row.corrects_document_id == this.document_id
        kind = row.correction if is_newer else this.correction
        assert kind is not None
        said = (corrections_rules.PASSIVE if is_newer else corrections_rules.VERBS)[kind]
        found.append(_related(row, arrival_id, said, is_newer=is_newer, words=""))
    return found


def _from_outside(session: Session, this: Delivery) -> list[Related]:
    changes = session.scalars(
        select(DeliveryChange)
        .where(
            or_(
                DeliveryChange.delivery_id == this.id,
                DeliveryChange.changed_by_id == this.id,
            ),
            DeliveryChange.changed_by_id.is_not(None),
        )
        .order_by(DeliveryChange.noted_at)
    ).all()
    found = []
    for change in changes:
        is_newer = change.delivery_id == this.id
        other = change.changed_by_id if is_newer else change.delivery_id
        row, arrival_id = session.execute(
            select(Delivery, Arrival.id)
            .outerjoin(Arrival, Arrival.delivery_id == Delivery.id)
            .where(Delivery.id == other)
        ).one()
        said = (change_rules.PASSIVE if is_newer else change_rules.VERBS)[change.kind]
        found.append(_related(row, arrival_id, said, is_newer=is_newer, words=change.words))
    return found


def _related(
    row: Delivery, arrival_id: UUID | None, said: str, *, is_newer: bool, words: str
) -> Related:
    return Related(
        delivery_id=row.id,
        arrival_id=arrival_id,
        said=said,
        code=outside_rules.code(row.number, row.notation),
        issued_on=row.issued_on,
        subject=row.subject,
        arrival_number=row.arrival_number,
        is_newer=is_newer,
        words=words,
    )


def _answers(session: Session, delivery_id: UUID) -> AnswersForwarded | None:
    row = session.execute(
        select(Arrival.id, Arrival.number, Arrival.year)
        .join(ForwardedAnswer, ForwardedAnswer.arrival_id == Arrival.id)
        .where(ForwardedAnswer.delivery_id == delivery_id)
    ).one_or_none()
    return None if row is None else AnswersForwarded(row.id, row.number, row.year)
