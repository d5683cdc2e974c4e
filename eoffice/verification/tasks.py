"""Verifying stored files again, a portion each hour of the night, the oldest verdict first.

What was signed does not change; what is known of certificates, algorithms and time-stamps does.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import structlog
from celery import shared_task

from eoffice import clock
from eoffice.archive import records, verification_history
from eoffice.archive.verification_history import Due
from eoffice.db import system_transaction
from eoffice.objects import configured
from eoffice.objects.contract import LockMissing, ObjectCorrupt, ObjectMissing
from eoffice.settings import settings
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Verdict
from eoffice.verification import actions, rules

WORKER: Final = "worker:verification.look_again"
#: Files of one run at most, and for how long it begins with another one.
PORTION: Final = 200
SPAN: Final = timedelta(minutes=5)

log = structlog.get_logger()


def look_again() -> int:
    """One portion, if it is night; returns of how many files the verdict changed."""
    at = clock.now()
    if not rules.is_night(clock.vietnam_time(at).hour):
        return 0
    return portion(at=at)


shared_task(name="verification.look_again", ignore_result=True)(look_again)


def portion(*, at: datetime, limit: int = PORTION) -> int:
    """Each file in a transaction of its own: a run that dies has lost one file's work.

    Raises StoreUnavailable.
    """
    with system_transaction() as session:
        due = verification_history.due(session, before=at - rules.REST, limit=limit)
    trust = TrustStore.from_directory(settings().trust_directory)
    changed = 0
    for one in due:
        if clock.now() - at > SPAN:
            break
        verdict = judged(one, trust=trust, at=at)
        with system_transaction() as session:
            is_news = actions.note(session, one.entry_id, verdict, by=WORKER, at=at)
        if is_news:
            changed += 1
            log.warning(
                "verification.changed", entry_id=str(one.entry_id), finding=verdict.verdict.value
            )
    return changed


def judged(one: Due, *, trust: TrustStore, at: datetime) -> Verdict:
    """By what the file carries, in a child process. Raises StoreUnavailable."""
    try:
        content = configured.store().get_locked(one.content, one.object_version)
    except (ObjectMissing, LockMissing):
        return Verdict(Finding.UNVERIFIABLE, "Kho lưu trữ không còn tệp này.")
    except ObjectCorrupt:
        return Verdict(Finding.CHANGED, "Tệp trong kho lưu trữ không còn đúng mã băm của nó.")
    return records.judged(content, one.record, trust=trust, at=at)
