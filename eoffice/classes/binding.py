"""What binds a class: while a book of it is signed or closed, nothing in the class may change.

Called by the actions that make books; the caller holds the row of the class (`actions.locked`) when
it binds, and has the event on record with its own step.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from eoffice.classes.model import ClassLock, SchoolClass


def bind(
    session: Session, school_class: SchoolClass, holder_id: UUID, stands_as: str, *, at: datetime
) -> None:
    """From now on nothing in the class changes until the book `holder_id` releases it."""
    session.add(
        ClassLock(
            holder_id=holder_id,
            class_id=school_class.id,
            school_id=school_class.school_id,
            stands_as=stands_as,
            bound_at=at,
        )
    )


def tell(session: Session, holder_id: UUID, stands_as: str) -> None:
    """The book stands elsewhere now; it binds its class as before."""
    session.execute(
        update(ClassLock).where(ClassLock.holder_id == holder_id).values(stands_as=stands_as)
    )


def release(session: Session, holder_id: UUID, *, at: datetime) -> None:
    """The book was returned: its class may change again, as far as no other book binds it."""
    session.execute(
        update(ClassLock)
        .where(ClassLock.holder_id == holder_id, ClassLock.released_at.is_(None))
        .values(released_at=at)
    )


def binding_book(session: Session, class_id: UUID) -> str | None:
    """Where the book stands that binds the class; None while nothing binds it."""
    return session.scalar(
        select(ClassLock.stands_as)
        .where(ClassLock.class_id == class_id, ClassLock.released_at.is_(None))
        .order_by(ClassLock.bound_at)
        .limit(1)
    )
