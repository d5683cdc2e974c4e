"""What happens to batches of signatures: begun, stopped, tried again, forgotten.

The PIN was tried before (`ceremony.authorise`). The worker gets it by the promise that is made
here and kept in the slice that knows every kind of thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.errors import NotFound
from eoffice.signing.batches import pins, rules
from eoffice.signing.batches.model import (
    SignatureBatch,
    SignatureBatchItem,
    SignatureBatchPin,
)
from eoffice.signing.batches.rules import Chosen, Holder, ItemState, ItemStep, ItemStepRefused
from eoffice.web.principal import Principal

#: The task that signs one portion of a batch.
TASK = "desk.sign_batch"
EXPIRED = (
    "Mã PIN đã nhập chỉ có hiệu lực trong "
    f"{int(rules.PIN_HOLDS.total_seconds()) // 60} phút. Hãy nhập lại mã PIN để ký tiếp."
)


class BatchUnknown(NotFound):
    """There is no such batch of this person in this position."""

    def __init__(self) -> None:
        super().__init__("Không có lượt ký này, hoặc bạn đang ở chức vụ khác.")


def begin(
    session: Session,
    chosen: Sequence[Chosen],
    holder: Holder,
    pin: str,
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Put on record what is to be signed (`rules.checked`); nothing of it is signed yet."""
    batch = SignatureBatch(
        id=new_id(),
        person_id=by.person_id,
        appointment_id=by.appointment_id,
        holder=holder,
        begun_at=at,
        authorised_at=at,
    )
    session.add(batch)
    session.flush()  # Its items and its PIN point to it.
    session.add_all(
        SignatureBatchItem(
            batch_id=batch.id,
            ordinal=ordinal,
            person_id=by.person_id,
            kind=each.kind,
            object_id=each.id,
            seen=each.seen,
            state=ItemState.WAITING,
            said="",
        )
        for ordinal, each in enumerate(chosen, start=1)
    )
    _authorised(session, batch, pin, at)
    _record(session, "signature_batch.begun", batch.id, len(chosen), by=by, at=at)
    return batch.id


def retry(session: Session, batch_id: UUID, pin: str, *, by: Principal, at: datetime) -> int:
    """Have everything that failed, was stopped or still waits signed; how many things.

    Raises BatchUnknown, ItemStepRefused where everything is signed.
    """
    batch = _own(session, batch_id, by)
    rows = _items(session, batch_id, rules.RETRIED | {ItemState.WAITING})
    if not rows:
        raise ItemStepRefused("Mọi mục của lượt này đã ký xong.")
    for row in rows:
        if row.state is not ItemState.WAITING:
            row.state = rules.after(row.state, ItemStep.RETRY)
            row.said, row.ended_at = "", None
    batch.authorised_at = at
    forget_pin(session, batch_id)
    _authorised(session, batch, pin, at)
    _record(session, "signature_batch.retried", batch_id, len(rows), by=by, at=at)
    return len(rows)


def stop(session: Session, batch_id: UUID, *, by: Principal, at: datetime) -> int:
    """Sign nothing of it any more; how many were stopped. What is being signed now may be.

    Idempotent. Raises BatchUnknown.
    """
    _own(session, batch_id, by)
    rows = _items(session, batch_id, {ItemState.WAITING})
    for row in rows:
        end(row, ItemStep.STOP, "", at=at)
    forget_pin(session, batch_id)
    if rows:
        _record(session, "signature_batch.stopped", batch_id, len(rows), by=by, at=at)
    return len(rows)


def expire(session: Session, *, at: datetime) -> int:
    """Take away every PIN whose time is over; what waited for it has failed, and says so.

    For the worker, by the calendar: nothing waits for ever, whatever became of a promise.
    """
    late = session.scalars(
        select(SignatureBatchPin.batch_id).where(SignatureBatchPin.valid_until <= at)
    ).all()
    for batch_id in late:
        close(session, batch_id, EXPIRED, at=at)
    return len(late)


def close(session: Session, batch_id: UUID, why: str, *, at: datetime) -> None:
    """What still waits is not signed, for one reason, and the PIN goes."""
    lock(session, batch_id)
    session.execute(
        update(SignatureBatchItem)
        .where(
            SignatureBatchItem.batch_id == batch_id,
            SignatureBatchItem.state == ItemState.WAITING,
        )
        .values(state=rules.after(ItemState.WAITING, ItemStep.FAIL), said=why, ended_at=at)
    )
    forget_pin(session, batch_id)


def lock(session: Session, batch_id: UUID) -> SignatureBatch:
    """Before its PIN is taken away: nobody enters another one meanwhile."""
    return session.scalars(
        select(SignatureBatch).where(SignatureBatch.id == batch_id).with_for_update()
    ).one()


def forget_pin(session: Session, batch_id: UUID) -> None:
    session.execute(delete(SignatureBatchPin).where(SignatureBatchPin.batch_id == batch_id))


def waiting(session: Session, batch_id: UUID, ordinal: int) -> SignatureBatchItem | None:
    """The item, locked; None where it does not wait any more."""
    return session.scalars(
        select(SignatureBatchItem)
        .where(
            SignatureBatchItem.batch_id == batch_id,
            SignatureBatchItem.ordinal == ordinal,
            SignatureBatchItem.state == ItemState.WAITING,
        )
        .with_for_update()
    ).one_or_none()


def end(row: SignatureBatchItem, step: ItemStep, said: str, *, at: datetime) -> None:
    row.state = rules.after(row.state, step)
    row.said = said
    row.ended_at = at


def any_waiting(session: Session, person_id: UUID) -> bool:
    """Whether things of this person's batches wait for their turn."""
    return bool(
        session.scalar(
            select(
                select(SignatureBatchItem.ordinal)
                .where(
                    SignatureBatchItem.person_id == person_id,
                    SignatureBatchItem.state == ItemState.WAITING,
                )
                .exists()
            )
        )
    )


def conclude_awaited(session: Session, person_id: UUID, object_id: UUID, *, at: datetime) -> None:
    """What a thing of a batch waited for has come: it is signed."""
    _end_awaited(session, person_id, object_id, ItemStep.SIGN, "", at)


def fail_awaited(
    session: Session, person_id: UUID, object_id: UUID, why: str, *, at: datetime
) -> None:
    """What a thing of a batch waited for will not come."""
    _end_awaited(session, person_id, object_id, ItemStep.FAIL, why, at)


def _end_awaited(
    session: Session, person_id: UUID, object_id: UUID, step: ItemStep, said: str, at: datetime
) -> None:
    for row in session.scalars(
        select(SignatureBatchItem)
        .where(
            SignatureBatchItem.person_id == person_id,
            SignatureBatchItem.object_id == object_id,
            SignatureBatchItem.state == ItemState.AWAITED,
        )
        .with_for_update()
    ):
        end(row, step, said, at=at)


def _authorised(session: Session, batch: SignatureBatch, pin: str, at: datetime) -> None:
    session.add(
        SignatureBatchPin(
            batch_id=batch.id,
            person_id=batch.person_id,
            sealed=pins.seal(pin, batch_id=batch.id, person_id=batch.person_id),
            valid_until=at + rules.PIN_HOLDS,
        )
    )
    outbox.promise(session, TASK, at=at, batch_id=batch.id)


def _own(session: Session, batch_id: UUID, who: Principal) -> SignatureBatch:
    batch = session.scalars(
        select(SignatureBatch)
        .where(
            SignatureBatch.id == batch_id,
            SignatureBatch.person_id == who.person_id,
            SignatureBatch.appointment_id == who.appointment_id,
        )
        .with_for_update()
    ).one_or_none()
    if batch is None:
        raise BatchUnknown
    return batch


def _items(
    session: Session, batch_id: UUID, states: frozenset[ItemState] | set[ItemState]
) -> Sequence[SignatureBatchItem]:
    return session.scalars(
        select(SignatureBatchItem)
        .where(SignatureBatchItem.batch_id == batch_id, SignatureBatchItem.state.in_(states))
        .order_by(SignatureBatchItem.ordinal)
        .with_for_update()
    ).all()


def _record(
    session: Session, action: str, batch_id: UUID, count: int, *, by: Principal, at: datetime
) -> None:
    audit.record(
        session,
        action,
        object_kind="signature_batch",
        object_id=batch_id,
        by=by,
        at=at,
        details={"count": count},
    )
