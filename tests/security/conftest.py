"""A house for each module that only looks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.embedded.postgres import Server
from tests.security import house as houses
from tests.security.house import House


@pytest.fixture(scope="module")
def house(
    server: Server, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """To be looked at: what one test changes, the next one sees."""
    var: Path = tmp_path_factory.mktemp("house")
    with houses.opened(server, template, var, f"house_{os.getpid()}") as opened:
        yield opened
