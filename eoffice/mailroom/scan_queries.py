"""Scans that lie in the mailroom. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.mailroom import states
from eoffice.mailroom.model import Scan, ScanPage
from eoffice.mailroom.scan_actions import ScanUnknown
from eoffice.mailroom.states import ScanState
from eoffice.people.model import Person
from eoffice.routing import rules
from eoffice.web.principal import Principal

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class ScanSeen:
    id: UUID
    name: str
    state: ScanState
    content_sha256: str
    searchable_sha256: str | None
    page_count: int
    pages_read: int
    text: str
    uploaded_at: datetime
    uploaded_by: str
    delivery_id: UUID | None

    @property
    def is_open(self) -> bool:
        return self.state in states.OPEN

    @property
    def in_work(self) -> bool:
        return self.state in states.IN_WORK


def scans(session: Session, *, who: Principal) -> list[ScanSeen]:
    """What the agency scanned and has not dealt with, latest first. Raises ForClerksOnly."""
    rules.check_clerk(who.position_kind)
    rows = session.execute(
        select(Scan, Person.full_name)
        .join(Person, Person.id == Scan.uploaded_by)
        .where(Scan.agency_id == who.agency_id, Scan.ended_at.is_(None))
        .order_by(Scan.uploaded_at.desc(), Scan.id.desc())
        .limit(MOST_SHOWN)
    )
    return [_seen(scan, name) for scan, name in rows]


def scan(session: Session, scan_id: UUID, *, who: Principal) -> ScanSeen:
    """Raises ForClerksOnly, ScanUnknown."""
    rules.check_clerk(who.position_kind)
    row = session.execute(
        select(Scan, Person.full_name)
        .join(Person, Person.id == Scan.uploaded_by)
        .where(Scan.id == scan_id, Scan.agency_id == who.agency_id)
    ).one_or_none()
    if row is None:
        raise ScanUnknown
    return _seen(row.Scan, row.full_name)


def content_of(session: Session, scan_id: UUID) -> str:
    """Digest of the PDF of a scan that is there."""
    return session.scalars(select(Scan.content_sha256).where(Scan.id == scan_id)).one()


def pages_of(session: Session, scan_id: UUID) -> list[ScanPage]:
    """The pages that were read, in their order."""
    return list(
        session.scalars(
            select(ScanPage).where(ScanPage.scan_id == scan_id).order_by(ScanPage.number)
        )
    )


def _seen(found: Scan, uploaded_by: str) -> ScanSeen:
    return ScanSeen(
        id=found.id,
        name=found.name,
        state=found.state,
        content_sha256=found.content_sha256,
        searchable_sha256=found.searchable_sha256,
        page_count=found.page_count,
        pages_read=found.pages_read,
        text=found.text,
        uploaded_at=found.uploaded_at,
        uploaded_by=uploaded_by,
        delivery_id=found.delivery_id,
    )
