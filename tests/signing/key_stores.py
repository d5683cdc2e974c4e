"""The kinds of key store that are held to the contract: one line of `KINDS` for each.

A kind is given the same keys as the others and builds one store for each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from eoffice.embedded.pki import Pki
from eoffice.signing.keys.contract import KeyStore
from eoffice.signing.keys.csc import CscKeyStore
from eoffice.signing.keys.pkcs11 import Pkcs11KeyStore
from eoffice.signing.keys.pkcs12 import Pkcs12KeyStore
from tests import pki as cast
from tests.signing import csc_service, softhsm
from tests.signing.csc_service import Service
from tests.signing.softhsm import Pkcs12Key

P_384, MIXED, NOBODY = "contract-p384", "contract-mixed", "nobody"


@dataclass(frozen=True)
class Stores:
    """The same keys in one kind of store."""

    #: RSA-2048, P-256 and P-384.
    rsa: KeyStore
    elliptic: KeyStore
    p384: KeyStore
    #: Its certificate is not the key's own.
    mixed: KeyStore
    missing: KeyStore


@dataclass(frozen=True)
class Keys:
    """PKCS#12 files that open with `cast.PIN`, with the certificates beside them."""

    rsa: Path
    elliptic: Path
    p384: Path
    mixed: Path
    missing: Path

    @property
    def all(self) -> tuple[Path, ...]:
        return (self.rsa, self.elliptic, self.p384, self.mixed, self.missing)


def certificate_of(key: Pkcs12Key, name: str, *, days_ago: int = 10) -> x509.Certificate:
    """One that the key signed itself, for a year; enough for a store."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) - timedelta(days=days_ago)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=365))
        .sign(key, hashes.SHA256())
    )


def make_keys(pki: Pki, directory: Path) -> Keys:
    """Two of the cast, and two keys that no member of the cast has."""
    p384, mixed = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
    stranger = certificate_of(ec.generate_private_key(ec.SECP256R1()), MIXED)
    return Keys(
        rsa=pki.key_file(cast.DIRECTOR.label),
        elliptic=pki.key_file(cast.TEACHER.label),
        p384=_file(directory / f"{P_384}.p12", p384, certificate_of(p384, P_384)),
        mixed=_file(
            directory / f"{MIXED}.p12", mixed, certificate_of(mixed, MIXED), beside=stranger
        ),
        missing=directory / f"{NOBODY}.p12",
    )


def _file(
    file: Path, key: Pkcs12Key, own: x509.Certificate, *, beside: x509.Certificate | None = None
) -> Path:
    secret = BestAvailableEncryption(cast.PIN.encode())
    file.write_bytes(pkcs12.serialize_key_and_certificates(None, key, own, None, secret))
    file.with_suffix(".pem").write_bytes((beside or own).public_bytes(Encoding.PEM))
    return file


def _in_files(_request: pytest.FixtureRequest, keys: Keys) -> AbstractContextManager[Stores]:
    return nullcontext(Stores(*(Pkcs12KeyStore(file) for file in keys.all)))


def _on_a_token(request: pytest.FixtureRequest, keys: Keys) -> AbstractContextManager[Stores]:
    library = request.getfixturevalue("token_with_keys")
    return nullcontext(
        Stores(*(Pkcs11KeyStore(library, token=softhsm.TOKEN, key=file.stem) for file in keys.all))
    )


def put_on_token(keys: Keys) -> None:
    """Those that no member of the cast has; the token has the others already. Once."""
    for number, file in enumerate((keys.p384, keys.mixed), start=0x61):
        key = pkcs12.load_key_and_certificates(file.read_bytes(), cast.PIN.encode())[0]
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        beside = x509.load_pem_x509_certificate(file.with_suffix(".pem").read_bytes())
        der = beside.public_bytes(Encoding.DER)
        softhsm.put(file.stem, bytes([number]), key=key, certificate=der)


@contextmanager
def _at_a_service(request: pytest.FixtureRequest, keys: Keys) -> Iterator[Stores]:
    request.getfixturevalue("monkeypatch").setenv("EOFFICE_SECRET_CSC", csc_service.SECRET)
    held = {file.stem: file for file in keys.all if file != keys.missing}
    with csc_service.served(Service(cast.PIN, held)) as service:
        yield Stores(*(CscKeyStore(service.declared, file.stem) for file in keys.all))


KINDS: Final[
    Mapping[str, Callable[[pytest.FixtureRequest, Keys], AbstractContextManager[Stores]]]
] = {
    "csc": _at_a_service,
    "pkcs11": _on_a_token,
    "pkcs12": _in_files,
}
#: A service shows the certificate alone: whether it is the key's own is seen from the signature.
SHOW_BOTH_HALVES: Final = ("pkcs11", "pkcs12")
