"""What the S3 store asks of its server, and what it does when the server does not answer."""

from __future__ import annotations

import os
from datetime import timedelta
from io import BytesIO

import pytest

from eoffice.embedded import ports
from eoffice.embedded.store import Store
from eoffice.objects.contract import LockMissing, StoreUnavailable
from eoffice.objects.s3 import S3Store
from eoffice.objects.sha256 import Sha256
from tests.objects import subjects


@pytest.fixture
def store(store_server: Store) -> S3Store:
    made = subjects.s3_store(store_server)
    made.prepare()
    return made


def test_preparing_twice_is_preparing_once(store: S3Store) -> None:
    name = store.put(b"kept", "text/plain")

    store.prepare()

    assert store.get(name) == b"kept"


def test_the_media_type_and_the_digest_are_kept_with_the_object(
    store: S3Store, store_server: Store
) -> None:
    content = os.urandom(50)
    name = store.put(content, "application/pdf")

    found = subjects.client(store_server).stat_object(
        store.content_bucket, str(name), extra_headers={"x-amz-checksum-mode": "ENABLED"}
    )

    assert found.content_type == "application/pdf"
    assert found.metadata is not None
    assert found.metadata["x-amz-checksum-sha256"]


def test_a_server_that_is_not_there_is_unavailable(store_server: Store) -> None:
    store = subjects.s3_store(store_server, endpoint=f"http://127.0.0.1:{ports.free_port()}")
    name = Sha256.of(b"")

    for attempt in (
        lambda: store.put(b"", "text/plain"),
        lambda: store.get(name),
        lambda: store.exists(name),
        lambda: list(store.stored()),
        lambda: store.retention(name),
        store.prepare,
        store.now,
    ):
        with pytest.raises(StoreUnavailable):
            attempt()


def test_a_copy_that_somebody_put_without_a_lock_does_not_count_as_archived(
    store: S3Store, store_server: Store
) -> None:
    name = store.put(b"unlocked", "text/plain")
    subjects.client(store_server).put_object(
        store.archive_bucket, str(name), BytesIO(b"unlocked"), 8
    )

    with pytest.raises(LockMissing):
        store.retention(name)
    with pytest.raises(LockMissing):
        store.put_locked(name, retain_until=store.now() + timedelta(days=1))


def test_a_locked_copy_survives_an_overwriting_put(store: S3Store, store_server: Store) -> None:
    name = store.put(b"signed", "text/plain")
    lock = store.put_locked(name, retain_until=store.now() + timedelta(days=1))

    subjects.client(store_server).put_object(store.archive_bucket, str(name), BytesIO(b"forged"), 6)

    assert store.get_locked(name, lock.version_id) == b"signed"
