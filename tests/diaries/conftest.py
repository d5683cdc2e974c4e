"""The class of the registers' tests."""

from __future__ import annotations

from tests.registers.conftest import at, cast, class_id, store

__all__ = ["at", "cast", "class_id", "store"]
