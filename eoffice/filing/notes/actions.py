"""A note on a closed book is written by the clerk and signed by the head. Actions."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents import types
from eoffice.filing import closing_alerts, closing_rules, closing_tables
from eoffice.filing.closing_actions import ContentDiffers, NotYourSignature
from eoffice.filing.closing_model import BookClosing, ClosingNote
from eoffice.filing.closing_rules import BookUnknown
from eoffice.filing.notes.rules import NoteSigned, NotesMoved, NoteUnknown, Wording
from eoffice.objects.sha256 import Sha256
from eoffice.people import signers
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

KIND: Final = "closing_note"


def next_ordinal(session: Session, closing_id: UUID) -> int:
    last = session.scalar(
        select(func.max(ClosingNote.ordinal)).where(ClosingNote.closing_id == closing_id)
    )
    return (last or 0) + 1


def write(
    session: Session,
    closing_id: UUID,
    ordinal: int,
    wording: Wording,
    content: Sha256,
    page_count: int,
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Keep a note whose page is made; the head is told. Raises ClosingNotYours, NotesMoved."""
    closing_rules.require_keeper(PositionKind(by.position_kind))
    closing = session.scalars(
        select(BookClosing)
        .where(BookClosing.id == closing_id, BookClosing.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if closing is None:
        raise BookUnknown("Không có sổ đã khóa này, hoặc sổ của cơ quan khác.")
    if next_ordinal(session, closing_id) != ordinal:
        raise NotesMoved("Có người vừa lập một bản đính chính của sổ này. Hãy gửi lại.")
    note = ClosingNote(
        id=new_id(),
        closing_id=closing_id,
        agency_id=closing.agency_id,
        ordinal=ordinal,
        place=wording.place,
        words=wording.words,
        reason=wording.reason,
        written_by=by.person_id,
        written_at=at,
        content_sha256=str(content),
        page_count=page_count,
    )
    session.add(note)
    _record(session, "closing_note.written", note, by, at, content)
    closing_alerts.tell_of_note(session, closing, note, at=at)
    return note.id


def to_sign(
    session: Session, note_id: UUID, *, by: Principal, at: datetime
) -> tuple[ClosingNote, str]:
    """The note, locked, and in which capacity this person signs it.

    Raises ClosingNotYours, NoteUnknown, NoteSigned, NotYourSignature, NoAuthority.
    """
    note = session.scalars(
        select(ClosingNote)
        .where(ClosingNote.id == note_id, ClosingNote.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if note is None:
        raise NoteUnknown("Sổ không có bản đính chính này.")
    closing = session.get_one(BookClosing, note.closing_id)
    closing_rules.require_reader(closing.kind, PositionKind(by.position_kind))
    if note.signed_at is not None:
        raise NoteSigned("Bản đính chính này đã ký.")
    if note.written_by == by.person_id:
        raise NotYourSignature("Bạn là người lập; bản đính chính do lãnh đạo ký.")
    right = signers.strongest(session, by.person_id, note.agency_id, at=at)
    words = types.capacity_lines(right.capacity, right.title, right.head_title)
    return note, " ".join(words).upper()


def record_signature(
    session: Session,
    note_id: UUID,
    *,
    source: Sha256,
    result: Sha256,
    by: Principal,
    at: datetime,
) -> None:
    """The page is signed, and goes into the archive beside the book. Raises ContentDiffers."""
    note, capacity = to_sign(session, note_id, by=by, at=at)
    if note.content_sha256 != str(source):
        raise ContentDiffers("Có người vừa ký bản đính chính này.")
    note.content_sha256 = str(result)
    note.capacity, note.signed_by, note.signed_at = capacity, by.person_id, at
    _record(session, "closing_note.signed", note, by, at, result)
    closing = session.get_one(BookClosing, note.closing_id)
    title = closing_tables.title(closing.kind, closing.year)
    outbox.promise(
        session,
        "archive.ingest",
        at=at,
        kind="book",
        source_id=note.id,
        content_sha256=str(result),
        agency_id=note.agency_id,
        unit_id=note.agency_id,
        title=f"Đính chính số {note.ordinal:02d} của {title[0].lower()}{title[1:]}",
        number_notation=None,
        issued_on=clock.civil_date(at),
        retain_until=closing_rules.retained_until(closing.year, closing.retention_years),
    )


def _record(
    session: Session, action: str, note: ClosingNote, by: Principal, at: datetime, content: Sha256
) -> None:
    record(
        session,
        action,
        object_kind=KIND,
        object_id=note.id,
        by=by,
        at=at,
        details={
            "closing_id": str(note.closing_id),
            "ordinal": note.ordinal,
            "sha256": str(content),
        },
    )
