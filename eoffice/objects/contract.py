"""What the office expects of an object store; the docstrings are the contract.

Two areas: *content* holds what rows of the database name, one object for each SHA-256; the
*archive* holds locked copies that nobody can delete or change before a date. Order of work: put
the bytes, commit the row that names them, announce it. A crash in between leaves an object without
a row, which a sweep finds by `stored` and removes by `delete`.

Every implementation passes `tests/objects/test_contract.py`. All methods may be called from many
threads at once and block until done; all raise StoreUnavailable when the store does not answer
within its time, and then a write may or may not have taken effect: repeat it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Protocol

from eoffice.errors import Conflict, Refusal, TooLarge, Unavailable
from eoffice.objects.sha256 import Sha256

#: The largest object, in bytes: it is sent in one request from memory.
LARGEST_BYTES = 512 * 2**20


class StoreUnavailable(Unavailable):
    """The object store does not answer; nothing was lost, try again."""

    def __init__(self) -> None:
        super().__init__("Kho lưu trữ tệp tạm thời không phản hồi. Hãy thử lại sau ít phút.")


class ObjectMissing(Refusal):
    """The object store has no bytes under this name."""

    status = 500

    def __init__(self, name: Sha256) -> None:
        super().__init__(
            f"Không tìm thấy tệp có mã băm {name} trong kho lưu trữ. Hãy báo cho quản trị viên."
        )


class ObjectCorrupt(Refusal):
    """The bytes that the object store gave back are not those that were put."""

    status = 500

    def __init__(self, name: Sha256) -> None:
        super().__init__(
            f"Tệp trong kho lưu trữ không còn khớp với mã băm {name}, nên không được sử dụng. "
            "Hãy báo cho quản trị viên để phục hồi từ bản sao."
        )


class LockRefused(Conflict):
    """The lock of an archived object does not allow this."""

    def __init__(self, name: Sha256) -> None:
        super().__init__(
            f"Tệp lưu trữ {name} đang trong thời hạn khóa: không thể xóa hay rút ngắn thời hạn."
        )


class LockMissing(Refusal):
    """The object store did not lock what it was told to lock."""

    status = 500

    def __init__(self, name: Sha256) -> None:
        super().__init__(
            f"Kho lưu trữ không khóa tệp {name} như đã yêu cầu, nên tệp chưa được coi là đã lưu "
            "trữ. Hãy báo cho quản trị viên chạy lệnh eoffice doctor."
        )


class RetentionPast(Refusal):
    """An object cannot be locked until a moment that has passed."""

    def __init__(self, retain_until: datetime) -> None:
        super().__init__(
            f"Không thể khóa tệp lưu trữ đến {retain_until:%d/%m/%Y} vì ngày đó đã qua."
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """One put of an object into the content area."""

    name: Sha256
    version_id: str
    put_at: datetime
    size_bytes: int
    #: Whether `get` answers with this put; an older put of the same bytes is superseded.
    is_latest: bool


@dataclass(frozen=True, slots=True)
class Lock:
    """One locked copy in the archive area."""

    version_id: str
    #: Whole seconds, UTC.
    retain_until: datetime


class ObjectStore(Protocol):
    def put(self, content: bytes | BinaryIO, media_type: str) -> Sha256:
        """Store the bytes under their SHA-256, durably before this returns.

        Idempotent: the same bytes keep their name. They are sent again even when they are already
        there, so that a sweep which found the older put unnamed cannot remove this one. A file is
        read from its present position to its end, and must be able to seek.

        Raises TooLarge over LARGEST_BYTES.
        """

    def get(self, name: Sha256) -> bytes:
        """The bytes, checked against their name. Raises ObjectMissing, ObjectCorrupt."""

    def stream(self, name: Sha256) -> Iterator[bytes]:
        """The bytes in pieces, from the content area.

        Raises ObjectMissing before the first piece, and ObjectCorrupt *after the last* when the
        whole does not have this SHA-256: what was read must not be used until the end came.
        """

    def exists(self, name: Sha256) -> bool:
        """Whether the content area has this object; says nothing about its bytes."""

    def stored(self) -> Iterator[Stored]:
        """Every put that is in the content area, in no particular order, for the sweep.

        What is put while this runs may or may not be among them.
        """

    def delete(self, put: Stored) -> None:
        """Remove exactly this put; another put of the same bytes stays. Idempotent."""

    def put_locked(self, name: Sha256, *, retain_until: datetime) -> Lock:
        """Copy an object from the content area into the archive, locked at least until then.

        Idempotent: a copy that is already there keeps its version; its lock is extended when it
        ends sooner, and never shortened. The lock counts by `now()`. Fractions of a second are
        rounded up. The lock is read back from the store before this returns.

        Raises ObjectMissing, ObjectCorrupt, RetentionPast, LockMissing.
        """

    def get_locked(self, name: Sha256, version_id: str) -> bytes:
        """The bytes of a locked copy, checked. Raises ObjectMissing, ObjectCorrupt."""

    def retention(self, name: Sha256) -> Lock | None:
        """The newest copy in the archive with the lock that the store reports; None: no copy.

        Raises LockMissing when there is a copy that is not locked.
        """

    def retain(self, name: Sha256, version_id: str, *, retain_until: datetime) -> None:
        """Move the end of a lock; whole seconds, rounded up.

        Raises LockRefused when that would shorten it, RetentionPast, ObjectMissing.
        """

    def dispose(self, name: Sha256, version_id: str) -> None:
        """Remove a copy from the archive after its time. Idempotent.

        Raises LockRefused while it is locked or held.
        """

    def hold(self, name: Sha256, version_id: str) -> None:
        """Keep a copy in the archive until it is released, whenever its lock ends. Idempotent.

        Read back from the store before this returns. Raises ObjectMissing, LockMissing.
        """

    def release(self, name: Sha256, version_id: str) -> None:
        """End the hold of a copy; its lock stays as it is. Idempotent. Raises ObjectMissing."""

    def is_held(self, name: Sha256, version_id: str) -> bool:
        """Whether the store reports a hold of this copy. Raises ObjectMissing."""

    def now(self) -> datetime:
        """The clock of the store, by which locks end: real time, whatever the office plays."""


def whole_seconds(moment: datetime) -> datetime:
    """The moment in UTC, rounded up to a whole second as stores keep it."""
    exact = moment.astimezone(UTC)
    return exact if exact.microsecond == 0 else exact.replace(microsecond=0) + timedelta(seconds=1)


def too_large() -> TooLarge:
    return TooLarge(f"Tệp vượt quá giới hạn {LARGEST_BYTES // 2**20} MiB của kho lưu trữ.")
