"""What this machine remembers of its copies: for `eoffice doctor`, which reaches no target."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from eoffice import clock
from eoffice.backup import rules

FILE: Final = "backup.json"
RESTORE_NOTE: Final = "restore.json"


@dataclass(frozen=True, slots=True)
class State:
    """When the last complete copy was made, and when one was last restored aside without fault."""

    copy_at: datetime | None = None
    drill_at: datetime | None = None

    @classmethod
    def read(cls, var: Path) -> Self:
        try:
            found = json.loads((var / FILE).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return cls()
        return cls(_instant(found["copy_at"]), _instant(found["drill_at"]))

    def write(self, var: Path) -> None:
        described = {
            "copy_at": self.copy_at and self.copy_at.isoformat(),
            "drill_at": self.drill_at and self.drill_at.isoformat(),
        }
        write(var / FILE, json.dumps(described) + "\n")

    def says(self) -> str:
        """For people, in Vietnamese."""
        copied = "chưa có bản sao nào" if self.copy_at is None else _at(self.copy_at)
        drilled = "chưa lần nào" if self.drill_at is None else _at(self.drill_at)
        return f"bản sao đầy đủ gần nhất: {copied}; phục hồi thử gần nhất: {drilled}"

    def complaints(
        self, at: datetime, *, copy_within: timedelta, drill_within: timedelta
    ) -> Sequence[str]:
        """Sentences; empty when both were done in time."""
        found = []
        if rules.is_too_old(self.copy_at, at, copy_within):
            found.append("cần chạy eoffice backup")
        if rules.is_too_old(self.drill_at, at, drill_within):
            found.append("cần chạy eoffice backup drill")
        return found


def write(file: Path, text: str) -> None:
    """Replace the file by one that only its owner may read; durable on return."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _at(moment: datetime) -> str:
    return f"{clock.vietnam_time(moment):%d/%m/%Y %H:%M}"
