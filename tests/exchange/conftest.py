"""The trust services of the tests, at the morning of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.embedded.pki import Pki
from eoffice.signing.trust import TrustStore
from tests import pki as cast
from tests.conftest import AT


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with cast.trust_services(tmp_path_factory.mktemp("pki")) as running:
        yield running


@pytest.fixture
def trust(pki: Pki, tmp_path: Path) -> Iterator[TrustStore]:
    with cast.office_clock(tmp_path / "clock.json", AT):
        yield TrustStore.from_directory(pki.trust_directory)
