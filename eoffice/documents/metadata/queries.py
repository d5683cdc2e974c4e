"""Metadata that stand beside a document, and how they came to be what they are. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.documents.metadata.model import DescribedKind, MetadataChange
from eoffice.documents.metadata.rules import NAMES, Metadata
from eoffice.documents.model import Document
from eoffice.people.model import Person


@dataclass(frozen=True, slots=True)
class ChangeRead:
    field: str
    name: str
    before: str
    after: str
    #: Empty before the document was in the books.
    because: str
    who: str
    at: datetime


def of_document(session: Session, document_id: UUID) -> Metadata:
    """Of a document that the caller may read."""
    row = session.get_one(Document, document_id)
    return Metadata(row.language, row.description, row.issued_amount)


def changes(session: Session, kind: DescribedKind, object_id: UUID) -> tuple[ChangeRead, ...]:
    """What was changed, the latest first; the caller has checked that it may be seen."""
    rows = session.execute(
        select(MetadataChange, Person.full_name)
        .join(Person, Person.id == MetadataChange.changed_by)
        .where(MetadataChange.kind == kind, MetadataChange.object_id == object_id)
        .order_by(MetadataChange.changed_at.desc(), MetadataChange.id)
    )
    return tuple(
        ChangeRead(
            row.field, NAMES[row.field], row.before, row.after, row.because, name, row.changed_at
        )
        for row, name in rows
    )
