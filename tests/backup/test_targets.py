"""A directory and a bucket keep the same promises: whole or not at all, by name."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import minio
import pytest

from eoffice.backup.targets import Bucket, Directory, NotInTarget, Target, TargetUnavailable
from eoffice.embedded import store as embedded_store
from eoffice.embedded.store import Store

NAME = "objects/3f/3fa9"


def bucket(server: Store, **changes: str) -> Bucket:
    name = f"backup-{uuid4().hex[:8]}"
    client = minio.Minio(
        server.endpoint.removeprefix("http://"),
        server.access_key,
        server.secret_key,
        secure=False,
        region=embedded_store.REGION,
    )
    client.make_bucket(name, location=embedded_store.REGION)
    values = {
        "endpoint": server.endpoint,
        "access_key": server.access_key,
        "secret_key": server.secret_key,
        "region": embedded_store.REGION,
        "bucket": name,
        "prefix": "so-gd/",
    } | changes
    return Bucket(**values)


@pytest.fixture(params=["bucket", "directory"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    if request.param == "directory":
        return Directory(tmp_path / "target")
    return bucket(request.getfixturevalue("backup_store_server"))


def content(target: Target, name: str = NAME) -> bytes:
    return b"".join(target.read(name))


def test_what_was_written_is_read(place: Target) -> None:
    place.write(NAME, [b"one", b"", b"two"])
    assert content(place) == b"onetwo"
    assert list(place.names("objects")) == [NAME]
    assert list(place.names("copies")) == []


def test_an_empty_file_is_a_file(place: Target) -> None:
    place.write(NAME, [])
    assert content(place) == b""


def test_writing_again_replaces_the_whole(place: Target) -> None:
    place.write(NAME, [b"something long"])
    place.write(NAME, [b"short"])
    assert content(place) == b"short"


def test_a_writer_that_fails_leaves_nothing(place: Target) -> None:
    def failing() -> Iterator[bytes]:
        yield b"begun"
        raise LookupError

    with pytest.raises(LookupError):
        place.write(NAME, failing())
    assert list(place.names("objects")) == []


def test_what_is_not_there_is_named(place: Target) -> None:
    with pytest.raises(NotInTarget, match=NAME):
        place.read(NAME)


def test_removing_twice_is_as_good_as_once(place: Target) -> None:
    place.write(NAME, [b"x"])
    place.remove(NAME)
    place.remove(NAME)
    assert list(place.names("objects")) == []


def test_a_file_of_several_parts_comes_back_whole(backup_store_server: Store) -> None:
    place = bucket(backup_store_server)
    part = bytes(range(256)) * 4096
    place.write(NAME, (part for _ in range(20)))
    assert content(place) == part * 20


def test_only_the_owner_reads_what_lies_in_a_directory(tmp_path: Path) -> None:
    place = Directory(tmp_path / "target")
    place.write(NAME, [b"x"])
    for path in (tmp_path / "target").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_a_killed_writer_left_is_no_file_and_is_swept(tmp_path: Path) -> None:
    place = Directory(tmp_path / "target")
    place.write(NAME, [b"x"])
    left = tmp_path / "target" / ".unfinished" / "left"
    left.write_bytes(b"half")
    assert list(place.names("objects")) == [NAME]
    place.sweep()
    assert not left.exists()


def test_a_store_that_refuses_is_unavailable_and_no_secret_is_told(
    backup_store_server: Store,
) -> None:
    place = bucket(backup_store_server, secret_key="not-the-secret")
    with pytest.raises(TargetUnavailable) as refused:
        place.write(NAME, [b"x"])
    assert "not-the-secret" not in refused.value.detail
