"""Secrets are made once, kept for the owner alone, and stay the same."""

from __future__ import annotations

import stat
from pathlib import Path

from eoffice.embedded import credentials


def test_secrets_stay_the_same_and_new_ones_join_them(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secrets.json"

    first = credentials.kept(file, ("postgres",))
    second = credentials.kept(file, ("postgres", "broker"))

    assert second["postgres"] == first["postgres"]
    assert len(set(second.values())) == 2


def test_only_the_owner_may_read_them(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    file.write_text("{}")
    file.chmod(0o644)

    credentials.kept(file, ("postgres",))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
