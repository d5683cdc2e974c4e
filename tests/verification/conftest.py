"""The doors of verification are tested in the archive's room, whose files they verify."""

from __future__ import annotations

from tests.archive.conftest import dispatch, pki, room, trust

__all__ = ["dispatch", "pki", "room", "trust"]
