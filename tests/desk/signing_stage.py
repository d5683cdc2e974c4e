"""An office in which several documents wait for the director, and what the worker does there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from eoffice import clock, db, outbox
from eoffice.desk import signables, tasks
from eoffice.desk.signables import HOLDERS, SIGNABLE
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise, PromiseState
from eoffice.signing.batches import actions, queries, rules
from eoffice.signing.batches.queries import BatchRead
from eoffice.signing.batches.rules import Chosen, ItemState
from eoffice.web.principal import Principal
from tests import pki as test_pki


def offered(who: Principal) -> list[Chosen]:
    """What the desk of this person offers to be signed with others."""
    with db.transaction(who.acting) as session:
        at = clock.now()
        db.tell_today(session, clock.civil_date(at))
        return [each.chosen for each in signables.offered(session, by=who, at=at)]


def begun(who: Principal, chosen: Sequence[Chosen], pin: str = test_pki.PIN) -> UUID:
    once, holder = rules.checked(chosen, HOLDERS)
    with db.transaction(who.acting) as session:
        return actions.begin(session, once, holder, pin, by=who, at=clock.now())


def retried(who: Principal, batch_id: UUID, pin: str = test_pki.PIN) -> int:
    with db.transaction(who.acting) as session:
        return actions.retry(session, batch_id, pin, by=who, at=clock.now())


def stopped(who: Principal, batch_id: UUID) -> int:
    with db.transaction(who.acting) as session:
        return actions.stop(session, batch_id, by=who, at=clock.now())


def promises() -> list[outbox.Claim]:
    """Those of batches that are not kept yet."""
    with db.system_transaction() as session:
        rows = session.scalars(
            select(Promise)
            .where(Promise.task == actions.TASK, Promise.state != PromiseState.KEPT)
            .order_by(Promise.promised_at, Promise.id)
        )
        return [outbox.Claim(row.id, row.payload, 1) for row in rows]


def work(at: datetime | None = None) -> int:
    """What the worker does until nothing is promised any more; how many promises it kept."""
    kept = 0
    while claims := promises():
        for claim in claims:
            tasks.sign_batch(claim, at or clock.now())
            kept += 1
    return kept


def read(who: Principal, batch_id: UUID) -> BatchRead:
    with db.transaction(who.acting) as session:
        return queries.batch(session, batch_id, SIGNABLE, who=who)


def states(who: Principal, batch_id: UUID) -> list[ItemState]:
    return [each.state for each in read(who, batch_id).items]


class OnDisk(MemoryStore):
    """What was put outlives the process that put it."""

    def __init__(self, directory: Path) -> None:
        super().__init__(clock.now)
        self.directory = directory

    def put(self, content, media_type):  # type: ignore[no-untyped-def]
        name = super().put(content, media_type)
        (self.directory / str(name)).write_bytes(super().get(name))
        return name

    def get(self, name: Sha256) -> bytes:
        return (self.directory / str(name)).read_bytes()
