"""Steps taken on several things at once: begun together, taken one by one, each with its outcome.

A batch and its items are committed before the first step is taken. Every step is a transaction of
its own together with its outcome, under the lock of the item's row: what a crash interrupts is
either done and says so, or still waits, and going on takes no step twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.desk import batch_rules, batch_steps
from eoffice.desk.batch_rules import BulkStep, Item, ItemState, Particulars, Thing
from eoffice.desk.model import Batch, BatchItem
from eoffice.documents import types
from eoffice.documents.model import Document
from eoffice.errors import NotFound, Refusal
from eoffice.routing import outside_rules
from eoffice.routing.model import Arrival, Delivery
from eoffice.web.principal import Principal


class BatchUnknown(NotFound):
    """There is no such batch of this person in this position."""

    def __init__(self) -> None:
        super().__init__("Không có lượt làm này, hoặc bạn đang ở chức vụ khác.")


@dataclass(frozen=True, slots=True)
class ItemSeen:
    ordinal: int
    item: Item
    name: str
    path: str
    state: ItemState
    said: str


@dataclass(frozen=True, slots=True)
class BatchSeen:
    id: UUID
    step: BulkStep
    begun_at: datetime
    items: tuple[ItemSeen, ...]

    def count(self, state: ItemState) -> int:
        return sum(each.state is state for each in self.items)


def begin(
    session: Session,
    step: BulkStep,
    items: Iterable[Item],
    given: Particulars,
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Put on record what is to be done; nothing of it is done yet.

    Raises NothingChosen, TooMany, ItemUnfit, Invalid.
    """
    chosen = batch_rules.checked(step, items, given)
    if step is BulkStep.ASSIGNMENT:
        batch_steps.lead_of(given.lead or "")
    batch = Batch(
        id=new_id(),
        person_id=by.person_id,
        appointment_id=by.appointment_id,
        step=step,
        particulars=msgspec.to_builtins(given),
        begun_at=at,
    )
    session.add(batch)
    session.flush()  # Its items point to it.
    session.add_all(
        BatchItem(
            batch_id=batch.id,
            ordinal=ordinal,
            person_id=by.person_id,
            kind=item.kind,
            object_id=item.id,
            state=ItemState.WAITING,
            said="",
        )
        for ordinal, item in enumerate(chosen, start=1)
    )
    record(
        session,
        "batch.begun",
        object_kind="batch",
        object_id=batch.id,
        by=by,
        at=at,
        details={"step": step.value, "count": len(chosen)},
    )
    return batch.id


def run(batch_id: UUID, *, who: Principal, at: datetime) -> None:
    """Take the step on every item that still waits, in their order.

    Idempotent, also beside another one that runs. Raises BatchUnknown.
    """
    with db.transaction(who.acting) as session:
        _own(session, batch_id, who)
        waiting = session.scalars(
            select(BatchItem.ordinal)
            .where(BatchItem.batch_id == batch_id, BatchItem.state == ItemState.WAITING)
            .order_by(BatchItem.ordinal)
        ).all()
    for ordinal in waiting:
        try:
            with db.transaction(who.acting) as session:
                db.tell_today(session, clock.civil_date(at))
                _take(session, batch_id, ordinal, who, at)
        except Refusal as refusal:
            with db.transaction(who.acting) as session:
                row = _waiting(session, batch_id, ordinal)
                if row is not None:
                    _end(row, ItemState.REFUSED, refusal.detail, at)


def seen(session: Session, batch_id: UUID, *, who: Principal) -> BatchSeen:
    """A batch of `who` with what became of each thing. Raises BatchUnknown."""
    batch = _own(session, batch_id, who)
    rows = session.scalars(
        select(BatchItem).where(BatchItem.batch_id == batch_id).order_by(BatchItem.ordinal)
    ).all()
    named = names(session, [Item(row.kind, row.object_id) for row in rows])
    return BatchSeen(
        batch.id,
        batch.step,
        batch.begun_at,
        tuple(
            ItemSeen(
                row.ordinal,
                Item(row.kind, row.object_id),
                *named[Item(row.kind, row.object_id)],
                row.state,
                row.said,
            )
            for row in rows
        ),
    )


def names(session: Session, items: Iterable[Item]) -> Mapping[Item, tuple[str, str]]:
    """What each thing is called, and its page; for what cannot be seen, the desk."""
    wanted = tuple(items)

    def ids(kind: Thing) -> list[UUID]:
        return [each.id for each in wanted if each.kind is kind]

    found: dict[Item, tuple[str, str]] = {}
    for document in session.scalars(select(Document).where(Document.id.in_(ids(Thing.DOCUMENT)))):
        code = (
            "" if document.number is None else types.code(document.number, document.notation or "")
        )
        found[Item(Thing.DOCUMENT, document.id)] = (
            " · ".join(each for each in (code, document.subject) if each),
            f"/documents/{document.id}",
        )
    arrivals = session.execute(
        select(Arrival.id, Delivery)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(Arrival.id.in_(ids(Thing.ARRIVAL)))
    )
    for arrival_id, delivery in arrivals:
        found[Item(Thing.ARRIVAL, arrival_id)] = (_name(delivery), f"/incoming/{arrival_id}")
    for delivery in session.scalars(select(Delivery).where(Delivery.id.in_(ids(Thing.DELIVERY)))):
        found[Item(Thing.DELIVERY, delivery.id)] = (
            _name(delivery),
            f"/incoming/deliveries/{delivery.id}",
        )
    return {each: found.get(each, _UNSEEN[each.kind]) for each in wanted}


_UNSEEN = {
    Thing.DELIVERY: ("Văn bản không có trong cơ quan bạn đang làm việc", "/"),
    Thing.ARRIVAL: ("Văn bản không có trong cơ quan bạn đang làm việc", "/"),
    Thing.DOCUMENT: ("Văn bản không có trong cơ quan bạn đang làm việc", "/"),
    Thing.NOTICE: ("Thông báo", "/"),
}


def _take(session: Session, batch_id: UUID, ordinal: int, who: Principal, at: datetime) -> None:
    row = _waiting(session, batch_id, ordinal)
    if row is None:
        return
    batch = session.get_one(Batch, batch_id)
    said = batch_steps.take(
        session,
        batch.step,
        Item(row.kind, row.object_id),
        msgspec.convert(batch.particulars, Particulars, strict=False),
        by=who,
        at=at,
    )
    _end(row, ItemState.DONE, said, at)


def _waiting(session: Session, batch_id: UUID, ordinal: int) -> BatchItem | None:
    """The item, locked; None where somebody has ended it meanwhile."""
    return session.scalars(
        select(BatchItem)
        .where(
            BatchItem.batch_id == batch_id,
            BatchItem.ordinal == ordinal,
            BatchItem.state == ItemState.WAITING,
        )
        .with_for_update()
    ).one_or_none()


def _end(row: BatchItem, state: ItemState, said: str, at: datetime) -> None:
    row.state = state
    row.said = said
    row.ended_at = at


def _own(session: Session, batch_id: UUID, who: Principal) -> Batch:
    batch = session.get(Batch, batch_id)
    if (
        batch is None
        or batch.person_id != who.person_id
        or batch.appointment_id != who.appointment_id
    ):
        raise BatchUnknown
    return batch


def _name(delivery: Delivery) -> str:
    return f"{outside_rules.code(delivery.number, delivery.notation)} · {delivery.subject}"
