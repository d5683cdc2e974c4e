"""What is kept of the proof of an archived file: until when it lasts, and that it was renewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from eoffice.archive import queries, telling
from eoffice.archive.model import ArchiveEntry, EvidenceRecord, RenewedContent
from eoffice.archive.states import EntryKind, Fixity
from eoffice.audit import actions as audit
from eoffice.clock import civil_date
from eoffice.objects.contract import Lock
from eoffice.objects.sha256 import Sha256
from eoffice.signing.lasting import AHEAD, Lasts

#: After an attempt in vain the next one comes a day later.
REST: Final = timedelta(days=1)
#: So long before the end somebody is told that the renewal still fails.
ALARM: Final = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class RenewalDue:
    """An entry whose proof is to be looked at, or renewed."""

    entry_id: UUID
    kind: EntryKind
    content: Sha256
    object_version: str
    locked_until: datetime
    #: Until when its proof lasts; None: nobody has looked.
    lasts_until: datetime | None
    #: The evidence record of this content, and its hash.
    record: bytes | None
    digest: str


@dataclass(frozen=True, slots=True)
class Renewed:
    """The newer content, locked in the store."""

    content: Sha256
    size_bytes: int
    lock: Lock
    lasts: Lasts | None


def due(session: Session, *, at: datetime, limit: int) -> Sequence[RenewalDue]:
    """What ends soonest first, behind what no release has looked at. For the worker."""
    rows = session.execute(
        select(ArchiveEntry, EvidenceRecord.record, EvidenceRecord.digest)
        .outerjoin(
            EvidenceRecord,
            and_(
                EvidenceRecord.entry_id == ArchiveEntry.id,
                EvidenceRecord.content_sha256 == ArchiveEntry.content_sha256,
            ),
        )
        .where(
            or_(
                ArchiveEntry.lasts_seen_at.is_(None),
                and_(
                    ArchiveEntry.lasts_until <= at + AHEAD,
                    or_(
                        ArchiveEntry.renewal_tried_at.is_(None),
                        ArchiveEntry.renewal_tried_at <= at - REST,
                    ),
                ),
            )
        )
        .order_by(ArchiveEntry.lasts_until.nulls_first(), ArchiveEntry.id)
        .limit(limit)
    )
    return [
        RenewalDue(
            entry.id,
            entry.kind,
            Sha256(entry.content_sha256),
            entry.object_version,
            entry.locked_until,
            entry.lasts_until,
            record,
            digest or "",
        )
        for entry, record, digest in rows
    ]


def note_lasts(session: Session, entry_id: UUID, lasts: Lasts | None, *, at: datetime) -> None:
    """Keep until when its proof lasts. Idempotent."""
    entry = session.get_one(ArchiveEntry, entry_id, with_for_update=True)
    _keep(entry, lasts, at)


def renewed(session: Session, found: RenewalDue, newer: Renewed, *, by: str, at: datetime) -> bool:
    """The newer content takes the place of the one that was read; whether it did.

    Nothing where another process was first: its own copy stays locked, and no entry names it. The
    event that describes the entry from now on has the digests of both, so a package proves what it
    holds.
    """
    entry = session.get_one(ArchiveEntry, found.entry_id, with_for_update=True)
    if entry.content_sha256 != str(found.content):
        return False
    session.add(
        RenewedContent(
            entry_id=entry.id,
            content_sha256=entry.content_sha256,
            object_version=entry.object_version,
            size_bytes=entry.size_bytes,
            locked_until=entry.locked_until,
            because=entry.lasts_because,
            renewed_at=at,
        )
    )
    entry.content_sha256, entry.size_bytes = str(newer.content), newer.size_bytes
    event_id = audit.record(
        session,
        "archive.renewed",
        object_kind="archive_entry",
        object_id=entry.id,
        by=by,
        at=at,
        details={
            "kind": entry.kind.value,
            "previous_sha256": str(found.content),
            "content_sha256": entry.content_sha256,
            "size_bytes": newer.size_bytes,
            "metadata_sha256": sha256(queries.described(entry).canonical()).hexdigest(),
            "because": entry.lasts_because,
        },
    )
    session.flush()  # The entry's foreign key needs the event's row.
    entry.audit_event_id = event_id
    entry.object_version, entry.locked_until = newer.lock.version_id, newer.lock.retain_until
    entry.fixity, entry.fixity_checked_at = Fixity.INTACT, at
    entry.renewed_at, entry.renewal_tried_at, entry.renewal_trouble = at, None, ""
    _keep(entry, newer.lasts, at)
    return True


def recorded(
    session: Session,
    found: RenewalDue,
    record: bytes,
    digest: str,
    lasts: Lasts,
    *,
    by: str,
    at: datetime,
) -> bool:
    """An evidence record proves the file from now on; the file itself stays as it is.

    Whether it was kept: nothing where the content is another by now.
    """
    entry = session.get_one(ArchiveEntry, found.entry_id, with_for_update=True)
    if entry.content_sha256 != str(found.content):
        return False
    row = session.get(EvidenceRecord, entry.id, with_for_update=True)
    if row is None:
        row = EvidenceRecord(entry_id=entry.id)
        session.add(row)
    row.content_sha256, row.digest = entry.content_sha256, digest
    row.record, row.made_at = record, at
    audit.record(
        session,
        "archive.recorded",
        object_kind="archive_entry",
        object_id=entry.id,
        by=by,
        at=at,
        details={
            "content_sha256": entry.content_sha256,
            "record_sha256": sha256(record).hexdigest(),
            "because": entry.lasts_because,
        },
    )
    entry.renewed_at, entry.renewal_tried_at, entry.renewal_trouble = at, None, ""
    _keep(entry, lasts, at)
    return True


def in_vain(session: Session, entry_id: UUID, why: str, *, is_for_good: bool, at: datetime) -> None:
    """It was not renewed. Told once where it cannot be any more, or where little time is left."""
    entry = session.get_one(ArchiveEntry, entry_id, with_for_update=True)
    entry.renewal_tried_at, entry.renewal_trouble = at, why[:500]
    entry.lasts_seen_at = entry.lasts_seen_at or at
    until = entry.lasts_until
    if is_for_good or (until is not None and until - at <= ALARM):
        day = "" if until is None else f" (hết hiệu lực ngày {civil_date(until):%d/%m/%Y})"
        telling.tell(
            session,
            entry,
            f"chưa gia hạn được dấu thời gian lưu trữ{day}. {why}",
            cause=f"renewal:{entry.id}:{entry.content_sha256}:{is_for_good}",
            at=at,
        )


def _keep(entry: ArchiveEntry, lasts: Lasts | None, at: datetime) -> None:
    entry.lasts_seen_at = at
    entry.lasts_until = None if lasts is None else lasts.until
    entry.lasts_because = "" if lasts is None else lasts.because
