"""Keys of a service with the interface of the Cloud Signature Consortium (API v1, 1.0.4).

The PIN goes to the service with the very hashes that it is to allow (credentials/authorize); what
comes back signs those and nothing else. So a wrong PIN shows at the first signature.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx
from asn1crypto import algos
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from eoffice.signing import mechanisms
from eoffice.signing.keys import calling
from eoffice.signing.keys.calling import Bearers, ServiceRefused
from eoffice.signing.keys.contract import Identity, KeyUnavailable, TokenLocked, WrongPin
from eoffice.signing.keys.services import Provider
from eoffice.signing.mechanisms import Family, Mechanism

_CANNOT: Final = "Khóa không ký được theo thuật toán đã chọn."
_DISABLED: Final = "Khóa ký đang bị khóa ở dịch vụ ký số. Hãy liên hệ đơn vị cấp chứng thư."
_WRONG: Final = "Mã PIN không đúng. Hãy nhập lại."
_RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"

_bearers: Final = Bearers()


class CscKeyStore:
    """One credential of one service."""

    def __init__(self, service: Provider, credential: str) -> None:
        self._service = service
        self._credential = credential

    def identity(self) -> Identity:
        return self._looked_up()[0]

    def open(self, pin: str) -> CscSession:
        identity, algorithms = self._looked_up()
        return CscSession(self._call, self._credential, pin, identity, algorithms)

    def _looked_up(self) -> tuple[Identity, frozenset[str]]:
        found = self._call(
            "credentials/info", {"credentialID": self._credential, "certificates": "chain"}
        )
        if calling.text(found, "key", "status") != "enabled":
            raise KeyUnavailable(_DISABLED)
        encoded = calling.listed(found, "cert", "certificates")
        if not encoded:
            raise calling.unreadable()
        own, *chain = map(calling.decoded, encoded)
        try:
            x509.load_der_x509_certificate(own)
        except ValueError as failure:
            raise calling.unreadable() from failure
        algorithms = frozenset(map(str, calling.listed(found, "key", "algo")))
        return Identity(own, tuple(each for each in chain if each != own)), algorithms

    def _call(self, method: str, body: Mapping[str, object]) -> Any:
        """Raises KeyUnavailable, WrongPin, TokenLocked. A refused bearer is got anew, once."""
        url = f"{self._service.address}/{method}"
        try:
            try:
                return calling.post(url, body, bearer=self._bearer())
            except ServiceRefused as refused:
                if refused.status != httpx.codes.UNAUTHORIZED or not self._service.token_address:
                    raise
                _bearers.forget(self._kept_as())
                return calling.post(url, body, bearer=self._bearer())
        except ServiceRefused as refused:
            raise _of_contract(refused) from refused

    def _bearer(self) -> str:
        if not self._service.token_address:
            return ""
        return _bearers.of(self._kept_as(), self._granted)

    def _granted(self) -> tuple[str, float]:
        answer = calling.post(
            self._service.token_address,
            {
                "grant_type": "client_credentials",
                "client_id": self._service.client_id,
                "client_secret": self._service.read_secret(),
            },
            as_form=True,
        )
        lasts = answer.get("expires_in", 300) if isinstance(answer, dict) else 300
        return calling.text(answer, "access_token"), float(lasts)

    def _kept_as(self) -> tuple[str, ...]:
        return self._service.token_address, self._service.client_id


class CscSession:
    """A PIN and the credential that it opens. The PIN is kept as long as this is open."""

    def __init__(
        self,
        call: Callable[[str, Mapping[str, object]], Any],
        credential: str,
        pin: str,
        identity: Identity,
        algorithms: frozenset[str],
    ) -> None:
        self._call = call
        self._credential = credential
        self._pin: str | None = pin
        self._identity = identity
        self._algorithms = algorithms

    @property
    def identity(self) -> Identity:
        return self._identity

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        if self._pin is None:
            raise KeyUnavailable("Phiên ký đã đóng. Hãy nhập lại mã PIN.")
        how = self._how(mechanism)
        hashes = [base64.b64encode(hashlib.new(mechanism.digest, data).digest()).decode()]
        allowed = self._call(
            "credentials/authorize",
            {
                "credentialID": self._credential,
                "numSignatures": len(hashes),
                "hash": hashes,
                "PIN": self._pin,
            },
        )
        answer = self._call(
            "signatures/signHash",
            {
                "credentialID": self._credential,
                "SAD": calling.text(allowed, "SAD"),
                "hash": hashes,
                "hashAlgo": _dotted(mechanism.digest),
                **how,
            },
        )
        values = calling.listed(answer, "signatures")
        if len(values) != len(hashes):
            raise calling.unreadable()
        return self._as_in_x509(calling.decoded(values[0]), mechanism)

    def _how(self, mechanism: Mechanism) -> dict[str, str]:
        """`signAlgo` and its parameters, as far as the key can do it. Raises KeyUnavailable."""
        named = mechanisms.algorithm_identifier(mechanism)
        oid = named["algorithm"].dotted
        match mechanism.family:
            case Family.RSA_PSS if oid in self._algorithms:
                parameters = base64.b64encode(named["parameters"].dump()).decode()
                return {"signAlgo": oid, "signAlgoParams": parameters}
            case Family.RSA_PKCS1 if not {oid, _RSA_ENCRYPTION}.isdisjoint(self._algorithms):
                return {"signAlgo": oid if oid in self._algorithms else _RSA_ENCRYPTION}
            case Family.ECDSA if oid in self._algorithms:
                return {"signAlgo": oid}
        raise KeyUnavailable(_CANNOT)

    def _as_in_x509(self, value: bytes, mechanism: Mechanism) -> bytes:
        """Some services give the two numbers of ECDSA side by side."""
        key = x509.load_der_x509_certificate(self._identity.certificate).public_key()
        if mechanism.family is not Family.ECDSA or not isinstance(key, ec.EllipticCurvePublicKey):
            return value
        try:
            decode_dss_signature(value)
        except ValueError:
            half = len(value) // 2
            r, s = (int.from_bytes(each, "big") for each in (value[:half], value[half:]))
            return encode_dss_signature(r, s)
        return value

    def close(self) -> None:
        self._pin = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _of_contract(refused: ServiceRefused) -> KeyUnavailable | WrongPin | TokenLocked:
    """Section 10.1 of the interface: a wrong PIN is "invalid_pin", or "invalid_request" that says
    so in words."""
    words = refused.words.casefold()
    if refused.code == "invalid_pin" or "pin" in words.replace(":", " ").split():
        if "lock" in words:
            return TokenLocked(
                "Khóa ký đã bị khóa ở dịch vụ do nhập sai mã PIN nhiều lần. "
                "Hãy liên hệ đơn vị cấp chứng thư để mở khóa."
            )
        return WrongPin(_WRONG)
    return refused.as_unavailable


def _dotted(digest: str) -> str:
    return str(algos.DigestAlgorithmId(digest).dotted)
