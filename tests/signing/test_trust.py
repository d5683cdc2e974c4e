"""Roots vouch for what the operator says of them, while they say so; nothing is read by halves.

An authority of signers never vouches for time-stamps, and a root that has fallen vouches for
nothing that it could have made up afterwards.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from eoffice.embedded.pki import Pki
from eoffice.signing import chains
from eoffice.signing.bounded import verify_pdf_bounded
from eoffice.signing.chains import Evidence, Purpose, Standing
from eoffice.signing.trust import FILE, Anchor, TrustStore, TrustUnreadable, World
from eoffice.signing.verdict import Finding, TimeSource
from eoffice.signing.verification import verify_pdf
from tests.signing import certified, papers
from tests.signing.papers import READ_AT, Dispatch

AT = datetime(2026, 11, 23, tzinfo=UTC)
ROOT = certified.make("Root CA phục vụ cơ quan Đảng, Nhà nước", is_ca=True)
OTHER = certified.make("Root CA quốc gia", is_ca=True)
SIGNER = certified.make("Nguyễn Văn An", by=ROOT, usages=certified.SIGNS)
STAMPER = certified.make(
    "Dấu thời gian", by=ROOT, usages=certified.SIGNS, purposes=[ExtendedKeyUsageOID.TIME_STAMPING]
)
ENTRY: dict[str, Any] = {
    "file": "root.pem",
    "name": "Root CA công vụ",
    "world": "công vụ",
    "serves": ["signature"],
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    return tmp_path


def describe(directory: Path, *entries: dict[str, Any], **more: Any) -> TrustStore:
    said = {"format": "eoffice-trust/1", "roots": list(entries)} | more
    (directory / FILE).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    return TrustStore.from_directory(directory)


def test_a_root_of_which_nothing_is_said_vouches_for_everything(directory: Path) -> None:
    (one,) = TrustStore.from_directory(directory).roots
    assert one == Anchor(ROOT.der, name="Root CA phục vụ cơ quan Đảng, Nhà nước")
    assert not one.is_described
    assert all(one.vouches(service, AT) for service in Purpose)


def test_what_is_said_of_a_root_is_known(directory: Path) -> None:
    dated = {"valid_from": "2015-01-01", "valid_until": "2030-12-31", "note": "theo công văn"}
    (one,) = describe(directory, ENTRY | dated).roots
    assert (one.name, one.world) == ("Root CA công vụ", World.PUBLIC_DUTY)
    assert (one.valid_from, one.valid_until) == (date(2015, 1, 1), date(2030, 12, 31))
    assert str(one) == "Root CA công vụ (công vụ)"
    assert one.is_described


def test_decomposed_letters_are_the_same_letters(directory: Path) -> None:
    said = {"format": "eoffice-trust/1", "roots": [ENTRY]}
    text = unicodedata.normalize("NFD", json.dumps(said, ensure_ascii=False))
    (directory / FILE).write_text(text, encoding="utf-8")
    assert TrustStore.from_directory(directory).roots[0].world is World.PUBLIC_DUTY


def test_days_begin_and_end_in_vietnam(directory: Path) -> None:
    dated = {"valid_from": "2015-01-01", "valid_until": "2030-12-31"}
    (one,) = describe(directory, ENTRY | dated).roots
    for moment, is_believed in {
        datetime(2014, 12, 31, 16, 59, 59, tzinfo=UTC): False,
        datetime(2014, 12, 31, 17, 0, tzinfo=UTC): True,
        datetime(2030, 12, 31, 16, 59, 59, tzinfo=UTC): True,
        datetime(2030, 12, 31, 17, 0, tzinfo=UTC): False,
    }.items():
        assert one.vouches(Purpose.SIGNATURE, moment) is is_believed


def test_a_fallen_root_vouches_until_the_day_before(directory: Path) -> None:
    fallen = {"distrusted_from": "2020-05-01", "valid_until": "2030-12-31"}
    (one,) = describe(directory, ENTRY | fallen).roots
    assert one.vouches(Purpose.SIGNATURE, datetime(2020, 4, 30, 16, 59, tzinfo=UTC))
    assert not one.vouches(Purpose.SIGNATURE, datetime(2020, 4, 30, 17, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"file": "khac.pem"}, "không có tệp đó"),
        ({"name": " "}, "chưa có tên"),
        ({"serves": []}, "chưa nói dùng để làm gì"),
        ({"serves": ["tls"]}, r"\$\.roots\[0\]\.serves"),
        ({"world": "nước ngoài"}, r"\$\.roots\[0\]\.world"),
        ({"valid_from": "2030-01-01", "valid_until": "2029-01-01"}, "trước ngày bắt đầu"),
        ({"valid_from": "01/01/2030"}, r"\$\.roots\[0\]\.valid_from"),
        ({"distrusted_from": "0020-05-01"}, "có ngày trước khi"),
        ({"sha256": "00" * 32}, "không phải là chứng thư có mã SHA-256"),
        ({"valid_untill": "2030-01-01"}, "valid_untill"),
    ],
)
def test_what_contradicts_itself_is_refused_with_the_place(
    directory: Path, changed: dict[str, Any], said: str
) -> None:
    with pytest.raises(TrustUnreadable, match=said):
        describe(directory, ENTRY | changed)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", "\udcff"])
def test_what_is_no_description_is_refused(directory: Path, text: str) -> None:
    (directory / FILE).write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(TrustUnreadable, match=FILE):
        TrustStore.from_directory(directory)


def test_other_formats_and_words_are_refused(directory: Path) -> None:
    with pytest.raises(TrustUnreadable, match="format"):
        describe(directory, ENTRY, format="eoffice-trust/2")
    with pytest.raises(TrustUnreadable, match="strange"):
        describe(directory, ENTRY, strange=1)
    with pytest.raises(TrustUnreadable, match=r"hai lần về tệp root\.pem"):
        describe(directory, ENTRY, ENTRY)


def test_a_fingerprint_may_be_written_as_tools_print_it(directory: Path) -> None:
    digest = hashlib.sha256(ROOT.der).hexdigest().upper()
    printed = ":".join(digest[place : place + 2] for place in range(0, 64, 2))
    assert describe(directory, ENTRY | {"sha256": printed}).anchors == (ROOT.der,)


def test_one_root_in_two_files_must_not_be_two_things(directory: Path) -> None:
    (directory / "ban-sao.pem").write_bytes(ROOT.pem)
    assert len(TrustStore.from_directory(directory).roots) == 1
    (described,) = describe(directory, ENTRY).roots
    assert described.name == ENTRY["name"]
    with pytest.raises(TrustUnreadable, match="trong hai tệp"):
        describe(directory, ENTRY, ENTRY | {"file": "ban-sao.pem", "name": "Một gốc khác"})


def test_a_store_survives_the_way_to_another_process(directory: Path) -> None:
    (directory / "other.pem").write_bytes(OTHER.pem)
    dated = {"valid_from": "2015-01-01", "distrusted_from": "2026-01-01"}
    store = describe(directory, ENTRY | dated)
    assert TrustStore.from_json(json.loads(json.dumps(store.to_json()))) == store


def test_roots_can_be_asked_for(directory: Path) -> None:
    (directory / "other.pem").write_bytes(OTHER.pem)
    store = describe(directory, ENTRY)
    assert store.for_purpose(Purpose.TIMESTAMP, AT).anchors == (OTHER.der,)
    assert set(store.for_purpose(Purpose.SIGNATURE, AT).anchors) == {ROOT.der, OTHER.der}
    assert store.named(SIGNER.der) is None
    named = store.named(ROOT.der)
    assert named is not None
    assert named.name == "Root CA công vụ"


# What follows from it


def _standing(store: TrustStore, made: certified.Made, purpose: Purpose) -> Standing:
    return chains.judge(
        x509.Certificate.load(made.der),
        Evidence(),
        trust=store,
        at=AT,
        purpose=purpose,
        revocation=False,
    ).standing


def test_an_authority_of_signers_vouches_for_no_time_stamp(directory: Path) -> None:
    signers = describe(directory, ENTRY)
    assert _standing(signers, SIGNER, Purpose.SIGNATURE) is Standing.GOOD
    assert _standing(signers, STAMPER, Purpose.TIMESTAMP) is Standing.UNKNOWN_ISSUER
    stampers = describe(directory, ENTRY | {"serves": ["timestamp"]})
    assert _standing(stampers, SIGNER, Purpose.SIGNATURE) is Standing.UNKNOWN_ISSUER
    assert _standing(stampers, STAMPER, Purpose.TIMESTAMP) is Standing.GOOD
    both = describe(directory, ENTRY | {"serves": ["signature", "timestamp"]})
    assert _standing(both, STAMPER, Purpose.TIMESTAMP) is Standing.GOOD


def _trust(pki: Pki, directory: Path, **of_stamps: Any) -> TrustStore:
    """The roots of the test PKI, with something else said of that of the time-stamps."""
    for file in pki.trust_directory.glob("*.pem"):
        (directory / file.name).write_bytes(file.read_bytes())
    stamps = {"file": "tsa-root.pem", "serves": ["timestamp"], "name": "Gốc dấu thời gian"}
    return describe(directory, ENTRY, ENTRY | stamps | of_stamps)


def test_the_world_of_a_signer_is_said_in_the_verdict(
    pki: Pki, dispatch: Dispatch, tmp_path: Path
) -> None:
    trust = _trust(pki, tmp_path)
    for found in (
        verify_pdf(dispatch.archived, trust=trust, at=READ_AT),
        verify_pdf_bounded(dispatch.archived, trust=trust, at=READ_AT),
    ):
        assert found.verdict is Finding.INTACT
        for one in found.signatures:
            assert one.certificate is not None
            assert one.certificate.trusted_root == "Root CA công vụ (công vụ)"


def test_stamps_of_a_root_that_fell_later_prove_nothing_any_more(
    pki: Pki, dispatch: Dispatch, tmp_path: Path
) -> None:
    """Whoever has the key of the root's authorities writes into a token what time he likes."""
    fallen = _trust(pki, tmp_path, distrusted_from="2024-01-01")
    found = verify_pdf(dispatch.archived, trust=fallen, at=READ_AT)
    assert found.verdict is Finding.UNVERIFIABLE
    assert {one.time_source for one in found.signatures} == {TimeSource.CLAIMED}


def test_a_root_for_signers_alone_makes_no_proof_of_time(
    pki: Pki, dispatch: Dispatch, tmp_path: Path
) -> None:
    signers = _trust(pki, tmp_path, serves=["signature"])
    found = verify_pdf(dispatch.archived, trust=signers, at=READ_AT)
    assert found.verdict is Finding.UNVERIFIABLE
    assert {one.verdict for one in found.timestamps} == {Finding.UNVERIFIABLE}


def test_the_test_pki_describes_its_roots_and_keeps_what_an_operator_says(pki: Pki) -> None:
    store = papers.trust(pki)
    assert {(one.name, one.world, one.serves) for one in store.roots} == {
        ("Root CA thử nghiệm", World.TEST, frozenset({Purpose.SIGNATURE})),
        ("Root CA dấu thời gian", World.TEST, frozenset({Purpose.TIMESTAMP})),
    }
