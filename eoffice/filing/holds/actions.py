"""A set of records is held, added to, and let go. Actions.

The rows themselves are guarded by the database from the moment that the transaction commits. What
the archive holds of these records is locked in the object store as well: the intent is a row of
`held_copies` and a promise, the call is the worker's, the result is recorded by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.archive.model import ArchiveEntry
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.filing import case_queries, case_records
from eoffice.filing.case_model import CaseFile, CaseItem
from eoffice.filing.case_rules import RecordKind
from eoffice.filing.holds import rules
from eoffice.filing.holds.model import HeldCopy, HeldRecord, Hold
from eoffice.filing.holds.rules import CopyState, HeldKind, HoldOver, HoldUnknown, HoldWrong
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

HOLD_COPY = "filing.hold_copy"
RELEASE_COPY = "filing.release_copy"
#: Whose hand the audit log names.
LOCKER = "worker:filing.hold_copy"


@dataclass(frozen=True, slots=True)
class Named:
    """A record that is to be held."""

    kind: HeldKind
    object_id: UUID


@dataclass(frozen=True, slots=True)
class Copy:
    """An archived copy, as the store knows it."""

    name: Sha256
    version_id: str
    #: The hold is still wanted, or no longer.
    is_wanted: bool


def place(
    session: Session,
    wording: rules.Wording,
    records: Sequence[Named],
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Hold these records; a case file with all that is in it. At least one.

    Raises HoldNotYours, HoldWrong, and what a record's own slice says to who may not read it.
    """
    rules.require_keeper(PositionKind(by.position_kind))
    if not records:
        words = "Chọn ít nhất một hồ sơ hoặc văn bản."
        raise HoldWrong(words, fields={"codes": words})
    row = Hold(
        id=new_id(),
        agency_id=by.agency_id,
        title=wording.title,
        reason=wording.reason,
        legal_basis=wording.legal_basis,
        placed_by=by.person_id,
        placed_at=at,
    )
    session.add(row)
    session.flush()  # The records name the hold.
    count = _put_in(session, row, records, by=by, at=at)
    _record(session, "hold.placed", row, by, at, records=count)
    return row.id


def add(
    session: Session, hold_id: UUID, records: Sequence[Named], *, by: Principal, at: datetime
) -> int:
    """Put further records into a hold that runs; how many are new. Idempotent.

    Raises HoldNotYours, HoldUnknown, HoldOver, HoldWrong.
    """
    rules.require_keeper(PositionKind(by.position_kind))
    row = _locked(session, hold_id, by)
    count = _put_in(session, row, records, by=by, at=at)
    if count:
        _record(session, "hold.added", row, by, at, records=count)
    return count


def lift(session: Session, hold_id: UUID, why: str, *, by: Principal, at: datetime) -> None:
    """Let the whole set go. What another hold names too stays held.

    Raises HoldNotYours, HoldUnknown, HoldOver, HoldWrong.
    """
    rules.require_keeper(PositionKind(by.position_kind))
    row = _locked(session, hold_id, by)
    reason = rules.checked_lifting(why)
    row.lifted_at, row.lifted_by, row.lifted_because = at, by.person_id, reason
    copies = session.scalars(
        select(HeldCopy)
        .where(HeldCopy.hold_id == row.id, HeldCopy.state != CopyState.RELEASED)
        .with_for_update()
    ).all()
    for copy in copies:
        copy.state, copy.asked_at = CopyState.RELEASING, at
        outbox.promise(session, RELEASE_COPY, at=at, hold_id=row.id, entry_id=copy.entry_id)
    _record(session, "hold.lifted", row, by, at, copies=len(copies))


def ask_store(session: Session, *, at: datetime, of: ColumnElement[bool] | None = None) -> int:
    """Promise the lock of every archived copy of what is held that has none yet; how many.

    Runs by the calendar for what came into the archive after it was held; `of` narrows the holds.
    """
    found = session.execute(
        select(Hold.id, ArchiveEntry)
        .join(HeldRecord, HeldRecord.hold_id == Hold.id)
        .join(ArchiveEntry, ArchiveEntry.source_id == HeldRecord.object_id)
        .where(
            Hold.lifted_at.is_(None),
            ArchiveEntry.agency_id == Hold.agency_id,
            ~exists().where(HeldCopy.hold_id == Hold.id, HeldCopy.entry_id == ArchiveEntry.id),
            *(() if of is None else (of,)),
        )
        .order_by(ArchiveEntry.id)
    ).all()
    for hold_id, entry in found:
        session.add(
            HeldCopy(
                hold_id=hold_id,
                entry_id=entry.id,
                agency_id=entry.agency_id,
                content_sha256=entry.content_sha256,
                object_version=entry.object_version,
                state=CopyState.ASKED,
                asked_at=at,
            )
        )
        outbox.promise(session, HOLD_COPY, at=at, hold_id=hold_id, entry_id=entry.id)
    return len(found)


def copy_of(session: Session, hold_id: UUID, entry_id: UUID) -> Copy:
    """What the store is to be told about a copy now. Runs as the office itself."""
    row = session.get_one(HeldCopy, (hold_id, entry_id))
    return Copy(Sha256.parse(row.content_sha256), row.object_version, _is_wanted(session, row))


def note_held(session: Session, hold_id: UUID, entry_id: UUID, *, at: datetime) -> None:
    """The store holds the copy. Idempotent; one that was lifted meanwhile is released next."""
    row = session.get_one(HeldCopy, (hold_id, entry_id), with_for_update=True)
    if row.state is CopyState.ASKED:
        row.state, row.answered_at = CopyState.HELD, at
        _record_copy(session, "hold.copy_held", row, at)


def note_released(session: Session, hold_id: UUID, entry_id: UUID, *, at: datetime) -> None:
    """The store was told; where another hold came meanwhile, it is asked again. Idempotent."""
    row = session.get_one(HeldCopy, (hold_id, entry_id), with_for_update=True)
    if row.state is not CopyState.RELEASING:
        return
    row.state, row.answered_at = CopyState.RELEASED, at
    _record_copy(session, "hold.copy_released", row, at)
    for other in session.scalars(_running(row).with_for_update(of=HeldCopy)):
        other.state, other.asked_at, other.answered_at = CopyState.ASKED, at, None
        outbox.promise(session, HOLD_COPY, at=at, hold_id=other.hold_id, entry_id=other.entry_id)


def _put_in(
    session: Session, row: Hold, records: Sequence[Named], *, by: Principal, at: datetime
) -> int:
    there = set(session.scalars(select(HeldRecord.object_id).where(HeldRecord.hold_id == row.id)))
    before = len(there)
    # A case file before its documents, so that each says through what it is held.
    for each in sorted(records, key=lambda one: one.kind is not HeldKind.CASE_FILE):
        if each.object_id not in there:
            for made in _described(session, row, each, by=by, at=at):
                if made.object_id not in there:
                    there.add(made.object_id)
                    session.add(made)
    if len(there) > rules.MOST_RECORDS:
        words = f"Một lần giữ có nhiều nhất {rules.MOST_RECORDS} hồ sơ, văn bản."
        raise HoldWrong(words, fields={"codes": words})
    session.flush()
    ask_store(session, at=at, of=Hold.id == row.id)
    return len(there) - before


def _described(
    session: Session, row: Hold, named: Named, *, by: Principal, at: datetime
) -> Iterable[HeldRecord]:
    """The record locked, as it is called now; of a case file also what is in it."""

    def held(
        kind: HeldKind, object_id: UUID, code: str, subject: str, within: UUID | None = None
    ) -> HeldRecord:
        return HeldRecord(
            hold_id=row.id,
            object_id=object_id,
            agency_id=row.agency_id,
            kind=kind,
            code=code,
            subject=subject,
            within_id=within,
            added_by=by.person_id,
            added_at=at,
        )

    if named.kind is not HeldKind.CASE_FILE:
        found = case_records.of(session, RecordKind(named.kind), named.object_id, who=by, at=at)
        yield held(named.kind, named.object_id, found.code, found.subject)
        return
    seen = case_queries.case_file(session, named.object_id, who=by)
    # Nobody puts a document in between reading and committing.
    session.scalars(select(CaseFile.id).where(CaseFile.id == named.object_id).with_for_update())
    yield held(named.kind, named.object_id, seen.line.code, seen.line.title)
    items = session.scalars(
        select(CaseItem).where(
            CaseItem.case_file_id == named.object_id, CaseItem.removed_at.is_(None)
        )
    )
    for item in items:
        object_id = item.document_id or item.arrival_id
        assert object_id is not None
        yield held(HeldKind(item.kind), object_id, item.code, item.subject, named.object_id)


def _locked(session: Session, hold_id: UUID, by: Principal) -> Hold:
    row = session.scalars(
        select(Hold).where(Hold.id == hold_id, Hold.agency_id == by.agency_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise HoldUnknown("Cơ quan không có lần giữ, khóa này.")
    if row.lifted_at is not None:
        raise HoldOver("Lần giữ này đã được gỡ khóa.")
    return row


def _running(row: HeldCopy) -> Select[HeldCopy]:
    """Other holds that run and name the same copy in the store."""
    return (
        select(HeldCopy)
        .join(Hold, Hold.id == HeldCopy.hold_id)
        .where(
            HeldCopy.content_sha256 == row.content_sha256,
            HeldCopy.object_version == row.object_version,
            (HeldCopy.hold_id != row.hold_id) | (HeldCopy.entry_id != row.entry_id),
            Hold.lifted_at.is_(None),
        )
    )


def _is_wanted(session: Session, row: HeldCopy) -> bool:
    hold = session.get_one(Hold, row.hold_id)
    return hold.lifted_at is None or session.scalars(_running(row).limit(1)).first() is not None


def _record(
    session: Session, action: str, row: Hold, by: Principal, at: datetime, **details: int
) -> None:
    record(session, action, object_kind="hold", object_id=row.id, by=by, at=at, details=details)


def _record_copy(session: Session, action: str, row: HeldCopy, at: datetime) -> None:
    record(
        session,
        action,
        object_kind="hold",
        object_id=row.hold_id,
        by=LOCKER,
        at=at,
        details={"entry_id": str(row.entry_id), "sha256": row.content_sha256},
    )
