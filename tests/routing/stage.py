"""Issued documents for the tests of routing, without the pages and signatures behind them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.documents import actions as documents
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import (
    Document,
    DocumentVersion,
    Issuance,
    IssuanceRecipient,
    VersionKind,
)
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType, Urgency
from eoffice.objects.sha256 import Sha256
from eoffice.people.model import Unit
from eoffice.routing import actions
from eoffice.web.principal import Principal
from tests.cast import Cast

SUBJECT = "thực hiện chương trình Vnedu ở các trường phổ thông"
CONTENT_BYTES = b"the signed and sealed page"
CONTENT = Sha256.of(CONTENT_BYTES)
ATTACHMENT_BYTES = b"the attachment"
ATTACHMENT = Sha256.of(ATTACHMENT_BYTES)


def issued_by_the_department(
    session: Session,
    cast: Cast,
    recipients: Iterable[Unit],
    *,
    at: datetime,
    number: int = 960,
    due_on: date | None = None,
    content: Sha256 | None = None,
) -> UUID:
    """A dispatch of CNTTTBTV with one attachment, issued to these units but not delivered."""
    document_id = documents.begin(
        session,
        DocumentType.DISPATCH,
        DispatchText(subject=SUBJECT),
        urgency=Urgency.URGENT,
        due_on=due_on,
        by=cast.specialist,
        at=at,
    )
    documents.attach(
        session,
        document_id,
        "phu-luc.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ATTACHMENT,
        2048,
        by=cast.specialist,
        at=at,
    )
    issue(
        session,
        document_id,
        [unit.id for unit in recipients],
        number=number,
        notation="SGDĐT-CNTTTBTV",
        signer=cast.director,
        content=content,
        at=at,
    )
    return document_id


def issue(
    session: Session,
    document_id: UUID,
    recipient_ids: Iterable[UUID],
    *,
    number: int,
    notation: str,
    signer: Principal,
    content: Sha256 | None = None,
    at: datetime,
) -> None:
    """Take a draft to its end: signed, numbered, sealed and issued with one page of content."""
    sha256 = str(content or CONTENT)
    document = session.get_one(Document, document_id)
    document.state = State.ISSUED
    document.state_since = at
    document.number = number
    document.notation = notation
    document.issued_on = clock.civil_date(at)
    document.signer_id = signer.person_id
    document.signer_capacity = signer.position_title
    session.add(
        DocumentVersion(
            id=new_id(),
            document_id=document_id,
            agency_id=document.agency_id,
            ordinal=2,
            kind=VersionKind.SEALED,
            revision=1,
            content_sha256=sha256,
            size_bytes=26,
            page_count=1,
            created_by=signer.person_id,
            created_at=at,
            saved_at=at,
            frozen_at=at,
        )
    )
    session.add(
        Issuance(
            document_id=document_id,
            agency_id=document.agency_id,
            issued_at=at,
            issued_by=signer.person_id,
            content_sha256=sha256,
        )
    )
    session.flush()
    session.add_all(
        IssuanceRecipient(document_id=document_id, unit_id=unit_id, agency_id=document.agency_id)
        for unit_id in recipient_ids
    )
    session.flush()


def delivered(session: Session, document_id: UUID, unit: Unit, *, at: datetime) -> UUID:
    """The delivery of an issued document to a unit."""
    delivery_id = actions.deliver(session, document_id, unit.id, at=at)
    assert delivery_id is not None
    return delivery_id


def registered(session: Session, delivery_id: UUID, *, by: Principal, at: datetime) -> UUID:
    """Opened and entered in the book: the arrival."""
    actions.open_delivery(session, delivery_id, by=by, at=at)
    return actions.register_arrival(session, delivery_id, by=by, at=at).id
