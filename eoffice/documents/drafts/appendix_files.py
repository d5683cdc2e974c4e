"""Appendices in files of their own, from the draft to the agency's signature on each.

Decree 30/2020, Annex I, part I, III.1.d. Only PDF can carry the signature; what came signed by
somebody else stands by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.documents import types
from eoffice.documents.actions import ContentDiffers
from eoffice.documents.model import Attachment, Document
from eoffice.documents.states import Step
from eoffice.documents.steps import locked_for
from eoffice.files.intake import MediaType
from eoffice.objects.sha256 import Sha256
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class ToSign:
    """A file that waits for the agency's signature."""

    id: UUID
    name: str
    content_sha256: Sha256


def waiting(session: Session, document_id: UUID, *, by: Principal) -> tuple[ToSign, ...]:
    """PDF files of a numbered document without the agency's signature, as they were attached.

    Raises StepRefused, StepNotYours, NoDocument.
    """
    document, _ = locked_for(session, document_id, Step.SEAL, by=by)
    rows = session.scalars(
        select(Attachment)
        .where(
            Attachment.document_id == document.id,
            Attachment.media_type == MediaType.PDF.value,
            Attachment.signed_sha256.is_(None),
        )
        .order_by(Attachment.added_at, Attachment.id)
    )
    return tuple(ToSign(row.id, row.name, Sha256.parse(row.content_sha256)) for row in rows)


def said_on_it(document: Document) -> str:
    """ "Số: 960/SGDĐT-CNTTTBTV": what the signature on each separate file says of the document."""
    assert document.number is not None
    assert document.notation is not None
    return f"Số: {types.code(document.number, document.notation)}"


def record_signed(
    session: Session,
    attachment_id: UUID,
    sha256: Sha256,
    size_bytes: int,
    *,
    by: Principal,
    at: datetime,
) -> None:
    """The file bears the agency's signature from now on. Raises ContentDiffers, StepRefused."""
    row = session.scalars(
        select(Attachment).where(Attachment.id == attachment_id).with_for_update()
    ).one()
    locked_for(session, row.document_id, Step.SEAL, by=by)
    if row.signed_sha256 is not None:
        raise ContentDiffers("Tệp đính kèm này vừa được ký số. Hãy mở lại văn bản để xem.")
    row.signed_sha256 = str(sha256)
    row.signed_size_bytes = size_bytes
    row.signed_at = at
    audit.record(
        session,
        "document.appendix_signed",
        object_kind="document",
        object_id=row.document_id,
        by=by,
        at=at,
        details={"attachment_id": str(row.id), "content_sha256": str(sha256)},
    )
