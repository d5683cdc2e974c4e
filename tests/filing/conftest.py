"""Trust services, and a registry at the end of the year whose signatures are real."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eoffice import clock, db
from eoffice.embedded.pki import KeyKind, Pki, Subject
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.settings import settings
from tests import pki as test_pki
from tests.cast import load_cast
from tests.conftest import Office
from tests.filing import year_end
from tests.filing.year_end import LAST_DAY, Registry

_DEPARTMENT = "Sở Giáo dục và Đào tạo Đồng Tháp"


@pytest.fixture(scope="session")
def registry_pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    more = [
        Subject(label, name, _DEPARTMENT, test_pki.PIN, key=KeyKind.P_256)
        for label, name in (("clerk", "Văn thư"), ("deputy", "Phó Giám đốc"))
    ]
    with test_pki.trust_services(tmp_path_factory.mktemp("registry-pki"), *more) as served:
        yield served


@pytest.fixture
def registry(
    office: Office, registry_pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Registry]:
    """Transactions commit, keys sign, the object store is in memory; it is 31 December 2018."""
    monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", registry_pki.timestamp_url)
    monkeypatch.setenv("EOFFICE_KEYS", str(registry_pki.key_directory))
    monkeypatch.setenv("EOFFICE_TRUST", str(registry_pki.trust_directory))
    settings.cache_clear()
    store = MemoryStore(clock.now)
    configured.use(store)
    with test_pki.office_clock(office.var / "clock.json", LAST_DAY):
        with db.system_transaction() as session:
            cast = load_cast(session, LAST_DAY)
            year_end.register_keys(session, cast, registry_pki, LAST_DAY)
            year_end.fill(session, cast)
        yield Registry(cast, store, registry_pki)
    configured.use(None)
