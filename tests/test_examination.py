"""What `eoffice doctor` says of time-stamp authorities: each by name; some that fail only warn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from eoffice import examination
from eoffice.commands import doctor
from eoffice.embedded.pki import Pki
from eoffice.embedded.pki.answers import Fault
from eoffice.examination import Finding
from eoffice.settings import settings
from eoffice.signing import timestamps
from tests import pki as cast
from tests.conftest import Office


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with cast.trust_services(tmp_path_factory.mktemp("pki")) as running:
        yield running


@pytest.fixture(autouse=True)
def unasked() -> Iterator[None]:
    timestamps.forget()
    yield
    timestamps.forget()


@pytest.fixture
def finding(office: Office, pki: Pki, monkeypatch: pytest.MonkeyPatch) -> Find:
    return Find(monkeypatch, pki)


class Find:
    def __init__(self, monkeypatch: pytest.MonkeyPatch, pki: Pki) -> None:
        self._monkeypatch, self._pki = monkeypatch, pki

    def __call__(self, *addresses: str, trust: Path | None = None) -> Finding:
        self._monkeypatch.setenv("EOFFICE_TIMESTAMP_URL", " ".join(addresses))
        self._monkeypatch.setenv("EOFFICE_TRUST", str(trust or self._pki.trust_directory))
        settings.cache_clear()
        return examination.examine_timestamps()


def test_all_is_well_where_all_answer(finding: Find, pki: Pki) -> None:
    found = finding(pki.timestamp_urls)
    assert (found.is_well, found.warns) == (True, False)
    assert found.says.count("trả lời sau") == 2


def test_one_that_fails_beside_others_warns_and_is_named(finding: Find, pki: Pki) -> None:
    found = finding(f"{pki.timestamp_url}-{Fault.ENDED}", pki.timestamp_url)
    assert (found.is_well, found.warns) == (True, True)
    assert found.says.startswith("chỉ 1 trong 2 máy chủ cấp đúng: 127.0.0.1 (địa chỉ thứ 1): ")
    assert "đã hết hạn" in found.says


def test_none_that_is_right_is_a_failure(finding: Find, pki: Pki, tmp_path: Path) -> None:
    bad = f"{pki.timestamp_url}-{Fault.UNKNOWN}"
    assert not finding(bad, "http://127.0.0.1:9/").is_well
    assert not finding().is_well
    assert "chưa khai báo" in finding().says
    assert not finding(pki.timestamp_url, trust=tmp_path / "khong-co").is_well


def test_each_state_has_a_mark_and_only_a_failure_an_exit_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [Finding("Một", True, "tốt"), Finding("Hai", True, "để ý", warns=True)]
    monkeypatch.setattr(examination, "examine", lambda: found)
    told = CliRunner().invoke(doctor.command)
    assert told.output.splitlines() == ["✓ Một: tốt", "! Hai: để ý"]
    assert told.exit_code == 0
    found.append(Finding("Ba", False, "hỏng"))
    told = CliRunner().invoke(doctor.command)
    assert told.output.splitlines()[2] == "✗ Ba: hỏng"
    assert told.exit_code == 1
