"""What happens to a scan: uploaded, read page by page, taken as an incoming document or discarded.

Pages are read by promises, each page by its own, so that a long scan shows its progress and uses
every worker; the row of the scan is the lock under which they are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import NotFound
from eoffice.mailroom import entering, states
from eoffice.mailroom.entering import Brought, Entered, Entry
from eoffice.mailroom.model import Scan, ScanFile, ScanPage
from eoffice.mailroom.states import ScanState
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import promise
from eoffice.routing import outside, rules
from eoffice.routing.model import Delivery
from eoffice.routing.outside_rules import Origin, OutsideFile
from eoffice.web.principal import Principal

#: Whose hand the audit log names when pages are read.
READER = "worker:mailroom.read"


class ScanUnknown(NotFound):
    """There is no such scan in the mailroom of the acting agency."""

    def __init__(self) -> None:
        super().__init__("Không có bản quét này, hoặc bản quét không thuộc cơ quan mình.")


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was uploaded; bytes lie in the object store already."""

    name: str
    #: The PDF as it came, or put together from the pictures.
    content: Sha256
    size_bytes: int
    page_count: int
    #: As the scanner made them.
    files: tuple[OutsideFile, ...]
    #: The words that are in the file already; empty: they have to be read.
    text: str


def upload(session: Session, scanned: Scanned, *, by: Principal, at: datetime) -> UUID:
    """Lay a scan into the mailroom and have its pages read. Raises ForClerksOnly."""
    rules.check_clerk(by.position_kind)
    scan = Scan(
        id=new_id(),
        agency_id=by.agency_id,
        name=scanned.name,
        state=ScanState.READ if scanned.text.strip() else ScanState.WAITING,
        content_sha256=str(scanned.content),
        size_bytes=scanned.size_bytes,
        page_count=scanned.page_count,
        pages_read=scanned.page_count if scanned.text.strip() else 0,
        text=scanned.text,
        uploaded_at=at,
        uploaded_by=by.person_id,
    )
    session.add(scan)
    session.flush()  # The files name it.
    for position, file in enumerate(scanned.files, start=1):
        session.add(
            ScanFile(
                scan_id=scan.id,
                position=position,
                agency_id=by.agency_id,
                name=file.name,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                sha256=str(file.sha256),
            )
        )
    if scan.state is ScanState.WAITING:
        promise(session, "mailroom.begin_reading", at=at, scan_id=scan.id)
    _record(session, "scan.uploaded", scan, by=by, at=at, pages=scanned.page_count)
    return scan.id


def begin_reading(session: Session, scan_id: UUID, *, available: bool, at: datetime) -> None:
    """Have each page read, or say that this machine cannot. Runs as the office; idempotent."""
    scan = _locked(session, scan_id)
    if scan.state is ScanState.DISCARDED or scan.pages_read:
        return
    if not available:
        if scan.state in states.IN_WORK:
            scan.state = ScanState.UNAVAILABLE
        if scan.delivery_id is not None:
            outside.keep_recognised(session, scan.delivery_id, None, None, by=READER, at=at)
        return
    if scan.state is ScanState.WAITING:
        scan.state = ScanState.READING
    for number in range(1, scan.page_count + 1):
        promise(session, "mailroom.read_page", at=at, scan_id=scan_id, number=number)


def keep_page(
    session: Session,
    scan_id: UUID,
    number: int,
    text: str | None,
    layer: Sha256 | None,
    *,
    at: datetime,
) -> None:
    """What was read on one page, None for nothing; the last page has the whole put together.

    Runs as the office; idempotent.
    """
    scan = _locked(session, scan_id)
    added = session.execute(
        insert(ScanPage)
        .values(
            scan_id=scan_id,
            number=number,
            agency_id=scan.agency_id,
            text=text,
            layer_sha256=None if layer is None else str(layer),
        )
        .on_conflict_do_nothing()
        .returning(ScanPage.number)
    ).one_or_none()
    if added is None:
        return
    scan.pages_read += 1
    if scan.pages_read == scan.page_count:
        promise(session, "mailroom.finish_reading", at=at, scan_id=scan_id)


def finish_reading(
    session: Session, scan_id: UUID, text: str | None, searchable: Sha256 | None, *, at: datetime
) -> None:
    """All pages were read; `text` is None where no page could be. Idempotent."""
    scan = _locked(session, scan_id)
    scan.text = text or ""
    scan.searchable_sha256 = None if searchable is None else str(searchable)
    if scan.state in states.IN_WORK:
        scan.state = ScanState.UNREADABLE if text is None else ScanState.READ
    if scan.delivery_id is not None:
        outside.keep_recognised(session, scan.delivery_id, text, searchable, by=READER, at=at)
    _record(session, "scan.read", scan, by=READER, at=at, state=scan.state.value)


def take(session: Session, scan_id: UUID, entry: Entry, *, by: Principal, at: datetime) -> Entered:
    """Make an incoming document of a scan, with the fields that the clerk confirmed.

    Also while its pages are still being read: the words follow. Raises ScanUnknown,
    NotOpenAnyMore and what `entering.enter` raises.
    """
    scan = _locked_own(session, scan_id, by)
    states.check_open(scan.state)
    is_read = scan.state is ScanState.READ
    brought = Brought(
        Origin.SCAN,
        content=Sha256.parse(scan.content_sha256),
        page_count=scan.page_count,
        files=(),
        recognised_text=scan.text if is_read else None,
        searchable=None if scan.searchable_sha256 is None else Sha256.parse(scan.searchable_sha256),
    )
    done = entering.enter(session, entry, brought, by=by, at=at)
    scan.state = ScanState.TAKEN
    scan.delivery_id = done.delivery_id
    scan.ended_at = at
    scan.ended_by = by.person_id
    _record(session, "scan.taken", scan, by=by, at=at, delivery_id=str(done.delivery_id))
    return done


def discard(session: Session, scan_id: UUID, *, by: Principal, at: datetime) -> None:
    """The scan was a mistake. Raises ScanUnknown, NotOpenAnyMore."""
    scan = _locked_own(session, scan_id, by)
    states.check_open(scan.state)
    scan.state = ScanState.DISCARDED
    scan.ended_at = at
    scan.ended_by = by.person_id
    _record(session, "scan.discarded", scan, by=by, at=at)


def read_delivery(session: Session, delivery_id: UUID, *, at: datetime) -> None:
    """Have the pages of a document read that came with pictures only. Runs as the office.

    Idempotent: where it came as a scan, what was read of that counts, and the rest follows.
    """
    known = session.scalars(select(Scan).where(Scan.delivery_id == delivery_id)).one_or_none()
    if known is not None:
        if known.pages_read < known.page_count:
            promise(session, "mailroom.begin_reading", at=at, scan_id=known.id)
            return
        searchable = known.searchable_sha256
        outside.keep_recognised(
            session,
            delivery_id,
            known.text or None,
            None if searchable is None else Sha256.parse(searchable),
            by=READER,
            at=at,
        )
        return
    delivery = session.get_one(Delivery, delivery_id)
    assert delivery.content_sha256 is not None
    scan = Scan(
        id=new_id(),
        agency_id=delivery.recipient_agency_id,
        name="",
        state=ScanState.TAKEN,
        content_sha256=delivery.content_sha256,
        size_bytes=0,
        page_count=delivery.page_count,
        pages_read=0,
        text="",
        uploaded_at=at,
        ended_at=at,
        delivery_id=delivery_id,
    )
    session.add(scan)
    promise(session, "mailroom.begin_reading", at=at, scan_id=scan.id)


def whole_text(pages: Sequence[ScanPage]) -> str | None:
    """The words of all pages in their order, a form feed between two; None: nothing was read."""
    if all(page.text is None for page in pages):
        return None
    return "\f".join(page.text or "" for page in sorted(pages, key=lambda page: page.number))


def _locked_own(session: Session, scan_id: UUID, by: Principal) -> Scan:
    rules.check_clerk(by.position_kind)
    scan = session.scalars(
        select(Scan)
        .where(Scan.id == scan_id, Scan.agency_id == by.agency_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if scan is None:
        raise ScanUnknown
    return scan


def _locked(session: Session, scan_id: UUID) -> Scan:
    return session.scalars(
        select(Scan)
        .where(Scan.id == scan_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _record(
    session: Session,
    action: str,
    scan: Scan,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    record(
        session,
        action,
        object_kind="scan",
        object_id=scan.id,
        by=by,
        at=at,
        details=details,
    )
