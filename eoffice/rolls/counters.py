"""Numbers of the rolls: given one after the other, returned by a rollback, never given twice."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.rolls.model import Book, RollCounter


def locked(session: Session, school_id: UUID, book: Book, period: str = "") -> int:
    """The last number given; until the transaction ends nobody else takes one."""
    return _moved(session, school_id, book, period, 0)


def take(session: Session, school_id: UUID, book: Book, period: str = "", *, count: int = 1) -> int:
    """The first of `count` following numbers. The counter is locked until the transaction ends."""
    assert count > 0
    return _moved(session, school_id, book, period, count) - count + 1


def begin(session: Session, school_id: UUID, book: Book, first: int) -> None:
    """The next number that is taken will be `first`."""
    session.add(RollCounter(school_id=school_id, book=book, period="", last=first - 1))


def _moved(session: Session, school_id: UUID, book: Book, period: str, count: int) -> int:
    row = insert(RollCounter).values(school_id=school_id, book=book, period=period, last=count)
    last: int | None = session.scalar(
        row.on_conflict_do_update(
            index_elements=["school_id", "book", "period"],
            set_={"last": RollCounter.last + count},
        ).returning(RollCounter.last)
    )
    assert last is not None
    return last
