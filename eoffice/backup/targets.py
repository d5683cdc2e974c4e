"""Where copies lie: files by name in a directory, or in a bucket of another object store.

objects/3f/3fa9…       an object of the office, sealed; the same for all copies
databases/ID           the database of one copy, sealed
lists/ID               SHA-256 and size of each object that the copy needs
copies/ID              what the copy is, signed; written last, so that without it there is none
drills/TIME-ID         what trying it out gave
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, Protocol
from urllib.parse import urlsplit

import minio
import urllib3
from minio.error import MinioException, S3Error

from eoffice.errors import Refusal, Unavailable

PIECE_BYTES: Final = 256 * 1024
#: One part is in memory at a time; ten thousand of them are the largest object of S3.
PART_BYTES: Final = 16 * 2**20
MISSING: Final = frozenset({"NoSuchKey", "NoSuchBucket", "NoSuchObject"})


class TargetUnavailable(Unavailable):
    """The place of the copies does not answer."""

    def __init__(self, why: str) -> None:
        super().__init__(f"Nơi lưu bản sao không phản hồi hoặc không ghi được ({why}).")


class NotInTarget(Refusal):
    """The place of the copies has nothing under this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Nơi lưu bản sao không có {name}.")
        self.name = name


class Target(Protocol):
    """May be used by many threads at once. All methods raise TargetUnavailable."""

    def names(self, folder: str) -> Iterator[str]:
        """Everything that was written whole below "folder/", in no particular order."""

    def read(self, name: str) -> Iterator[bytes]:
        """In pieces. Raises NotInTarget before the first."""

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        """Whole and durably or not at all, in place of what was there."""

    def remove(self, name: str) -> None:
        """Idempotent."""

    def sweep(self) -> None:
        """Remove what writers that were killed left; nobody may be writing."""


class Directory:
    """Below a directory, which is made; only its owner may read what is in it."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._unfinished = root / ".unfinished"

    def names(self, folder: str) -> Iterator[str]:
        with _reachable():
            for directory, _, files in os.walk(self._root / folder):
                for file in files:
                    yield (Path(directory) / file).relative_to(self._root).as_posix()

    def read(self, name: str) -> Iterator[bytes]:
        try:
            file = (self._root / name).open("rb")
        except FileNotFoundError as failure:
            raise NotInTarget(name) from failure
        except OSError as failure:
            raise TargetUnavailable(type(failure).__name__) from failure
        return self._pieces(file)

    @staticmethod
    def _pieces(file: BinaryIO) -> Iterator[bytes]:
        with file:
            while piece := _read(file):
                yield piece

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        file = self._root / name
        with _reachable():
            # One by one: what `parents` makes would be open to others.
            above = [each for each in file.parents if each.is_relative_to(self._root)]
            for directory in (*reversed(above), self._unfinished):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self._unfinished / secrets.token_hex(16)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as out:
                for piece in pieces:
                    with _reachable():
                        out.write(piece)
                with _reachable():
                    out.flush()
                    os.fsync(out.fileno())
            with _reachable():
                fresh.replace(file)
                _sync_directory(file.parent)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise

    def remove(self, name: str) -> None:
        with _reachable():
            (self._root / name).unlink(missing_ok=True)

    def sweep(self) -> None:
        with _reachable():
            for file in self._unfinished.glob("*"):
                file.unlink(missing_ok=True)


class Bucket:
    """A bucket of any S3, which exists, below a prefix that may be empty or ends with "/"."""

    def __init__(
        self,
        *,
        endpoint: str,
        access_key: str,
        secret_key: str,
        region: str,
        bucket: str,
        prefix: str,
    ) -> None:
        address = urlsplit(endpoint)
        self._bucket, self._prefix = bucket, prefix
        self._client = minio.Minio(
            address.netloc,
            access_key,
            secret_key,
            secure=address.scheme == "https",
            region=region,
            http_client=urllib3.PoolManager(
                maxsize=16,
                timeout=urllib3.Timeout(connect=5.0, read=120.0),
                # Each write replaces the whole, so that it may be sent again.
                retries=urllib3.Retry(total=3, backoff_factor=0.5, status_forcelist=[500, 503]),
            ),
        )

    def names(self, folder: str) -> Iterator[str]:
        with _reachable():
            found = self._client.list_objects(
                self._bucket, prefix=f"{self._prefix}{folder}/", recursive=True
            )
            for each in found:
                if each.object_name is not None:
                    yield each.object_name.removeprefix(self._prefix)

    def read(self, name: str) -> Iterator[bytes]:
        with _reachable():
            try:
                answer = self._client.get_object(self._bucket, self._prefix + name)
            except S3Error as error:
                if error.code in MISSING:
                    raise NotInTarget(name) from error
                raise
        return self._pieces(answer)

    @staticmethod
    def _pieces(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
        try:
            with _reachable():
                yield from answer.stream(PIECE_BYTES)
        finally:
            answer.close()
            answer.release_conn()

    def write(self, name: str, pieces: Iterable[bytes]) -> None:
        with _reachable():
            self._client.put_object(
                self._bucket,
                self._prefix + name,
                _Readable(iter(pieces)),  # type: ignore[arg-type]
                length=-1,
                part_size=PART_BYTES,
            )

    def remove(self, name: str) -> None:
        with _reachable():
            self._client.remove_object(self._bucket, self._prefix + name)

    def sweep(self) -> None:
        """The store itself drops parts of uploads that were not finished (lifecycle rule)."""


class _Readable:
    """Pieces as the client reads them."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def _read(file: BinaryIO) -> bytes:
    with _reachable():
        return file.read(PIECE_BYTES)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _reachable() -> Iterator[None]:
    """Names the kind of the failure only: texts of libraries may hold addresses and keys."""
    try:
        yield
    except (OSError, urllib3.exceptions.HTTPError, MinioException) as failure:
        why = failure.code if isinstance(failure, S3Error) else None
        raise TargetUnavailable(why or type(failure).__name__) from failure
