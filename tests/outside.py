"""Outside data that some tests use where it is at hand, beside the project and not part of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT = Path(__file__).parents[1] / ".." / "shared"


def outside(path: str) -> Path | None:
    """The outside file or directory; None where it is absent. EOFFICE_SHARED names its place."""
    root = Path(os.environ.get("EOFFICE_SHARED", str(_DEFAULT)))
    found = root / path
    return found.resolve() if found.exists() else None


def require(path: str) -> Path:
    """The same, but skips the test, visibly, where it is absent."""
    found = outside(path)
    if found is None:
        pytest.skip(f"outside data not here: {path}")
    return found
