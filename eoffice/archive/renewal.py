"""Renewing the proofs of archived files before they weaken (ETSI EN 319 142-1, 5.5). By calendar.

The file grows by one time-stamp, so a new object is locked beside the old one, which stays. Nothing
is on record before the new object is locked and verified; a run that dies in between leaves a
locked copy that no entry names, and the next one begins again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from eoffice import clock
from eoffice.archive import renewal_actions
from eoffice.archive.renewal_actions import RenewalDue, Renewed
from eoffice.archive.states import MADE_HERE
from eoffice.db import system_transaction
from eoffice.errors import Refusal, Unavailable
from eoffice.files import intake
from eoffice.objects import configured
from eoffice.objects.contract import LockMissing, ObjectCorrupt, ObjectMissing, ObjectStore
from eoffice.promised import failure_of_steps
from eoffice.settings import settings
from eoffice.signing import lasting, policy, recorded
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.lasting import Lapsed
from eoffice.signing.pades import NotSignable
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf

WORKER: Final = "worker:archive.renew"
#: Files of one run at most, and for how long it begins with another one.
PORTION: Final = 100
SPAN: Final = timedelta(minutes=10)
_UNREADABLE: Final = "Kho lưu trữ không đọc được tệp đúng như mã băm của nó."
_BROKEN: Final = "Hệ thống gặp lỗi khi gia hạn; hãy báo quản trị hệ thống."
_NOT_LONGER: Final = (
    "Dấu thời gian mới không có giá trị lâu hơn dấu đang có. Hãy khai báo máy chủ dấu thời gian "
    "có chứng thư số còn hạn dài hơn."
)
_WORSE: Final = "Kết quả kiểm tra chữ ký sau khi gia hạn xấu hơn trước; bản cũ được giữ nguyên."

log = structlog.get_logger()


def renew_due() -> int:
    """One portion; returns how many files have got a newer time-stamp. Idempotent."""
    at = clock.now()
    with system_transaction() as session:
        found = renewal_actions.due(session, at=at, limit=PORTION)
    trust = TrustStore.from_directory(settings().trust_directory)
    renewed: list[UUID] = []
    by_record = [one for one in found if _goes_by_record(one)]
    _record(by_record, trust, renewed)
    for one in found:
        if one in by_record:
            continue
        if clock.now() - at > SPAN:
            break
        # What is in the way of one is no matter of the next.
        failure = failure_of_steps(partial(_look_after, one, trust, renewed))
        if failure is not None:
            log.error(
                "archive.renewal_failed",
                entry_id=str(one.entry_id),
                failure=type(failure).__name__,
            )
            _in_vain(one, _BROKEN, is_for_good=False)
    return len(renewed)


def _look_after(one: RenewalDue, trust: TrustStore, renewed: list[UUID]) -> None:
    at = clock.now()
    try:
        newer = extended(configured.store(), one, trust=trust, at=at)
    except Refusal as refusal:
        log.warning("archive.not_renewed", entry_id=str(one.entry_id), why=type(refusal).__name__)
        _in_vain(one, refusal.detail, is_for_good=isinstance(refusal, Lapsed | Worse))
        return
    with system_transaction() as session:
        if not isinstance(newer, Renewed):
            renewal_actions.note_lasts(session, one.entry_id, newer, at=at)
        elif renewal_actions.renewed(session, one, newer, by=WORKER, at=at):
            renewed.append(one.entry_id)


def _goes_by_record(one: RenewalDue) -> bool:
    """What has a record stays with it; how long the rest lasts has to be known first."""
    if one.lasts_until is None:
        return False
    return one.record is not None or policy.current().renews_by_record


def _record(found: Sequence[RenewalDue], trust: TrustStore, renewed: list[UUID]) -> None:
    """One time-stamp for all of them: no file grows, and none is read while its name is the hash.

    What has a record of another hash gets a new chain in it, over the file and all that proved it.
    """
    groups: dict[str, list[RenewalDue]] = {}
    for one in found:
        groups.setdefault(one.digest, []).append(one)
    for group in groups.values():
        failure = failure_of_steps(partial(_record_group, group, trust, renewed))
        if failure is None:
            continue
        log.error("archive.not_recorded", count=len(group), why=type(failure).__name__)
        for one in group:
            _in_vain(
                one, failure.detail if isinstance(failure, Refusal) else _BROKEN, is_for_good=False
            )


def _record_group(group: Sequence[RenewalDue], trust: TrustStore, renewed: list[UUID]) -> None:
    at = clock.now()
    digest = recorded.digest_for(at)
    url = settings().timestamp_url
    before = [one.record for one in group if one.record is not None]
    if before and group[0].digest == digest:
        made = recorded.renewed(before, trust=trust, timestamp_url=url, at=at)
    else:
        hashes = [_hashed(one, digest) for one in group]
        made = recorded.recorded(
            hashes, digest, before=before, trust=trust, timestamp_url=url, at=at
        )
    if any(one.lasts_until and made.lasts.until <= one.lasts_until for one in group):
        raise NotLonger(_NOT_LONGER)
    for one, record in zip(group, made.records, strict=True):
        with system_transaction() as session:
            if renewal_actions.recorded(session, one, record, digest, made.lasts, by=WORKER, at=at):
                renewed.append(one.entry_id)


def _hashed(one: RenewalDue, digest: str) -> bytes:
    if digest == "sha256":
        return bytes.fromhex(str(one.content))
    content = configured.store().get_locked(one.content, one.object_version)
    return hashlib.new(digest, content).digest()


def _in_vain(one: RenewalDue, why: str, *, is_for_good: bool) -> None:
    with system_transaction() as session:
        at = clock.now()
        renewal_actions.in_vain(session, one.entry_id, why, is_for_good=is_for_good, at=at)


class NotLonger(Unavailable):
    """The time-stamp that can be had ends no later than the one that is there."""


class Worse(NotSignable):
    """The newer file would not be believed as the older one is."""


def extended(
    store: ObjectStore, one: RenewalDue, *, trust: TrustStore, at: datetime
) -> Renewed | lasting.Lasts | None:
    """The newer content, locked and verified; or how long the old one lasts, where that is enough.

    No transaction may be open. Raises Lapsed, Worse, NotSignable, and what the store, the
    time-stamp authority and the certificate authorities refuse.
    """
    try:
        content = store.get_locked(one.content, one.object_version)
    except (ObjectMissing, ObjectCorrupt, LockMissing) as failure:
        raise NotSignable(_UNREADABLE) from failure
    file = io.BytesIO(content)
    try:
        found = lasting.lasts(file, trust=trust)
    except NotSignable:
        return None  # It was kept as it came, and carries no time-stamp of ours.
    if found is None or not found.is_due(at) or policy.current().renews_by_record:
        return found
    lasting.renew(file, trust=trust, timestamp_url=settings().timestamp_url, at=at)
    newer, lasts = file.getvalue(), lasting.lasts(file, trust=trust)
    if lasts is None or lasts.until <= found.until:
        raise NotLonger(_NOT_LONGER)
    verify = verify_pdf if one.kind in MADE_HERE else verify_pdf_bounded
    now = clock.now()
    if (after := verify(newer, trust=trust, at=now)).verdict is not Finding.INTACT:
        before = verify(content, trust=trust, at=now)
        if after.verdict is not before.verdict:
            raise Worse(_WORSE)
    name = store.put(newer, intake.MediaType.PDF)
    until = max(one.locked_until, store.now() + timedelta(days=settings().worm_days))
    lock = store.put_locked(name, retain_until=until)
    return Renewed(name, len(newer), lock, lasts)
