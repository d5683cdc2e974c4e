"""What a test PKI has issued, by label: kept beside its keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

FILE = "register.json"


@dataclass(frozen=True, slots=True)
class Issued:
    serial: int
    revoked_at: datetime | None
    recognised: bool


@dataclass(frozen=True, slots=True)
class Register:
    """What was issued, by label."""

    port: int
    issued: dict[str, Issued]

    @classmethod
    def read(cls, directory: Path) -> Self | None:
        try:
            text = (directory / FILE).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        found = json.loads(text)
        issued = {
            label: Issued(
                int(one["serial"], 16),
                datetime.fromisoformat(one["revoked_at"]) if one["revoked_at"] else None,
                bool(one["recognised"]),
            )
            for label, one in found["issued"].items()
        }
        return cls(int(found["port"]), issued)

    def write(self, directory: Path) -> None:
        issued = {
            label: {
                "serial": format(one.serial, "x"),
                "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
                "recognised": one.recognised,
            }
            for label, one in self.issued.items()
        }
        part = directory / f"{FILE}.part"
        part.write_text(json.dumps({"port": self.port, "issued": issued}, indent=1), "utf-8")
        part.replace(directory / FILE)
