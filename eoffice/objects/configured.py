"""The object store that the settings of this process name."""

from __future__ import annotations

from eoffice.objects.contract import ObjectStore
from eoffice.objects.s3 import S3Store
from eoffice.settings import settings

_in_use: list[ObjectStore] = []


def store() -> ObjectStore:
    """The process's one store, connected at the first call; safe for many threads."""
    if not _in_use:
        _in_use.append(s3())
    return _in_use[0]


def s3() -> S3Store:
    """A fresh connection; `prepare()` makes the buckets."""
    chosen = settings()
    return S3Store(
        endpoint=chosen.s3_endpoint,
        access_key=chosen.s3_access_key,
        secret_key=chosen.s3_secret_key,
        region=chosen.s3_region,
        content_bucket=chosen.content_bucket,
        archive_bucket=chosen.archive_bucket,
    )


def use(chosen: ObjectStore | None) -> None:
    """For tests: the whole process uses this store; None goes back to the settings."""
    _in_use[:] = [] if chosen is None else [chosen]
