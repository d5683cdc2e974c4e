"""Every object store keeps bytes under their SHA-256, gives back nothing else, and keeps locks."""

from __future__ import annotations

import os
import threading
from datetime import datetime, timedelta
from io import BytesIO

import pytest

from eoffice.errors import TooLarge
from eoffice.objects.contract import (
    LARGEST_BYTES,
    LockRefused,
    ObjectCorrupt,
    ObjectMissing,
    ObjectStore,
    RetentionPast,
    Stored,
)
from eoffice.objects.sha256 import Sha256
from tests.objects.subjects import Subject

PDF = "application/pdf"


def some_bytes() -> bytes:
    """Bytes that no other test has put."""
    return b"%PDF-1.7 " + os.urandom(100)


class FileBeyondTheLimit(BytesIO):
    """Holds one byte more than a store takes, without the memory for it."""

    def __init__(self) -> None:
        super().__init__()
        self._position = 0

    def tell(self) -> int:
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        left = LARGEST_BYTES + 1 - self._position
        piece = bytes(left if size is None or size < 0 else min(left, size))
        self._position += len(piece)
        return piece


def puts_of(store: ObjectStore, name: Sha256) -> list[Stored]:
    return [put for put in store.stored() if put.name == name]


def later(store: ObjectStore, **span: float) -> datetime:
    """A moment by the clock of the store, with a fraction of a second."""
    return store.now().replace(microsecond=1) + timedelta(**span)


def test_what_was_put_is_found_under_its_digest(subject: Subject) -> None:
    content = some_bytes()

    name = subject.store.put(content, PDF)

    assert name == Sha256.of(content)
    assert subject.store.exists(name)
    assert subject.store.get(name) == content


def test_an_empty_object_is_an_object(subject: Subject) -> None:
    name = subject.store.put(b"", PDF)

    assert subject.store.get(name) == b""


def test_a_file_is_put_from_its_present_position(subject: Subject) -> None:
    content = some_bytes()
    file = BytesIO(b"header" + content)
    file.seek(6)

    name = subject.store.put(file, PDF)

    assert subject.store.get(name) == content


def test_an_object_larger_than_one_part_of_a_multipart_upload_is_kept_whole(
    subject: Subject,
) -> None:
    content = os.urandom(6 * 2**20 + 1)

    name = subject.store.put(content, PDF)

    assert b"".join(subject.store.stream(name)) == content


def test_an_object_beyond_the_limit_is_refused(subject: Subject) -> None:
    with pytest.raises(TooLarge):
        subject.store.put(FileBeyondTheLimit(), PDF)


def test_an_object_that_was_never_put_is_missing(subject: Subject) -> None:
    name = Sha256.of(some_bytes())

    assert not subject.store.exists(name)
    with pytest.raises(ObjectMissing):
        subject.store.get(name)
    with pytest.raises(ObjectMissing):
        next(iter(subject.store.stream(name)))


def test_other_bytes_under_a_name_are_refused(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)
    subject.plant(name, some_bytes())

    with pytest.raises(ObjectCorrupt):
        subject.store.get(name)
    with pytest.raises(ObjectCorrupt):
        list(subject.store.stream(name))


def test_a_reader_may_stop_before_the_end(subject: Subject) -> None:
    content = os.urandom(2**20)
    name = subject.store.put(content, PDF)

    pieces = iter(subject.store.stream(name))
    first = next(pieces)
    del pieces

    assert content.startswith(first)
    assert subject.store.get(name) == content


def test_the_same_bytes_may_be_put_again(subject: Subject) -> None:
    content = some_bytes()

    first = subject.store.put(content, PDF)
    second = subject.store.put(content, PDF)

    assert first == second
    assert subject.store.get(first) == content


def test_many_threads_may_put_and_get_at_once(subject: Subject) -> None:
    contents = [some_bytes() for _ in range(24)]
    faults: list[bytes] = []

    def put_and_get(content: bytes) -> None:
        if subject.store.get(subject.store.put(content, PDF)) != content:
            faults.append(content)

    threads = [threading.Thread(target=put_and_get, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not faults
    assert all(subject.store.exists(Sha256.of(content)) for content in contents)


def test_the_sweep_sees_every_put_with_its_size_and_time(subject: Subject) -> None:
    before = subject.store.now() - timedelta(seconds=2)
    content = some_bytes()
    name = subject.store.put(content, PDF)

    (put,) = puts_of(subject.store, name)

    assert put.size_bytes == len(content)
    assert before <= put.put_at <= subject.store.now() + timedelta(seconds=2)
    assert put.is_latest


def test_a_swept_object_is_gone(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)
    (put,) = puts_of(subject.store, name)

    subject.store.delete(put)
    subject.store.delete(put)

    assert not subject.store.exists(name)
    assert puts_of(subject.store, name) == []


def test_a_put_survives_the_sweep_of_an_earlier_put_of_the_same_bytes(subject: Subject) -> None:
    content = some_bytes()
    name = subject.store.put(content, PDF)
    (unnamed,) = puts_of(subject.store, name)
    subject.store.put(content, PDF)

    subject.store.delete(unnamed)

    assert subject.store.get(name) == content
    (left,) = puts_of(subject.store, name)
    assert left.is_latest


def test_the_sweep_may_remove_a_put_that_a_later_one_superseded(subject: Subject) -> None:
    content = some_bytes()
    name = subject.store.put(content, PDF)
    subject.store.put(content, PDF)
    (superseded,) = [put for put in puts_of(subject.store, name) if not put.is_latest]

    subject.store.delete(superseded)

    assert subject.store.get(name) == content


def test_an_archived_copy_is_locked_until_its_date_in_whole_seconds(subject: Subject) -> None:
    content = some_bytes()
    name = subject.store.put(content, PDF)
    until = later(subject.store, days=3650)

    lock = subject.store.put_locked(name, retain_until=until)

    assert lock.retain_until == until.replace(microsecond=0) + timedelta(seconds=1)
    assert subject.store.retention(name) == lock
    assert subject.store.get_locked(name, lock.version_id) == content


def test_a_copy_may_be_locked_for_a_century(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)
    until = later(subject.store, days=36_500)

    lock = subject.store.put_locked(name, retain_until=until)

    assert lock.retain_until >= until
    with pytest.raises(LockRefused):
        subject.store.dispose(name, lock.version_id)


def test_a_locked_copy_cannot_be_disposed_of(subject: Subject) -> None:
    content = some_bytes()
    name = subject.store.put(content, PDF)
    lock = subject.store.put_locked(name, retain_until=later(subject.store, days=1))

    with pytest.raises(LockRefused):
        subject.store.dispose(name, lock.version_id)

    assert subject.store.get_locked(name, lock.version_id) == content


def test_a_lock_cannot_be_shortened(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)
    lock = subject.store.put_locked(name, retain_until=later(subject.store, days=10))

    with pytest.raises(LockRefused):
        subject.store.retain(name, lock.version_id, retain_until=later(subject.store, days=1))

    assert subject.store.retention(name) == lock


def test_a_lock_can_be_extended(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)
    lock = subject.store.put_locked(name, retain_until=later(subject.store, days=1))
    until = later(subject.store, days=20)

    subject.store.retain(name, lock.version_id, retain_until=until)

    extended = subject.store.retention(name)
    assert extended is not None
    assert extended.version_id == lock.version_id
    assert extended.retain_until >= until


def test_locking_again_keeps_the_copy_and_the_longer_date(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)
    short, long = later(subject.store, days=1), later(subject.store, days=30)

    first = subject.store.put_locked(name, retain_until=short)
    second = subject.store.put_locked(name, retain_until=long)
    third = subject.store.put_locked(name, retain_until=short)

    assert first.version_id == second.version_id
    assert second.retain_until >= long
    assert third == second


def test_a_copy_stays_when_its_content_is_swept(subject: Subject) -> None:
    content = some_bytes()
    name = subject.store.put(content, PDF)
    lock = subject.store.put_locked(name, retain_until=later(subject.store, days=1))

    for put in puts_of(subject.store, name):
        subject.store.delete(put)

    assert subject.store.get_locked(name, lock.version_id) == content


def test_nothing_is_locked_until_a_moment_that_has_passed(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)

    with pytest.raises(RetentionPast):
        subject.store.put_locked(name, retain_until=later(subject.store, days=-1))

    assert subject.store.retention(name) is None


def test_what_was_never_put_cannot_be_archived(subject: Subject) -> None:
    name = Sha256.of(some_bytes())

    with pytest.raises(ObjectMissing):
        subject.store.put_locked(name, retain_until=later(subject.store, days=1))

    assert subject.store.retention(name) is None
    with pytest.raises(ObjectMissing):
        subject.store.get_locked(name, "0" * 32)


def test_corrupt_content_is_not_archived(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)
    subject.plant(name, some_bytes())

    with pytest.raises(ObjectCorrupt):
        subject.store.put_locked(name, retain_until=later(subject.store, days=1))

    assert subject.store.retention(name) is None


def test_a_copy_may_be_disposed_of_after_its_time(subject: Subject) -> None:
    name = subject.store.put(some_bytes(), PDF)
    lock = subject.store.put_locked(name, retain_until=later(subject.store, seconds=2))
    subject.wait_until(lock.retain_until)

    subject.store.dispose(name, lock.version_id)
    subject.store.dispose(name, lock.version_id)

    assert subject.store.retention(name) is None
    assert subject.store.exists(name)


def test_a_held_copy_stays_after_its_time_until_it_is_released(subject: Subject) -> None:
    store = subject.store
    name = store.put(some_bytes(), PDF)
    lock = store.put_locked(name, retain_until=later(store, seconds=2))
    assert not store.is_held(name, lock.version_id)

    for _ in range(2):  # Asked twice, held once.
        store.hold(name, lock.version_id)
    assert store.is_held(name, lock.version_id)
    subject.wait_until(lock.retain_until)
    with pytest.raises(LockRefused):
        store.dispose(name, lock.version_id)
    assert store.get_locked(name, lock.version_id)

    for _ in range(2):
        store.release(name, lock.version_id)
    assert not store.is_held(name, lock.version_id)
    store.dispose(name, lock.version_id)
    with pytest.raises(ObjectMissing):
        store.get_locked(name, lock.version_id)


def test_a_hold_leaves_the_lock_as_it_is(subject: Subject) -> None:
    store = subject.store
    name = store.put(some_bytes(), PDF)
    lock = store.put_locked(name, retain_until=later(store, days=3))
    store.hold(name, lock.version_id)
    assert store.retention(name) == lock
    store.release(name, lock.version_id)
    assert store.retention(name) == lock
    with pytest.raises(LockRefused):
        store.dispose(name, lock.version_id)


def test_what_is_not_archived_cannot_be_held(subject: Subject) -> None:
    store = subject.store
    name = store.put(some_bytes(), PDF)
    kept = store.put(some_bytes(), PDF)
    lock = store.put_locked(kept, retain_until=later(store, days=3))
    with pytest.raises(ObjectMissing):
        store.hold(name, lock.version_id)
