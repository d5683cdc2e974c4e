"""Taking in survives the world at each call: one entry, and one locked copy that it names.

A copy that was locked before the entry was written stays, named by nobody: it cannot be deleted,
and it is the price of never having an entry without bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import BinaryIO, TypeVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from eoffice.archive import tasks
from eoffice.archive.model import ArchiveEntry
from eoffice.audit.model import AuditEvent
from eoffice.db import system_transaction
from eoffice.objects import configured
from eoffice.objects.contract import Lock, StoreUnavailable
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise, PromiseState
from eoffice.settings import settings
from eoffice.signing.timestamps import TimestampUnavailable
from tests.archive.conftest import dispatch, pki
from tests.archive.packages import small_pdf
from tests.archive.test_tasks import LATER, archive, promised, store
from tests.cast import Cast
from tests.security.at_once import at_once
from tests.signing.papers import Dispatch

__all__ = ["archive", "dispatch", "pki", "store"]

T = TypeVar("T")


class Dying(MemoryStore):
    """A store whose connection breaks at one kind of call, before or after it took effect."""

    def __init__(self, real: MemoryStore, *, call: str, after: bool) -> None:
        self._real, self._call, self._after = real, call, after

    def get(self, name: Sha256) -> bytes:
        return self._called("get", partial(self._real.get, name))

    def put(self, content: bytes | BinaryIO, media_type: str) -> Sha256:
        return self._called("put", partial(self._real.put, content, media_type))

    def put_locked(self, name: Sha256, *, retain_until: datetime) -> Lock:
        lock = partial(self._real.put_locked, name, retain_until=retain_until)
        return self._called("put_locked", lock)

    def now(self) -> datetime:
        return self._real.now()

    def _called(self, name: str, call: Callable[[], T]) -> T:
        if name == self._call and not self._after:
            raise StoreUnavailable
        answer = call()
        if name == self._call:
            raise StoreUnavailable
        return answer


def entries() -> list[ArchiveEntry]:
    with system_transaction() as session:
        return list(session.scalars(select(ArchiveEntry)))


def ingested_events() -> int:
    with system_transaction() as session:
        return session.scalars(
            select(func.count())
            .select_from(AuditEvent)
            .where(AuditEvent.action == "archive.ingested")
        ).one()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("call", ["get", "put", "put_locked"])
def test_taking_in_survives_the_store_at_each_call(
    archive: Cast, store: MemoryStore, dispatch: Dispatch, call: str, after: bool
) -> None:
    store.put(dispatch.sealed, "application/pdf")
    claim = promised(archive, dispatch.sealed)
    configured.use(Dying(store, call=call, after=after))
    with pytest.raises(StoreUnavailable):
        tasks.ingest(claim, LATER)
    configured.use(store)
    assert entries() == []
    assert ingested_events() == 0

    tasks.ingest(claim, LATER)
    tasks.ingest(claim, LATER)

    (entry,) = entries()
    assert ingested_events() == 1
    kept = store.get_locked(Sha256(entry.content_sha256), entry.object_version)
    assert kept.startswith(dispatch.sealed)
    with system_transaction() as session:
        assert session.get_one(Promise, claim.id).state is PromiseState.KEPT


def test_without_a_time_stamp_nothing_is_locked_and_nothing_is_named(
    archive: Cast, store: MemoryStore, dispatch: Dispatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(dispatch.sealed, "application/pdf")
    claim = promised(archive, dispatch.sealed)
    real = settings().timestamp_url
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", "http://127.0.0.1:9/tsa")
    settings.cache_clear()
    with pytest.raises(TimestampUnavailable):
        tasks.ingest(claim, LATER)
    assert entries() == []

    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", real)
    settings.cache_clear()
    tasks.ingest(claim, LATER)

    assert len(entries()) == 1


def test_two_workers_with_one_promise_make_one_entry(archive: Cast, store: MemoryStore) -> None:
    """The second took over because the first was silent for longer than its lease."""
    content = small_pdf()
    store.put(content, "application/pdf")
    claim = promised(archive, content)

    def work() -> str:
        try:
            tasks.ingest(claim, LATER)
        except IntegrityError:
            return "told by the database, and done with at the next attempt"
        return "done"

    assert "done" in at_once([work] * 3)
    assert len(entries()) == 1
    assert ingested_events() == 1
