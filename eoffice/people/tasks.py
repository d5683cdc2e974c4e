"""What falls due by the calendar: what is over is deleted."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from celery import shared_task

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.people import accounts
from eoffice.web.idempotency import forget_answers

#: Longer than a program goes on repeating a request whose answer it lost.
ANSWERS_KEPT: Final = timedelta(days=2)


def sweep() -> None:
    """Delete sessions and attempts that are over, and answers that nobody asks for again."""
    at = clock.now()
    with system_transaction() as session:
        accounts.sweep(session, at=at)
        forget_answers(session, before=at - ANSWERS_KEPT)


shared_task(name="people.sweep", ignore_result=True)(sweep)
