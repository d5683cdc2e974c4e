"""A copy is made: the database of one moment, then every object that it names.

The manifest comes last. Killed at any time, what lies there is no copy yet; the next run takes
over the objects, and `pruning` removes the rest.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey

import eoffice
from eoffice.audit.checkpoint import Signer
from eoffice.backup import copies, sealing, snapshot
from eoffice.backup.manifest import MOST_NAMED, Manifest, Sealed, Sum
from eoffice.backup.snapshot import Programs
from eoffice.backup.targets import Target
from eoffice.objects.contract import ObjectCorrupt, ObjectMissing, ObjectStore
from eoffice.objects.sha256 import Sha256

THREADS: Final = 4
#: So many objects are in the hands of the threads at once.
BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Office:
    """What is copied: the database as its owner sees it, and the object store."""

    url: str
    store: ObjectStore
    programs: Programs

    def __repr__(self) -> str:
        """Without the address, which holds a password."""
        return "Office()"


@dataclass(frozen=True, slots=True)
class Outcome:
    manifest: Manifest
    #: Objects that were not in the target before.
    copied: int
    copied_bytes: int
    #: Objects that earlier copies brought there and the store has lost since.
    only_here: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return self.manifest.is_complete and not self.only_here


def make(
    office: Office,
    target: Target,
    *,
    recipients: Sequence[X25519PublicKey],
    signer: Signer,
    at: datetime,
    on: date,
) -> Outcome:
    """Copy the office as it is now, sealed for the recipients; what is there already stays.

    An object that the store lacks or gives back changed is named in the manifest, and the copy is
    not complete. Raises BackupRunning, TargetUnavailable, StoreUnavailable, DatabaseProgramFailed.
    """
    copy_id = f"{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    with snapshot.only_one(office.url):
        seen = _database(office, target, copy_id, recipients)
        # Later than the snapshot, so that whatever it names is in it.
        stored = {str(put.name): put.size_bytes for put in office.store.stored() if put.is_latest}
        already = copies.objects(target)
        wanted = seen.required | (seen.mentioned & stored.keys())
        copying = _Copying(office.store, target, recipients, seen.locked)
        copying.all(sorted(wanted - already))
        held = sorted(wanted - copying.missing)
        text = "".join(f"{digest}\n" for digest in held).encode()
        target.write(f"{copies.LISTS}/{copy_id}", [text])
        manifest = Manifest(
            id=copy_id,
            at=at,
            on=on,
            program=eoffice.__version__,
            revision=seen.revision,
            server_major=seen.server_major,
            database=seen.dump,
            list=Sealed(Sha256.of(text), len(text)),
            objects=len(held),
            objects_bytes=sum(stored.get(digest, 0) for digest in held),
            tables=seen.tables,
            log_head=seen.log_head,
            missing=tuple(map(Sha256, sorted(copying.missing)[:MOST_NAMED])),
            missing_count=len(copying.missing),
        )
        target.write(f"{copies.COPIES}/{copy_id}", [manifest.signed(signer).encode()])
    only_here = (wanted & already) - stored.keys()
    return Outcome(manifest, copying.copied, copying.copied_bytes, tuple(sorted(only_here)))


@dataclass(frozen=True, slots=True)
class _Seen:
    dump: Sealed
    revision: str
    server_major: int
    log_head: str
    tables: dict[str, Sum]
    required: set[str]
    mentioned: set[str]
    locked: dict[str, str]


def _database(
    office: Office, target: Target, copy_id: str, recipients: Sequence[X25519PublicKey]
) -> _Seen:
    name = f"{copies.DATABASES}/{copy_id}"
    with snapshot.taken(office.url) as taken:
        measured = Measured(office.programs.dump(office.url, taken.name))
        target.write(name, sealing.sealed(measured, name=name, recipients=recipients))
        return _Seen(
            dump=measured.found,
            revision=taken.revision,
            server_major=taken.server_major,
            log_head=taken.log_head,
            tables=snapshot.sums(taken.connection),
            required=set(snapshot.required(taken.connection)),
            mentioned=set(snapshot.mentioned(taken.connection)),
            locked=snapshot.locked(taken.connection),
        )


class Measured:
    """Pieces that go by: afterwards their SHA-256 and their size are known."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._digest = hashlib.sha256()
        self._size_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._digest.update(piece)
            self._size_bytes += len(piece)
            yield piece

    @property
    def found(self) -> Sealed:
        return Sealed(Sha256(self._digest.hexdigest()), self._size_bytes)


class _Copying:
    """Objects on their way to the target, several at once."""

    def __init__(
        self,
        store: ObjectStore,
        target: Target,
        recipients: Sequence[X25519PublicKey],
        locked: dict[str, str],
    ) -> None:
        self._store, self._target = store, target
        self._recipients, self._locked = recipients, locked
        self._mutex = threading.Lock()
        self.missing: set[str] = set()
        self.copied = 0
        self.copied_bytes = 0

    def all(self, digests: Sequence[str]) -> None:
        each_of(digests, self._one)

    def _one(self, digest: str) -> None:
        name = Sha256(digest)
        try:
            self._write(digest, self._store.stream(name))
        except (ObjectMissing, ObjectCorrupt):
            if not self._from_archive(digest):
                with self._mutex:
                    self.missing.add(digest)

    def _from_archive(self, digest: str) -> bool:
        """The locked copy, where the other one is lost; whether that was one."""
        version = self._locked.get(digest)
        if version is None:
            return False
        try:
            self._write(digest, [self._store.get_locked(Sha256(digest), version)])
        except (ObjectMissing, ObjectCorrupt):
            return False
        return True

    def _write(self, digest: str, pieces: Iterable[bytes]) -> None:
        name, measured = copies.object_name(digest), Measured(pieces)
        self._target.write(name, sealing.sealed(measured, name=name, recipients=self._recipients))
        with self._mutex:
            self.copied += 1
            self.copied_bytes += measured.found.size_bytes


def each_of(digests: Sequence[str], work: Callable[[str], None]) -> None:
    """In several threads; the first failure ends it, after what was begun with it."""
    with ThreadPoolExecutor(THREADS) as pool:
        for start in range(0, len(digests), BATCH):
            for _ in pool.map(work, digests[start : start + BATCH]):
                continue
