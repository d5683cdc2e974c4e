"""What other parts of the office have a person told of: noted once, read, put away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.alerts.push_model import ToldNotice
from eoffice.alerts.states import ToldKind
from eoffice.db import new_id
from eoffice.errors import NotFound
from eoffice.web.principal import Principal


class NoticeNotThere(NotFound):
    """The person has no such notice."""


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    id: UUID
    kind: ToldKind
    object_id: UUID
    text: str
    path: str
    due_on: date | None
    told_at: datetime


def note(session: Session, payload: Mapping[str, Any], *, at: datetime) -> bool:
    """Keep a promised notice; whether it is the first for its cause. Idempotent.

    The promise says `person_id`, `kind`, `object_id`, `cause`, `text`, `path` and perhaps `due_on`.
    Runs as the office itself.
    """
    due_on = payload.get("due_on")
    made = session.scalar(
        insert(ToldNotice)
        .values(
            id=new_id(),
            person_id=UUID(payload["person_id"]),
            kind=ToldKind(payload["kind"]),
            object_id=UUID(payload["object_id"]),
            cause=payload["cause"],
            text=payload["text"],
            path=payload["path"],
            due_on=None if due_on is None else date.fromisoformat(due_on),
            told_at=at,
        )
        .on_conflict_do_nothing(index_elements=["person_id", "cause"])
        .returning(ToldNotice.id)
    )
    return made is not None


def unread(session: Session, person_id: UUID) -> tuple[NoticeSeen, ...]:
    """The latest first."""
    rows = session.scalars(
        select(ToldNotice)
        .where(ToldNotice.person_id == person_id, ToldNotice.read_at.is_(None))
        .order_by(ToldNotice.told_at.desc(), ToldNotice.id)
    )
    return tuple(
        NoticeSeen(row.id, row.kind, row.object_id, row.text, row.path, row.due_on, row.told_at)
        for row in rows
    )


def put_away(session: Session, notice_id: UUID, *, by: Principal, at: datetime) -> None:
    """It has been read. Idempotent; nothing follows from it. Raises NoticeNotThere."""
    row = session.get(ToldNotice, notice_id)
    if row is None or row.person_id != by.person_id:
        raise NoticeNotThere("Không có tin này.")
    row.read_at = row.read_at or at


def forget(session: Session, *, before: datetime) -> None:
    """Notices that were told long ago. Runs as the office itself."""
    session.execute(delete(ToldNotice).where(ToldNotice.told_at < before))
