"""The token that is plugged in, through its PKCS#11 library: found, opened once, signs a batch."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import pkcs11
from asn1crypto import x509
from pkcs11 import Attribute, ObjectClass, TokenFlag
from pkcs11.exceptions import PinIncorrect, PinLenRange, PinLocked, PKCS11Error
from pkcs11.util.ec import encode_ecdsa_signature

#: Where drivers put their libraries, by `sys.platform`; another is named with --library.
_KNOWN: Final = "libraries.json"


class TokenTrouble(Exception):
    """What is wrong with the token: a sentence for the owner."""


@dataclass(frozen=True, slots=True)
class Found:
    """A certificate on a token whose key can sign."""

    library: Path
    token: str
    certificate: bytes
    holder: str


def libraries(named: str | None) -> tuple[Path, ...]:
    """The PKCS#11 libraries to look in: the one that is named, or all known ones that are here.

    Raises TokenTrouble.
    """
    expected = [named] if named else usual(sys.platform)
    if found := tuple(Path(each) for each in expected if Path(each).exists()):
        return found
    raise TokenTrouble(
        "Không tìm thấy thư viện PKCS#11 của thiết bị ký số. Hãy cài trình điều khiển của thiết bị "
        "rồi chỉ ra thư viện bằng --library."
    )


def usual(platform: str) -> tuple[str, ...]:
    """Where drivers put their libraries on this system. From memory: `libraries.json` says so."""
    known = json.loads((files(__package__) / _KNOWN).read_text(encoding="utf-8"))
    return tuple(os.path.expandvars(each["path"]) for each in known.get(platform, ()))


def certificates(path: Path) -> list[Found]:
    """What is on the tokens that are plugged in, without a PIN: holders, not their issuers."""
    found = []
    with _told():
        for slot in pkcs11.lib(str(path)).get_slots(token_present=True):
            token = slot.get_token()
            if not token.flags & TokenFlag.TOKEN_INITIALIZED:
                continue
            with token.open() as session:
                for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
                    der = bytes(one[Attribute.VALUE])
                    parsed = x509.Certificate.load(der)
                    if not parsed.ca:
                        name = str(parsed.subject.native.get("common_name", ""))
                        found.append(Found(path, token.label, der, name))
    return found


def issuers(path: Path, token_label: str, certificate: bytes) -> list[bytes]:
    """Certificates of issuers on the token, from the holder's upwards."""
    chain = []
    with _told():
        token = pkcs11.lib(str(path)).get_token(token_label=token_label)
        with token.open() as session:
            others = [
                bytes(one[Attribute.VALUE])
                for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
            ]
    below = x509.Certificate.load(certificate)
    by_subject = {x509.Certificate.load(each).subject.dump(): each for each in others}
    while (above := by_subject.get(below.issuer.dump())) is not None and above not in chain:
        chain.append(above)
        below = x509.Certificate.load(above)
    return chain


def mechanism_for(certificate: bytes) -> str:
    """How the key of this certificate proves itself: PSS for RSA, else ECDSA by its curve."""
    key = x509.Certificate.load(certificate).public_key
    if key.algorithm == "rsa":
        return "rsa-pss-sha256"
    return "ecdsa-sha384" if key.bit_size > 256 else "ecdsa-sha256"


class Opened:
    """A token that was opened with its PIN; signs until it is closed."""

    def __init__(self, session: Any, key: Any) -> None:
        self._session = session
        self._key = key

    def sign(self, data: bytes, mechanism: str) -> bytes:
        """ECDSA as the DER sequence of X.509, RSA as the plain value. Raises TokenTrouble."""
        family, _, digest = mechanism.rpartition("-")
        capitals = digest.upper()
        with _told():
            if family == "ecdsa":
                hashed = hashlib.new(digest, data).digest()
                raw = self._key.sign(hashed, mechanism=pkcs11.Mechanism.ECDSA)
                return bytes(encode_ecdsa_signature(raw))
            if family == "rsa-pss":
                parameters = (
                    pkcs11.Mechanism[capitals],
                    pkcs11.MGF[capitals],
                    hashlib.new(digest).digest_size,
                )
                pss = pkcs11.Mechanism[f"{capitals}_RSA_PKCS_PSS"]
                return bytes(self._key.sign(data, mechanism=pss, mechanism_param=parameters))
            if family == "rsa-pkcs1":
                pkcs1 = pkcs11.Mechanism[f"{capitals}_RSA_PKCS"]
                return bytes(self._key.sign(data, mechanism=pkcs1))
        raise TokenTrouble("Yêu cầu dùng thuật toán mà chương trình không ký.")


@contextmanager
def opened(path: Path, token_label: str, certificate: bytes, pin: str) -> Iterator[Opened]:
    """The token with the key of this certificate, for a batch. Raises TokenTrouble.

    The key is found by what it is, not by its label: some tokens give key and certificate two
    different ones.
    """
    with _told():
        token = pkcs11.lib(str(path)).get_token(token_label=token_label)
        session = token.open(user_pin=pin)
    try:
        with _told():
            key = _key_of(session, certificate)
        yield Opened(session, key)
    finally:
        session.close()


def _key_of(session: Any, certificate: bytes) -> Any:
    parsed = x509.Certificate.load(certificate)
    same = [
        one
        for one in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
        if bytes(one[Attribute.VALUE]) == certificate
    ]
    if not same:
        raise TokenTrouble("Thiết bị đang cắm không có chứng thư số đã ghép đôi.")
    identifier = same[0][Attribute.ID]
    keys = list(
        session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: identifier})
    ) or list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
    if parsed.public_key.algorithm == "rsa":
        modulus = parsed.public_key["public_key"].parsed["modulus"].native
        keys = [each for each in keys if int.from_bytes(each[Attribute.MODULUS], "big") == modulus]
    if not keys:
        raise TokenTrouble("Thiết bị không có khóa của chứng thư số đã ghép đôi.")
    if len(keys) > 1:
        raise TokenTrouble("Thiết bị có nhiều khóa mà không cho biết khóa nào của chứng thư này.")
    return keys[0]


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong on the token becomes a sentence."""
    try:
        yield
    except PinLocked as failure:
        raise TokenTrouble(
            "Thiết bị ký số đã bị khóa do nhập sai mã PIN nhiều lần. Hãy liên hệ đơn vị cấp."
        ) from failure
    except (PinIncorrect, PinLenRange) as failure:
        raise TokenTrouble("Mã PIN không đúng. Hãy làm lại và nhập cẩn thận.") from failure
    except (PKCS11Error, RuntimeError, OSError) as failure:
        raise TokenTrouble(
            "Không dùng được thiết bị ký số. Hãy cắm lại thiết bị rồi thử lại."
        ) from failure
