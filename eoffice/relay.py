"""The relay: carries due promises from the outbox to the broker and keeps the audit log in order.

It may die anywhere. Promises that were taken and not published come due again by themselves;
published twice, they are claimed once.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import psycopg
import redis
import structlog
from celery import Celery
from kombu.exceptions import OperationalError as BrokerDown
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from eoffice import clock, outbox
from eoffice.audit import actions as audit
from eoffice.db import system_transaction
from eoffice.settings import settings

log = structlog.get_logger()

#: Longest wait between two looks at the outbox; a promise that is due at once wakes the relay.
PAUSE_S = 1.0
BATCH = 200


def carry(publish: Callable[[str, str], None]) -> int:
    """Hand one batch of due promises to `publish(task, promise_id)`; returns how many."""
    with system_transaction() as session:
        due = outbox.hand_over(session, at=clock.now(), limit=BATCH)
    for promise_id, task in due:
        publish(task, str(promise_id))
    return len(due)


def order_log() -> int:
    """Give the newest audit events their place in the Merkle log; returns how many."""
    with system_transaction() as session:
        return audit.sequence(session, at=clock.now(), limit=1000)


def run(celery: Celery) -> None:
    """Work until SIGTERM or SIGINT; a database or broker that is away is waited for."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def publish(task: str, promise_id: str) -> None:
        celery.send_task(task, args=[promise_id], task_id=promise_id, ignore_result=True)

    log.info("relay.started")
    bell = _Bell()
    queue = redis.Redis.from_url(settings().broker_url, socket_timeout=5)
    while not stop.is_set():
        try:
            # Promises that only wait their turn in a long queue would be handed over again and
            # again, and the queue would never get shorter.
            has_room = queue.llen(celery.conf.task_default_queue) < 2 * BATCH
            carried = carry(publish) if has_room else 0
            ordered = order_log()
        except (OperationalError, BrokerDown, RedisError) as failure:
            log.warning("relay.waiting", failure=type(failure).__name__)
            stop.wait(PAUSE_S)
            continue
        if carried < BATCH and ordered == 0:
            bell.wait(PAUSE_S, stop)
    bell.close()
    queue.close()
    log.info("relay.stopped")


class _Bell:
    """Rings when somebody promised something; without its connection it is a plain pause."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection | None = None

    def wait(self, seconds: float, stop: threading.Event) -> None:
        try:
            if self._connection is None:
                url = (settings().worker_database_url or "").replace("+psycopg", "")
                self._connection = psycopg.connect(url, autocommit=True)
                self._connection.execute(f"listen {outbox.CHANNEL}")
            for _ in self._connection.notifies(timeout=seconds, stop_after=1):
                pass
        except psycopg.Error:
            self._connection = None
            stop.wait(seconds)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
