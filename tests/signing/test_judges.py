"""Whatever we sign is intact to three judges that share no code: the office's verifier, EU DSS (the
European Commission's library) and pdfsig (poppler, NSS). Every kind of signature, every mechanism,
every level.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from eoffice import clock
from eoffice.embedded.pki import KeyKind, Pki, Subject
from eoffice.signing.appearance import Handwriting
from eoffice.signing.mechanisms import RsaScheme
from eoffice.signing.pades import Purpose
from eoffice.signing.trust import TrustStore
from eoffice.signing.verdict import Finding
from eoffice.signing.verification import verify_pdf
from tests import dss
from tests import pki as cast
from tests.dss import Said
from tests.signing import papers

_SCHOOL = "Trường THCS Thống Linh"
RSA_3072 = Subject("rsa-3072", "Lê Thị Ba", _SCHOOL, cast.PIN, key=KeyKind.RSA_3072)
P_384 = Subject("p-384", "Nguyễn Văn Tư", _SCHOOL, cast.PIN, key=KeyKind.P_384)
PERSON, SEAL = "signature_person", "signature_seal"
DIGESTS = ("sha256", "sha384", "sha512")
KEYS = {
    "RSA-2048 PSS": (cast.DIRECTOR, RsaScheme.PSS),
    "RSA-3072 PSS": (RSA_3072, RsaScheme.PSS),
    "RSA-2048 PKCS#1": (cast.DIRECTOR, RsaScheme.PKCS1),
    "P-256": (cast.TEACHER, RsaScheme.PSS),
    "P-384": (P_384, RsaScheme.PSS),
}
BY_KEY = [f"{key} {digest}" for key in KEYS for digest in DIGESTS]
#: The fields that are signed, and the level, as DSS has it, that they have in the end.
KINDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "a person, B-B": ((PERSON,), "B"),
    "a person, B-T": ((PERSON,), "T"),
    "a person, B-LTA": ((PERSON,), "LTA"),
    "P-384, B-LTA": ((PERSON,), "LTA"),
    "a certification": ((PERSON,), "T"),
    "a seal": ((SEAL,), "T"),
    "two parties": ((PERSON, SEAL), "T"),
    "two parties, B-LTA": ((PERSON, SEAL), "LTA"),
    "initials, person and seal": (("signature_extra", PERSON, SEAL), "T"),
    "initials, person and seal, B-LTA": (("signature_extra", PERSON, SEAL), "LTA"),
    **dict.fromkeys(BY_KEY, ((PERSON,), "B")),
}


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pki]:
    with cast.trust_services(tmp_path_factory.mktemp("pki"), RSA_3072, P_384) as served:
        yield served


@pytest.fixture(scope="module")
def trust(pki: Pki) -> TrustStore:
    return papers.trust(pki)


@pytest.fixture(scope="module")
def now(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with cast.office_clock(tmp_path_factory.mktemp("clock") / "clock.json", papers.SIGNED_AT):
        yield


@pytest.fixture(scope="module")
def signed(pki: Pki, now: None, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A file for each of `KINDS`."""
    directory = tmp_path_factory.mktemp("signed")
    files: dict[str, Path] = {}
    for name, content in _signed(pki).items():
        files[name] = directory / f"{len(files)}.pdf"
        files[name].write_bytes(content)
    return files


def _signed(pki: Pki) -> dict[str, bytes]:
    plain = papers.plain()
    life = papers.whole_life(pki)
    alone = papers.sign(pki, plain, PERSON, cast.DIRECTOR)
    initialled = papers.sign(
        pki, plain, "signature_extra", cast.TEACHER, capacity="Người soạn thảo, giáo viên"
    )
    agreed = papers.sign(
        pki, initialled, PERSON, cast.DIRECTOR, appearance=Handwriting(cast.DIRECTOR.common_name)
    )
    with_initials = papers.seal(pki, papers.fill(agreed))
    elliptic = papers.sign(pki, plain, PERSON, P_384, digest="sha384")
    made = {
        "a person, B-B": papers.sign(pki, plain, PERSON, cast.DIRECTOR, stamped=False),
        "a person, B-T": alone,
        "a person, B-LTA": papers.archive(pki, alone),
        "P-384, B-LTA": papers.archive(pki, elliptic),
        "a certification": life.certified,
        "a seal": papers.sign(
            pki, plain, SEAL, cast.SEAL, purpose=Purpose.SEAL, capacity="Con dấu cơ quan"
        ),
        "two parties": life.sealed,
        "two parties, B-LTA": life.archived,
        "initials, person and seal": with_initials,
        "initials, person and seal, B-LTA": papers.archive(pki, with_initials),
    }
    for key, (who, scheme) in KEYS.items():
        for digest in DIGESTS:
            made[f"{key} {digest}"] = papers.sign(
                pki, plain, PERSON, who, scheme=scheme, digest=digest, stamped=False
            )
    return made


@pytest.fixture(scope="module")
def said_by_dss(signed: Mapping[str, Path], pki: Pki) -> Mapping[str, Said]:
    try:
        said = dss.judge(list(signed.values()), pki.trust_directory)
    except dss.DssMissing as missing:
        pytest.skip(f"EU DSS: {missing}")
    return {name: said[file] for name, file in signed.items()}


@pytest.mark.parametrize("name", KINDS)
def test_the_office_finds_it_intact(
    signed: Mapping[str, Path], trust: TrustStore, name: str
) -> None:
    found = verify_pdf(signed[name].read_bytes(), trust=trust, at=clock.now(), online=True)
    assert found.verdict is Finding.INTACT, found
    assert [one.field for one in found.signatures] == list(KINDS[name][0])


@pytest.mark.parametrize("name", KINDS)
def test_dss_finds_it_intact(said_by_dss: Mapping[str, Said], name: str) -> None:
    said, (fields, level) = said_by_dss[name], KINDS[name]
    assert said.failure is None
    assert {one.field for one in said.signatures} == set(fields)
    for one in said.signatures:
        assert one.is_intact
        assert one.is_valid
        assert one.is_trusted
        assert one.covers_all
        assert one.level == f"PAdES-BASELINE-{level}"
    assert all(one.is_intact and one.is_of_this and one.is_trusted for one in said.stamps)
    stamps_over_file = [one for one in said.stamps if one.kind == "DOCUMENT_TIMESTAMP"]
    assert len(stamps_over_file) == (1 if level == "LTA" else 0)


@pytest.mark.parametrize("name", KINDS)
def test_dss_knows_what_was_done_between_the_signatures(
    said_by_dss: Mapping[str, Said], name: str
) -> None:
    assert [one.changes for one in said_by_dss[name].signatures if one.changes] == []


@pytest.mark.parametrize("name", BY_KEY)
def test_dss_names_the_mechanism_as_we_do(said_by_dss: Mapping[str, Said], name: str) -> None:
    (one,) = said_by_dss[name].signatures
    assert one.digest == name.rpartition(" ")[2].upper()
    wanted = {"PSS": "RSASSA_PSS", "PKCS#1": "RSA"}.get(name.split()[-2], "ECDSA")
    assert one.encryption == wanted


@pytest.mark.parametrize("name", KINDS)
def test_pdfsig_finds_it_intact(signed: Mapping[str, Path], pdfsig: str, name: str) -> None:
    said = subprocess.run(
        [pdfsig, "-nocert", signed[name]], capture_output=True, text=True, check=False
    ).stdout
    # It does not look at time-stamps over the whole file ("has not yet been verified").
    fields, _level = KINDS[name]
    assert said.count("Signature Validation: Signature is Valid.") == len(fields), said
