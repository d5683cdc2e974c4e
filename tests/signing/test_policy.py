"""Which algorithms sign, and which are believed until when, is data; and data that contradict
themselves or the law are refused with what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from eoffice.signing import policy
from eoffice.signing.mechanisms import Family, KeyNotSuitable, Mechanism, RsaScheme
from eoffice.signing.policy import Policy, PolicyUnreadable, Strength, Use
from tests.signing import certified

NOW = datetime(2026, 11, 23, tzinfo=UTC)
IN_2018 = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)


@cache
def made(kind: str) -> bytes:
    """A certificate with a key of that kind."""
    keys: dict[str, Callable[[], CertificateIssuerPrivateKeyTypes]] = {
        "rsa-1024": lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505
        "rsa-2048": lambda: rsa.generate_private_key(65537, 2048),
        "rsa-3072": lambda: rsa.generate_private_key(65537, 3072),
        "p-224": lambda: ec.generate_private_key(ec.SECP224R1()),
        "p-256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "p-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "p-521": lambda: ec.generate_private_key(ec.SECP521R1()),
        "k-256": lambda: ec.generate_private_key(ec.SECP256K1()),
        "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "dsa": lambda: dsa.generate_private_key(2048),
    }
    return certified.self_signed(keys[kind]())


@pytest.mark.parametrize(
    ("kind", "scheme", "mechanism"),
    [
        ("rsa-2048", RsaScheme.PSS, Mechanism.RSA_PSS_SHA256),
        ("rsa-3072", RsaScheme.PSS, Mechanism.RSA_PSS_SHA256),
        ("rsa-2048", RsaScheme.PKCS1, Mechanism.RSA_PKCS1_SHA256),
        ("p-256", RsaScheme.PSS, Mechanism.ECDSA_SHA256),
        ("p-256", RsaScheme.PKCS1, Mechanism.ECDSA_SHA256),
        ("p-384", RsaScheme.PSS, Mechanism.ECDSA_SHA384),
        ("p-384", RsaScheme.PKCS1, Mechanism.ECDSA_SHA384),
    ],
)
def test_each_key_signs_with_what_suits_it(
    kind: str, scheme: RsaScheme, mechanism: Mechanism
) -> None:
    assert policy.mechanism_for(made(kind), scheme) is mechanism


def test_another_hash_is_there_for_who_asks_for_it() -> None:
    assert policy.mechanism_for(made("p-384"), digest="sha512") is Mechanism.ECDSA_SHA512
    assert policy.mechanism_for(made("rsa-2048"), digest="sha384") is Mechanism.RSA_PSS_SHA384
    with pytest.raises(KeyNotSuitable):
        policy.mechanism_for(made("rsa-2048"), digest="sha1")


@pytest.mark.parametrize("scheme", RsaScheme)
@pytest.mark.parametrize(
    "kind", ["rsa-1024", "p-224", "p-521", "k-256", "brainpool", "ed25519", "dsa"]
)
def test_what_is_weak_or_odd_signs_nothing_new(kind: str, scheme: RsaScheme) -> None:
    with pytest.raises(KeyNotSuitable, match=r"RSA từ 2048 bit hoặc ECDSA P-256") as refused:
        policy.mechanism_for(made(kind), scheme)
    assert refused.value.detail.endswith("Hãy dùng chứng thư số khác.")


@pytest.mark.parametrize(
    ("kind", "is_known"),
    [
        ("rsa-2048", True),
        ("p-521", True),
        ("ed25519", False),
        ("rsa-1024", False),
        ("brainpool", False),
        ("k-256", False),
    ],
)
def test_more_keys_are_believed_than_sign(kind: str, is_known: bool) -> None:
    assert policy.shipped().knows_key(made(kind)) is is_known


def _of(
    algorithm: str, use: Use, at: datetime, proven_at: datetime | None, bits: int = 0
) -> Strength:
    return policy.shipped().standing(algorithm, bits, use=use, at=at, proven_at=proven_at)


@pytest.mark.parametrize("use", Use)
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_what_has_no_end_is_strong_with_and_without_proof(digest: str, use: Use) -> None:
    for proven_at in (None, IN_2018, NOW):
        assert _of(digest, use, NOW, proven_at) is Strength.STRONG


def test_sha_1_is_old_where_a_proof_dates_it_and_broken_else() -> None:
    use = Use.SIGNATURE
    assert _of("sha1", use, NOW, IN_2018) is Strength.LEGACY
    assert _of("sha1", use, NOW, None) is Strength.BROKEN
    assert _of("sha1", use, NOW, NOW) is Strength.BROKEN
    assert _of("sha1", use, IN_2018, None) is Strength.STRONG, "it was good then"


def test_the_last_day_ends_at_midnight_in_vietnam() -> None:
    last = datetime(2019, 12, 31, 16, 59, 59, tzinfo=UTC)
    first = datetime(2019, 12, 31, 17, 0, 0, tzinfo=UTC)
    assert _of("sha1", Use.SIGNATURE, NOW, last) is Strength.LEGACY
    assert _of("sha1", Use.SIGNATURE, NOW, first) is Strength.BROKEN


def test_time_stamps_prove_nothing_by_an_algorithm_that_ended() -> None:
    assert _of("sha1", Use.TIMESTAMP, NOW, IN_2018) is Strength.BROKEN
    assert _of("sha1", Use.TIMESTAMP, IN_2018, IN_2018) is Strength.BROKEN


def test_an_old_authority_under_sha_1_has_a_date_of_its_own() -> None:
    assert _of("sha1", Use.CERTIFICATE, NOW, None) is Strength.STRONG
    in_2030 = datetime(2030, 1, 1, tzinfo=UTC)
    assert _of("sha1", Use.CERTIFICATE, in_2030, datetime(2025, 6, 1, tzinfo=UTC)) is (
        Strength.LEGACY
    )


@pytest.mark.parametrize("algorithm", ["md5", "md2", "ripemd160", "", "secp256k1"])
def test_what_is_not_named_is_not_believed(algorithm: str) -> None:
    for use in Use:
        assert _of(algorithm, use, NOW, IN_2018, bits=256) is Strength.BROKEN


@pytest.mark.parametrize(
    ("algorithm", "bits", "proven_at", "strength"),
    [
        ("rsa", 4096, None, Strength.STRONG),
        ("rsa", 2048, None, Strength.STRONG),
        ("rsassa_pss", 2048, None, Strength.STRONG),
        ("rsa", 2047, IN_2018, Strength.BROKEN),
        ("rsa", 1024, datetime(2014, 5, 1, tzinfo=UTC), Strength.LEGACY),
        ("rsa", 1024, None, Strength.BROKEN),
        ("rsa", 512, datetime(2014, 5, 1, tzinfo=UTC), Strength.BROKEN),
        ("secp521r1", 521, None, Strength.STRONG),
        ("ed25519", 0, None, Strength.STRONG),
    ],
)
def test_keys_are_believed_by_their_length(
    algorithm: str, bits: int, proven_at: datetime | None, strength: Strength
) -> None:
    assert _of(algorithm, Use.SIGNATURE, NOW, proven_at, bits) is strength


def test_the_farthest_moments_are_moments_too() -> None:
    for at in (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)):
        assert _of("sha256", Use.SIGNATURE, at, at) is Strength.STRONG
        _of("sha1", Use.SIGNATURE, at, at)


def test_the_weakest_part_decides() -> None:
    assert Strength.weakest([]) is Strength.STRONG
    assert Strength.weakest([Strength.LEGACY, Strength.STRONG]) is Strength.LEGACY
    assert Strength.weakest(Strength) is Strength.BROKEN


# The file


def _shipped() -> Any:
    return json.loads(policy.SHIPPED.read_text(encoding="utf-8"))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "chinh-sach.json"
    monkeypatch.setenv(policy.VARIABLE, str(file))
    return file


def test_the_policy_that_comes_along_prefers_pss_and_leaves_pkcs1_to_compatibility() -> None:
    shipped = policy.shipped()
    assert shipped.signs[0].mechanisms[0] is Mechanism.RSA_PSS_SHA256
    families = {one.family for row in shipped.signs for one in row.mechanisms}
    assert families == {Family.RSA_PSS, Family.ECDSA}
    assert shipped.before_signing.may_sign_unknown


def test_an_office_may_have_its_own_policy(own: Path) -> None:
    found = _shipped()
    found["signs"][0]["mechanisms"] = ["rsa-pss-sha512"]
    found["compatibility"] = []
    found["accepted"] += [{"algorithm": "sha1", "until": "2020-06-30"}]
    found["before_signing"]["revocation_unknown"] = "refuse"
    own.write_text(json.dumps(found), encoding="utf-8")
    assert policy.mechanism_for(made("rsa-2048")) is Mechanism.RSA_PSS_SHA512
    with pytest.raises(KeyNotSuitable):
        policy.mechanism_for(made("rsa-2048"), RsaScheme.PKCS1)
    assert policy.mechanism_for(made("p-256"), RsaScheme.PKCS1) is Mechanism.ECDSA_SHA256
    assert not policy.current().before_signing.may_sign_unknown
    assert date(2020, 6, 30) in {one.until for one in policy.current().accepted}


def test_a_file_that_is_not_there_is_said_and_never_replaced_silently(own: Path) -> None:
    with pytest.raises(PolicyUnreadable, match=r"Không đọc được .*chinh-sach\.json"):
        policy.current()


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", "{}", "\udcff", "{} {}"])
def test_what_is_no_policy_is_refused(own: Path, text: str) -> None:
    own.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(PolicyUnreadable, match=r"chinh-sach\.json"):
        policy.current()


_RSA = {"key": "rsa", "least_bits": 2048, "mechanisms": ["rsa-pss-sha256"]}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"format": "eoffice-signing-policy/2"}, r"\$\.format"),
        ({"strange": 1}, "strange"),
        ({"name": 5}, r"\$\.name"),
        ({"signs": [_RSA | {"least_bits": 1024}]}, "từ 2048 bit"),
        ({"signs": [_RSA | {"mechanisms": []}]}, "không có cách ký nào"),
        ({"signs": [_RSA | {"mechanisms": ["rsa-pkcs1-sha256"]}]}, "phần tương thích"),
        ({"signs": [_RSA | {"mechanisms": ["ecdsa-sha256"]}]}, "không ký được bằng"),
        ({"signs": [_RSA | {"mechanisms": ["rsa-pss-sha1"]}]}, r"mechanisms\[0\]"),
        ({"signs": [_RSA | {"key": "brainpoolP256r1"}]}, "không dùng được để ký"),
        ({"signs": [{"key": "secp256r1", "mechanisms": ["rsa-pss-sha256"]}]}, "không ký được"),
        ({"compatibility": [_RSA | {"least_bits": 0}]}, "từ 2048 bit"),
        ({"accepted": []}, "không còn thuật toán nào"),
        ({"accepted": [{"algorithm": "sha1", "until": "2019-12-31"}]}, "không còn thuật toán"),
        ({"accepted": [{"algorithm": ""}]}, "không đủ ý"),
        ({"accepted": [{"algorithm": "sha256", "uses": []}]}, "không đủ ý"),
        ({"accepted": [{"algorithm": "sha256", "least_bits": -1}]}, "không đủ ý"),
        ({"accepted": [{"algorithm": "sha256", "until": "31/12/2019"}]}, r"accepted\[0\]\.until"),
        ({"accepted": [{"algorithm": "sha256", "uses": ["web"]}]}, r"accepted\[0\]\.uses"),
        ({"accepted": [{"algorithm": "sha256", "from": "2019-12-31"}]}, "from"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused_with_the_place(
    own: Path, changed: dict[str, Any], said: str
) -> None:
    own.write_text(json.dumps(_shipped() | changed), encoding="utf-8")
    with pytest.raises(PolicyUnreadable, match=said):
        policy.current()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("revocation_unknown", "maybe"),
        ("ask_within_seconds", 0),
        ("ask_within_seconds", 61),
        ("warn_days_before_end", -1),
        ("warn_days_before_end", 366),
    ],
)
def test_limits_before_signing_have_limits(own: Path, name: str, value: object) -> None:
    found = _shipped()
    found["before_signing"][name] = value
    own.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(PolicyUnreadable, match=name):
        policy.current()


@pytest.mark.parametrize("part", list(_shipped()))
def test_no_part_may_be_missing(own: Path, part: str) -> None:
    found = _shipped()
    del found[part]
    own.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(PolicyUnreadable, match=part):
        Policy.read(own)
