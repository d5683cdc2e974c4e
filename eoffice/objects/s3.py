"""The object store behind an S3 gateway, through the `minio` client.

Two buckets, both with versions: *content*, where each put is a version of its own so that the
sweep removes exactly what it saw, and the *archive* with object lock, mode COMPLIANCE. Neither the
client nor every server checks what is read: each read is hashed against its name here, and each
write carries its SHA-256 for the server to check.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

import minio
import urllib3
from minio.commonconfig import COMPLIANCE, ENABLED
from minio.error import MinioException, S3Error
from minio.retention import Retention
from minio.versioningconfig import VersioningConfig

from eoffice.objects.contract import (
    LARGEST_BYTES,
    Lock,
    LockMissing,
    LockRefused,
    ObjectCorrupt,
    ObjectMissing,
    RetentionPast,
    Stored,
    StoreUnavailable,
    too_large,
    whole_seconds,
)
from eoffice.objects.sha256 import Sha256

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

CONNECT_S = 3.0
READ_S = 30.0
PIECE_BYTES = 256 * 1024
#: The smallest part that S3 knows; larger objects get one part of their own size, because some
#: servers drop the lock of an object that arrives in several.
SMALLEST_PART_BYTES = 5 * 2**20
MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "MethodNotAllowed", "NoSuchObject"})
REFUSED = frozenset({"AccessDenied", "ObjectLocked", "InvalidRequest", "MethodNotAllowed"})


class S3Store:
    """One for each process; threads share its connections."""

    def __init__(
        self,
        *,
        endpoint: str,
        access_key: str,
        secret_key: str,
        region: str,
        content_bucket: str,
        archive_bucket: str,
        connections: int = 16,
    ) -> None:
        """`endpoint` is a URL without a path; https where it leaves the machine."""
        self._endpoint = endpoint.rstrip("/")
        self.content_bucket = content_bucket
        self.archive_bucket = archive_bucket
        self._region = region
        self._http = urllib3.PoolManager(
            maxsize=connections,
            block=True,
            timeout=urllib3.Timeout(connect=CONNECT_S, read=READ_S),
            # A write whose answer was lost is not sent again here: in the archive that would
            # make a second copy that nobody can delete.
            retries=urllib3.Retry(
                connect=2, read=1, status=0, redirect=0, other=0, allowed_methods={"GET", "HEAD"}
            ),
        )
        address = urlsplit(self._endpoint)
        self._client = minio.Minio(
            address.netloc,
            access_key,
            secret_key,
            secure=address.scheme == "https",
            region=region,
            http_client=self._http,
        )

    def prepare(self) -> None:
        """Make the two buckets where they do not exist. May run in several processes at once."""
        with _reachable():
            self._make_bucket(self.content_bucket, locked=False)
            self._client.set_bucket_versioning(self.content_bucket, VersioningConfig(ENABLED))
            self._make_bucket(self.archive_bucket, locked=True)

    def put(self, content: bytes | BinaryIO, media_type: str) -> Sha256:
        file = BytesIO(content) if isinstance(content, bytes) else content
        start = file.tell()
        name = Sha256.of_file(file)
        length = file.tell() - start
        if length > LARGEST_BYTES:
            raise too_large()
        file.seek(start)
        self._write(self.content_bucket, name, file, length, media_type, retain_until=None)
        return name

    def get(self, name: Sha256) -> bytes:
        return b"".join(self.stream(name))

    def stream(self, name: Sha256) -> Iterator[bytes]:
        yield from self._read(self.content_bucket, name, version_id=None)

    def exists(self, name: Sha256) -> bool:
        with _reachable():
            try:
                self._client.stat_object(self.content_bucket, str(name))
            except S3Error as error:
                if error.code in MISSING:
                    return False
                raise
            return True

    def stored(self) -> Iterator[Stored]:
        with _reachable():
            for found in self._client.list_objects(
                self.content_bucket, recursive=True, include_version=True
            ):
                if found.is_delete_marker or found.object_name is None:
                    continue
                assert found.version_id is not None, found.object_name
                assert found.last_modified is not None, found.object_name
                yield Stored(
                    name=Sha256.parse(found.object_name),
                    version_id=found.version_id,
                    put_at=found.last_modified,
                    size_bytes=found.size or 0,
                    is_latest=str(found.is_latest).lower() == "true",
                )

    def delete(self, put: Stored) -> None:
        with _reachable():
            self._client.remove_object(
                self.content_bucket, str(put.name), version_id=put.version_id
            )

    def put_locked(self, name: Sha256, *, retain_until: datetime) -> Lock:
        until = whole_seconds(retain_until)
        existing = self.retention(name)
        if existing is None:
            content, media_type = self._content_and_type(name)
            self._write(
                self.archive_bucket,
                name,
                BytesIO(content),
                len(content),
                media_type,
                retain_until=until,
            )
        elif existing.retain_until < until:
            self.retain(name, existing.version_id, retain_until=until)
        elif until <= self.now():
            raise RetentionPast(until)
        lock = self.retention(name)
        if lock is None or lock.retain_until < until:
            raise LockMissing(name)
        return lock

    def get_locked(self, name: Sha256, version_id: str) -> bytes:
        return b"".join(self._read(self.archive_bucket, name, version_id=version_id))

    def retention(self, name: Sha256) -> Lock | None:
        with _reachable():
            try:
                found = self._client.stat_object(self.archive_bucket, str(name))
            except S3Error as error:
                if error.code in MISSING:
                    return None
                raise
        headers = found.metadata or {}
        mode = headers.get("x-amz-object-lock-mode")
        until = headers.get("x-amz-object-lock-retain-until-date")
        if mode != COMPLIANCE or until is None or found.version_id is None:
            raise LockMissing(name)
        return Lock(found.version_id, datetime.fromisoformat(until).astimezone(UTC))

    def retain(self, name: Sha256, version_id: str, *, retain_until: datetime) -> None:
        until = whole_seconds(retain_until)
        if until <= self.now():
            raise RetentionPast(until)
        with _reachable():
            try:
                self._client.set_object_retention(
                    self.archive_bucket,
                    str(name),
                    Retention(COMPLIANCE, until),
                    version_id=version_id,
                )
            except S3Error as error:
                if error.code in MISSING:
                    raise ObjectMissing(name) from error
                if error.code in REFUSED:
                    raise LockRefused(name) from error
                raise

    def dispose(self, name: Sha256, version_id: str) -> None:
        with _reachable():
            try:
                self._client.remove_object(self.archive_bucket, str(name), version_id=version_id)
            except S3Error as error:
                if error.code in MISSING:
                    return
                if error.code in REFUSED:
                    raise LockRefused(name) from error
                raise

    def hold(self, name: Sha256, version_id: str) -> None:
        with _reachable(), _present(name):
            self._client.enable_object_legal_hold(
                self.archive_bucket, str(name), version_id=version_id
            )
        if not self.is_held(name, version_id):
            raise LockMissing(name)

    def release(self, name: Sha256, version_id: str) -> None:
        with _reachable(), _present(name):
            self._client.disable_object_legal_hold(
                self.archive_bucket, str(name), version_id=version_id
            )

    def is_held(self, name: Sha256, version_id: str) -> bool:
        with _reachable(), _present(name):
            try:
                return self._client.is_object_legal_hold_enabled(
                    self.archive_bucket, str(name), version_id=version_id
                )
            except S3Error as error:
                if error.code == "NoSuchObjectLegalHold":
                    return False
                raise

    def now(self) -> datetime:
        with _reachable():
            # Any answer carries the date, also the one that says that nobody signed this request.
            answer = self._http.request("HEAD", f"{self._endpoint}/")
            return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)

    def _make_bucket(self, bucket: str, *, locked: bool) -> None:
        if self._client.bucket_exists(bucket):
            return
        try:
            self._client.make_bucket(bucket, location=self._region, object_lock=locked)
        except S3Error as error:
            if error.code not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise

    def _write(
        self,
        bucket: str,
        name: Sha256,
        file: BinaryIO,
        length: int,
        media_type: str,
        *,
        retain_until: datetime | None,
    ) -> None:
        checksum = base64.b64encode(name.digest).decode()
        with _reachable():
            try:
                self._client.put_object(
                    bucket,
                    str(name),
                    file,
                    length,
                    content_type=media_type,
                    # Names that begin with x-amz- go out as headers, not as metadata.
                    metadata={
                        "x-amz-checksum-sha256": checksum,
                        "x-amz-sdk-checksum-algorithm": "SHA256",
                    },
                    part_size=max(length, SMALLEST_PART_BYTES),
                    retention=Retention(COMPLIANCE, retain_until) if retain_until else None,
                )
            except S3Error as error:
                if retain_until is None:
                    raise
                if retain_until <= self.now():
                    raise RetentionPast(retain_until) from error
                if error.code == "InvalidRequest":
                    # The bucket was made without object lock.
                    raise LockMissing(name) from error
                raise

    def _content_and_type(self, name: Sha256) -> tuple[bytes, str]:
        with _reachable():
            try:
                found = self._client.stat_object(self.content_bucket, str(name))
            except S3Error as error:
                if error.code in MISSING:
                    raise ObjectMissing(name) from error
                raise
        return self.get(name), found.content_type or "application/octet-stream"

    def _read(self, bucket: str, name: Sha256, *, version_id: str | None) -> Iterator[bytes]:
        digest = hashlib.sha256()
        with _reachable(), self._opened(bucket, name, version_id) as response:
            for piece in response.stream(PIECE_BYTES):
                digest.update(piece)
                yield piece
        if digest.digest() != name.digest:
            raise ObjectCorrupt(name)

    @contextmanager
    def _opened(
        self, bucket: str, name: Sha256, version_id: str | None
    ) -> Iterator[BaseHTTPResponse]:
        try:
            response = self._client.get_object(bucket, str(name), version_id=version_id)
        except S3Error as error:
            if error.code in MISSING:
                raise ObjectMissing(name) from error
            raise
        try:
            yield response
        finally:
            # Closed rather than drained: a reader who stops early does not wait for the rest.
            response.close()
            response.release_conn()


@contextmanager
def _present(name: Sha256) -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code in MISSING:
            raise ObjectMissing(name) from error
        raise


@contextmanager
def _reachable() -> Iterator[None]:
    """Turn what says "not now" into StoreUnavailable; what says "wrong request" is a bug."""
    try:
        yield
    except urllib3.exceptions.HTTPError as error:
        raise StoreUnavailable from error
    except S3Error as error:
        if error.response.status >= 500 or error.code == "SlowDown":
            raise StoreUnavailable from error
        raise
    except MinioException as error:
        # Answers that are no S3 at all, such as a proxy's page.
        raise StoreUnavailable from error
