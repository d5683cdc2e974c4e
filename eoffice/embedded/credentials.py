"""Passwords and keys between the services of one machine: made once, kept readable by the owner."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def kept(file: Path, names: Iterable[str]) -> dict[str, str]:
    """A secret for each name, made at the first call and the same ever after.

    The file is written whole and durably before its secrets are handed out, with mode 0600; a
    crash leaves the old one. Secrets are URL-safe.
    """
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = [name for name in names if name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(32) for name in missing}
        write_private(file, json.dumps(known, indent=1))
    return known


def write_private(file: Path, text: str) -> None:
    """Replace the file by one that only its owner may read; durable on return."""
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    directory = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
