"""Which data are sealed. Who may see the thing may see its data: the slice of the thing asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.objects.sha256 import Sha256
from eoffice.people.model import Person
from eoffice.signing.sealed_data.model import SealedXml


@dataclass(frozen=True, slots=True)
class SealedRead:
    content: Sha256
    size_bytes: int
    sealed_name: str
    sealed_at: datetime


def of(session: Session, kind: str, subject_id: UUID, source: Sha256) -> SealedRead | None:
    """The sealed XML of exactly this file; None where nobody sealed it yet."""
    rows = session.execute(
        select(SealedXml, Person.full_name)
        .join(Person, Person.id == SealedXml.sealed_by)
        .where(
            SealedXml.subject_kind == kind,
            SealedXml.subject_id == subject_id,
            SealedXml.source_sha256 == str(source),
        )
    )
    for found, name in rows:
        digest = Sha256.parse(found.content_sha256)
        return SealedRead(digest, found.size_bytes, name, found.sealed_at)
    return None
