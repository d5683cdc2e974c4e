"""What a delivery takes from the issued document and from who gets it, for many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from eoffice.documents.issue.corrections_rules import CorrectionKind
from eoffice.documents.model import Document, DocumentVersion, Issuance, IssuanceRecipient
from eoffice.documents.recipients.model import Correction
from eoffice.documents.recipients.rules import Purpose
from eoffice.people.model import Unit
from eoffice.routing.model import Answer, Arrival, Delivery
from eoffice.routing.work_model import Forwarding


@dataclass(frozen=True, slots=True)
class Origin:
    """Of an issued document, what routing needs beyond `documents.queries.issued`."""

    agency_id: UUID
    drafting_unit_id: UUID
    page_count: int
    #: Why the recipient gets it, and whom it is for there.
    purpose: Purpose
    addressees: str | None
    #: The earlier document that it corrects, amends or replaces.
    corrects_document_id: UUID | None
    correction: CorrectionKind | None


def origins(
    session: Session, document_id: UUID, recipient_unit_ids: Sequence[UUID]
) -> dict[UUID, Origin]:
    """Where an issued document comes from, as each of these recipients is to see it.

    It must have been issued: else the caller has a bug.
    """
    document, page_count = session.execute(
        select(Document, DocumentVersion.page_count)
        .join(Issuance, Issuance.document_id == Document.id)
        .join(
            DocumentVersion,
            and_(
                DocumentVersion.document_id == Document.id,
                DocumentVersion.content_sha256 == Issuance.content_sha256,
            ),
        )
        .where(Document.id == document_id)
        .limit(1)
    ).one()
    assert page_count is not None
    named = {
        each.unit_id: each
        for each in session.scalars(
            select(IssuanceRecipient).where(
                IssuanceRecipient.document_id == document_id,
                IssuanceRecipient.unit_id.in_(recipient_unit_ids),
            )
        )
    }
    corrects = session.scalars(
        select(Correction)
        .where(Correction.document_id == document_id)
        .order_by(Correction.noted_at)
        .limit(1)
    ).one_or_none()
    return {
        unit_id: Origin(
            agency_id=document.agency_id,
            drafting_unit_id=document.drafting_unit_id,
            page_count=page_count,
            purpose=named[unit_id].purpose if unit_id in named else Purpose.ACTION,
            addressees=named[unit_id].addressees if unit_id in named else None,
            corrects_document_id=None if corrects is None else corrects.corrected_id,
            correction=None if corrects is None else corrects.kind,
        )
        for unit_id in recipient_unit_ids
    }


def agencies_of(session: Session, unit_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The agencies of several units; what is no unit is not in it."""
    found = session.execute(select(Unit.id, Unit.agency_id).where(Unit.id.in_(unit_ids)))
    return {row.id: row.agency_id for row in found}


def answered_by(session: Session, document_id: UUID) -> dict[UUID, UUID]:
    """The documents that `document_id` was written to answer, by the agencies that sent them.

    Also one that reached who answers through an agency that passed it on.
    """
    found = session.execute(
        select(Document.agency_id, Document.id)
        .join(Delivery, Delivery.document_id == Document.id)
        .join(Arrival, Arrival.delivery_id == Delivery.id)
        .join(Answer, Answer.arrival_id == Arrival.id)
        .where(Answer.document_id == document_id)
    )
    return {row.agency_id: row.id for row in found}


def answered_forwardings(session: Session, document_id: UUID) -> dict[UUID, Forwarding]:
    """How others had passed on what `document_id` was written to answer, by their agencies."""
    found = session.scalars(
        select(Forwarding)
        .join(Delivery, Delivery.forwarding_id == Forwarding.id)
        .join(Arrival, Arrival.delivery_id == Delivery.id)
        .join(Answer, Answer.arrival_id == Arrival.id)
        .where(Answer.document_id == document_id)
    )
    return {each.agency_id: each for each in found}
