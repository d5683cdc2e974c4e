"""The worker's part in tests of pages: every promise of the classes is kept once, in order."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from eoffice import outbox
from eoffice.classes import tasks
from eoffice.db import system_transaction
from eoffice.outbox import Promise, PromiseState


def work(at: datetime) -> None:
    """Until nothing waits."""
    while True:
        with system_transaction() as session:
            waiting = session.scalars(
                select(Promise)
                .where(Promise.task.like("classes.%"), Promise.state != PromiseState.KEPT)
                .order_by(Promise.promised_at, Promise.id)
            ).all()
            found = [(one.task, outbox.Claim(one.id, one.payload, 1)) for one in waiting]
        if not found:
            return
        for task, claim in found:
            if task == "classes.read_list":
                tasks.read_list(claim, at)
                continue
            with system_transaction() as session:
                tasks.take_list(session, claim.payload, at)
                outbox.keep(session, claim.id, at=at)
