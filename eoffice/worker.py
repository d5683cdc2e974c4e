"""The worker: Celery, which runs what the outbox promised and what falls due by the calendar.

Late acknowledgement and one message at a time: a worker that dies gives its work back. What the
broker loses all the same, the relay hands over again.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence

from celery import Celery

from eoffice.settings import settings

SLICES = (
    "people",
    "documents",
    "signing.devices",
    "routing",
    "classes",
    "marks",
    "registers",
    "reports",
    "transfers",
    "archive",
    "mailroom",
    "alerts",
    "exchange",
    "filing",
    "families",
    "desk",
    "statistics",
    "verification",
    "transparency",
)
#: Longer than the longest task, or the broker would give a running task to a second worker.
VISIBILITY_S = 900
TIME_LIMIT_S = 600


def make(slices: Sequence[str] = SLICES) -> Celery:
    """The Celery application of this process, with the tasks of these slices.

    The relay, which only sends, takes none.
    """
    transport = {
        "visibility_timeout": VISIBILITY_S,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 30,
        "socket_keepalive": True,
    }
    app = Celery("eoffice", broker=settings().broker_url)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_acks_on_failure=True,
        task_acks_on_timeout=True,
        task_ignore_result=True,
        task_time_limit=TIME_LIMIT_S,
        worker_prefetch_multiplier=1,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options=transport,
        visibility_timeout=VISIBILITY_S,
        task_publish_retry_policy={"max_retries": 8, "interval_start": 0.1, "interval_max": 1},
        beat_schedule_filename=str(settings().var / "run" / "beat"),
        beat_schedule=SCHEDULE,
        timezone="Asia/Ho_Chi_Minh",
        enable_utc=True,
    )
    app.set_default()
    for slice_ in slices:
        importlib.import_module(f"eoffice.{slice_}.tasks")
    return app


#: What happens by the calendar rather than by a promise: task name and seconds between two runs.
SCHEDULE: dict[str, dict[str, object]] = {
    "archive-fixity": {"task": "archive.check_fixity", "schedule": 3600.0},
    "archive-renew": {"task": "archive.renew", "schedule": 3600.0},
    "alerts-look": {"task": "alerts.look", "schedule": 60.0},
    "desk-expire-pins": {"task": "desk.expire_pins", "schedule": 300.0},
    "desk-signatures": {"task": "desk.go_on_with_signatures", "schedule": 15.0},
    "documents-reservations": {"task": "documents.expire_reservations", "schedule": 3600.0},
    # The national axis is polled every five minutes; other gateways need no more.
    "exchange-look-around": {"task": "exchange.look_around", "schedule": 300.0},
    "filing-holds": {"task": "filing.hold_later_copies", "schedule": 3600.0},
    "filing-notice": {"task": "filing.give_notice", "schedule": 3600.0},
    "mailroom-mail": {"task": "mailroom.fetch_mail", "schedule": 120.0},
    "signing-devices": {"task": "signing.forget_device_codes", "schedule": 300.0},
    "verification-look-again": {"task": "verification.look_again", "schedule": 3600.0},
    # As often as a witness has something new to see; each head costs one time-stamp.
    "transparency-publish": {"task": "transparency.publish", "schedule": 3600.0},
    "statistics-count": {"task": "statistics.count_sealed", "schedule": 300.0},
    "people-sweep": {"task": "people.sweep", "schedule": 900.0},
    "routing-remind": {"task": "routing.remind", "schedule": 1800.0},
}
