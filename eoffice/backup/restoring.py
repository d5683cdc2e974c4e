"""A copy becomes an office again: in an empty database and an empty object store.

Objects first, then the database in one transaction, then the locks of the archive, which only this
store can give; a later program migrates. Every object is hashed before it is put. Killed at any
time, the same command goes on: what the store has stays, and a note on this machine says whose
rows are in the database.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO, Final

import psycopg
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from psycopg import sql
from sqlalchemy import NullPool, create_engine
from sqlalchemy.orm import Session

from eoffice import migrations
from eoffice.audit import verification
from eoffice.audit.checkpoint import Verifier
from eoffice.audit.verification import LogReport
from eoffice.backup import copies, making, sealing, snapshot, state
from eoffice.backup.manifest import Manifest, Sum
from eoffice.backup.snapshot import Programs
from eoffice.backup.targets import NotInTarget, Target
from eoffice.errors import Conflict, Refusal
from eoffice.objects.contract import ObjectStore
from eoffice.objects.sha256 import Sha256

#: A lock that ended meanwhile is given once more for so long: without one the archive has no copy.
SHORTEST_LOCK: Final = timedelta(days=1)
MOST_NAMED: Final = 20


class NotEmpty(Conflict):
    """A copy is restored into an empty database and an empty store only."""


class TooNew(Conflict):
    """The copy was made by a later version of the program."""

    def __init__(self, manifest: Manifest) -> None:
        super().__init__(
            f"Bản sao do phiên bản {manifest.program} tạo (bản dữ liệu {manifest.revision}), mới "
            "hơn chương trình này. Hãy cài phiên bản đó hoặc mới hơn rồi chạy lại."
        )


class CopyDamaged(Refusal):
    """What the copy holds is not what it says; nothing of the database was restored."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the office will be: an empty database with its three roles, and an empty store."""

    url: str = field(repr=False)
    store: ObjectStore
    programs: Programs
    #: Says how far it came.
    note: Path


@dataclass(frozen=True, slots=True)
class Step:
    """What took how long; a Vietnamese noun phrase."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Restored:
    manifest: Manifest
    steps: tuple[Step, ...]
    #: Objects that were not there already.
    brought: int
    rows: int
    #: Archived objects whose locks and holds were given anew.
    locked: int
    log: LogReport
    #: Sentences; empty when everything is as the copy says.
    faults: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        return not self.faults


def restore(
    target: Target, manifest: Manifest, place: Place, *, key: X25519PrivateKey, verifier: Verifier
) -> Restored:
    """Idempotent as long as the note is there. Faults of objects are collected, and then nothing
    of the database is restored: CopyDamaged names them.

    Raises NotEmpty, TooNew, ManifestInvalid, CopyDamaged, SealBroken, StoreUnavailable,
    TargetUnavailable, DatabaseProgramFailed.
    """
    _require_known(manifest)
    digests = copies.listed(target, manifest)
    _require_empty(place, manifest, digests)
    state.write(place.note, _Progress(manifest.id, is_loaded=False).text)
    watch = _Watch()
    bringing = _Bringing(target, place.store, key)
    with watch("tệp"):
        making.each_of(digests, bringing.one)
    if bringing.faults:
        raise CopyDamaged(_named(bringing.faults))
    with watch("cơ sở dữ liệu"):
        if _is_empty(place.url):
            _load(target, manifest, place, key)
    with watch("đối chiếu"):
        faults = _compared(place, manifest, digests)
    with watch("khóa lưu trữ"):
        locked = _lock_anew(place, frozenset(digests))
    with watch("nâng cấp dữ liệu"):
        migrations.upgrade(place.url)
    with watch("nhật ký"):
        log = _log(place.url, verifier)
    faults += [f"Nhật ký: {fault}" for fault in log.faults]
    place.note.unlink(missing_ok=True)
    return Restored(
        manifest=manifest,
        steps=tuple(watch.steps),
        brought=bringing.brought,
        rows=sum(one.rows for one in manifest.tables.values()),
        locked=locked,
        log=log,
        faults=tuple(faults),
    )


class _Watch:
    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._name = ""
        self._began = 0.0

    def __call__(self, name: str) -> _Watch:
        self._name, self._began = name, time.monotonic()
        return self

    def __enter__(self) -> None:
        return

    def __exit__(self, *_: object) -> None:
        self.steps.append(Step(self._name, round(time.monotonic() - self._began, 3)))


@dataclass(frozen=True, slots=True)
class _Progress:
    """The copy that is being restored on this machine, and whether its rows were compared."""

    copy_id: str
    is_loaded: bool

    @property
    def text(self) -> str:
        return json.dumps({"copy": self.copy_id, "loaded": self.is_loaded}) + "\n"

    @classmethod
    def of(cls, note: Path) -> _Progress | None:
        try:
            found = json.loads(note.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return cls(found["copy"], bool(found["loaded"]))


def _require_known(manifest: Manifest) -> None:
    script = ScriptDirectory.from_config(migrations.config(""))
    try:
        script.get_revision(manifest.revision)
    except CommandError as failure:
        raise TooNew(manifest) from failure


def _require_empty(place: Place, manifest: Manifest, digests: Iterable[str]) -> None:
    progress = _Progress.of(place.note)
    goes_on = progress is not None and progress.copy_id == manifest.id
    if not goes_on and not _is_empty(place.url):
        raise NotEmpty(
            "Cơ sở dữ liệu đích đã có dữ liệu nên không được ghi đè. "
            "Hãy phục hồi vào một cơ sở dữ liệu trống."
        )
    of_copy = set(digests)
    for put in place.store.stored():
        if not goes_on or str(put.name) not in of_copy:
            raise NotEmpty(
                "Kho tệp đích đã có tệp nên không được ghi đè. Hãy phục hồi vào một kho trống."
            )


def _is_empty(url: str) -> bool:
    with psycopg.connect(snapshot.plain(url)) as connection:
        return not snapshot.tables(connection)


class _Bringing:
    """Objects on their way into the store, several at once."""

    def __init__(self, target: Target, store: ObjectStore, key: X25519PrivateKey) -> None:
        self._target, self._store, self._key = target, store, key
        self._mutex = threading.Lock()
        self.brought = 0
        self.faults: list[str] = []

    def one(self, digest: str) -> None:
        if self._store.exists(Sha256(digest)):
            return
        try:
            with tempfile.TemporaryFile() as file:
                found = _written(opened_object(self._target, digest, self._key), file)
                if found != digest:
                    self._fault(f"Tệp {digest} trong bản sao đã hỏng.")
                    return
                file.seek(0)
                self._store.put(file, _media_type(file))
        except (NotInTarget, sealing.SealBroken) as failure:
            self._fault(failure.detail)
            return
        with self._mutex:
            self.brought += 1

    def _fault(self, sentence: str) -> None:
        with self._mutex:
            self.faults.append(sentence)


def opened_object(target: Target, digest: str, key: X25519PrivateKey) -> Iterator[bytes]:
    """Raises NotInTarget, SealBroken."""
    name = copies.object_name(digest)
    return sealing.opened(target.read(name), name=name, key=key)


def _written(pieces: Iterable[bytes], file: BinaryIO) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
        file.write(piece)
    return digest.hexdigest()


def _media_type(file: BinaryIO) -> str:
    """The store's label, which nothing reads back: what a file is stands in the rows."""
    start = file.read(5)
    file.seek(0)
    return "application/pdf" if start == b"%PDF-" else "application/octet-stream"


def _load(target: Target, manifest: Manifest, place: Place, key: X25519PrivateKey) -> None:
    name = f"{copies.DATABASES}/{manifest.id}"
    pieces = sealing.opened(target.read(name), name=name, key=key)
    place.programs.restore(place.url, _checked(pieces, manifest))


def _checked(pieces: Iterable[bytes], manifest: Manifest) -> Iterator[bytes]:
    """The dump; its last piece only when the whole is what the manifest says."""
    measured = making.Measured(pieces)
    held = b""
    for piece in measured:
        yield held
        held = piece
    if measured.found != manifest.database:
        raise CopyDamaged("Bản sao của cơ sở dữ liệu không khớp với tệp mô tả.")
    yield held


def _compared(place: Place, manifest: Manifest, digests: Iterable[str]) -> list[str]:
    """What is in the database, against the manifest; later steps change rows, so only once.

    What the copy lacks by its own word is a fault that is told; everything else is CopyDamaged.
    """
    lacks = (
        []
        if manifest.is_complete
        else [f"Bản sao không đầy đủ: thiếu {manifest.missing_count} tệp từ khi sao lưu."]
    )
    progress = _Progress.of(place.note)
    if progress is not None and progress.is_loaded:
        return lacks
    with psycopg.connect(snapshot.plain(place.url)) as connection:
        found = snapshot.sums(connection)
        is_same_major = connection.info.server_version // 10_000 == manifest.server_major
        unknown = set(snapshot.required(connection)) - set(digests)
    wrong = [
        f"Bảng {table} sau khi phục hồi khác với bản sao."
        for table in sorted(found.keys() | manifest.tables.keys())
        if not _are_equal(found.get(table), manifest.tables.get(table), sums=is_same_major)
    ]
    if len(unknown) > manifest.missing_count:
        wrong.append(f"Dữ liệu cần {len(unknown)} tệp mà danh mục của bản sao không có.")
    if wrong:
        raise CopyDamaged(" ".join(wrong[:MOST_NAMED]))
    state.write(place.note, _Progress(manifest.id, is_loaded=True).text)
    return lacks


def _are_equal(found: Sum | None, wanted: Sum | None, *, sums: bool) -> bool:
    if found is None or wanted is None:
        return False
    return found == wanted if sums else found.rows == wanted.rows


def _lock_anew(place: Place, digests: frozenset[str]) -> int:
    """Put each archived object under its lock in this store, and name the new copy in its row."""
    earliest = place.store.now() + SHORTEST_LOCK
    with psycopg.connect(snapshot.plain(place.url)) as connection:
        until = {
            str(digest): max(locked_until, earliest)
            for digest, locked_until in connection.execute(
                "select content_sha256, max(locked_until) from ("
                " select content_sha256, locked_until from archive_entries union all"
                " select content_sha256, locked_until from renewed_contents) locked group by 1"
            )
            if digest in digests
        }
        held = {
            str(digest)
            for (digest,) in connection.execute(
                "select distinct content_sha256 from held_copies"
                " where state in ('asked', 'held', 'releasing')"
            )
        }
        versions: dict[str, str] = {}

        def lock(digest: str) -> None:
            name = Sha256(digest)
            versions[digest] = place.store.put_locked(name, retain_until=until[digest]).version_id
            if digest in held:
                place.store.hold(name, versions[digest])

        making.each_of(sorted(until), lock)
        connection.execute("create temporary table versions (digest text, version text)")
        with connection.cursor().copy("copy versions from stdin") as copy:
            for both in versions.items():
                copy.write_row(both)
        for table in ("archive_entries", "renewed_contents", "held_copies"):
            connection.execute(
                sql.SQL(
                    "update {} set object_version = version from versions"
                    " where content_sha256 = digest and object_version <> version"
                ).format(sql.Identifier(table))
            )
        return len(versions)


def _log(url: str, verifier: Verifier) -> LogReport:
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        with Session(engine) as session:
            return verification.examine(session, verifier)
    finally:
        engine.dispose()


def _named(faults: list[str]) -> str:
    said = sorted(faults)[:MOST_NAMED]
    if len(faults) > MOST_NAMED:
        said.append(f"… và {len(faults) - MOST_NAMED} tệp khác.")
    return "Bản sao đã hỏng, chưa phục hồi cơ sở dữ liệu. " + " ".join(said)
