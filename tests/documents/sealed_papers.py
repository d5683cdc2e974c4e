"""Documents that only wait to be issued, without the steps and pages behind them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.documents import actions
from eoffice.documents.actions import Recipient
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import Document, DocumentVersion, VersionKind
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType
from eoffice.objects.sha256 import Sha256
from tests.cast import Cast

CONTENT = Sha256.of(b"the signed and sealed page")


def draft(
    session: Session,
    cast: Cast,
    recipients: Sequence[Recipient],
    *,
    kind: DocumentType = DocumentType.DISPATCH,
    subject: str = "thực hiện chương trình Vnedu",
    at: datetime,
) -> UUID:
    """A draft of CNTTTBTV with these recipients."""
    document_id = actions.begin(
        session, kind, DispatchText(subject=subject), by=cast.specialist, at=at
    )
    session.flush()
    if recipients:
        actions.choose_recipients(session, document_id, recipients, by=cast.specialist, at=at)
    session.flush()
    return document_id


def seal(session: Session, cast: Cast, document_id: UUID, *, number: int, at: datetime) -> UUID:
    """Take a draft to the seal of its agency."""
    document = session.get_one(Document, document_id)
    document.state = State.SEALED
    document.state_since = at
    document.number = number
    document.notation = "SGDĐT-CNTTTBTV"
    document.issued_on = clock.civil_date(at)
    document.signer_id = cast.director.person_id
    document.signer_capacity = "GIÁM ĐỐC"
    for ordinal, kind in ((2, VersionKind.SIGNED), (3, VersionKind.SEALED)):
        session.add(
            DocumentVersion(
                id=new_id(),
                document_id=document_id,
                agency_id=document.agency_id,
                ordinal=ordinal,
                kind=kind,
                revision=1,
                content_sha256=str(CONTENT),
                size_bytes=26,
                page_count=1,
                created_by=cast.director.person_id,
                created_at=at,
                saved_at=at,
                frozen_at=at,
            )
        )
    session.flush()
    return document_id


def sealed(
    session: Session,
    cast: Cast,
    recipients: Sequence[Recipient],
    *,
    number: int = 960,
    at: datetime,
) -> UUID:
    document_id = draft(session, cast, recipients, at=at)
    return seal(session, cast, document_id, number=number, at=at)
