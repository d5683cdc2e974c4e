"""Keys, certificates and PKCS#12 files of the test PKI, made once and kept.

ca/       keys and certificates of the authorities and of their services
trust/    the two trust anchors (signers, time-stamps), what a verifier is given
keys/     LABEL.p12 for each subscriber, protected by that subscriber's PIN
register.json   what was issued, when it was revoked, and the address in the certificates
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from eoffice.embedded.pki import issued
from eoffice.embedded.pki.issued import Issued, Register

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

#: Open before the demo's first day (August 2018) and long after anybody checks its files.
OPENS_AT = datetime(2015, 1, 1, tzinfo=UTC)
SUBSCRIBERS_CLOSE_AT = datetime(2045, 1, 1, tzinfo=UTC)
ISSUER_CLOSES_AT = datetime(2047, 1, 1, tzinfo=UTC)
ROOT_CLOSES_AT = datetime(2060, 1, 1, tzinfo=UTC)

#: File, name and service of what a verifier trusts.
_ROOTS = (
    ("root", "Root CA thử nghiệm", "signature"),
    ("tsa-root", "Root CA dấu thời gian", "timestamp"),
)
_LABEL = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


@dataclass(frozen=True, slots=True)
class Era:
    """Between which days the authorities of a PKI have their certificates."""

    opens_at: datetime = OPENS_AT
    #: Of the issuing authority, of OCSP and of time-stamps.
    closes_at: datetime = ISSUER_CLOSES_AT
    roots_close_at: datetime = ROOT_CLOSES_AT


TODAYS = Era()


class KeyKind(StrEnum):
    """RSA takes about 0.1 s to make, P-256 nothing; readers meet both, so both are issued."""

    RSA_2048 = "rsa-2048"
    RSA_3072 = "rsa-3072"
    P_256 = "p-256"
    P_384 = "p-384"


@dataclass(frozen=True, slots=True)
class Subject:
    """A subscriber: a person, or a unit whose seal this is (then without a title)."""

    #: Names the PKCS#12 file; lower-case Latin letters, digits and hyphens.
    label: str
    common_name: str
    organization: str
    pin: str
    title: str | None = None
    key: KeyKind = KeyKind.P_256
    not_before: datetime = OPENS_AT
    not_after: datetime = SUBSCRIBERS_CLOSE_AT
    #: Revoked from this instant of the office clock; OCSP and CRL say "good" before it.
    revoked_at: datetime | None = None
    #: False: issued by an authority that no trust anchor vouches for.
    recognised: bool = True


@dataclass(frozen=True, slots=True)
class Pki:
    """A test PKI on disk."""

    directory: Path
    #: The port in the certificates' addresses; the services must be served there.
    port: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ready_url(self) -> str:
        """Answers 200 once the services can be asked."""
        return f"{self.base_url}/ready"

    @property
    def timestamp_url(self) -> str:
        return f"{self.base_url}/tsa"

    @property
    def timestamp_urls(self) -> str:
        """Two authorities with a key each, as EOFFICE_TIMESTAMP_URL takes them."""
        return f"{self.timestamp_url} {self.timestamp_url}-2"

    @property
    def trust_directory(self) -> Path:
        return self.directory / "trust"

    @property
    def key_directory(self) -> Path:
        return self.directory / "keys"

    def key_file(self, label: str) -> Path:
        return self.key_directory / f"{label}.p12"


@dataclass(frozen=True, slots=True)
class Entity:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey


def materialise(
    directory: Path, subjects: Sequence[Subject], *, port: int, era: Era = TODAYS
) -> Pki:
    """Make what is missing and keep what exists.

    The port is part of the certificates, so that of the first call stays: ask the result for it.
    A subscriber who exists keeps key and certificate even where the given subject differs; only
    `revoked_at` is taken over, for that is how a test revokes. Not safe for two callers at once.
    """
    for name in ("ca", "trust", "keys"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    (directory / "ca").chmod(0o700)
    (directory / "keys").chmod(0o700)
    register = Register.read(directory)
    if register is None:
        register = Register(port, {})
        _make_authorities(Pki(directory, port), era)
        register.write(directory)
    pki = Pki(directory, register.port)
    _make_further_authorities(pki)
    _describe_roots(pki)
    issuing, unrecognised = entity(directory, "issuing"), entity(directory, "unrecognised")
    for subject in subjects:
        if _LABEL.fullmatch(subject.label) is None:
            raise ValueError(f"not a label: {subject.label!r}")
        known = register.issued.get(subject.label)
        if known is not None and pki.key_file(subject.label).exists():
            serial = known.serial
        else:
            issuer = issuing if subject.recognised else unrecognised
            serial = _issue_subscriber(pki, subject, issuer).serial_number
        register.issued[subject.label] = Issued(serial, subject.revoked_at, subject.recognised)
    register.write(directory)
    return pki


def load(directory: Path) -> Pki:
    """The PKI that `materialise` made. Raises FileNotFoundError where there is none."""
    register = Register.read(directory)
    if register is None:
        raise FileNotFoundError(directory / issued.FILE)
    return Pki(directory, register.port)


def revocations(directory: Path) -> Mapping[int, datetime | None]:
    """Serial number of every certificate of the issuing authority -> since when it is revoked."""
    register = Register.read(directory)
    issued = register.issued.values() if register else ()
    return {one.serial: one.revoked_at for one in issued if one.recognised}


def revoke_timestamp_authority(directory: Path, name: str, *, since: datetime) -> None:
    """From then on its authority's list names it. Idempotent."""
    register = Register.read(directory)
    assert register is not None
    serial = entity(directory, name).certificate.serial_number
    register.issued[name] = Issued(serial, since, recognised=False)
    register.write(directory)


def revoked_timestamp_authorities(directory: Path) -> Mapping[int, datetime]:
    """Serial number -> since when it is revoked."""
    register = Register.read(directory)
    return {
        one.serial: one.revoked_at
        for name, one in (register.issued if register else {}).items()
        if name.startswith("tsa") and one.revoked_at is not None
    }


def entity(directory: Path, name: str) -> Entity:
    """An authority or one of its services: root, issuing, unrecognised, ocsp, tsa-root,
    tsa, tsa-2, tsa-ended, tsa-unknown.
    """
    folder = directory / "ca"
    certificate = x509.load_pem_x509_certificate((folder / f"{name}.crt.pem").read_bytes())
    # Checking an RSA key's primes again costs 50 to 150 ms; we made these ourselves.
    key = serialization.load_pem_private_key(
        (folder / f"{name}.key.pem").read_bytes(),
        None,
        unsafe_skip_rsa_key_validation=True,
    )
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError(f"not a key that this PKI makes: {name}")
    return Entity(certificate, key)


def _make_authorities(pki: Pki, era: Era) -> None:
    root = _authority(pki, "root", "Root CA thử nghiệm", KeyKind.RSA_3072, issuer=None, era=era)
    issuing = _authority(
        pki,
        "issuing",
        "CA thử nghiệm phục vụ cơ quan giáo dục",
        KeyKind.RSA_2048,
        issuer=root,
        era=era,
    )
    _authority(pki, "unrecognised", "CA không được công nhận", KeyKind.P_256, issuer=None, era=era)
    tsa_root = _authority(
        pki, "tsa-root", "Root CA dấu thời gian", KeyKind.P_256, issuer=None, era=era
    )
    _service(
        pki,
        "ocsp",
        "OCSP thử nghiệm",
        issuing,
        [
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False),
            (x509.OCSPNoCheck(), False),
        ],
        not_before=era.opens_at,
        not_after=era.closes_at,
    )
    _timestamp_authority(
        pki,
        "tsa",
        "Dấu thời gian thử nghiệm",
        tsa_root,
        not_before=era.opens_at,
        not_after=era.closes_at,
    )
    for name, _, _ in _ROOTS:
        anchor = (pki.directory / "ca" / f"{name}.crt.pem").read_bytes()
        (pki.trust_directory / f"{name}.pem").write_bytes(anchor)


def _make_further_authorities(pki: Pki) -> None:
    """Also in a directory of an earlier release, which has but one time-stamp authority."""
    ended = datetime(2016, 1, 1, tzinfo=UTC)
    for name, title, issuer, not_after in (
        ("tsa-2", "Dấu thời gian thử nghiệm 2", "tsa-root", ISSUER_CLOSES_AT),
        ("tsa-ended", "Dấu thời gian đã hết hạn", "tsa-root", ended),
        ("tsa-unknown", "Dấu thời gian lạ", "unrecognised", ISSUER_CLOSES_AT),
    ):
        if not (pki.directory / "ca" / f"{name}.crt.pem").exists():
            by = entity(pki.directory, issuer)
            _timestamp_authority(pki, name, title, by, not_after=not_after)


def _timestamp_authority(
    pki: Pki,
    name: str,
    title: str,
    issuer: Entity,
    *,
    not_before: datetime = OPENS_AT,
    not_after: datetime = ISSUER_CLOSES_AT,
) -> None:
    _service(
        pki,
        name,
        title,
        issuer,
        [
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True),
            (_crl_address(pki, "tsa-root"), False),
        ],
        not_before=not_before,
        not_after=not_after,
    )


def _describe_roots(pki: Pki) -> None:
    """What the office reads beside the roots. Stays where an operator has changed it."""
    file = pki.trust_directory / "trust.json"
    if file.exists():
        return
    roots = [
        {"file": f"{name}.pem", "name": title, "world": "thử nghiệm", "serves": [service]}
        for name, title, service in _ROOTS
    ]
    found = {"format": "eoffice-trust/1", "roots": roots}
    file.write_text(json.dumps(found, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _authority(
    pki: Pki, name: str, title: str, kind: KeyKind, *, issuer: Entity | None, era: Era
) -> Entity:
    key = _new_key(kind)
    subject = _name(title, "Trung tâm chứng thực thử nghiệm")
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=True, path_length=None if issuer is None else 0), True),
        (_key_usage(certificates=True), True),
    ]
    if issuer is not None:
        extensions.append((_crl_address(pki, "root"), False))
    return _store(
        pki,
        name,
        key,
        _certify(
            subject,
            key,
            issuer or key,
            extensions,
            not_before=era.opens_at,
            not_after=era.roots_close_at if issuer is None else era.closes_at,
        ),
    )


def _service(
    pki: Pki,
    name: str,
    title: str,
    issuer: Entity,
    extensions: Iterable[tuple[x509.ExtensionType, bool]],
    *,
    not_before: datetime = OPENS_AT,
    not_after: datetime = ISSUER_CLOSES_AT,
) -> None:
    key = _new_key(KeyKind.P_256)
    subject = _name(title, "Trung tâm chứng thực thử nghiệm")
    usage: tuple[x509.ExtensionType, bool] = (_key_usage(signs=True), True)
    certificate = _certify(
        subject, key, issuer, [usage, *extensions], not_before=not_before, not_after=not_after
    )
    _store(pki, name, key, certificate)


def _issue_subscriber(pki: Pki, subject: Subject, issuer: Entity) -> x509.Certificate:
    key = _new_key(subject.key)
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_key_usage(signs=True, commits=True), True),
    ]
    if subject.recognised:
        extensions += [(_authority_access(pki), False), (_crl_address(pki, "issuing"), False)]
    certificate = _certify(
        _name(subject.common_name, subject.organization, subject.title),
        key,
        issuer,
        extensions,
        not_before=subject.not_before,
        not_after=subject.not_after,
    )
    sealed = pkcs12.serialize_key_and_certificates(
        subject.common_name.encode(),
        key,
        certificate,
        [issuer.certificate],
        serialization.BestAvailableEncryption(subject.pin.encode()),
    )
    _write_private(pki.key_file(subject.label), sealed)
    public = b"".join(
        one.public_bytes(serialization.Encoding.PEM) for one in (certificate, issuer.certificate)
    )
    pki.key_file(subject.label).with_suffix(".pem").write_bytes(public)
    return certificate


def _certify(
    subject: x509.Name,
    key: PrivateKey,
    issuer: Entity | PrivateKey,
    extensions: Iterable[tuple[x509.ExtensionType, bool]],
    *,
    not_after: datetime,
    not_before: datetime = OPENS_AT,
) -> x509.Certificate:
    """`issuer` is the subject's own key where the certificate is self-signed."""
    if isinstance(issuer, Entity):
        issuer_name, issuer_key = issuer.certificate.subject, issuer.key
    else:
        issuer_name, issuer_key = subject, issuer
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(common_name: str, organization: str, title: str | None = None) -> x509.Name:
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64]),
    ]
    if title:
        parts.append(x509.NameAttribute(NameOID.TITLE, title[:64]))
    parts.append(x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]))
    return x509.Name(parts)


def _key_usage(
    *, certificates: bool = False, signs: bool = False, commits: bool = False
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs,
        content_commitment=commits,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certificates,
        crl_sign=certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_access(pki: Pki) -> x509.AuthorityInformationAccess:
    address = x509.UniformResourceIdentifier
    return x509.AuthorityInformationAccess(
        [
            x509.AccessDescription(
                AuthorityInformationAccessOID.OCSP, address(f"{pki.base_url}/ocsp")
            ),
            x509.AccessDescription(
                AuthorityInformationAccessOID.CA_ISSUERS, address(f"{pki.base_url}/ca/issuing.crt")
            ),
        ]
    )


def _crl_address(pki: Pki, authority: str) -> x509.CRLDistributionPoints:
    where = x509.UniformResourceIdentifier(f"{pki.base_url}/crl/{authority}.crl")
    return x509.CRLDistributionPoints([x509.DistributionPoint([where], None, None, None)])


def _new_key(kind: KeyKind) -> PrivateKey:
    if kind is KeyKind.P_256:
        return ec.generate_private_key(ec.SECP256R1())
    if kind is KeyKind.P_384:
        return ec.generate_private_key(ec.SECP384R1())
    return rsa.generate_private_key(65537, 2048 if kind is KeyKind.RSA_2048 else 3072)


def _store(pki: Pki, name: str, key: PrivateKey, certificate: x509.Certificate) -> Entity:
    folder = pki.directory / "ca"
    _write_private(
        folder / f"{name}.key.pem",
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    (folder / f"{name}.crt.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Entity(certificate, key)


def _write_private(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    part.replace(file)
