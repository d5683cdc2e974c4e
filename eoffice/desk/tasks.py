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
from eoffice.desk.signature_steps import STEPS
from eoffice.promised import failure_of_steps, keeps_in_steps
from eoffice.signing import ceremony, opened_keys, remote_signatures
from eoffice.signing.batches import actions, running
from eoffice.signing.requests import actions as requests

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
        with opened_keys.kept_open():
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


@keeps_in_steps(requests.CONCLUDE)
def conclude_signature(claim: outbox.Claim, _at: datetime) -> None:
    """Go on with what a key elsewhere signs. Idempotent: what fails is on the request."""
    go_on(UUID(claim.payload["request_id"]))
    with system_transaction() as session:
        outbox.keep(session, claim.id, at=clock.now())


def go_on(request_id: UUID) -> None:
    """Whatever comes next for it; nothing where that is not this machine's to do."""
    remote_signatures.go_on(request_id)
    ceremony.conclude_waiting(request_id, STEPS)


def go_on_with_signatures() -> None:
    """Go on with signatures that wait for a service or a time-stamp; end what nobody answered.
    Idempotent.

    By the calendar, because a promise is given up one day and a signature is not.
    """
    at = clock.now()
    with system_transaction() as session:
        requests.expire(session, at=at)
        due = requests.due(session, at=at)
    for request_id in due:
        failure = failure_of_steps(partial(go_on, request_id))
        if failure is not None:
            log.error(
                "signature.not_concluded",
                request_id=str(request_id),
                failure=type(failure).__name__,
            )
            with system_transaction() as session:
                requests.put_off(session, request_id, why=_BROKEN, at=clock.now())


def expire_pins() -> None:
    """Nothing waits longer than the PIN that was entered for it. Idempotent."""
    with system_transaction() as session:
        actions.expire(session, at=clock.now())


shared_task(name="desk.go_on_with_signatures", ignore_result=True)(go_on_with_signatures)
shared_task(name="desk.expire_pins", ignore_result=True)(expire_pins)
