"""What the worker does for the desk: sign what was ticked, take away PINs whose time is over."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from celery import shared_task

from eoffice import clock, outbox
from eoffice.db import system_transaction
from eoffice.desk.signables import SIGNABLE
from eoffice.promised import failure_of_steps, keeps_in_steps
from eoffice.signing import ceremony
from eoffice.signing.batches import actions, running

log = structlog.get_logger()

_BROKEN: Final = (
    "Hệ thống gặp lỗi khi ký mục này; nội dung chưa thay đổi. Hãy ký lại, nếu vẫn lỗi hãy báo "
    "quản trị hệ thống."
)


@keeps_in_steps(actions.TASK)
def sign_batch(claim: outbox.Claim, at: datetime) -> None:
    """Sign the next portion of a batch, and promise the rest. Idempotent."""
    batch_id = UUID(claim.payload["batch_id"])
    with system_transaction() as session:
        part = running.portion(session, batch_id, at=at)
    if part is not None:
        with ceremony.keys_kept_open():
            for ordinal, kind in part.items:
                _sign(part, ordinal, kind)
    with system_transaction() as session:
        if not running.finish(session, batch_id):
            outbox.promise(session, actions.TASK, at=clock.now(), batch_id=batch_id)
        outbox.keep(session, claim.id, at=clock.now())


def _sign(part: running.Portion, ordinal: int, kind: str) -> None:
    failure = failure_of_steps(partial(running.sign, part, ordinal, SIGNABLE[kind]))
    if failure is not None:
        log.error(
            "signature_batch.item_failed",
            batch_id=str(part.batch_id),
            ordinal=ordinal,
            failure=type(failure).__name__,
        )
        running.fail(part, ordinal, _BROKEN)


def expire_pins() -> None:
    """Nothing waits longer than the PIN that was entered for it. Idempotent."""
    with system_transaction() as session:
        actions.expire(session, at=clock.now())


shared_task(name="desk.expire_pins", ignore_result=True)(expire_pins)
