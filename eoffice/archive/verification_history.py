"""What the signatures of an archived file were judged to be, from one check to the next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from eoffice.archive.model import ArchiveEntry, EvidenceRecord
from eoffice.archive.verification_model import StoredVerdict
from eoffice.objects.sha256 import Sha256
from eoffice.signing.verdict import Finding


@dataclass(frozen=True, slots=True)
class Found:
    """The same was found at every check from `since` to `checked_at`."""

    finding: Finding
    level: str | None
    indication: str | None
    reason: str
    since: datetime
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A file that is to be verified again."""

    entry_id: UUID
    content: Sha256
    #: The locked copy.
    object_version: str
    #: Its evidence record, where it has one.
    record: bytes | None


def history(session: Session, entry_id: UUID) -> tuple[Found, ...]:
    """The latest first; empty where the entry was not verified again since it was taken in."""
    rows = session.scalars(
        select(StoredVerdict)
        .where(StoredVerdict.entry_id == entry_id)
        .order_by(StoredVerdict.checked_at.desc())
    )
    return tuple(
        Found(row.finding, row.level, row.indication, row.reason, row.since, row.checked_at)
        for row in rows
    )


def due(session: Session, *, before: datetime, limit: int) -> tuple[Due, ...]:
    """Entries that were not verified since `before`, the one with the oldest verdict first.

    For the worker, which passes row-level security.
    """
    latest = (
        select(StoredVerdict.entry_id, func.max(StoredVerdict.checked_at).label("checked_at"))
        .group_by(StoredVerdict.entry_id)
        .subquery()
    )
    verified = func.coalesce(latest.c.checked_at, ArchiveEntry.archived_at)
    rows = session.execute(
        select(
            ArchiveEntry.id,
            ArchiveEntry.content_sha256,
            ArchiveEntry.object_version,
            EvidenceRecord.record,
        )
        .outerjoin(
            EvidenceRecord,
            and_(
                EvidenceRecord.entry_id == ArchiveEntry.id,
                EvidenceRecord.content_sha256 == ArchiveEntry.content_sha256,
            ),
        )
        .outerjoin(latest, latest.c.entry_id == ArchiveEntry.id)
        .where(verified < before)
        .order_by(verified, ArchiveEntry.id)
        .limit(limit)
    )
    return tuple(
        Due(entry_id, Sha256(content), version, record)
        for entry_id, content, version, record in rows
    )
