"""An object store in memory, with locks, for tests of what lies above it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from eoffice.objects.contract import (
    LARGEST_BYTES,
    Lock,
    LockRefused,
    ObjectCorrupt,
    ObjectMissing,
    RetentionPast,
    Stored,
    too_large,
    whole_seconds,
)
from eoffice.objects.sha256 import Sha256

PIECE_BYTES = 64 * 1024


@dataclass(slots=True)
class _Copy:
    content: bytes
    retain_until: datetime
    is_held: bool = False


class MemoryStore:
    """Keeps everything until the object goes; `now` is the clock by which locks end."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._mutex = threading.RLock()
        self._versions = 0
        self._content: dict[Sha256, dict[str, tuple[datetime, bytes]]] = {}
        self._archive: dict[Sha256, dict[str, _Copy]] = {}

    def put(self, content: bytes | BinaryIO, media_type: str) -> Sha256:
        data = content if isinstance(content, bytes) else content.read(LARGEST_BYTES + 1)
        if len(data) > LARGEST_BYTES:
            raise too_large()
        name = Sha256.of(data)
        with self._mutex:
            self._content.setdefault(name, {})[self._new_version()] = (self._now(), data)
        return name

    def get(self, name: Sha256) -> bytes:
        with self._mutex:
            puts = self._content.get(name)
            if not puts:
                raise ObjectMissing(name)
            return _checked(name, puts[max(puts)][1])

    def stream(self, name: Sha256) -> Iterator[bytes]:
        data = self.get(name)
        for start in range(0, len(data), PIECE_BYTES):
            yield data[start : start + PIECE_BYTES]

    def exists(self, name: Sha256) -> bool:
        with self._mutex:
            return bool(self._content.get(name))

    def stored(self) -> Iterator[Stored]:
        with self._mutex:
            everything = [
                Stored(name, version, put_at, len(data), version == max(puts))
                for name, puts in self._content.items()
                for version, (put_at, data) in puts.items()
            ]
        yield from everything

    def delete(self, put: Stored) -> None:
        with self._mutex:
            self._content.get(put.name, {}).pop(put.version_id, None)

    def put_locked(self, name: Sha256, *, retain_until: datetime) -> Lock:
        with self._mutex:
            until = whole_seconds(retain_until)
            if until <= self._now():
                raise RetentionPast(until)
            data = self.get(name)
            existing = self.retention(name)
            if existing is None:
                version = self._new_version()
                self._archive.setdefault(name, {})[version] = _Copy(data, until)
                return Lock(version, until)
            if existing.retain_until < until:
                self.retain(name, existing.version_id, retain_until=until)
                return Lock(existing.version_id, until)
            return existing

    def get_locked(self, name: Sha256, version_id: str) -> bytes:
        with self._mutex:
            return _checked(name, self._copy(name, version_id).content)

    def retention(self, name: Sha256) -> Lock | None:
        with self._mutex:
            copies = self._archive.get(name)
            if not copies:
                return None
            newest = max(copies)
            return Lock(newest, copies[newest].retain_until)

    def retain(self, name: Sha256, version_id: str, *, retain_until: datetime) -> None:
        with self._mutex:
            copy = self._copy(name, version_id)
            until = whole_seconds(retain_until)
            if until <= self._now():
                raise RetentionPast(until)
            if until < copy.retain_until and self._now() < copy.retain_until:
                raise LockRefused(name)
            copy.retain_until = until

    def dispose(self, name: Sha256, version_id: str) -> None:
        with self._mutex:
            copy = self._archive.get(name, {}).get(version_id)
            if copy is None:
                return
            if copy.is_held or self._now() < copy.retain_until:
                raise LockRefused(name)
            del self._archive[name][version_id]

    def hold(self, name: Sha256, version_id: str) -> None:
        with self._mutex:
            self._copy(name, version_id).is_held = True

    def release(self, name: Sha256, version_id: str) -> None:
        with self._mutex:
            self._copy(name, version_id).is_held = False

    def is_held(self, name: Sha256, version_id: str) -> bool:
        with self._mutex:
            return self._copy(name, version_id).is_held

    def now(self) -> datetime:
        return self._now()

    def _copy(self, name: Sha256, version_id: str) -> _Copy:
        copy = self._archive.get(name, {}).get(version_id)
        if copy is None:
            raise ObjectMissing(name)
        return copy

    def _new_version(self) -> str:
        self._versions += 1
        return f"{self._versions:032}"


def _checked(name: Sha256, data: bytes) -> bytes:
    if Sha256.of(data) != name:
        raise ObjectCorrupt(name)
    return data
