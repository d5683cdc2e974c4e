"""Holds and what they hold, as pages and programs show them. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from eoffice.archive.model import ArchiveEntry
from eoffice.filing.holds import rules
from eoffice.filing.holds.model import HeldCopy, HeldRecord, Hold
from eoffice.filing.holds.rules import CopyState, HeldKind, HoldUnknown
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class HoldLine:
    id: UUID
    title: str
    reason: str
    legal_basis: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None
    lifted_because: str | None
    records: int

    @property
    def runs(self) -> bool:
        return self.lifted_at is None


@dataclass(frozen=True, slots=True)
class RecordSeen:
    kind: HeldKind
    object_id: UUID
    code: str
    subject: str
    #: Code of the case file through which it is held.
    within: str | None
    added_by: str
    added_at: datetime

    @property
    def path(self) -> str:
        place = {
            HeldKind.OUTGOING: "/documents",
            HeldKind.INCOMING: "/incoming",
            HeldKind.CASE_FILE: "/case-files",
        }[self.kind]
        return f"{place}/{self.object_id}"


@dataclass(frozen=True, slots=True)
class CopySeen:
    """A locked copy of the archive."""

    entry_id: UUID
    title: str
    content_sha256: str
    state: CopyState
    asked_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class HoldSeen:
    line: HoldLine
    records: tuple[RecordSeen, ...]
    copies: tuple[CopySeen, ...]


def listing(
    session: Session, *, who: Principal, runs: bool | None = None, limit: int = 500
) -> tuple[HoldLine, ...]:
    """Those that run first, then the newest. Raises HoldNotYours."""
    rules.require_keeper(PositionKind(who.position_kind))
    return _lines(session, who, runs=runs, limit=limit)


def hold(session: Session, hold_id: UUID, *, who: Principal) -> HoldSeen:
    """Raises HoldNotYours, HoldUnknown."""
    rules.require_keeper(PositionKind(who.position_kind))
    lines = _lines(session, who, hold_id=hold_id)
    if not lines:
        raise HoldUnknown("Cơ quan không có lần giữ, khóa này.")
    rows = session.execute(
        select(HeldRecord, Person.full_name)
        .join(Person, Person.id == HeldRecord.added_by)
        .where(HeldRecord.hold_id == hold_id)
        .order_by(HeldRecord.added_at, HeldRecord.within_id.nulls_first(), HeldRecord.code)
    ).all()
    codes = {row.object_id: row.code for row, _ in rows}
    copies = session.execute(
        select(HeldCopy, ArchiveEntry.title)
        .join(ArchiveEntry, ArchiveEntry.id == HeldCopy.entry_id)
        .where(HeldCopy.hold_id == hold_id)
        .order_by(ArchiveEntry.title, HeldCopy.entry_id)
    )
    return HoldSeen(
        line=lines[0],
        records=tuple(
            RecordSeen(
                kind=row.kind,
                object_id=row.object_id,
                code=row.code,
                subject=row.subject,
                within=None if row.within_id is None else codes.get(row.within_id),
                added_by=added_by,
                added_at=row.added_at,
            )
            for row, added_by in rows
        ),
        copies=tuple(
            CopySeen(
                entry_id=row.entry_id,
                title=title,
                content_sha256=row.content_sha256,
                state=row.state,
                asked_at=row.asked_at,
                answered_at=row.answered_at,
            )
            for row, title in copies
        ),
    )


def since(session: Session, object_id: UUID) -> datetime | None:
    """Since when the record is held; None where it is not. Of any agency: the database's answer."""
    found: datetime | None = session.scalar(select(func.held_since(object_id)))
    return found


def _lines(
    session: Session,
    who: Principal,
    *,
    runs: bool | None = None,
    hold_id: UUID | None = None,
    limit: int = 1,
) -> tuple[HoldLine, ...]:
    placed, lifted = aliased(Person), aliased(Person)
    count = (
        select(func.count())
        .select_from(HeldRecord)
        .where(HeldRecord.hold_id == Hold.id)
        .scalar_subquery()
    )
    query = (
        select(Hold, placed.full_name, lifted.full_name, count)
        .join(placed, placed.id == Hold.placed_by)
        .outerjoin(lifted, lifted.id == Hold.lifted_by)
        .where(Hold.agency_id == who.agency_id)
        .order_by(Hold.lifted_at.is_not(None), Hold.placed_at.desc(), Hold.id)
        .limit(limit)
    )
    if runs is not None:
        query = query.where(Hold.lifted_at.is_(None) == runs)
    if hold_id is not None:
        query = query.where(Hold.id == hold_id)
    return tuple(
        HoldLine(
            id=row.id,
            title=row.title,
            reason=row.reason,
            legal_basis=row.legal_basis,
            placed_by=placed_by,
            placed_at=row.placed_at,
            lifted_by=lifted_by,
            lifted_at=row.lifted_at,
            lifted_because=row.lifted_because,
            records=records,
        )
        for row, placed_by, lifted_by, records in session.execute(query)
    )
