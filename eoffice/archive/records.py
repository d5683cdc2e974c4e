"""Evidence records of archived files: reading them, and judging a file by its record."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from eoffice.archive.model import ArchiveEntry, EvidenceRecord
from eoffice.errors import NotFound
from eoffice.signing import evidence_records, recorded
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.evidence_records import RecordBroken
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict


class NoRecord(NotFound):
    """The file has no evidence record."""


def record_of(session: Session, entry_id: UUID) -> bytes | None:
    """The record (DER) of what the entry keeps now, for those who may see the entry."""
    return session.scalar(
        select(EvidenceRecord.record)
        .join(
            ArchiveEntry,
            and_(
                ArchiveEntry.id == EvidenceRecord.entry_id,
                ArchiveEntry.content_sha256 == EvidenceRecord.content_sha256,
            ),
        )
        .where(EvidenceRecord.entry_id == entry_id)
    )


def judged(content: bytes, record: bytes | None, *, trust: TrustStore, at: datetime) -> Verdict:
    """What is to be said of a file today; with a record, as of the day since which it is proven."""
    if record is None:
        return verify_pdf_bounded(content, trust=trust, at=at)
    try:
        digests = evidence_records.digests(record)
        hashes = {name: hashlib.new(name, content).digest() for name in digests}
    except (RecordBroken, ValueError) as failure:
        said = failure.detail if isinstance(failure, RecordBroken) else "Hàm băm không rõ."
        return Verdict(Finding.UNVERIFIABLE, said)
    return recorded.verify_with_record(content, record, hashes, trust=trust, at=at)
