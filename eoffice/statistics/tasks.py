"""What falls due by the calendar: sealed books are counted."""

from __future__ import annotations

from typing import Final

from celery import shared_task

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.statistics import actions

#: Classes of one run, each in a transaction of its own; the next run goes on.
_AT_ONCE: Final = 500


def count_sealed() -> None:
    """Count what was sealed since the last run. Idempotent; a run that dies loses one class."""
    with system_transaction() as session:
        waiting = actions.uncounted(session, limit=_AT_ONCE)
    for class_id in waiting:
        with system_transaction() as session:
            actions.count(session, class_id, at=clock.now())


shared_task(name="statistics.count_sealed", ignore_result=True)(count_sealed)
