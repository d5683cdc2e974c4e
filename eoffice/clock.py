"""The office clock: the only place that asks the machine what time it is.

Edges ask `now()` once and pass it on as `at`. Where `EOFFICE_CLOCK_FILE` names a file, its offset
is added: that is how the demo lives in August 2018 and a test in 2045. All processes of the office,
the trust services of the demo among them, read the same file and so agree.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
CLOCK_FILE = "EOFFICE_CLOCK_FILE"


def now() -> datetime:
    """The present instant of the office, in UTC."""
    return datetime.now(UTC) + _offset()


def civil_date(at: datetime) -> date:
    """The date in Vietnam at an instant: the year of a number and the day of a deadline.

    `2026-12-31T17:00Z` is already 2027 there. Raises ValueError for a time without a zone.
    """
    return vietnam_time(at).date()


def vietnam_time(at: datetime) -> datetime:
    """The same instant on a clock in Vietnam."""
    if at.tzinfo is None:
        raise ValueError("a time without a zone is not an instant")
    return at.astimezone(VIETNAM)


def set_office_clock(file: Path, at: datetime) -> None:
    """From now on every process that reads `file` believes that it is `at`; the clock runs on."""
    offset = at - datetime.now(UTC)
    part = file.with_suffix(".part")
    part.write_text(json.dumps({"offset_s": offset.total_seconds()}), encoding="utf-8")
    part.replace(file)


def _offset() -> timedelta:
    name = os.environ.get(CLOCK_FILE)
    if not name:
        return timedelta()
    try:
        text = Path(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return timedelta()
    return timedelta(seconds=float(json.loads(text)["offset_s"]))
