"""The archive rests only on a store that was seen to refuse."""

from __future__ import annotations

from datetime import datetime, timedelta

from eoffice.embedded.store import Store
from eoffice.objects import probe
from eoffice.objects.memory import MemoryStore
from eoffice.objects.sha256 import Sha256
from tests.objects import subjects
from tests.objects.subjects import AdjustableClock, Subject


class ForgetfulStore(MemoryStore):
    """Says yes to every lock and keeps none, as several servers do."""

    def dispose(self, name: Sha256, version_id: str) -> None:
        self._archive[name].pop(version_id, None)


class LenientStore(MemoryStore):
    """Deletes nothing that is locked, but lets the owner shorten the lock first."""

    def retain(self, name: Sha256, version_id: str, *, retain_until: datetime) -> None:
        self._archive[name][version_id].retain_until = retain_until


def failed(report: probe.LockReport) -> list[str]:
    return [check.subject for check in report.checks if not check.passed]


def test_a_store_that_locks_passes(subject: Subject) -> None:
    report = probe.probe_locks(subject.store)

    assert failed(report) == []
    assert report.locks


def test_a_second_probe_of_the_day_passes_too(subject: Subject) -> None:
    probe.probe_locks(subject.store)

    assert probe.probe_locks(subject.store).locks


def test_a_store_that_forgets_its_locks_is_found_out() -> None:
    report = probe.probe_locks(ForgetfulStore(AdjustableClock()))

    assert failed(report) == [probe.DELETED, probe.KEPT]
    assert not report.locks


def test_a_store_that_shortens_its_locks_is_found_out() -> None:
    report = probe.probe_locks(LenientStore(AdjustableClock()))

    assert failed(report) == [probe.SHORTENED, probe.KEPT]


def test_a_bucket_without_object_lock_is_found_out(store_server: Store) -> None:
    store = subjects.s3_store(store_server)
    bare = subjects.client(store_server)
    bare.make_bucket(store.content_bucket)
    bare.make_bucket(store.archive_bucket)

    report = probe.probe_locks(store)

    assert not report.locks


def test_scratch_objects_of_earlier_days_are_removed_when_their_lock_ended() -> None:
    clock = AdjustableClock()
    store = MemoryStore(clock)
    probe.probe_locks(store)
    name = Sha256.of(f"eoffice object lock probe of {clock.moment:%Y-%m-%d}\n".encode())

    clock.moment += timedelta(days=2)
    probe.probe_locks(store)

    assert store.retention(name) is None
