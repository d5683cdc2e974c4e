"""The trust services of the tests, at the morning of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from eoffice import clock, db
from eoffice.embedded.pki import Pki
from eoffice.exchange import peers
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.signing.trust import TrustStore
from tests import pki as cast
from tests.cast import load_cast
from tests.conftest import AT, Office
from tests.exchange.house import House, entry


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with cast.trust_services(tmp_path_factory.mktemp("pki")) as running:
        yield running


@pytest.fixture
def trust(pki: Pki, tmp_path: Path) -> Iterator[TrustStore]:
    with cast.office_clock(tmp_path / "clock.json", AT):
        yield TrustStore.from_directory(pki.trust_directory)


@pytest.fixture
def house(office: Office, at: datetime, tmp_path: Path) -> Iterator[House]:
    """The office at the morning of the demo, with a partner in a folder."""
    (office.var / "pki" / "trust").mkdir(parents=True)
    store = MemoryStore(clock.now)
    configured.use(store)
    with cast.office_clock(tmp_path / "clock.json", AT):
        with db.system_transaction() as session:
            people = load_cast(session, at)
            peer = peers.add(session, entry(tmp_path / "shared"), by="tests", at=at)
        yield House(people, store, tmp_path / "shared", peer.id, at)
    configured.use(None)
