"""By the calendar: the newest head is published and stamped."""

from __future__ import annotations

import hashlib

import structlog
from celery import shared_task

from eoffice import clock
from eoffice.db import system_transaction
from eoffice.settings import settings
from eoffice.signing import timestamps
from eoffice.signing.timestamps import TimestampUnavailable
from eoffice.signing.trust import TrustStore
from eoffice.transparency import actions, queries

log = structlog.get_logger()


def publish() -> None:
    """Publish the newest head and have it stamped; without an authority it waits for the next run.

    Asks the authority outside of transactions. Idempotent.
    """
    with system_transaction() as session:
        actions.publish(session, at=clock.now())
    with system_transaction() as session:
        head = queries.without_timestamp(session)
    if head is None or not settings().timestamp_url:
        return
    trust = TrustStore.from_directory(settings().trust_directory)
    asked = timestamps.of_setting(settings().timestamp_url, trust=trust)
    try:
        token = asked.stamp(hashlib.sha256(head.note.encode()).digest(), "sha256")
    except TimestampUnavailable:
        log.warning("transparency.unstamped", size=head.size)
        return
    with system_transaction() as session:
        actions.note_timestamp(session, head.size, token.der, stamped_at=token.stamped_at)


shared_task(name="transparency.publish", ignore_result=True)(publish)
