"""Questions to the archive, always on behalf of a person and on a day of the office's calendar.

Every function that takes `on` first tells the database which day it is, for inspections run by the
calendar; row-level security then shows what the person may see, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from eoffice.archive import rules
from eoffice.archive.model import ArchiveEntry, Inspection, InspectionUnit
from eoffice.archive.rules import Description
from eoffice.archive.states import EntryKind, Fixity, InspectionState
from eoffice.audit import queries as audit
from eoffice.audit.leaf import Proven
from eoffice.errors import NotFound
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people.model import Appointment, Person, Position, Unit
from eoffice.signing.verdict import Verdict


class EntryUnknown(NotFound):
    """There is no such entry in the archive, or the acting person may not know of it."""


class InspectionUnknown(NotFound):
    """There is no such inspection decision, or the acting person may not know of it."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in a list."""

    id: UUID
    kind: EntryKind
    title: str
    number_notation: str | None
    agency_name: str
    school_year: str
    class_name: str | None
    issued_on: date | None
    archived_at: datetime
    level: str | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as the reader shows it."""

    description: Description
    source_sha256: str
    page_count: int
    object_version: str
    locked_until: datetime
    retain_until: date | None
    level: str | None
    #: What verification said at ingest.
    verdict: Verdict
    audit_event_id: UUID
    fixity: Fixity
    fixity_checked_at: datetime
    #: Until when its last time-stamp proves what it proves, and what ends then.
    lasts_until: datetime | None
    lasts_because: str
    renewed_at: datetime | None
    #: What came between it and a renewal: a sentence.
    renewal_trouble: str

    @property
    def id(self) -> UUID:
        return self.description.entry_id

    @property
    def content(self) -> Sha256:
        return Sha256(self.description.content_sha256)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The version before or after one that was taken in."""

    source_id: UUID
    #: Its newest entry and when that was taken in; None until it is, or where it is out of scope.
    entry_id: UUID | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Succession:
    superseded_by: Neighbour | None
    supersedes: Neighbour | None


@dataclass(frozen=True, slots=True)
class InspectionRead:
    id: UUID
    agency_id: UUID
    decision_number: str
    decided_on: date
    title: str
    inspector_id: UUID
    inspector_name: str
    unit_ids: tuple[UUID, ...]
    unit_names: tuple[str, ...]
    kinds: tuple[EntryKind, ...]
    school_years: tuple[str, ...]
    valid_from: date
    valid_to: date
    ended_at: datetime | None
    state: InspectionState


@dataclass(frozen=True, slots=True)
class Evidence:
    """From the log: what proves the ingest, and the history of what was taken in."""

    #: The signed checkpoint under which everything here is proved.
    checkpoint: str
    entry: Proven
    history: tuple[Proven, ...]


@dataclass(frozen=True, slots=True)
class FixityDue:
    """An archived object that is to be read again."""

    entry_id: UUID
    content: Sha256
    object_version: str


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a search is narrowed down to; empty stands for everything."""

    kinds: tuple[EntryKind, ...] = ()
    school_years: tuple[str, ...] = ()
    agency_ids: tuple[UUID, ...] = ()


def search(
    session: Session,
    words: str,
    *,
    on: date,
    narrowed: Narrowed = Narrowed(),
    after: tuple[datetime, UUID] | None = None,
    limit: int = 20,
) -> list[Line]:
    """Entries that match, newest first; diacritics and case do not matter, "…" is a phrase, -word
    excludes. No words: everything in scope.
    """
    _say_day(session, on)
    ids = select(
        func.archive_search(
            words,
            [kind.value for kind in narrowed.kinds] or None,
            list(narrowed.school_years) or None,
            list(narrowed.agency_ids) or None,
            *(after or (None, None)),
            limit,
            type_=ArchiveEntry.id.type,
        )
    )
    found = session.scalars(ids).all()
    rows = session.scalars(
        select(ArchiveEntry)
        .where(ArchiveEntry.id.in_(found))
        .order_by(ArchiveEntry.archived_at.desc(), ArchiveEntry.id.desc())
    )
    return [_line(row) for row in rows]


def entry(session: Session, entry_id: UUID, *, on: date) -> Entry:
    """Raises EntryUnknown."""
    _say_day(session, on)
    row = session.get(ArchiveEntry, entry_id)
    if row is None:
        raise EntryUnknown(
            "Không có hồ sơ lưu trữ này, hoặc hồ sơ không thuộc phạm vi được xem của chức danh"
            " đang làm việc."
        )
    return _entry(row)


def versions(session: Session, kind: EntryKind, source_id: UUID, *, on: date) -> list[Line]:
    """All that was taken in of one document or register, newest first."""
    _say_day(session, on)
    rows = session.scalars(
        select(ArchiveEntry)
        .where(ArchiveEntry.kind == kind, ArchiveEntry.source_id == source_id)
        .order_by(ArchiveEntry.archived_at.desc(), ArchiveEntry.id.desc())
    )
    return [_line(row) for row in rows]


def succession(session: Session, found: Entry, *, on: date) -> Succession:
    """What took the place of a book or report, and whose place it took itself, by its events."""
    about = found.description
    events = audit.history(session, about.kind.value, about.source_id)
    said = {name: value for event in events for name, value in event.details.items()}
    return Succession(
        superseded_by=_neighbour(session, about, said.get("superseded_by"), on=on),
        supersedes=_neighbour(session, about, said.get("supersedes_id"), on=on),
    )


def _neighbour(
    session: Session, about: Description, source_id: Any, *, on: date
) -> Neighbour | None:
    if not source_id:
        return None
    taken_in = versions(session, about.kind, UUID(str(source_id)), on=on)
    newest = taken_in[0] if taken_in else None
    return Neighbour(
        UUID(str(source_id)),
        None if newest is None else newest.id,
        None if newest is None else newest.archived_at,
    )


def school_years(session: Session, *, on: date) -> list[str]:
    """The school years of which there is something in scope, newest first."""
    _say_day(session, on)
    return list(
        session.scalars(
            select(ArchiveEntry.school_year)
            .distinct()
            .order_by(ArchiveEntry.school_year.desc())
            .limit(40)
        )
    )


def evidence(session: Session, found: Entry) -> Evidence:
    """The proofs of an entry that was found for this person.

    Raises NotYetInLog until the log has given the ingest its place.
    """
    head = audit.signed_head(session)
    size, checkpoint = head if head is not None else (0, "")
    about = found.description
    ids = dict.fromkeys(
        [
            *audit.event_ids(session, about.kind.value, about.source_id, below=size),
            *audit.event_ids(session, "archive_entry", about.entry_id, below=size),
        ]
    )
    proofs = audit.proofs(session, [found.audit_event_id, *ids], size=size)
    history = sorted(proofs[1:], key=lambda proven: proven.index)
    return Evidence(checkpoint, proofs[0], tuple(history))


def inspection(session: Session, inspection_id: UUID, *, on: date) -> InspectionRead:
    """Raises InspectionUnknown."""
    _say_day(session, on)
    row = session.get(Inspection, inspection_id)
    if row is None:
        raise InspectionUnknown("Không có quyết định thanh tra này.")
    return _inspections(session, [row], on)[0]


def inspections_of(session: Session, person_id: UUID, *, on: date) -> list[InspectionRead]:
    """The decisions that name a person as inspector, running ones first, then newest first."""
    _say_day(session, on)
    rows = session.scalars(
        select(Inspection)
        .where(Inspection.inspector_id == person_id)
        .order_by(Inspection.valid_from.desc(), Inspection.id.desc())
        .limit(200)
    ).all()
    found = _inspections(session, rows, on)
    return sorted(found, key=lambda one: one.state is not InspectionState.RUNNING)


def inspections_by(session: Session, agency_id: UUID, *, on: date) -> list[InspectionRead]:
    """The decisions of an agency, newest first."""
    _say_day(session, on)
    rows = session.scalars(
        select(Inspection)
        .where(Inspection.agency_id == agency_id)
        .order_by(Inspection.decided_on.desc(), Inspection.id.desc())
        .limit(200)
    ).all()
    return _inspections(session, rows, on)


def inspectors(session: Session, agency_id: UUID, *, on: date) -> list[tuple[UUID, str]]:
    """Who can be sent to inspect: identifier and full name."""
    rows = session.execute(
        select(Person.id, Person.full_name)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Position, Position.id == Appointment.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(
            Position.kind == rules.INSPECTOR,
            Unit.agency_id == agency_id,
            people.in_force(Appointment.valid_from, Appointment.valid_to, on),
        )
        .distinct()
        .order_by(Person.full_name)
    )
    return [(person_id, name) for person_id, name in rows]


def fixity_due(session: Session, *, before: datetime, limit: int) -> list[FixityDue]:
    """Entries that were not read again since `before`, the longest waiting first.

    For the worker, which passes row-level security.
    """
    rows = session.scalars(
        select(ArchiveEntry)
        .where(ArchiveEntry.fixity_checked_at < before)
        .order_by(ArchiveEntry.fixity_checked_at)
        .limit(limit)
    )
    return [FixityDue(row.id, Sha256(row.content_sha256), row.object_version) for row in rows]


def _say_day(session: Session, on: date) -> None:
    session.execute(text("select set_config('app.today', :on, true)"), {"on": on.isoformat()})


def _line(row: ArchiveEntry) -> Line:
    return Line(
        id=row.id,
        kind=row.kind,
        title=row.title,
        number_notation=row.number_notation,
        agency_name=row.agency_name,
        school_year=row.school_year,
        class_name=row.class_name,
        issued_on=row.issued_on,
        archived_at=row.archived_at,
        level=row.level,
        verdict=row.verdict["verdict"],
    )


def _entry(row: ArchiveEntry) -> Entry:
    return Entry(
        description=described(row),
        source_sha256=row.source_sha256,
        page_count=row.page_count,
        object_version=row.object_version,
        locked_until=row.locked_until,
        retain_until=row.retain_until,
        level=row.level,
        verdict=Verdict.from_json(row.verdict),
        audit_event_id=row.audit_event_id,
        fixity=row.fixity,
        fixity_checked_at=row.fixity_checked_at,
        lasts_until=row.lasts_until,
        lasts_because=row.lasts_because,
        renewed_at=row.renewed_at,
        renewal_trouble=row.renewal_trouble,
    )


def described(row: ArchiveEntry) -> Description:
    """As it stands in packages, and in the log as a digest."""
    return Description(
        entry_id=row.id,
        kind=row.kind,
        source_id=row.source_id,
        agency_id=row.agency_id,
        agency_name=row.agency_name,
        unit_id=row.unit_id,
        title=row.title,
        number_notation=row.number_notation,
        school_year=row.school_year,
        class_name=row.class_name,
        issued_on=row.issued_on,
        content_sha256=row.content_sha256,
        size_bytes=row.size_bytes,
        archived_at=row.archived_at,
    )


def _inspections(session: Session, rows: Sequence[Inspection], on: date) -> list[InspectionRead]:
    named = _units_of(session, [row.id for row in rows])
    names: Mapping[UUID, str] = dict(
        session.execute(
            select(Person.id, Person.full_name).where(
                Person.id.in_({row.inspector_id for row in rows})
            )
        ).all()
    )
    return [_inspection(row, named.get(row.id, []), names[row.inspector_id], on) for row in rows]


def _units_of(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, str]]]:
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    rows: Any = session.execute(
        select(InspectionUnit.inspection_id, Unit.id, Unit.name)
        .join(Unit, Unit.id == InspectionUnit.unit_id)
        .where(InspectionUnit.inspection_id.in_(ids))
        .order_by(Unit.name)
    )
    for inspection_id, unit_id, name in rows:
        found.setdefault(inspection_id, []).append((unit_id, name))
    return found


def _inspection(
    row: Inspection, units: Sequence[tuple[UUID, str]], inspector_name: str, on: date
) -> InspectionRead:
    return InspectionRead(
        id=row.id,
        agency_id=row.agency_id,
        decision_number=row.decision_number,
        decided_on=row.decided_on,
        title=row.title,
        inspector_id=row.inspector_id,
        inspector_name=inspector_name,
        unit_ids=tuple(unit_id for unit_id, _ in units),
        unit_names=tuple(name for _, name in units),
        kinds=tuple(EntryKind(kind) for kind in row.kinds),
        school_years=tuple(row.school_years),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        ended_at=row.ended_at,
        state=rules.inspection_state(row.valid_from, row.valid_to, row.ended_at, on=on),
    )
