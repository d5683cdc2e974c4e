"""Looking at an entry: find it for this person, put the look on record, then fetch the bytes.

Between the edges (`http.py`, `pages.py`) and the archive: each function opens one transaction of
its own, in which the look is recorded, and asks the object store with none open. A look is on
record before anything is shown, also when the store then fails.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive import actions, package, queries, records, verification_history
from eoffice.archive.package import Contents
from eoffice.archive.queries import Entry, Line, Narrowed, Succession
from eoffice.archive.rules import file_name
from eoffice.archive.states import Look
from eoffice.archive.verification_history import Found
from eoffice.audit import log_key
from eoffice.audit import queries as audit
from eoffice.audit.queries import Event
from eoffice.files import page_images
from eoffice.objects import configured
from eoffice.settings import settings
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Verdict
from eoffice.web.principal import Principal

PAGE_WIDTH_PX = 1240


@dataclass(frozen=True, slots=True)
class Opened:
    """An entry with what stands around it."""

    entry: Entry
    versions: tuple[Line, ...]
    succession: Succession
    history: tuple[Event, ...]
    accesses: tuple[Event, ...]
    #: What checks found since it was taken in, the latest first.
    verified: tuple[Found, ...]
    #: Whether an evidence record stands beside the file.
    has_record: bool


@dataclass(frozen=True, slots=True)
class File:
    """A file to take away."""

    name: str
    content: bytes


def search(
    who: Principal,
    words: str,
    *,
    at: datetime,
    narrowed: Narrowed,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> tuple[list[Line], list[str]]:
    """What matches, and the school years there are; an inspector's search is put on record."""
    on = clock.civil_date(at)
    with db.transaction(who.acting) as session:
        lines = queries.search(session, words, on=on, narrowed=narrowed, after=after, limit=limit)
        years = queries.school_years(session, on=on)
        actions.searched(session, words, len(lines), by=who, at=at)
    return lines, years


def opened(who: Principal, entry_id: UUID, *, at: datetime) -> Opened:
    """Raises EntryUnknown."""
    on = clock.civil_date(at)
    with db.transaction(who.acting) as session:
        entry = queries.entry(session, entry_id, on=on)
        about = entry.description
        found = Opened(
            entry=entry,
            versions=tuple(queries.versions(session, about.kind, about.source_id, on=on)),
            succession=queries.succession(session, entry, on=on),
            history=tuple(_history(session, entry)),
            accesses=tuple(audit.accesses(session, "archive_entry", entry_id, limit=20)),
            verified=verification_history.history(session, entry_id),
            has_record=records.record_of(session, entry_id) is not None,
        )
        actions.look(session, entry_id, Look.OPENED, by=who, at=at)
    return found


def content(who: Principal, entry_id: UUID, *, at: datetime) -> File:
    """The archived file itself. Raises EntryUnknown, StoreUnavailable, ObjectCorrupt."""
    entry = _looked(who, entry_id, Look.DOWNLOADED, at=at)
    return File(f"{_name(entry)}.pdf", _content(entry))


def page_image(who: Principal, entry_id: UUID, number: int, *, at: datetime) -> bytes:
    """A page as PNG. Raises EntryUnknown, PageMissing."""
    entry = _looked(who, entry_id, Look.PAGE_VIEWED, at=at, details={"page": number})
    paper = page_images.Paper.stored(entry.content, lambda _: _content(entry))
    return page_images.picture(paper, number, PAGE_WIDTH_PX)


def verification(who: Principal, entry_id: UUID, *, at: datetime) -> tuple[Entry, Verdict]:
    """The entry, and what is to be said about its signatures today."""
    entry = _looked(who, entry_id, Look.VERIFIED, at=at)
    trust = TrustStore.from_directory(settings().trust_directory)
    with db.transaction(who.acting) as session:
        record = records.record_of(session, entry_id)
    return entry, records.judged(_content(entry), record, trust=trust, at=at)


def evidence_record(who: Principal, entry_id: UUID, *, at: datetime) -> File:
    """The evidence record beside the file (RFC 4998). Raises EntryUnknown, NoRecord."""
    entry = _looked(who, entry_id, Look.DOWNLOADED, at=at)
    with db.transaction(who.acting) as session:
        record = records.record_of(session, entry_id)
    if record is None:
        raise records.NoRecord("Tệp lưu trữ này không có hồ sơ bằng chứng (RFC 4998).")
    return File(f"{_name(entry)}.ers", record)


def evidence_package(who: Principal, entry_id: UUID, *, at: datetime) -> File:
    """The package that proves the entry. Raises NotYetInLog while the log has not placed it."""
    with db.transaction(who.acting) as session:
        entry = queries.entry(session, entry_id, on=clock.civil_date(at))
        evidence = queries.evidence(session, entry)
        actions.look(session, entry_id, Look.PACKAGED, by=who, at=at)
    directory = settings().trust_directory
    built = package.build(
        Contents(
            description=entry.description,
            content=_content(entry),
            entry=evidence.entry,
            history=evidence.history,
            checkpoint=evidence.checkpoint,
            log=log_key.published(directory) or log_key.of_settings().verifier,
            anchors=TrustStore.from_directory(directory).anchors,
        )
    )
    return File(f"bang-chung-{_name(entry)}.zip", built)


def _looked(
    who: Principal,
    entry_id: UUID,
    way: Look,
    *,
    at: datetime,
    details: dict[str, object] | None = None,
) -> Entry:
    with db.transaction(who.acting) as session:
        entry = queries.entry(session, entry_id, on=clock.civil_date(at))
        actions.look(session, entry_id, way, by=who, at=at, details=details)
    return entry


def _history(session: Session, entry: Entry) -> list[Event]:
    """What happened to the document or register in its own slice, and then in the archive."""
    about = entry.description
    return [
        *audit.history(session, about.kind.value, about.source_id),
        *audit.history(session, "archive_entry", about.entry_id),
    ]


def _content(entry: Entry) -> bytes:
    return configured.store().get_locked(entry.content, entry.object_version)


def _name(entry: Entry) -> str:
    return file_name(entry.description.title, entry.description.number_notation)
