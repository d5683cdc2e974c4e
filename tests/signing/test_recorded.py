"""What an evidence record proves of a signed file when its own time-stamps are long over."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eoffice.embedded.pki import Pki, issue
from eoffice.embedded.pki.issue import Era
from eoffice.signing import recorded
from eoffice.signing.evidence_records import RecordBroken
from eoffice.signing.recorded import Recorded, RecordNotBelieved
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import pki as cast
from tests.signing import papers


def year(number: int) -> datetime:
    return datetime(number, 3, 2, 3, 0, tzinfo=UTC)


ERAS = (
    Era(year(2015), year(2030), year(2030)),
    Era(year(2020), year(2040), year(2040)),
    Era(year(2020), year(2058), year(2060)),
)
OTHERS = tuple(hashlib.sha256(bytes([number])).digest() for number in range(50))


@dataclass(frozen=True)
class Lives:
    generations: tuple[Pki, Pki, Pki]
    trust: TrustStore
    file: bytes
    #: Of the file, then of fifty others; made in 2028 and renewed in 2038.
    first: Recorded
    second: Recorded

    @property
    def hashes(self) -> dict[str, bytes]:
        return {"sha256": hashlib.sha256(self.file).digest()}


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    clock_file = tmp_path_factory.mktemp("clock") / "clock.json"
    with ExitStack() as stack:
        first, second, third = (
            stack.enter_context(
                cast.trust_services(tmp_path_factory.mktemp(f"generation-{number}"), era=era)
            )
            for number, era in enumerate(ERAS)
        )
        roots = (
            root
            for each in (first, second, third)
            for root in TrustStore.from_directory(each.trust_directory).roots
        )
        trust = TrustStore(tuple(roots))
        with cast.office_clock(clock_file, year(2026)):
            file = papers.whole_life(first).archived
        with cast.office_clock(clock_file, year(2028)):
            made = recorded.recorded(
                [hashlib.sha256(file).digest(), *OTHERS],
                "sha256",
                trust=trust,
                timestamp_url=second.timestamp_url,
                at=year(2028),
            )
        with cast.office_clock(clock_file, year(2038)):
            renewed = recorded.renewed(
                made.records, trust=trust, timestamp_url=third.timestamp_url, at=year(2038)
            )
        yield Lives((first, second, third), trust, file, made, renewed)


def test_one_time_stamp_stands_for_all(lives: Lives) -> None:
    assert len(lives.first.records) == 51
    assert lives.first.lasts.until == year(2040)
    assert lives.second.lasts.until == year(2058)
    assert max(map(len, lives.first.records)) < 16_000


@pytest.mark.parametrize(("at", "renewed"), [(2029, 0), (2036, 0), (2050, 1)])
def test_a_file_whose_own_time_stamp_is_over_is_intact_by_its_record(
    lives: Lives, at: int, renewed: int
) -> None:
    record = (lives.first, lives.second)[renewed].records[0]
    since = recorded.proven_since(record, lives.hashes, trust=lives.trust, at=year(at))
    assert since.year == 2028
    found = recorded.verify_with_record(
        lives.file, record, lives.hashes, trust=lives.trust, at=year(at)
    )
    assert found.verdict is Finding.INTACT, found.reason
    assert "02/03/2028" in found.reason
    alone = verify_pdf(lives.file, trust=lives.trust, at=year(at)).verdict
    assert alone is (Finding.INTACT if at == 2029 else Finding.UNVERIFIABLE)


def test_a_record_that_was_not_renewed_proves_nothing_any_more(lives: Lives) -> None:
    found = recorded.verify_with_record(
        lives.file, lives.first.records[0], lives.hashes, trust=lives.trust, at=year(2050)
    )
    assert found.verdict is Finding.UNVERIFIABLE
    assert "02/03/2028" in found.reason


def test_the_record_of_another_file_is_refused(lives: Lives) -> None:
    with pytest.raises(RecordBroken):
        recorded.proven_since(
            lives.first.records[1], lives.hashes, trust=lives.trust, at=year(2030)
        )


def test_a_stranger_and_a_forger_prove_nothing(lives: Lives) -> None:
    record = lives.first.records[0]
    nobody = TrustStore(())
    with pytest.raises(RecordNotBelieved):
        recorded.proven_since(record, lives.hashes, trust=nobody, at=year(2030))
    # The time that the token states, ten years earlier: its signature is wrong then.
    forged = record.replace(b"20280302", b"20180302")
    assert forged != record
    with pytest.raises(RecordBroken):
        recorded.proven_since(forged, lives.hashes, trust=lives.trust, at=year(2030))


def test_a_record_does_not_outlive_the_revocation_that_its_renewal_knew(
    lives: Lives, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with cast.trust_services(tmp_path_factory.mktemp("revoked"), era=ERAS[1]) as pki:
        trust = TrustStore.from_directory(pki.trust_directory)
        issue.revoke_timestamp_authority(pki.directory, "tsa", since=year(2027))
        with cast.office_clock(tmp_path / "clock.json", year(2028)):
            made = recorded.recorded(
                [hashlib.sha256(lives.file).digest()],
                "sha256",
                trust=trust,
                timestamp_url=pki.timestamp_url,
                at=year(2028),
            )
        with pytest.raises(RecordNotBelieved):
            recorded.proven_since(made.records[0], lives.hashes, trust=trust, at=year(2029))
