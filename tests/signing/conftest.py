"""The trust services of the tests, and one dispatch that was signed with them in August 2018."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.embedded.pki import Pki
from eoffice.signing.trust import TrustStore
from tests import pki as cast
from tests.signing import papers, softhsm
from tests.signing.papers import Dispatch


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with cast.trust_services(tmp_path_factory.mktemp("pki")) as running:
        yield running


@pytest.fixture(scope="session")
def trust(pki: Pki) -> TrustStore:
    return papers.trust(pki)


@pytest.fixture
def in_2018(tmp_path: Path) -> Iterator[None]:
    """The office clock stands at the morning of dispatch 960."""
    with cast.office_clock(tmp_path / "clock.json", papers.SIGNED_AT):
        yield


@pytest.fixture(scope="session")
def dispatch(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Dispatch:
    clock_file = tmp_path_factory.mktemp("clock") / "clock.json"
    with cast.office_clock(clock_file, papers.SIGNED_AT):
        return papers.whole_life(pki)


@pytest.fixture(scope="session")
def pdfsig() -> str:
    """Another program's judgement of signatures, where it is installed."""
    program = shutil.which("pdfsig")
    if program is None:
        pytest.skip("pdfsig (poppler-utils) is not installed")
    return program


@pytest.fixture(scope="session")
def token(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A software token with the keys of two of the cast."""
    if not softhsm.is_installed():
        pytest.skip("SoftHSM2 is not installed")
    directory = tmp_path_factory.mktemp("token")
    return softhsm.make_token(pki, (cast.DIRECTOR, cast.TEACHER), directory)
