"""Certificates of any shape, for tests of rules about certificates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID, ObjectIdentifier

OPENS = datetime(2015, 1, 1, tzinfo=UTC)
CLOSES = datetime(2045, 1, 1, tzinfo=UTC)

#: digitalSignature and nonRepudiation, as persons have them.
SIGNS = frozenset({"digital_signature", "content_commitment"})
_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True)
class Made:
    """A certificate with its key."""

    key: CertificateIssuerPrivateKeyTypes
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def make(
    name: str,
    *,
    by: Made | None = None,
    is_ca: bool = False,
    usages: frozenset[str] | None = None,
    purposes: Sequence[ObjectIdentifier] | None = None,
    opens: datetime = OPENS,
    closes: datetime = CLOSES,
    key: CertificateIssuerPrivateKeyTypes | None = None,
    address: str = "",
) -> Made:
    """`address` is where its revocation list lies."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.certificate.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(opens)
        .not_valid_after(closes)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if usages is None and is_ca:
        usages = frozenset({"key_cert_sign", "crl_sign"})
    if usages is not None:
        said = x509.KeyUsage(**{one: one in usages for one in _USAGES})
        builder = builder.add_extension(said, critical=True)
    if purposes is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    if address:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(address)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    issuer = by.key if by else key
    digest = None if isinstance(issuer, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return Made(key, builder.sign(issuer, digest))


def self_signed(key: CertificateIssuerPrivateKeyTypes) -> bytes:
    """A certificate (DER) that says nothing but its key."""
    assert isinstance(
        key,
        rsa.RSAPrivateKey
        | ec.EllipticCurvePrivateKey
        | ed25519.Ed25519PrivateKey
        | dsa.DSAPrivateKey,
    )
    return make("Khóa thử", key=key).der
