"""A document that is signed in 2026 and read in 2026, 2036, 2046 and 2056.

Three generations of authorities, each with roots of its own; each is gone when the next one works.
The document that was renewed in time stays believable; the one that was not says why it is not; a
renewal that comes too late is refused.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from eoffice.embedded.pki import Pki, issue
from eoffice.embedded.pki.issue import Era
from eoffice.signing import lasting, policy, signed_pdf
from eoffice.signing.lasting import Lapsed
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding, Level
from eoffice.signing.verification import verify_pdf
from tests import pki as cast
from tests.signing import papers


def year(number: int, month: int = 3) -> datetime:
    return datetime(number, month, 2, 3, 0, tzinfo=UTC)


SIGNED = year(2026)
#: Each opens years before the one before it closes.
SHIPPED = Path(policy.__file__).with_name("policy.json")
ERAS = (
    Era(year(2015), year(2036, 1), year(2036, 1)),
    Era(year(2030), year(2046, 1), year(2046, 1)),
    Era(year(2040), year(2058, 1), year(2060, 1)),
)
READ = (2026, 2036, 2046, 2056)


@dataclass(frozen=True)
class Generations:
    first: Pki
    second: Pki
    third: Pki
    #: Whom an archive of 2056 still knows: the roots of all three.
    trust: TrustStore


@pytest.fixture(scope="module")
def generations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generations]:
    with ExitStack() as stack:
        made = [
            stack.enter_context(
                cast.trust_services(tmp_path_factory.mktemp(f"generation-{number}"), era=era)
            )
            for number, era in enumerate(ERAS, start=1)
        ]
        roots = [
            anchor
            for pki in made
            for anchor in TrustStore.from_directory(pki.trust_directory).roots
        ]
        first, second, third = made
        yield Generations(first, second, third, TrustStore(tuple(roots)))


@pytest.fixture(scope="module")
def archived(generations: Generations, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Certified, numbered, sealed, archived in 2026, and left alone."""
    clock_file = tmp_path_factory.mktemp("clock") / "clock.json"
    with cast.office_clock(clock_file, SIGNED):
        return papers.whole_life(generations.first).archived


@pytest.fixture(scope="module")
def renewed(
    generations: Generations, archived: bytes, tmp_path_factory: pytest.TempPathFactory
) -> tuple[bytes, bytes, bytes]:
    """As archived; renewed in 2034 by the second generation; in 2044 by the third with SHA-512."""
    lives = [archived]
    clock_file = tmp_path_factory.mktemp("clock") / "clock.json"
    for at, pki, digest in (
        (year(2034), generations.second, "sha256"),
        (year(2044), generations.third, "sha512"),
    ):
        file = io.BytesIO(lives[-1])
        with cast.office_clock(clock_file, at):
            lasting.renew(
                file,
                trust=generations.trust,
                timestamp_url=pki.timestamp_url,
                at=at,
                digest=digest,
            )
        lives.append(file.getvalue())
    once, twice = lives[1:]
    return archived, once, twice


#: Year of reading, and how often the document had been renewed by then.
LIFE = [(2026, 0), (2036, 1), (2046, 2), (2056, 2)]


@pytest.mark.parametrize(("at", "renewals"), LIFE)
def test_what_is_renewed_in_time_is_intact_in_every_decade(
    generations: Generations, renewed: tuple[bytes, bytes, bytes], at: int, renewals: int
) -> None:
    found = verify_pdf(renewed[renewals], trust=generations.trust, at=year(at, 6))
    assert found.verdict is Finding.INTACT, found.reason
    assert {each.level for each in found.signatures} == {Level.B_LTA}
    assert {each.signed_at.year for each in found.signatures if each.signed_at} == {2026}


def test_a_reader_whose_clock_is_behind_does_not_believe_time_stamps_of_the_future(
    generations: Generations, renewed: tuple[bytes, bytes, bytes]
) -> None:
    found = verify_pdf(renewed[2], trust=generations.trust, at=year(2036))
    assert found.verdict is Finding.UNVERIFIABLE


@pytest.mark.parametrize("at", READ)
def test_what_was_left_alone_is_believed_until_its_time_stamp_ends(
    generations: Generations, archived: bytes, at: int
) -> None:
    found = verify_pdf(archived, trust=generations.trust, at=year(at, 6))
    if at == 2026:
        assert found.verdict is Finding.INTACT, found.reason
    else:
        assert found.verdict is Finding.UNVERIFIABLE
        assert found.reason


@pytest.mark.parametrize(("read", "finding"), [(2036, "intact"), (2046, "unverifiable")])
def test_one_renewal_lasts_as_long_as_the_second_generation(
    generations: Generations, renewed: tuple[bytes, bytes, bytes], read: int, finding: str
) -> None:
    found = verify_pdf(renewed[1], trust=generations.trust, at=year(read, 6))
    assert found.verdict is Finding(finding), found.reason


def test_a_renewal_that_comes_too_late_is_refused_and_changes_nothing(
    generations: Generations, archived: bytes, tmp_path: Path
) -> None:
    file = io.BytesIO(archived)
    with (
        cast.office_clock(tmp_path / "clock.json", year(2037)),
        pytest.raises(Lapsed, match="không gia hạn được nữa"),
    ):
        lasting.renew(
            file,
            trust=generations.trust,
            timestamp_url=generations.second.timestamp_url,
            at=year(2037),
        )
    assert file.getvalue() == archived


def test_a_time_stamp_whose_authority_was_revoked_is_not_renewed(
    generations: Generations,
    archived: bytes,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with cast.trust_services(tmp_path_factory.mktemp("revoked"), era=ERAS[0]) as pki:
        trust = TrustStore.from_directory(pki.trust_directory)
        with cast.office_clock(tmp_path / "clock.json", SIGNED):
            file = io.BytesIO(papers.whole_life(pki).archived)
        url = generations.second.timestamp_url
        everybody = TrustStore((*trust.roots, *generations.trust.roots))
        issue.revoke_timestamp_authority(pki.directory, "tsa", since=year(2029))
        with (
            cast.office_clock(tmp_path / "clock.json", year(2030)),
            pytest.raises(Lapsed, match="bị thu hồi"),
        ):
            lasting.renew(file, trust=everybody, timestamp_url=url, at=year(2030))


def test_a_time_stamp_over_an_algorithm_that_fell_has_ended_and_is_not_renewed(
    generations: Generations, archived: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = json.loads(SHIPPED.read_text("utf-8"))
    for each in found["accepted"]:
        if each["algorithm"] == "sha256":
            each["until"] = "2028-12-31"
    (tmp_path / "policy.json").write_text(json.dumps(found), "utf-8")
    monkeypatch.setenv(policy.VARIABLE, str(tmp_path / "policy.json"))
    lasts = lasting.lasts(io.BytesIO(archived), trust=generations.trust)
    assert lasts is not None
    assert (lasts.until.year, "sha256" in lasts.because) == (2028, True)

    file = io.BytesIO(archived)
    with cast.office_clock(tmp_path / "clock.json", year(2028)):
        lasting.renew(
            file,
            trust=generations.trust,
            timestamp_url=generations.first.timestamp_url,
            at=year(2028),
        )
    *_, last = signed_pdf.signatures(PdfFileReader(file))
    imprint = signed_pdf.imprint(last.signed_data)
    assert imprint["hash_algorithm"]["algorithm"].native == "sha384"

    with (
        cast.office_clock(tmp_path / "clock.json", year(2029)),
        pytest.raises(Lapsed, match="thuật toán"),
    ):
        lasting.renew(
            io.BytesIO(archived),
            trust=generations.trust,
            timestamp_url=generations.first.timestamp_url,
            at=year(2029),
        )


def test_nothing_that_was_signed_is_touched(renewed: tuple[bytes, bytes, bytes]) -> None:
    archived, once, twice = renewed
    assert once.startswith(archived)
    assert twice.startswith(once)


@pytest.mark.parametrize("renewals", [0, 1, 2])
def test_it_lasts_as_long_as_the_certificate_of_the_last_time_stamp(
    generations: Generations, renewed: tuple[bytes, bytes, bytes], renewals: int
) -> None:
    found = lasting.lasts(io.BytesIO(renewed[renewals]), trust=generations.trust)
    assert found is not None
    assert found.until == ERAS[renewals].closes_at
    assert "hết hạn" in found.because
    assert not found.is_due(found.until - timedelta(days=401))
    assert found.is_due(found.until - timedelta(days=400))
