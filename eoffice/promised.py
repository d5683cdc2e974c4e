"""The frame around every task that keeps a promise of the outbox.

A slice writes `tasks.py` with these decorators; `worker.py` collects the tasks. A task may run
twice and may die at any line: what it did is either committed together with `keep()` or done
again by the next run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from celery import shared_task
from sqlalchemy.orm import Session

from eoffice import clock, outbox
from eoffice.db import system_transaction

log = structlog.get_logger()

InOneTransaction = Callable[[Session, dict[str, Any], datetime], None]
InSteps = Callable[[outbox.Claim, datetime], None]


def keeps(task: str) -> Callable[[InOneTransaction], InOneTransaction]:
    """`work(session, payload, at)` keeps the promise in one transaction, without the world.

    Claim, work and keeping commit together, so a worker that dies leaves nothing behind.
    """

    def wrap(work: InOneTransaction) -> InOneTransaction:
        def run(promise_id: str) -> None:
            at = clock.now()
            claimed: outbox.Claim | None = None
            try:
                with system_transaction() as session:
                    claimed = outbox.claim(session, UUID(promise_id), at=at)
                    if claimed is not None:
                        work(session, claimed.payload, at)
                        outbox.keep(session, claimed.id, at=clock.now())
            except Exception as failure:
                _put_off(task, promise_id, claimed, failure)

        shared_task(name=task)(run)
        return work

    return wrap


def keeps_in_steps(task: str) -> Callable[[InSteps], InSteps]:
    """`work(claim, at)` calls the outside world between transactions that it opens itself.

    It calls `outbox.keep()` in its last transaction; returning without is a failed attempt.
    """

    def wrap(work: InSteps) -> InSteps:
        def run(promise_id: str) -> None:
            at = clock.now()
            claimed: outbox.Claim | None = None
            try:
                with system_transaction() as session:
                    claimed = outbox.claim(session, UUID(promise_id), at=at)
                if claimed is not None:
                    work(claimed, at)
            except Exception as failure:
                _put_off(task, promise_id, claimed, failure)

        shared_task(name=task)(run)
        return work

    return wrap


def failure_of(session: Session, work: Callable[[], None]) -> Exception | None:
    """Do a part of a promise's work; if it fails, undo it and go on: the failure, for the log.

    A session whose connection is lost fails again at its next statement.
    """
    try:
        with session.begin_nested():
            work()
    except Exception as failure:
        return failure
    return None


def failure_of_steps(work: Callable[[], None]) -> Exception | None:
    """Do a part that opens its own transactions and go on if it fails: the failure, for the log.

    What it had not committed is undone. Where the database itself is lost, the caller's next
    transaction fails as well, and with it the whole promise.
    """
    try:
        work()
    except Exception as failure:
        return failure
    return None


def _put_off(task: str, promise_id: str, claimed: outbox.Claim | None, failure: Exception) -> None:
    why = f"{type(failure).__name__}: {failure}"
    log.warning("promise.put_off", task=task, promise_id=promise_id, failure=type(failure).__name__)
    if claimed is None:
        return
    with system_transaction() as session:
        outbox.put_off(session, claimed, at=clock.now(), why=why)
