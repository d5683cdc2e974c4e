"""What `eoffice doctor` does: tries every part of the running system for real."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass

import redis
import sqlalchemy as sa

from eoffice import clock, db, migrations, outbox
from eoffice.errors import Refusal
from eoffice.objects import configured, probe
from eoffice.settings import settings
from eoffice.signing.timestamps import Authority

#: Below this the database and the object store stop taking new data soon.
LEAST_FREE_BYTES = 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said of one part."""

    part: str
    is_well: bool
    says: str


def examine() -> list[Finding]:
    """Every part in turn; one that fails is a finding, never an exception."""
    return [
        _tried("Cơ sở dữ liệu", _examine_database),
        _tried("Việc đã hứa", _examine_outbox),
        _tried("Hàng đợi", _examine_broker),
        _tried("Kho tệp", _examine_store),
        _tried("Dấu thời gian", _examine_timestamps),
        _tried("Chứng thư gốc", _examine_trust),
        _tried("Ổ đĩa", _examine_disk),
    ]


def _tried(part: str, examination: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, examination())
    except (Refusal, OSError, sa.exc.SQLAlchemyError, redis.RedisError, AssertionError) as failure:
        return Finding(part, False, f"không ổn ({type(failure).__name__}: {failure})")


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


def _examine_timestamps() -> str:
    token = asyncio.run(Authority(settings().timestamp_url).async_dummy_response("sha256"))
    told = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
    return f"máy chủ trả lời, giờ {clock.vietnam_time(told):%d/%m/%Y %H:%M:%S}"


def _examine_trust() -> str:
    count = len(list(settings().trust_directory.glob("*.pem")))
    assert count, f"không có chứng thư gốc nào trong {settings().trust_directory}"
    return f"{count} chứng thư gốc"


def _examine_disk() -> str:
    free = shutil.disk_usage(settings().var).free
    assert free >= LEAST_FREE_BYTES, f"chỉ còn trống {free / 2**20:.0f} MiB"
    return f"còn trống {free / 2**30:.1f} GiB"
