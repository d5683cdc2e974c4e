from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.backup.targets import Directory
from eoffice.embedded.postgres import Server
from eoffice.embedded.store import Store
from tests import services
from tests.backup.offices import House


@pytest.fixture(scope="session")
def backup_store_server() -> Iterator[Store]:
    with services.object_store_server() as server:
        yield server


@pytest.fixture(scope="session")
def house(server: Server, backup_store_server: Store, template: str) -> House:
    return House(server, backup_store_server, template)


@pytest.fixture
def target(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "target")
