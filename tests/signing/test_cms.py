"""The CMS that we write is, byte for byte, what a library makes that builds it as a tree of objects
(pyHanko over asn1crypto), for every mechanism and kind of key; and OpenSSL finds it good.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from asn1crypto import cms as asn1
from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from pyhanko.sign.signers import ExternalSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from eoffice.signing import cms
from eoffice.signing.mechanisms import (
    Family,
    Mechanism,
    algorithm_identifier,
    hash_of,
    is_signed_by,
    pss,
)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
KINDS = ("rsa-2048", "rsa-3072", "p-256", "p-384")
CASES = [
    (kind, mechanism)
    for kind in KINDS
    for mechanism in Mechanism
    if kind.startswith("rsa") is (mechanism.family is not Family.ECDSA)
]


@cache
def key_of(kind: str) -> PrivateKey:
    match kind:
        case "p-256":
            return ec.generate_private_key(ec.SECP256R1())
        case "p-384":
            return ec.generate_private_key(ec.SECP384R1())
        case _:
            return rsa.generate_private_key(65537, int(kind.removeprefix("rsa-")))


@cache
def authority() -> tuple[bytes, PrivateKey]:
    key = key_of("p-256")
    return certificate_for("Cơ quan chứng thực", key, issuer="Cơ quan chứng thực", by=key), key


@cache
def signer(kind: str) -> tuple[bytes, tuple[bytes, ...]]:
    root, key = authority()
    name = "Nguyễn Thị Ánh Tuyết"
    return certificate_for(name, key_of(kind), issuer="Cơ quan chứng thực", by=key), (root,)


def certificate_for(name: str, key: PrivateKey, *, issuer: str, by: PrivateKey) -> bytes:
    def called(common_name: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Sở Giáo dục và Đào tạo"),
                x509.NameAttribute(NameOID.COMMON_NAME, common_name),
            ]
        )

    built = (
        x509.CertificateBuilder()
        .subject_name(called(name))
        .issuer_name(called(issuer))
        .public_key(key.public_key())
        .serial_number(2**63 + 11)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2031, 1, 1, tzinfo=UTC))
        .sign(by, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.DER)


def sign(kind: str, data: bytes, mechanism: Mechanism) -> bytes:
    key, digest = key_of(kind), hash_of(mechanism)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(digest))
    chosen = pss(mechanism) if mechanism.family is Family.RSA_PSS else padding.PKCS1v15()
    return key.sign(data, chosen, digest)


def by_library(kind: str, mechanism: Mechanism, signature: bytes) -> ExternalSigner:
    certificate, chain = signer(kind)
    registry = SimpleCertificateStore.from_certs(  # type: ignore[no-untyped-call]
        [asn1_x509.Certificate.load(one) for one in chain]
    )
    return ExternalSigner(
        signing_cert=asn1_x509.Certificate.load(certificate),
        cert_registry=registry,
        signature_value=signature,
        signature_mechanism=algorithm_identifier(mechanism),
        embed_roots=False,
    )


@pytest.mark.parametrize(("kind", "mechanism"), CASES)
def test_attributes_and_envelope_are_those_of_a_library(kind: str, mechanism: Mechanism) -> None:
    digest = hashlib.new(mechanism.digest, b"content").digest()
    who = cms.signatory(*signer(kind), mechanism)
    attributes = cms.signed_attributes(who, digest)
    signature = sign(kind, attributes, mechanism)
    library = by_library(kind, mechanism, signature)
    theirs = asyncio.run(library.signed_attrs(digest, mechanism.digest, use_pades=True))
    assert attributes == theirs.dump()
    whole = asyncio.run(
        library.async_sign_prescribed_attributes(mechanism.digest, signed_attrs=theirs)
    )
    assert cms.envelope(who, attributes, signature, timestamp=None) == whole.dump()


@pytest.mark.parametrize(("kind", "mechanism"), CASES)
def test_another_program_finds_the_signature_good(
    kind: str, mechanism: Mechanism, tmp_path: Path
) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("OpenSSL is not installed")
    digest = hashlib.new(mechanism.digest, b"content").digest()
    who = cms.signatory(*signer(kind), mechanism)
    attributes = cms.signed_attributes(who, digest)
    envelope = cms.envelope(who, attributes, sign(kind, attributes, mechanism), timestamp=None)
    (tmp_path / "signature").write_bytes(envelope)
    (tmp_path / "content").write_bytes(b"content")
    (tmp_path / "other").write_bytes(b"Content")

    def verified(content: str) -> bool:
        run = f"{openssl} cms -verify -noverify -binary -inform DER -in signature -out /dev/null"
        command = [*run.split(), "-content", content]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
        return done.returncode == 0

    assert verified("content")
    assert not verified("other")


@pytest.mark.parametrize(("kind", "mechanism"), CASES)
def test_a_value_is_right_for_its_key_its_bytes_and_its_mechanism_alone(
    kind: str, mechanism: Mechanism
) -> None:
    certificate, _ = signer(kind)
    value = sign(kind, b"content", mechanism)
    assert is_signed_by(certificate, value, b"content", mechanism)
    assert not is_signed_by(certificate, value, b"Content", mechanism)
    others = [one for one in Mechanism if one is not mechanism]
    assert not any(is_signed_by(certificate, value, b"content", one) for one in others)


def test_the_time_stamp_stands_outside_of_what_was_signed() -> None:
    mechanism = Mechanism.ECDSA_SHA256
    who = cms.signatory(*signer("p-256"), mechanism)
    attributes = cms.signed_attributes(who, bytes(32))
    signature = sign("p-256", attributes, mechanism)
    token = asn1.ContentInfo({"content_type": "data", "content": b"token"}).dump()
    bare = asn1.ContentInfo.load(cms.envelope(who, attributes, signature, timestamp=None))
    whole = asn1.ContentInfo.load(cms.envelope(who, attributes, signature, timestamp=token))
    (info,) = whole["content"]["signer_infos"]
    (attribute,) = info["unsigned_attrs"]
    assert attribute["type"].native == "signature_time_stamp_token"
    assert attribute["values"][0].dump() == token
    (before,) = bare["content"]["signer_infos"]
    assert info["signed_attrs"].dump() == before["signed_attrs"].dump()
    assert whole.dump(force=True) == cms.envelope(who, attributes, signature, timestamp=token)


@given(st.binary(max_size=70_000), st.integers(0, 200))
def test_lengths_of_every_size_are_read_back(token: bytes, shorter_by: int) -> None:
    who = cms.signatory(*signer("p-256"), Mechanism.ECDSA_SHA256)
    attributes = cms.signed_attributes(who, bytes(32))
    stamp = core.OctetString(token).dump()
    envelope = cms.envelope(who, attributes, bytes(200 - shorter_by), timestamp=stamp)
    read = asn1.ContentInfo.load(envelope, strict=True)
    (info,) = read["content"]["signer_infos"]
    assert info["signature"].native == bytes(200 - shorter_by)
    assert info["unsigned_attrs"][0]["values"].contents == stamp


def test_roots_and_doubles_are_left_out_and_the_order_of_a_chain_changes_nothing() -> None:
    certificate, (root,) = signer("p-256")
    mechanism = Mechanism.ECDSA_SHA256
    alone = cms.signatory(certificate, (), mechanism)
    assert cms.signatory(certificate, (root, root, certificate), mechanism) == alone
    assert alone.certificates.endswith(certificate)
    other, _ = signer("p-384")
    assert cms.signatory(certificate, (other, root), mechanism) == cms.signatory(
        certificate, (root, other), mechanism
    )
