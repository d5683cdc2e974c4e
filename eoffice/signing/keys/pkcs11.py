"""Keys on tokens and in HSMs, through PKCS#11 (v2.40).

A key is named by its label on the token. Its certificate has the same label or the same CKA_ID, and
is believed to be the key's own where their public halves are equal; certificates are read without
the PIN. A token is named by its label, or by "label#serial number" where several are alike.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pkcs11
from asn1crypto import algos, core
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import Attribute, ObjectClass, TokenFlag
from pkcs11.exceptions import (
    AttributeSensitive,
    AttributeTypeInvalid,
    DeviceRemoved,
    KeyHandleInvalid,
    KeyTypeInconsistent,
    MechanismInvalid,
    MechanismParamInvalid,
    NoSuchToken,
    ObjectHandleInvalid,
    PinIncorrect,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    SessionClosed,
    SessionHandleInvalid,
    TokenNotPresent,
    UserNotLoggedIn,
)
from pkcs11.util.ec import encode_ecdsa_signature

from eoffice.signing.keys.contract import (
    Identity,
    KeyUnavailable,
    TokenLocked,
    WrongKey,
    WrongPin,
)
from eoffice.signing.mechanisms import Family, Mechanism, salt_bytes

_NO_TOKEN: Final = (
    "Không tìm thấy thiết bị ký số hoặc khóa trên thiết bị. Hãy cắm thiết bị rồi thử lại."  # noqa: S105 - a sentence
)
_SEVERAL: Final = (
    "Có nhiều thiết bị ký số cùng tên “{label}”. Hãy báo quản trị hệ thống ghi thêm số sê-ri của "
    "thiết bị vào khóa ký."
)
_LOCKED: Final = (
    "Thiết bị ký số đã bị khóa do nhập sai mã PIN nhiều lần. "
    "Hãy liên hệ đơn vị cấp thiết bị để mở khóa."
)
_OF_ANOTHER: Final = (
    "Chứng thư số trên thiết bị không phải của khóa “{key}”. Hãy báo quản trị hệ thống."
)
_CLOSED: Final = "Phiên ký đã đóng. Hãy nhập lại mã PIN."
_CANNOT: Final = "Thiết bị ký số không ký được theo thuật toán đã chọn. Hãy báo quản trị hệ thống."
#: What a token says of the next attempt, the worst first (PKCS#11, CK_TOKEN_INFO).
_WARNINGS: Final = (
    (TokenFlag.USER_PIN_FINAL_TRY, "Thiết bị chỉ còn một lần thử trước khi tự khóa."),
    (TokenFlag.USER_PIN_COUNT_LOW, "Thiết bị sắp tự khóa nếu còn nhập sai."),
)
#: The session is gone, the token may be there again.
_LOST: Final = (
    SessionHandleInvalid,
    SessionClosed,
    DeviceRemoved,
    TokenNotPresent,
    UserNotLoggedIn,
    KeyHandleInvalid,
    ObjectHandleInvalid,
)
#: The token is there, and cannot do what is asked.
_UNABLE: Final = (MechanismInvalid, MechanismParamInvalid, KeyTypeInconsistent)

#: A login belongs to the whole process, not to a session: one ceremony at a time for a token.
#: By process, for a lock that was held when it was forked would stay so.
_turns: dict[tuple[int, str, str], threading.Lock] = {}
_turns_lock = threading.Lock()
#: In which process each library was begun with (PKCS#11, 6.6.1: a child begins anew).
_begun_in: dict[Path, int] = {}


def _in_a_child() -> None:
    """Another thread may have held the lock when the process was forked; it is not there now."""
    global _turns_lock  # noqa: PLW0603 - a lock cannot be mended, only replaced
    _turns_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_a_child)


class Pkcs11KeyStore:
    """One key on one token."""

    def __init__(
        self, library: Path, *, token: str, key: str, chain: tuple[bytes, ...] = ()
    ) -> None:
        """`chain`: issuers (DER) that are not on the token."""
        self._library = library
        self._named = token
        self._label, _, self._serial = token.partition("#")
        self._key = key
        self._chain = chain

    def identity(self) -> Identity:
        with self._turn(), _in_contract(), self._token().open() as session:
            certificates = _certificates(session, {Attribute.LABEL: self._key})
            wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.LABEL: self._key}
            publics = _found(session, wanted)
            for each in publics:
                certificates += _certificates(session, {Attribute.ID: each[Attribute.ID]})
            if not certificates:
                raise KeyUnavailable(_NO_TOKEN)
            # Some tokens show no public half without the PIN; then the name alone must do.
            own = [
                (der, number)
                for der, number in certificates
                if any(_belong_together(session, each, der, number) for each in publics)
            ]
            if publics and not own:
                raise WrongKey(_OF_ANOTHER.format(key=self._key))
            return Identity(_newest(own or certificates), self._chain)

    def open(self, pin: str) -> Pkcs11Session:
        turn = self._take_turn()
        turn.acquire()
        try:
            return Pkcs11Session(lambda serial: self._login(pin, serial), self._chain, turn)
        except BaseException:
            turn.release()
            raise

    def _login(self, pin: str, serial: str | None = None) -> _Login:
        """A session with its key and certificate. Raises what the contract says.

        With `serial` on that token alone: the PIN of one is a wrong attempt on another.
        """
        with _in_contract(self._warnings):
            token = self._token()
            if serial not in (None, _text(token.serial)):
                raise KeyUnavailable(_NO_TOKEN)
            if token.flags & TokenFlag.USER_PIN_LOCKED:
                raise TokenLocked(_LOCKED)
            session = token.open(user_pin=pin)
            try:
                key, certificate = self._pair(session)
                mechanisms = frozenset(token.slot.get_mechanisms())
            except BaseException:
                session.close()
                raise
            return _Login(session, key, certificate, mechanisms, _text(token.serial))

    def _pair(self, session: Any) -> tuple[Any, bytes]:
        """The private key of this name, and the newest certificate that is its own."""
        labelled = {Attribute.LABEL: self._key}
        certificates = _certificates(session, labelled)
        keys = _found(session, {Attribute.CLASS: ObjectClass.PRIVATE_KEY} | labelled)
        for each in keys if not certificates else ():
            certificates += _certificates(session, {Attribute.ID: each[Attribute.ID]})
        for _, number in certificates if not keys else ():
            keys += _found(
                session, {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: number}
            )
        if not keys or not certificates:
            raise KeyUnavailable(_NO_TOKEN)
        own = [
            (key, der)
            for key in keys
            for der, number in certificates
            if _belong_together(session, key, der, number)
        ]
        if not own:
            raise WrongKey(_OF_ANOTHER.format(key=self._key))
        newest = _newest([(der, b"") for _, der in own])
        return next((key, der) for key, der in own if der == newest)

    def _token(self) -> Any:
        begun = _begun(self._library)
        # A label may have the sign in it that stands before a serial number.
        found = list(begun.get_tokens(token_label=self._named)) or [
            each
            for each in begun.get_tokens(token_label=self._label)
            if self._serial in ("", _text(each.serial))
        ]
        if len(found) > 1:
            raise KeyUnavailable(_SEVERAL.format(label=self._label))
        if not found:
            raise NoSuchToken
        return found[0]

    def _warnings(self) -> TokenFlag:
        """What the token says of its PIN by now."""
        try:
            return TokenFlag(self._token().flags)
        except (PKCS11Error, KeyUnavailable, RuntimeError, OSError):
            return TokenFlag(0)

    def _take_turn(self) -> threading.Lock:
        with _turns_lock:
            place = (os.getpid(), str(self._library), self._label)
            return _turns.setdefault(place, threading.Lock())

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._take_turn():
            yield


class _Login:
    """What one login on a token has found. Closing it twice is harmless."""

    def __init__(
        self, session: Any, key: Any, certificate: bytes, mechanisms: frozenset[Any], serial: str
    ) -> None:
        self._session = session
        #: Of the token.
        self.serial = serial
        self.key = key
        self.certificate = certificate
        #: What the token can do itself.
        self.mechanisms = mechanisms

    def close(self) -> None:
        # Where the token was pulled out, there is nothing left to close.
        with suppress(PKCS11Error):
            self._session.close()


class Pkcs11Session:
    """A login on a token; holds the token's turn until it is closed.

    A session that is lost (the token was pulled out and put back, its driver went to sleep) is
    opened once more, with the PIN that is kept as long as this is open. Once in all: a token that
    is lost again, or does not take the PIN again, is asked no more, for each attempt may lock it.
    """

    def __init__(
        self,
        login: Callable[[str | None], _Login],
        chain: tuple[bytes, ...],
        turn: threading.Lock,
    ) -> None:
        self._again: Callable[[str | None], _Login] | None = login
        self._process = os.getpid()
        self._login: _Login | None = login(None)
        self._identity = Identity(self._login.certificate, chain)
        self._turn = turn

    @property
    def identity(self) -> Identity:
        return self._identity

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        # A login does not outlive the fork of its process (PKCS#11, 6.6.1).
        if self._login is None or self._process != os.getpid():
            raise KeyUnavailable(_CLOSED)
        try:
            return _signed(self._login, data, mechanism)
        except _LOST as failure:
            return self._signed_anew(data, mechanism, failure)
        except _UNABLE as failure:
            raise KeyUnavailable(_CANNOT) from failure
        except PKCS11Error as failure:
            raise KeyUnavailable(_NO_TOKEN) from failure

    def _signed_anew(self, data: bytes, mechanism: Mechanism, lost: PKCS11Error) -> bytes:
        """Only on the same token, with the same certificate."""
        again, self._again = self._again, None
        assert self._login is not None
        if again is None:
            raise KeyUnavailable(_NO_TOKEN) from lost
        self._login.close()
        self._login = again(self._login.serial)
        if self._login.certificate != self._identity.certificate:
            self._login.close()
            raise KeyUnavailable(_NO_TOKEN) from lost
        try:
            return _signed(self._login, data, mechanism)
        except PKCS11Error as failure:
            raise KeyUnavailable(_NO_TOKEN) from failure

    def close(self) -> None:
        if self._login is None:
            return
        login, self._login = self._login, None
        # The PIN goes with it.
        self._again = None
        try:
            login.close()
        finally:
            self._turn.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _signed(login: _Login, data: bytes, mechanism: Mechanism) -> bytes:
    """Many tokens do not hash themselves: then they are given the digest."""
    in_capitals = mechanism.digest.upper()
    digest = hashlib.new(mechanism.digest, data).digest()
    match mechanism.family:
        case Family.ECDSA:
            # Few tokens hash for ECDSA themselves; all sign a ready digest.
            raw = login.key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
            return bytes(encode_ecdsa_signature(raw))
        case Family.RSA_PKCS1:
            hashing = pkcs11.Mechanism[f"{in_capitals}_RSA_PKCS"]
            if hashing in login.mechanisms:
                return bytes(login.key.sign(data, mechanism=hashing))
            info = algos.DigestInfo(
                {"digest_algorithm": {"algorithm": mechanism.digest}, "digest": digest}
            )
            return bytes(login.key.sign(info.dump(), mechanism=pkcs11.Mechanism.RSA_PKCS))
        case Family.RSA_PSS:
            parameters = (
                pkcs11.Mechanism[in_capitals],
                pkcs11.MGF[in_capitals],
                salt_bytes(mechanism),
            )
            hashing = pkcs11.Mechanism[f"{in_capitals}_RSA_PKCS_PSS"]
            ready = pkcs11.Mechanism.RSA_PKCS_PSS
            how, what = (hashing, data) if hashing in login.mechanisms else (ready, digest)
            return bytes(login.key.sign(what, mechanism=how, mechanism_param=parameters))


@contextmanager
def _in_contract(warnings: Callable[[], TokenFlag] = lambda: TokenFlag(0)) -> Iterator[None]:
    """What goes wrong on a token becomes an error of the contract."""
    try:
        yield
    except PinLocked as failure:
        raise TokenLocked(_LOCKED) from failure
    except (PinIncorrect, PinLenRange) as failure:
        flags = warnings()
        if flags & TokenFlag.USER_PIN_LOCKED:
            raise TokenLocked(_LOCKED) from failure
        said = next((words for flag, words in _WARNINGS if flags & flag), "")
        raise WrongPin(f"Mã PIN không đúng. {said or 'Hãy nhập lại.'}", warning=said) from failure
    except (PKCS11Error, RuntimeError, OSError) as failure:
        raise KeyUnavailable(_NO_TOKEN) from failure


def _begun(library: Path) -> Any:
    """The library, begun with in this process."""
    with _turns_lock:
        loaded = pkcs11.lib(str(library))
        if _begun_in.setdefault(library, os.getpid()) != os.getpid():
            loaded.reinitialize()
            _begun_in[library] = os.getpid()
        return loaded


def _found(session: Any, wanted: dict[Any, Any]) -> list[Any]:
    """All at once: a token searches for one thing at a time (PKCS#11, C_FindObjectsInit)."""
    return list(session.get_objects(wanted))


def _certificates(session: Any, wanted: dict[Any, Any]) -> list[tuple[bytes, bytes]]:
    """DER and CKA_ID of each."""
    return [
        (bytes(each[Attribute.VALUE]), bytes(each[Attribute.ID]))
        for each in _found(session, {Attribute.CLASS: ObjectClass.CERTIFICATE} | wanted)
    ]


def _newest(certificates: Sequence[tuple[bytes, bytes]]) -> bytes:
    return max(
        (der for der, _ in certificates),
        key=lambda der: x509.load_der_x509_certificate(der).not_valid_before_utc,
    )


def _belong_together(session: Any, key: Any, der: bytes, number: bytes) -> bool:
    """Whether the public halves are equal; where the token shows none of the key's, by CKA_ID.

    Whatever is believed here, a value that does not fit the certificate is refused later.
    """
    own = x509.load_der_x509_certificate(der).public_key()
    if isinstance(own, rsa.RSAPublicKey):
        modulus = _readable(key, Attribute.MODULUS)
        if modulus is not None:
            return int.from_bytes(modulus, "big") == own.public_numbers().n
    if isinstance(own, ec.EllipticCurvePublicKey):
        point = own.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        wanted = {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: key[Attribute.ID]}
        for public in _found(session, wanted):
            found = _readable(public, Attribute.EC_POINT)
            if found is not None:
                # PKCS#11 wants an OCTET STRING; some tokens give the bare point.
                return found in (point, core.OctetString(point).dump())
    return bytes(key[Attribute.ID]) == number


def _readable(thing: Any, attribute: Attribute) -> bytes | None:
    try:
        found = bytes(thing[attribute])
    except (AttributeTypeInvalid, AttributeSensitive, KeyError, TypeError, ValueError):
        return None
    return found or None


def _text(serial: object) -> str:
    given = serial.decode("utf-8", "replace") if isinstance(serial, bytes) else str(serial)
    return given.strip("\0 ")
