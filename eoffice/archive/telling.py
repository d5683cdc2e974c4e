"""Who is told what becomes of an archived file outside of requests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.archive.model import ArchiveEntry
from eoffice.archive.states import KIND_NAMES
from eoffice.outbox import promise
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind


def tell(session: Session, entry: ArchiveEntry, words: str, *, cause: str, at: datetime) -> None:
    """Promise to tell the clerks of the agency and the operators; once for one cause."""
    for person_id in sorted(set(_concerned(session, entry.agency_id, at=at))):
        promise(
            session,
            "alerts.tell",
            at=at,
            person_id=person_id,
            kind="verification",
            object_id=entry.id,
            cause=cause,
            text=f"{named(entry)} trong kho lưu trữ: {words}",
            path=f"/archive/{entry.id}",
        )


def named(entry: ArchiveEntry) -> str:
    """Names no person: the title of a report book does."""
    name = entry.number_notation or (
        f"lớp {entry.class_name}" if entry.class_name else f"năm học {entry.school_year}"
    )
    return f"{KIND_NAMES[entry.kind]} {name}"


def _concerned(session: Session, agency_id: UUID, *, at: datetime) -> Iterator[UUID]:
    """The clerks of the agency, and the operators of the nearest agency that has some."""
    for clerk in people.clerks_of(session, agency_id, at=at):
        yield clerk.person_id
    unit_id: UUID | None = agency_id
    while unit_id is not None:
        operators = people.persons_in(session, unit_id, at=at, kinds=(PositionKind.OPERATOR,))
        if operators:
            yield from (each.person_id for each in operators)
            return
        unit_id = people.unit(session, unit_id).parent_id
