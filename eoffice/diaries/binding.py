"""What binds the weeks of a diary: a book that was made of them.

Called by the slice that makes books, so that nobody here asks it. A week is in a book when it was
closed before the book was asked for; a week that was opened for a correction and closed again
stands in the next version only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from eoffice.classes.model import SchoolClass
from eoffice.diaries.model import DiaryBinding


@dataclass(frozen=True, slots=True)
class Bound:
    """The book that has a week."""

    book_id: UUID
    name: str
    is_sealed: bool


def bind(
    session: Session, school_class: SchoolClass, holder_id: UUID, name: str, *, at: datetime
) -> None:
    """The book `holder_id` was asked for: it has the weeks that are closed by now."""
    session.add(
        DiaryBinding(
            holder_id=holder_id,
            class_id=school_class.id,
            school_id=school_class.school_id,
            name=name,
            asked_at=at,
            is_sealed=False,
        )
    )


def seal(session: Session, holder_id: UUID) -> None:
    session.execute(
        update(DiaryBinding).where(DiaryBinding.holder_id == holder_id).values(is_sealed=True)
    )


def release(session: Session, holder_id: UUID, *, at: datetime) -> None:
    """The book was returned, or another version took its place. Idempotent."""
    session.execute(
        update(DiaryBinding)
        .where(DiaryBinding.holder_id == holder_id, DiaryBinding.released_at.is_(None))
        .values(released_at=at)
    )


def book_with(session: Session, class_id: UUID, closed_at: datetime | None) -> Bound | None:
    """The newest book of the class in which a week stands that was closed at this time."""
    if closed_at is None:
        return None
    row = session.scalars(
        select(DiaryBinding)
        .where(
            DiaryBinding.class_id == class_id,
            DiaryBinding.released_at.is_(None),
            DiaryBinding.asked_at >= closed_at,
        )
        .order_by(DiaryBinding.asked_at.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Bound(row.holder_id, row.name, row.is_sealed)
