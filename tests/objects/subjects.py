"""The object stores under test, each with what a test needs to do behind its back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import uuid4

import minio

from eoffice.embedded import store as embedded_store
from eoffice.embedded.store import Store
from eoffice.objects.contract import ObjectStore
from eoffice.objects.memory import MemoryStore
from eoffice.objects.s3 import S3Store
from eoffice.objects.sha256 import Sha256


@dataclass(frozen=True, slots=True)
class Subject:
    store: ObjectStore
    #: Put bytes under a name that is not theirs.
    plant: Callable[[Sha256, bytes], None]
    #: Return when the clock of the store has passed the moment.
    wait_until: Callable[[datetime], None]


class AdjustableClock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.moment = datetime(2030, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def move_past(self, moment: datetime) -> None:
        self.moment = moment + timedelta(seconds=1)


class FalsifiableStore(MemoryStore):
    """A memory store whose bytes can be exchanged behind its back."""

    def plant(self, name: Sha256, content: bytes) -> None:
        versions = self._content.setdefault(name, {})
        versions[self._new_version()] = (self.now(), content)


def in_memory() -> Subject:
    clock = AdjustableClock()
    store = FalsifiableStore(clock)
    return Subject(store, store.plant, clock.move_past)


def s3_store(server: Store, *, endpoint: str | None = None) -> S3Store:
    """A store with buckets of its own on a running server."""
    suffix = uuid4().hex[:8]
    return S3Store(
        endpoint=endpoint or server.endpoint,
        access_key=server.access_key,
        secret_key=server.secret_key,
        region=embedded_store.REGION,
        content_bucket=f"content-{suffix}",
        archive_bucket=f"archive-{suffix}",
    )


def over_s3(server: Store) -> Subject:
    store = s3_store(server)
    store.prepare()
    bucket = store.content_bucket

    def plant(name: Sha256, content: bytes) -> None:
        client(server).put_object(bucket, str(name), BytesIO(content), len(content))

    def wait_until(moment: datetime) -> None:
        while store.now() <= moment:
            time.sleep(0.2)

    return Subject(store, plant, wait_until)


def client(server: Store) -> minio.Minio:
    """The bare client, for what the store itself never does."""
    return minio.Minio(
        server.endpoint.removeprefix("http://"),
        server.access_key,
        server.secret_key,
        secure=False,
        region=embedded_store.REGION,
    )
