"""Receipts of registration: promised with it, signed with no transaction open, kept for both sides.

The order of every signature: the body is committed before the key is asked, and what the key gave
is committed afterwards. A crash in between leaves a body that the next run signs. The key is the
log's, which the office holds itself: keys of seals are opened by a clerk's PIN and stay closed
while nobody is there.
"""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit import leaf, receipt
from eoffice.audit.actions import record
from eoffice.audit.checkpoint import Signer
from eoffice.documents import rules as documents_rules
from eoffice.errors import NotFound
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Unit
from eoffice.routing import outside_rules, rules, succession
from eoffice.routing.model import Arrival, Delivery
from eoffice.routing.work_model import Receipt
from eoffice.web.principal import Principal

#: Whose hand the audit log names.
SIGNER = "worker:routing.receipt"


class ReceiptUnknown(NotFound):
    """There is no receipt of this delivery yet, or it is not for the acting agency."""

    def __init__(self) -> None:
        super().__init__(
            "Chưa có biên nhận cho lượt gửi này. Biên nhận có sau khi nơi nhận vào sổ ít phút."
        )


def prepare(session: Session, delivery_id: UUID, *, at: datetime) -> str | None:
    """Commit what will be signed; the body, or None where the receipt is signed already.

    Runs as the office itself; a second run finds the same body.
    """
    row = session.execute(
        select(Delivery, Arrival, Unit)
        .join(Arrival, Arrival.delivery_id == Delivery.id)
        .join(Unit, Unit.id == Arrival.agency_id)
        .where(Delivery.id == delivery_id)
    ).one()
    delivery: Delivery = row.Delivery
    arrival: Arrival = row.Arrival
    unit: Unit = row.Unit
    body: receipt.Body = {
        "document": outside_rules.code(delivery.number, delivery.notation),
        "content_sha256": delivery.content_sha256,
        "subject": delivery.subject,
        "issued_on": delivery.issued_on.isoformat(),
        "sender": delivery.sender_name,
        "recipient": unit.name,
        "recipient_organ_id": unit.organ_id,
        "delivery_id": str(delivery.id),
        "arrival_number": arrival.number,
        "arrival_year": arrival.year,
        "registered_at": leaf.instant(arrival.registered_at),
    }
    session.execute(
        insert(Receipt)
        .values(
            delivery_id=delivery_id,
            sender_agency_id=delivery.sender_agency_id,
            recipient_agency_id=arrival.agency_id,
            body=leaf.canonical(dict(body)).decode(),
            requested_at=at,
        )
        .on_conflict_do_nothing()
    )
    kept = session.execute(
        select(Receipt.body, Receipt.signed_at).where(Receipt.delivery_id == delivery_id)
    ).one()
    return None if kept.signed_at is not None else str(kept.body)


def sign(body: str, signer: Signer) -> str:
    """The receipt as a file. Asks the key; no transaction may be open."""
    return receipt.signed(json.loads(body), signer)


def conclude(session: Session, delivery_id: UUID, document: str, *, at: datetime) -> None:
    """Keep the signed receipt. Idempotent: the first one stays."""
    signed = session.scalar(
        update(Receipt)
        .where(Receipt.delivery_id == delivery_id, Receipt.signed_at.is_(None))
        .values(signed_at=at, document=document)
        .returning(Receipt.delivery_id)
    )
    if signed is not None:
        record(
            session,
            "receipt.signed",
            object_kind="delivery",
            object_id=delivery_id,
            by=SIGNER,
            at=at,
        )


def document(session: Session, delivery_id: UUID, *, who: Principal) -> str:
    """The receipt for the sender's and the recipient's people. Raises ReceiptUnknown."""
    agencies = succession.agencies_of(session, who.agency_id)
    found = session.scalars(
        select(Receipt).where(
            Receipt.delivery_id == delivery_id,
            Receipt.sender_agency_id.in_(agencies) | Receipt.recipient_agency_id.in_(agencies),
        )
    ).one_or_none()
    if found is None or found.document is None:
        raise ReceiptUnknown
    reads = (
        rules.reads_the_book(who.position_kind)
        if found.recipient_agency_id in agencies
        else documents_rules.may_write(PositionKind(who.position_kind))
    )
    if not reads:
        raise ReceiptUnknown
    return found.document
