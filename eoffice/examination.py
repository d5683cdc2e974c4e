"""What `eoffice doctor` does: tries every part of the running system for real."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import redis
import sqlalchemy as sa

from eoffice import clock, db, migrations, outbox
from eoffice.backup.configured import backup_settings
from eoffice.backup.state import State
from eoffice.errors import Refusal
from eoffice.objects import configured, probe
from eoffice.settings import SettingMissing, settings
from eoffice.signing import certificates, timestamps, trust_check
from eoffice.signing.trust import TrustStore, TrustUnreadable

#: Below this the database and the object store stop taking new data soon.
LEAST_FREE_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one part."""

    part: str
    is_well: bool
    says: str
    #: It works, and yet somebody should look after it.
    warns: bool = False


def examine() -> list[Finding]:
    """Every part in turn; one that fails is a finding, never an exception."""
    return [
        _tried("Cơ sở dữ liệu", _examine_database),
        _tried("Việc đã hứa", _examine_outbox),
        _tried("Hàng đợi", _examine_broker),
        _tried("Kho tệp", _examine_store),
        examine_timestamps(),
        _tried("Chứng thư gốc", _examine_trust),
        _tried("Ổ đĩa", _examine_disk),
        examine_backup(),
    ]


@dataclass(frozen=True, slots=True)
class _Warning:
    says: str


_FAILURES: Final = (
    Refusal,
    OSError,
    sa.exc.SQLAlchemyError,
    redis.RedisError,
    AssertionError,
    TrustUnreadable,
    SettingMissing,
    ValueError,
)


def _tried(part: str, examination: Callable[[], str | _Warning]) -> Finding:
    try:
        found = examination()
    except _FAILURES as failure:
        return Finding(part, False, f"không ổn ({type(failure).__name__}: {failure})")
    if isinstance(found, _Warning):
        return Finding(part, True, found.says, warns=True)
    return Finding(part, True, found)


def _examine_database() -> str:
    with db.system_transaction() as session:
        revision = session.scalar(sa.text("select version_num from alembic_version"))
        server = session.scalar(sa.text("show server_version"))
    newest = migrations.newest()
    assert revision == newest, f"đang ở bản {revision}, cần bản {newest}: chạy eoffice migrate"
    return f"PostgreSQL {server}, bản {revision}"


def _examine_outbox() -> str:
    with db.system_transaction() as session:
        depth = outbox.depth(session)
    assert not depth.get("failed"), f"{depth['failed']} việc đã thử nhiều lần mà không xong"
    return f"{sum(depth.values())} việc đang chờ"


def _examine_broker() -> str:
    with redis.Redis.from_url(settings().broker_url) as broker:
        broker.ping()
        return f"{broker.llen('celery')} tin đang xếp hàng"


def _examine_store() -> str:
    report = probe.probe_locks(configured.store())
    failed = [f"{check.subject} {check.seen}" for check in report.checks if not check.passed]
    assert report.locks, "; ".join(failed)
    return "đọc ghi được, khóa lưu trữ không xóa và không rút ngắn được"


def examine_timestamps() -> Finding:
    """Each authority once; one of several that fails warns."""
    return _tried("Dấu thời gian", _examine_timestamps)


def _examine_timestamps() -> str | _Warning:
    roots = TrustStore.from_directory(settings().trust_directory)
    found = timestamps.of_setting(settings().timestamp_url, trust=roots).examine()
    right = [each for each in found if each.token is not None]
    said = "; ".join(map(_authority, found))
    assert right, said or "chưa khai báo máy chủ dấu thời gian nào"
    if len(right) < len(found):
        return _Warning(f"chỉ {len(right)} trong {len(found)} máy chủ cấp đúng: {said}")
    return said


def _authority(found: timestamps.Examined) -> str:
    if found.token is None:
        return f"{found.name}: {found.fault}, sau {found.took_s:.1f} giây"
    told = clock.vietnam_time(found.token.stamped_at)
    return f"{found.name} trả lời sau {found.took_s:.1f} giây, giờ {told:%d/%m/%Y %H:%M:%S}"


def _examine_trust() -> str:
    needed = certificates.of_office(settings().trust_directory)
    wrong = trust_check.missing(needed.trust, clock.now())
    assert not wrong, " ".join(wrong)
    return f"{len(needed.trust.roots)} chứng thư gốc, chính sách “{needed.policy.name}”"


def _examine_disk() -> str:
    free = shutil.disk_usage(settings().var).free
    assert free >= LEAST_FREE_BYTES, f"chỉ còn trống {free / 2**20:.0f} MiB"
    return f"còn trống {free / 2**30:.1f} GiB"


def examine_backup() -> Finding:
    """Warns only: workers are healthy without copies, and this is also their health check."""
    return _tried("Sao lưu", _examine_backup)


def _examine_backup() -> str | _Warning:
    chosen = backup_settings()
    found = State.read(settings().var)
    complaints = found.complaints(
        clock.now(), copy_within=chosen.copy_within, drill_within=chosen.drill_within
    )
    if complaints:
        return _Warning("; ".join([found.says(), *complaints]))
    return found.says()
