"""What the program keeps between two runs: with which office it is paired, and for which token.

The office's token in it can fetch what waits and bring signatures; it cannot sign. It is readable
by its owner alone.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PLACE: Final = "EOFFICE_AGENT_HOME"


class NotPaired(Exception):
    """There is no pairing yet."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """One office, one token."""

    origin: str
    token: str
    person: str
    agency: str
    library: str
    token_label: str
    certificate: bytes


def home() -> Path:
    """The folder of the program's own data on this system."""
    if named := os.environ.get(PLACE):
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", str(Path.home()))) / "eoffice-agent"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "eoffice-agent"
    return Path(os.environ.get("XDG_CONFIG_HOME", str(Path.home() / ".config"))) / "eoffice-agent"


def keep(pairing: Pairing) -> None:
    """Put it in the place of an earlier one."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = folder / "pairing.json.part"
    content = {
        "origin": pairing.origin,
        "token": pairing.token,
        "person": pairing.person,
        "agency": pairing.agency,
        "library": pairing.library,
        "token_label": pairing.token_label,
        "certificate": base64.b64encode(pairing.certificate).decode(),
    }
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=1)
    part.replace(folder / "pairing.json")


def kept() -> Pairing:
    """Raises NotPaired."""
    try:
        found = json.loads((home() / "pairing.json").read_text(encoding="utf-8"))
        return Pairing(
            origin=found["origin"],
            token=found["token"],
            person=found["person"],
            agency=found["agency"],
            library=found["library"],
            token_label=found["token_label"],
            certificate=base64.b64decode(found["certificate"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as failure:
        raise NotPaired(
            "Máy này chưa ghép đôi. Lấy mã ở trang “Ký trên máy của tôi” rồi chạy "
            "eoffice-agent pair ĐỊA-CHỈ MÃ."
        ) from failure
