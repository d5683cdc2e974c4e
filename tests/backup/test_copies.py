"""A copy holds the database of one moment and every object that it names, and becomes an office.

With a real PostgreSQL and a real object store.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Lock

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from eoffice.backup import copies, pruning, restoring, snapshot
from eoffice.backup.copies import NoCopy
from eoffice.backup.making import Office
from eoffice.backup.manifest import Manifest, ManifestInvalid
from eoffice.backup.restoring import CopyDamaged, NotEmpty, Place, Restored, TooNew
from eoffice.backup.rules import Keep
from eoffice.backup.sealing import SealBroken
from eoffice.backup.snapshot import BackupRunning
from eoffice.backup.targets import Directory, Target
from eoffice.objects.sha256 import Sha256
from tests.backup import offices
from tests.backup.offices import House


@pytest.fixture(scope="module")
def office(house: House) -> Office:
    """Two archived documents and an object that only a promise names. Nobody changes it."""
    made = house.office()
    for words in ("Công văn số một", "Công văn số hai"):
        offices.archive_one(made, words)
    offices.mention(made, b"a file that only JSON names")
    offices.sequence(made)
    return made


@pytest.fixture(scope="module")
def whole(office: Office, tmp_path_factory: pytest.TempPathFactory) -> tuple[Directory, Manifest]:
    """A target with one copy, which nobody changes."""
    target = Directory(tmp_path_factory.mktemp("whole") / "target")
    return target, offices.copied(office, target).manifest


def restored(target: Target, manifest: Manifest, place: Place) -> Restored:
    return restoring.restore(
        target, manifest, place, key=offices.KEY, verifier=offices.SIGNER.verifier
    )


def test_what_is_restored_is_what_was_copied(
    office: Office, whole: tuple[Directory, Manifest], house: House, tmp_path: Path
) -> None:
    target, manifest = whole
    place = house.place(tmp_path)

    found = restored(target, manifest, place)

    assert found.faults == ()
    assert offices.rows(place.url) == offices.rows(office.url)
    assert offices.objects(place.store) == offices.objects(office.store)
    assert found.brought == manifest.objects == 5
    assert found.log.is_intact
    assert found.log.size > 2
    with psycopg.connect(snapshot.plain(place.url)) as connection:
        entries = connection.execute(
            "select content_sha256, object_version, locked_until from archive_entries"
        ).fetchall()
    assert len(entries) == found.locked == 2
    for digest, version, until in entries:
        assert place.store.get_locked(Sha256(digest), version)
        lock = place.store.retention(Sha256(digest))
        assert lock is not None
        assert lock.version_id == version
        assert lock.retain_until >= until.replace(microsecond=0)
    assert not place.note.exists()

    with pytest.raises(NotEmpty, match="Cơ sở dữ liệu"):
        restored(target, manifest, place)


def test_a_store_that_is_not_empty_is_not_touched(
    whole: tuple[Directory, Manifest], house: House, tmp_path: Path
) -> None:
    target, manifest = whole
    place = house.place(tmp_path)
    place.store.put(b"somebody else's", "text/plain")
    with pytest.raises(NotEmpty, match="Kho tệp"):
        restored(target, manifest, place)
    assert len(list(place.store.stored())) == 1


def test_another_key_opens_nothing(
    whole: tuple[Directory, Manifest], house: House, tmp_path: Path
) -> None:
    target, manifest = whole
    place = house.place(tmp_path)
    with pytest.raises(CopyDamaged, match="khóa giải mã không đúng"):
        restoring.restore(
            target,
            manifest,
            place,
            key=X25519PrivateKey.generate(),
            verifier=offices.SIGNER.verifier,
        )
    assert list(place.store.stored()) == []


def test_a_copy_of_a_later_program_is_refused(
    whole: tuple[Directory, Manifest], house: House, tmp_path: Path
) -> None:
    target, manifest = whole
    later = _changed(manifest, revision="9999")
    with pytest.raises(TooNew, match="9999"):
        restored(target, later, house.place(tmp_path))


def _changed(manifest: Manifest, **values: object) -> Manifest:
    fields = {name: getattr(manifest, name) for name in Manifest.__dataclass_fields__}
    return Manifest(**(fields | values))


FILES = ("objects", "databases", "lists", "copies")


@pytest.mark.parametrize("folder", FILES)
def test_a_flipped_byte_is_found_before_any_row_is_there(
    folder: str, whole: tuple[Directory, Manifest], house: House, tmp_path: Path
) -> None:
    target, manifest = whole
    flipped = Flipped(target, min(target.names(folder)))
    place = house.place(tmp_path)

    with pytest.raises((CopyDamaged, ManifestInvalid, SealBroken)):
        restored(flipped, copies.read(flipped, manifest.id, offices.SIGNER.verifier), place)

    with psycopg.connect(snapshot.plain(place.url)) as connection:
        assert snapshot.tables(connection) == []


class Flipped:
    """A target that gives one file back with one bit changed in its middle."""

    def __init__(self, target: Target, name: str) -> None:
        self._target, self._name = target, name

    def names(self, folder: str) -> Iterator[str]:
        return self._target.names(folder)

    def read(self, name: str) -> Iterator[bytes]:
        content = bytearray(b"".join(self._target.read(name)))
        if name == self._name:
            content[len(content) // 2] ^= 1
        return iter([bytes(content)])

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        raise AssertionError(name)

    def remove(self, name: str) -> None:
        raise AssertionError(name)

    def sweep(self) -> None:
        raise AssertionError


class Counting:
    """A target that remembers what was written."""

    def __init__(self, target: Target) -> None:
        self._target, self._mutex = target, Lock()
        self.written: list[str] = []

    def names(self, folder: str) -> Iterator[str]:
        return self._target.names(folder)

    def read(self, name: str) -> Iterator[bytes]:
        return self._target.read(name)

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        self._target.write(name, pieces)
        with self._mutex:
            self.written.append(name)

    def remove(self, name: str) -> None:
        self._target.remove(name)

    def sweep(self) -> None:
        self._target.sweep()


def brought(target: Counting) -> list[str]:
    return [name for name in target.written if name.startswith("objects/")]


def test_the_next_copy_brings_only_what_is_new_and_pruning_keeps_what_is_named(
    house: House, target: Directory
) -> None:
    made = house.office()
    counting = Counting(target)
    first = offices.copied(made, counting)
    assert (brought(counting), first.copied) == ([], 0)
    old_source, old = offices.archive_one(made, "Công văn cũ")
    second = offices.copied(made, counting, days=1)
    assert second.copied == 2
    third = offices.copied(made, counting, days=2)
    assert third.copied == 0
    new_source, new = offices.archive_one(made, "Công văn mới")
    fourth = offices.copied(made, counting, days=3)
    assert sorted(brought(counting)) == sorted(
        copies.object_name(str(name)) for name in (old_source, old, new_source, new)
    )
    assert counting.written[-1] == f"copies/{fourth.manifest.id}"
    target.write("databases/20200101T000000Z-killed", [b"left"])

    found = pruning.prune(target, Keep(daily=1, weekly=0, monthly=0), offices.SIGNER.verifier)

    assert found.kept == (fourth.manifest.id,)
    assert set(found.removed) == {one.manifest.id for one in (first, second, third)}
    assert (found.unfinished, found.objects) == (1, 0)
    assert copies.objects(target) == {str(name) for name in (old_source, old, new_source, new)}
    assert list(target.names("databases")) == [f"databases/{fourth.manifest.id}"]


def test_what_is_written_after_the_snapshot_is_not_needed(
    house: House, target: Directory, tmp_path: Path
) -> None:
    made = house.office()
    source, name = offices.archive_one(made, "Có trước khi chụp")
    during = During(target, lambda: offices.archive_one(made, "Đến trong lúc sao lưu"))

    copied = offices.copied(made, during)

    assert during.happened
    assert copied.manifest.is_complete
    assert copies.listed(target, copied.manifest) == sorted([str(source), str(name)])
    assert restored(target, copied.manifest, house.place(tmp_path)).faults == ()


class During(Counting):
    """Something happens in the office as soon as the dump is in the target."""

    def __init__(self, target: Target, event: Callable[[], object]) -> None:
        super().__init__(target)
        self._event = event
        self.happened = False

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        super().write(name, pieces)
        if name.startswith("databases/"):
            self._event()
            self.happened = True


def test_an_object_that_the_store_lost_is_named_and_the_copy_is_not_complete(
    house: House, target: Directory
) -> None:
    made = house.office()
    source, _ = offices.archive_one(made, "Tệp sẽ mất")
    forget(made, source)

    outcome = offices.copied(made, target)

    assert not outcome.manifest.is_complete
    assert outcome.manifest.missing == (source,)
    assert not outcome.is_good
    with pytest.raises(NoCopy):
        copies.chosen(target, None, offices.SIGNER.verifier)


def test_what_the_content_area_lost_comes_from_the_locked_copy(
    house: House, target: Directory
) -> None:
    made = house.office()
    _, name = offices.archive_one(made, "Còn bản khóa")
    forget(made, name)
    outcome = offices.copied(made, target)
    assert outcome.manifest.is_complete
    assert str(name) in copies.listed(target, outcome.manifest)


def test_what_only_the_copies_still_have_is_told(house: House, target: Directory) -> None:
    made = house.office()
    source, _ = offices.archive_one(made, "Mất sau lần đầu")
    assert offices.copied(made, target).is_good
    forget(made, source)
    outcome = offices.copied(made, target, days=1)
    assert outcome.manifest.is_complete
    assert outcome.only_here == (str(source),)
    assert not outcome.is_good


def forget(office: Office, name: Sha256) -> None:
    for put in list(office.store.stored()):
        if put.name == name:
            office.store.delete(put)


def test_two_at_once_are_refused(office: Office, target: Directory) -> None:
    with snapshot.only_one(office.url), pytest.raises(BackupRunning):
        offices.copied(office, target)
    assert list(target.names("databases")) == []


def test_pruning_removes_nothing_while_a_manifest_cannot_be_trusted(
    office: Office, target: Directory
) -> None:
    for days in (0, 1):
        offices.copied(office, target, days=days)
    before = {folder: sorted(target.names(folder)) for folder in FILES}
    broken = Flipped(target, before["copies"][0])
    with pytest.raises(ManifestInvalid):
        pruning.prune(broken, Keep(daily=1, weekly=0, monthly=0), offices.SIGNER.verifier)
    assert {folder: sorted(target.names(folder)) for folder in FILES} == before


def test_every_digest_that_is_not_an_object_is_a_column_that_exists(office: Office) -> None:
    with psycopg.connect(snapshot.plain(office.url)) as connection:
        for table, columns in sorted(snapshot.NOT_STORED.items()):
            found = connection.execute(
                "select column_name from information_schema.columns where table_name = %s", [table]
            )
            assert columns <= {row[0] for row in found}, table
