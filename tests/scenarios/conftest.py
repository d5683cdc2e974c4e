"""Offices for the long stories: the real thing, started once for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import services
from tests.scenarios.running import Running, running


@pytest.fixture(scope="module")
def office() -> Iterator[Running]:
    """A new office with the demo province, on which only this file's tests work."""
    with services.scratch_directory() as directory, running(directory / "var") as started:
        yield started
