"""How far a batch of signatures is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.signing.batches import rules
from eoffice.signing.batches.actions import BatchUnknown
from eoffice.signing.batches.contract import Signable
from eoffice.signing.batches.model import SignatureBatch, SignatureBatchItem
from eoffice.signing.batches.rules import Holder, ItemState
from eoffice.web.principal import Principal

#: For what this person cannot see any more.
_UNSEEN = ("Mục không có trong cơ quan bạn đang làm việc", "/")


@dataclass(frozen=True, slots=True)
class ItemRead:
    ordinal: int
    kind: str
    id: UUID
    title: str
    path: str
    state: ItemState
    said: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchRead:
    id: UUID
    holder: Holder
    begun_at: datetime
    authorised_at: datetime
    items: tuple[ItemRead, ...]

    def count(self, state: ItemState) -> int:
        return sum(each.state is state for each in self.items)

    @property
    def is_running(self) -> bool:
        return self.count(ItemState.WAITING) > 0

    @property
    def can_be_retried(self) -> bool:
        return any(each.state in rules.RETRIED for each in self.items)


@dataclass(frozen=True, slots=True)
class Running:
    """A batch that is not through, for the desk of its person."""

    id: UUID
    begun_at: datetime
    waiting: int
    failed: int


def batch(
    session: Session, batch_id: UUID, signables: Mapping[str, Signable], *, who: Principal
) -> BatchRead:
    """A batch of `who` with what became of each. Raises BatchUnknown."""
    found = _own(session, batch_id, who)
    rows = session.scalars(
        select(SignatureBatchItem)
        .where(SignatureBatchItem.batch_id == batch_id)
        .order_by(SignatureBatchItem.ordinal)
    ).all()
    ids: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        ids[row.kind].append(row.object_id)
    named = {
        (kind, item_id): name
        for kind, of_kind in ids.items()
        for item_id, name in signables[kind].named(session, of_kind).items()
    }
    return BatchRead(
        found.id,
        found.holder,
        found.begun_at,
        found.authorised_at,
        tuple(
            ItemRead(
                row.ordinal,
                row.kind,
                row.object_id,
                *named.get((row.kind, row.object_id), _UNSEEN),
                row.state,
                row.said,
                row.ended_at,
            )
            for row in rows
        ),
    )


def counts(session: Session, batch_id: UUID, *, who: Principal) -> Mapping[ItemState, int]:
    """How many things stand where: for whoever waits and asks again. Raises BatchUnknown."""
    _own(session, batch_id, who)
    rows = session.execute(
        select(SignatureBatchItem.state, func.count())
        .where(SignatureBatchItem.batch_id == batch_id)
        .group_by(SignatureBatchItem.state)
    ).all()
    return dict.fromkeys(ItemState, 0) | dict(rows)


def unfinished(session: Session, who: Principal, *, since: datetime) -> tuple[Running, ...]:
    """Batches of this position in which something waits or failed, the newest first."""
    open_states = (ItemState.WAITING, ItemState.FAILED)
    waiting = func.count().filter(SignatureBatchItem.state == ItemState.WAITING)
    failed = func.count().filter(SignatureBatchItem.state == ItemState.FAILED)
    rows = session.execute(
        select(SignatureBatch.id, SignatureBatch.begun_at, waiting, failed)
        .join(SignatureBatchItem, SignatureBatchItem.batch_id == SignatureBatch.id)
        .where(
            SignatureBatch.person_id == who.person_id,
            SignatureBatch.appointment_id == who.appointment_id,
            SignatureBatch.begun_at >= since,
            SignatureBatchItem.state.in_(open_states),
        )
        .group_by(SignatureBatch.id)
        .order_by(SignatureBatch.begun_at.desc())
    )
    return tuple(Running(*row) for row in rows)


def _own(session: Session, batch_id: UUID, who: Principal) -> SignatureBatch:
    found = session.get(SignatureBatch, batch_id)
    if (
        found is None
        or found.person_id != who.person_id
        or found.appointment_id != who.appointment_id
    ):
        raise BatchUnknown
    return found
