"""Promises: effects beyond the database, kept in the transaction that causes them.

An action calls `promise()`; the row is committed or rolled back with everything else. The relay
hands the identifiers of due rows to the broker and takes back those whose lease ran out; a task
claims its row, does the work and marks it kept. The broker may lose or repeat anything, so tasks
are idempotent and nothing but an identifier travels through it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from eoffice.db import Base, EnumText, enum_check, new_id

#: After this many failed attempts a promise waits for an operator (`eoffice doctor` shows it).
MOST_ATTEMPTS = 12
#: How long a task that works in several transactions may be silent before another may take over.
LEASE = timedelta(minutes=1)
#: A row that was handed to the broker and not claimed within this time is handed over again.
UNCLAIMED = timedelta(seconds=20)
CHANNEL = "eoffice_outbox"


class PromiseState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    CLAIMED = "claimed"
    KEPT = "kept"
    FAILED = "failed"


class Promise(Base):
    __tablename__ = "outbox"
    __table_args__ = (
        enum_check("state", PromiseState),
        Index(
            "ix_outbox_due",
            "due_at",
            postgresql_where=text("state IN ('waiting', 'sent', 'claimed')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    #: Name of the task that keeps the promise, "<slice>.<task>".
    task: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[PromiseState] = mapped_column(EnumText(PromiseState))
    promised_at: Mapped[datetime]
    #: When the relay has to look at the row next: hand it over, or take it back.
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    kept_at: Mapped[datetime | None]
    failure: Mapped[str | None]


@dataclass(frozen=True, slots=True)
class Claim:
    """A promise that this task, and no other, works on until its lease runs out."""

    id: UUID
    payload: dict[str, Any]
    attempt: int


def promise(
    session: Session, task: str, *, at: datetime, due_at: datetime | None = None, **payload: object
) -> UUID:
    """Have `task` run with `payload` once this transaction has committed, at least once.

    The payload is identifiers only: it is stored as JSON and shown to operators.
    """
    row = Promise(
        id=new_id(),
        task=task,
        payload=json.loads(json.dumps(payload, default=str)),
        state=PromiseState.WAITING,
        promised_at=at,
        due_at=due_at or at,
    )
    session.add(row)
    # The bell reads no rows: fifty-five promises of one issue are written in one statement.
    with session.no_autoflush:
        session.execute(select(func.pg_notify(CHANNEL, "")))
    return row.id


def promise_each(
    session: Session, task: str, payloads: Iterable[Mapping[str, object]], *, at: datetime
) -> None:
    """One promise of `task` for each payload, written in one statement."""
    rows = [
        {
            "id": new_id(),
            "task": task,
            "payload": json.loads(json.dumps(dict(payload), default=str)),
            "state": PromiseState.WAITING,
            "promised_at": at,
            "due_at": at,
            "attempts": 0,
        }
        for payload in payloads
    ]
    if rows:
        session.execute(insert(Promise), rows)
        session.execute(select(func.pg_notify(CHANNEL, "")))


def hand_over(session: Session, *, at: datetime, limit: int = 200) -> list[tuple[UUID, str]]:
    """Take due promises for the broker: identifier and task, oldest first.

    Rows that were handed over and not claimed, or claimed and not kept within the lease, are due
    again. Skips rows that another relay holds. The caller publishes after the commit; if it dies
    in between, the rows come due again after `UNCLAIMED`.
    """
    open_states = (PromiseState.WAITING, PromiseState.SENT, PromiseState.CLAIMED)
    rows = session.scalars(
        select(Promise)
        .where(Promise.state.in_(open_states), Promise.due_at <= at)
        .order_by(Promise.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.state = PromiseState.SENT
        row.due_at = at + UNCLAIMED
    return [(row.id, row.task) for row in rows]


def claim(session: Session, promise_id: UUID, *, at: datetime) -> Claim | None:
    """Begin the work of a promise; None when it is kept, given up, or somebody else's just now."""
    row = session.scalars(
        update(Promise)
        .where(
            Promise.id == promise_id,
            or_(
                Promise.state.in_((PromiseState.WAITING, PromiseState.SENT)),
                (Promise.state == PromiseState.CLAIMED) & (Promise.due_at <= at),
            ),
        )
        .values(
            state=PromiseState.CLAIMED,
            due_at=at + LEASE,
            attempts=Promise.attempts + 1,
            failure=None,
        )
        .returning(Promise)
    ).one_or_none()
    return None if row is None else Claim(row.id, row.payload, row.attempts)


def keep(session: Session, promise_id: UUID, *, at: datetime) -> None:
    """The work is done. Idempotent; call it in the transaction that records the result."""
    session.execute(
        update(Promise)
        .where(Promise.id == promise_id, Promise.state != PromiseState.KEPT)
        .values(state=PromiseState.KEPT, kept_at=at)
    )


def put_off(session: Session, claimed: Claim, *, at: datetime, why: str) -> None:
    """The work failed: try again later, each time after twice the wait, and then give up.

    Works as well after the transaction of the claim was rolled back.
    """
    given_up = claimed.attempt >= MOST_ATTEMPTS
    wait = timedelta(seconds=min(2**claimed.attempt, 600))
    session.execute(
        update(Promise)
        .where(
            Promise.id == claimed.id,
            Promise.state.in_((PromiseState.WAITING, PromiseState.SENT, PromiseState.CLAIMED)),
        )
        .values(
            state=PromiseState.FAILED if given_up else PromiseState.WAITING,
            due_at=at + wait,
            attempts=claimed.attempt,
            failure=why[:500],
        )
    )


def depth(session: Session) -> dict[str, int]:
    """How many promises are in each state that is not kept, for operators and metrics."""
    rows = session.execute(
        select(Promise.state, func.count())
        .where(Promise.state != PromiseState.KEPT)
        .group_by(Promise.state)
    )
    return {state.value: count for state, count in rows}
