"""Keys in PKCS#12 files (`LABEL.p12`), protected by a PIN.

A PKCS#12 file hides its certificate behind the PIN as well, so the public half lies beside it as
`LABEL.pem`: first the holder's certificate, then the chain.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from eoffice.signing.keys.contract import Identity, KeyUnavailable, WrongKey, WrongPin
from eoffice.signing.mechanisms import Family, Mechanism, hash_of, pss

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Pkcs12KeyStore:
    """The key in one PKCS#12 file. Never locks."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def identity(self) -> Identity:
        try:
            found = x509.load_pem_x509_certificates(self._file.with_suffix(".pem").read_bytes())
        except (OSError, ValueError) as failure:
            raise KeyUnavailable(
                "Không đọc được chứng thư số của người ký. Hãy báo quản trị hệ thống."
            ) from failure
        own, *chain = (one.public_bytes(serialization.Encoding.DER) for one in found)
        return Identity(own, tuple(chain))

    def open(self, pin: str) -> Pkcs12Session:
        identity = self.identity()
        try:
            content = self._file.read_bytes()
        except OSError as failure:
            raise KeyUnavailable(
                "Không đọc được tệp khóa của người ký. Hãy báo quản trị hệ thống."
            ) from failure
        try:
            key, certificate, _ = pkcs12.load_key_and_certificates(content, pin.encode())
        except ValueError as failure:
            # The library does not tell a wrong PIN from a broken file; the file was made by us.
            raise WrongPin("Mã PIN không đúng. Hãy nhập lại.") from failure
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise KeyUnavailable("Tệp khóa không chứa khóa RSA hoặc ECDSA dùng để ký được.")
        if (
            certificate is None
            or certificate.public_bytes(serialization.Encoding.DER) != identity.certificate
        ):
            raise WrongKey("Tệp khóa không khớp với chứng thư số đang dùng. Hãy báo quản trị.")
        return Pkcs12Session(key, identity)


class Pkcs12Session:
    """The key in memory. Parsed and checked once, not at every signature (50 ms with RSA)."""

    def __init__(self, key: PrivateKey, identity: Identity) -> None:
        self._key: PrivateKey | None = key
        self._identity = identity

    @property
    def identity(self) -> Identity:
        return self._identity

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        key = self._key
        if key is None:
            raise KeyUnavailable("Phiên ký đã đóng. Hãy nhập lại mã PIN.")
        digest = hash_of(mechanism)
        match mechanism.family:
            case Family.ECDSA if isinstance(key, ec.EllipticCurvePrivateKey):
                return key.sign(data, ec.ECDSA(digest))
            case Family.RSA_PSS if isinstance(key, rsa.RSAPrivateKey):
                return key.sign(data, pss(mechanism), digest)
            case Family.RSA_PKCS1 if isinstance(key, rsa.RSAPrivateKey):
                return key.sign(data, padding.PKCS1v15(), digest)
        raise KeyUnavailable("Khóa không ký được theo thuật toán đã chọn.")

    def close(self) -> None:
        self._key = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
