"""What the office found out about a document from outside, and whether it has it already.

Read only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from eoffice.people.model import Unit
from eoffice.routing import outside_rules
from eoffice.routing.model import Arrival, Delivery, DeliveryContent
from eoffice.routing.outside_rules import TextState
from eoffice.routing.states import DeliveryState
from eoffice.signing.verdict import Verdict
from eoffice.web.principal import Principal

#: Names that a form offers to complete an agency's.
MOST_NAMES = 500


@dataclass(frozen=True, slots=True)
class ContentSeen:
    """Of a document from outside."""

    text_state: TextState
    #: None while the file has not been verified; and where there is none.
    verdict: Verdict | None
    verified_at: datetime | None
    searchable_sha256: str | None


@dataclass(frozen=True, slots=True)
class Twin:
    """Another incoming document with the same number, notation and issuing agency."""

    delivery_id: UUID
    arrival_id: UUID | None
    arrival_number: int | None
    code: str
    issued_on: date
    sender_name: str
    subject: str
    delivered_at: datetime

    @property
    def path(self) -> str:
        if self.arrival_id is None:
            return f"/incoming/deliveries/{self.delivery_id}"
        return f"/incoming/{self.arrival_id}"


def content_of(session: Session, delivery_id: UUID) -> str:
    """Digest of the file of a delivery, which must have one: else the caller has a bug."""
    digest = session.scalars(
        select(Delivery.content_sha256).where(Delivery.id == delivery_id)
    ).one()
    assert digest is not None
    return digest


def content_seen(session: Session, delivery_id: UUID) -> ContentSeen | None:
    """None for a delivery of this office, whose signatures were made here."""
    found = session.get(DeliveryContent, delivery_id)
    if found is None:
        return None
    return ContentSeen(
        text_state=found.text_state,
        verdict=None if found.verdict is None else Verdict.from_json(found.verdict),
        verified_at=found.verified_at,
        searchable_sha256=found.searchable_sha256,
    )


def twins_of(session: Session, delivery_id: UUID) -> Sequence[Twin]:
    """What came to the same agency under the same triple and was not refused, oldest first.

    Decree 30/2020, Appendix VI: the system warns of a duplicate.
    """
    one = session.get_one(Delivery, delivery_id)
    return twins(
        session,
        one.number,
        one.notation,
        one.sender_name,
        agency_id=one.recipient_agency_id,
        but=delivery_id,
    )


def twins(
    session: Session,
    number: str | None,
    notation: str | None,
    sender_name: str,
    *,
    agency_id: UUID,
    but: UUID | None = None,
) -> Sequence[Twin]:
    """The same for a triple that is about to be entered. A document without a number has none."""
    written = outside_rules.written_number(number)
    if written is None:
        return ()
    sender = " ".join(sender_name.split()).casefold()
    rows = session.execute(
        select(Delivery, Arrival.id.label("arrival_id"))
        .join(Arrival, Arrival.delivery_id == Delivery.id, isouter=True)
        .where(
            Delivery.recipient_agency_id == agency_id,
            Delivery.number == written,
            func.coalesce(Delivery.notation, "")
            == (outside_rules.written_notation(notation) or ""),
            Delivery.state != DeliveryState.REFUSED,
        )
        .order_by(Delivery.delivered_at, Delivery.id)
    ).all()
    return tuple(
        Twin(
            delivery_id=row.Delivery.id,
            arrival_id=row.arrival_id,
            arrival_number=row.Delivery.arrival_number,
            code=outside_rules.code(row.Delivery.number, row.Delivery.notation),
            issued_on=row.Delivery.issued_on,
            sender_name=row.Delivery.sender_name,
            subject=row.Delivery.subject,
            delivered_at=row.Delivery.delivered_at,
        )
        for row in rows
        # Unicode folds more letters than the database does.
        if row.Delivery.id != but and row.Delivery.sender_name.casefold() == sender
    )


def sender_names(session: Session, *, who: Principal, on: date) -> tuple[str, ...]:
    """Who wrote to the agency before, latest first, and then the agencies of the directory."""
    wrote = session.execute(
        select(Delivery.sender_name, func.max(Delivery.delivered_at))
        .where(Delivery.recipient_agency_id == who.agency_id)
        .group_by(Delivery.sender_name)
        .order_by(func.max(Delivery.delivered_at).desc())
        .limit(MOST_NAMES)
    ).all()
    known = session.scalars(
        select(Unit.name)
        .where(
            Unit.id == Unit.agency_id,
            Unit.id != who.agency_id,
            Unit.valid_from <= on,
            or_(Unit.valid_to.is_(None), Unit.valid_to >= on),
        )
        .order_by(Unit.name)
        .limit(MOST_NAMES)
    ).all()
    return tuple(dict.fromkeys([*(row.sender_name for row in wrote), *known]))[:MOST_NAMES]


def last_entered(session: Session, *, who: Principal) -> str | None:
    """The issuing agency of the document from outside that the agency entered last."""
    return session.scalar(
        select(Delivery.sender_name)
        .where(
            Delivery.recipient_agency_id == who.agency_id,
            Delivery.origin.in_((outside_rules.Origin.HAND, outside_rules.Origin.SCAN)),
        )
        .order_by(Delivery.id.desc())
        .limit(1)
    )
