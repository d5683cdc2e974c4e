"""The archive's tests sign with the same trust services as those of signing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eoffice.audit import log_key
from eoffice.embedded.pki import Pki
from eoffice.settings import settings
from eoffice.signing.trust import TrustStore
from tests.archive import room as rooms
from tests.archive.packages import SIGNER
from tests.archive.room import AT, Room
from tests.conftest import Office
from tests.pki import office_clock
from tests.signing.conftest import dispatch, pki, trust

__all__ = ["dispatch", "pki", "trust"]


@pytest.fixture
def room(office: Office, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    """The edges, at the time of the dispatch, with a trusted log."""
    directory = office.var / "trust"
    directory.mkdir()
    for anchor in pki.trust_directory.glob("*.pem"):
        (directory / anchor.name).write_bytes(anchor.read_bytes())
    log_key.publish(SIGNER, directory)
    monkeypatch.setenv("EOFFICE_TRUST", str(directory))
    settings.cache_clear()
    with (
        office_clock(office.var / "clock.json", AT),
        rooms.opened(AT, TrustStore.from_directory(directory)) as made,
    ):
        yield made
