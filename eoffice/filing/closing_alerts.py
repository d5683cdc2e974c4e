"""Telling whose turn it is: a closed book, or a note on one, awaits a signature."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.filing import closing_tables
from eoffice.filing.closing_model import BookClosing, ClosingNote
from eoffice.filing.closing_states import State
from eoffice.outbox import promise
from eoffice.people import queries as people

_WAITS: Final = {
    State.PRINTED: "chờ văn thư ký",
    State.SIGNED_BY_CLERK: "chờ người đứng đầu cơ quan ký",
    State.SIGNED_BY_HEAD: "chờ văn thư đóng dấu",
}


def tell_next(session: Session, closing: BookClosing, *, at: datetime) -> None:
    """Those who sign next hear of it, once for each state of the book."""
    waits = _WAITS.get(closing.state)
    if waits is None:
        return
    of_head = closing.state is State.SIGNED_BY_CLERK
    title = closing_tables.title(closing.kind, closing.year)
    _tell(
        session,
        _head(session, closing.agency_id, at) if of_head else _clerks(session, closing, at),
        closing,
        cause=f"closing:{closing.id}:{closing.state.value}",
        text=f"{title} đã khóa, {waits}",
        at=at,
    )


def tell_of_note(
    session: Session, closing: BookClosing, note: ClosingNote, *, at: datetime
) -> None:
    """The head hears that a correction awaits the signature."""
    title = closing_tables.title(closing.kind, closing.year)
    _tell(
        session,
        _head(session, closing.agency_id, at),
        closing,
        cause=f"closing-note:{note.id}",
        text=f"Đính chính số {note.ordinal:02d} của {title[0].lower()}{title[1:]} chờ ký",
        at=at,
    )


def _head(session: Session, agency_id: UUID, at: datetime) -> set[UUID]:
    head = people.head_of(session, agency_id, at=at)
    return {head.person_id} if head else set()


def _clerks(session: Session, closing: BookClosing, at: datetime) -> set[UUID]:
    return {each.person_id for each in people.clerks_of(session, closing.agency_id, at=at)}


def _tell(
    session: Session,
    persons: Iterable[UUID],
    closing: BookClosing,
    *,
    cause: str,
    text: str,
    at: datetime,
) -> None:
    for person_id in sorted(persons):
        promise(
            session,
            "alerts.tell",
            at=at,
            person_id=person_id,
            kind="closing",
            object_id=closing.id,
            cause=cause,
            text=text,
            path=f"/books/{closing.kind.value}/{closing.year}",
        )
