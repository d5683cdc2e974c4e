"""Does this object store really lock? Asked at start, because many say yes and do nothing.

Several servers accept the headers of object lock, answer 200, and delete the object a moment
later. The archive may rest on a store only after the store refused to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from eoffice.errors import Refusal
from eoffice.objects.contract import Lock, LockMissing, LockRefused, ObjectStore
from eoffice.objects.sha256 import Sha256

LOCK = timedelta(days=1)
#: Scratch objects of earlier days are removed when their lock has ended.
DAYS_TO_CLEAN = 7


@dataclass(frozen=True, slots=True)
class Check:
    #: What was tried, as a Vietnamese sentence for the operator.
    subject: str
    passed: bool
    #: What happened instead; empty when it passed.
    seen: str = ""


@dataclass(frozen=True, slots=True)
class LockReport:
    checks: tuple[Check, ...]

    @property
    def locks(self) -> bool:
        """Whether the archive may rest on this store."""
        return all(check.passed for check in self.checks)


def probe_locks(store: ObjectStore) -> LockReport:
    """Lock a scratch object for a day and try to get rid of it.

    One object for each day, however often this runs. Raises StoreUnavailable.
    """
    today = store.now()
    _clean(store, today)
    name = store.put(_scratch(today), "text/plain")
    until = today + LOCK
    try:
        lock = store.put_locked(name, retain_until=until)
    except LockMissing as failure:
        return LockReport((Check(LOCKED, passed=False, seen=failure.detail),))
    return LockReport(
        (
            Check(LOCKED, passed=True),
            _refused(SHORTENED, lambda: _shorten(store, name, lock)),
            _refused(DELETED, lambda: store.dispose(name, lock.version_id)),
            _still_there(store, name, lock),
        )
    )


LOCKED = "Tệp thử được khóa đến ngày đã định và kho báo lại đúng ngày đó."
SHORTENED = "Kho từ chối rút ngắn thời hạn khóa."
DELETED = "Kho từ chối xóa tệp đang khóa."
KEPT = "Tệp thử còn nguyên vẹn sau khi thử xóa."


def _shorten(store: ObjectStore, name: Sha256, lock: Lock) -> None:
    store.retain(name, lock.version_id, retain_until=lock.retain_until - LOCK / 2)


def _refused(subject: str, attempt: Callable[[], None]) -> Check:
    try:
        attempt()
    except LockRefused:
        return Check(subject, passed=True)
    return Check(subject, passed=False, seen="Kho đã chấp nhận.")


def _still_there(store: ObjectStore, name: Sha256, lock: Lock) -> Check:
    try:
        store.get_locked(name, lock.version_id)
        now = store.retention(name)
    except Refusal as failure:
        return Check(KEPT, passed=False, seen=failure.detail)
    if now != lock:
        return Check(KEPT, passed=False, seen="Thời hạn khóa đã bị thay đổi.")
    return Check(KEPT, passed=True)


def _clean(store: ObjectStore, today: datetime) -> None:
    for days in range(2, DAYS_TO_CLEAN + 1):
        name = Sha256.of(_scratch(today - timedelta(days=days)))
        try:
            lock = store.retention(name)
            if lock is not None and lock.retain_until < today:
                store.dispose(name, lock.version_id)
        except (LockMissing, LockRefused):
            # A store that gets this wrong is found out below.
            continue


def _scratch(day: datetime) -> bytes:
    return f"eoffice object lock probe of {day:%Y-%m-%d}\n".encode()
