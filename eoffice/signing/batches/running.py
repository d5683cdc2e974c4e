"""One thing after the other is signed by a worker, in the name of who entered the PIN.

Each is a ceremony of its own (`signing.ceremony`). Its last transaction records the signature and
ends the item, under the lock of the item's row: a worker that is killed leaves the thing either
signed, with its item saying so, or unsigned, with its item still waiting; the next run goes on
there. Nothing is signed twice, also where two workers run the same batch, and nothing is signed
that its signer did not see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Conflict, Refusal
from eoffice.people import acting
from eoffice.people import queries as people
from eoffice.signing.actions import KeyLocked, NoKey
from eoffice.signing.batches import actions, pins, rules
from eoffice.signing.batches.contract import Signable
from eoffice.signing.batches.model import (
    SignatureBatch,
    SignatureBatchItem,
    SignatureBatchPin,
)
from eoffice.signing.batches.rules import ItemState, ItemStep, SeenDiffers
from eoffice.signing.ceremony import SignatureAwaited
from eoffice.signing.keys.contract import TokenLocked, WrongKey, WrongPin
from eoffice.web.principal import Principal

#: No other thing of the batch can be signed either, and each further attempt would count against
#: the key.
_OF_THE_KEY: Final = (WrongPin, KeyLocked, TokenLocked, NoKey, WrongKey)
_LEFT_POSITION: Final = (
    "Bạn không còn giữ chức vụ mà lượt ký này bắt đầu. Hãy ký lại với chức vụ hiện nay."
)


class EndedMeanwhile(Conflict):
    """The thing was signed, or stopped, while its signature was being made."""


@dataclass(frozen=True, slots=True)
class Portion:
    """What one run signs."""

    batch_id: UUID
    who: Principal
    pin: str
    #: Ordinal and kind of each.
    items: tuple[tuple[int, str], ...]


def portion(session: Session, batch_id: UUID, *, at: datetime) -> Portion | None:
    """The next things of a batch; None where none waits, or none can be signed any more.

    Runs as the office. What waits without a PIN that holds, or for somebody who has left the
    position, has failed.
    """
    batch = actions.lock(session, batch_id)
    waiting = session.execute(
        select(SignatureBatchItem.ordinal, SignatureBatchItem.kind)
        .where(
            SignatureBatchItem.batch_id == batch_id,
            SignatureBatchItem.state == ItemState.WAITING,
        )
        .order_by(SignatureBatchItem.ordinal)
        .limit(rules.PORTION)
    ).all()
    pin = _pin(session, batch, at)
    who = _signer(session, batch, at)
    if waiting and pin is not None and who is not None:
        return Portion(batch_id, who, pin, tuple((row.ordinal, row.kind) for row in waiting))
    actions.close(session, batch_id, _LEFT_POSITION if who is None else actions.EXPIRED, at=at)
    return None


def finish(session: Session, batch_id: UUID) -> bool:
    """Whether nothing of it waits any more; then its PIN goes."""
    actions.lock(session, batch_id)
    still = session.scalar(
        select(func.count()).where(
            SignatureBatchItem.batch_id == batch_id,
            SignatureBatchItem.state == ItemState.WAITING,
        )
    )
    if still:
        return False
    actions.forget_pin(session, batch_id)
    return True


def sign(part: Portion, ordinal: int, signable: Signable) -> None:
    """Sign one thing, or put on record why not. Nothing where it does not wait any more."""
    with db.transaction(part.who.acting) as session:
        db.tell_today(session, clock.civil_date(clock.now()))
        row = session.get(SignatureBatchItem, (part.batch_id, ordinal))
        if row is None or row.state is not ItemState.WAITING:
            return
        is_the_same = signable.seen(session, row.object_id) == row.seen
    try:
        if not is_the_same:
            raise SeenDiffers
        signable.sign(
            row.object_id,
            part.pin,
            by=part.who,
            at=clock.now(),
            within=lambda last: _within(part, ordinal, signable, last),
        )
    except EndedMeanwhile:
        return
    except SignatureAwaited as awaited:
        _await(part, ordinal, row.object_id, awaited)
    except _OF_THE_KEY as refusal:
        with db.system_transaction() as session:
            actions.close(session, part.batch_id, refusal.detail, at=clock.now())
    except Refusal as refusal:
        fail(part, ordinal, refusal.detail)


def _await(part: Portion, ordinal: int, object_id: UUID, awaited: SignatureAwaited) -> None:
    """The signer has done their part. What comes ends the item (`requests.actions`); where what is
    awaited is only a part of the thing, such as an appendix, the thing itself is signed again."""
    is_whole = awaited.subject_id == object_id
    with db.transaction(part.who.acting) as session:
        row = actions.waiting(session, part.batch_id, ordinal)
        if row is not None:
            step = ItemStep.AWAIT if is_whole else ItemStep.FAIL
            actions.end(row, step, awaited.detail, at=clock.now())


def fail(part: Portion, ordinal: int, why: str) -> None:
    """It was not signed. Nothing where it does not wait any more."""
    with db.transaction(part.who.acting) as session:
        row = actions.waiting(session, part.batch_id, ordinal)
        if row is not None:
            actions.end(row, ItemStep.FAIL, why, at=clock.now())


def _within(
    part: Portion, ordinal: int, signable: Signable, last: Callable[[Session], object]
) -> None:
    """The last transaction of the ceremony: the signature and the end of the item, or neither."""
    with db.transaction(part.who.acting) as session:
        at = clock.now()
        db.tell_today(session, clock.civil_date(at))
        row = actions.waiting(session, part.batch_id, ordinal)
        if row is None:
            raise EndedMeanwhile("Mục này đã ký xong hoặc đã dừng.")
        last(session)
        session.flush()  # The fingerprint is asked of the rows.
        if signable.seen(session, row.object_id) != row.seen:
            raise SeenDiffers
        actions.end(row, ItemStep.SIGN, "", at=at)


def _pin(session: Session, batch: SignatureBatch, at: datetime) -> str | None:
    row = session.get(SignatureBatchPin, batch.id)
    if row is None or row.valid_until <= at:
        return None
    return pins.opened(row.sealed, batch_id=batch.id, person_id=batch.person_id)


def _signer(session: Session, batch: SignatureBatch, at: datetime) -> Principal | None:
    """Who entered the PIN, in the position of then; None where it was left meanwhile."""
    held = people.appointment(session, batch.appointment_id)
    if not held.is_active(clock.civil_date(at)):
        return None
    return acting.principal_of(session, batch.appointment_id)
