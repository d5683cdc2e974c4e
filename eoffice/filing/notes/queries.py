"""Notes on a closed book as its page shows them. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from eoffice.filing import closing_queries
from eoffice.filing.closing_model import ClosingNote
from eoffice.filing.closing_states import ClosedKind
from eoffice.filing.notes.rules import NoteUnknown
from eoffice.people import signers
from eoffice.people.model import Person
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class NoteSeen:
    id: UUID
    ordinal: int
    place: str
    words: str
    reason: str
    written_by: str
    written_at: datetime
    signed_by: str | None
    signed_at: datetime | None
    capacity: str | None
    content_sha256: str
    page_count: int
    #: It waits for the signature of whoever looks.
    is_mine: bool


def of_book(
    session: Session, *, kind: ClosedKind, year: int, who: Principal, at: datetime
) -> tuple[NoteSeen, ...]:
    """In their order. Raises ClosingNotYours, BookUnknown."""
    closing = closing_queries.closing(session, kind=kind, year=year, who=who, at=at)
    writer, signer = aliased(Person), aliased(Person)
    rows = session.execute(
        select(ClosingNote, writer.full_name, signer.full_name)
        .join(writer, writer.id == ClosingNote.written_by)
        .outerjoin(signer, signer.id == ClosingNote.signed_by)
        .where(ClosingNote.closing_id == closing.id)
        .order_by(ClosingNote.ordinal)
    ).all()
    leads = any(row.signed_at is None for row, _, _ in rows) and bool(
        signers.rights(session, who.person_id, who.agency_id, at=at)
    )
    return tuple(
        NoteSeen(
            id=row.id,
            ordinal=row.ordinal,
            place=row.place,
            words=row.words,
            reason=row.reason,
            written_by=written_by,
            written_at=row.written_at,
            signed_by=signed_by,
            signed_at=row.signed_at,
            capacity=row.capacity,
            content_sha256=row.content_sha256,
            page_count=row.page_count,
            is_mine=leads and row.signed_at is None and row.written_by != who.person_id,
        )
        for row, written_by, signed_by in rows
    )


def note(
    session: Session, ordinal: int, *, kind: ClosedKind, year: int, who: Principal, at: datetime
) -> NoteSeen:
    """Raises ClosingNotYours, BookUnknown, NoteUnknown."""
    for each in of_book(session, kind=kind, year=year, who=who, at=at):
        if each.ordinal == ordinal:
            return each
    raise NoteUnknown("Sổ không có bản đính chính này.")
