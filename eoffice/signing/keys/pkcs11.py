"""Keys on tokens and in HSMs, through PKCS#11.

Certificate and key share a label on the token; the certificate is readable without the PIN.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pkcs11
from pkcs11 import Attribute, ObjectClass
from pkcs11.exceptions import (
    NoSuchKey,
    NoSuchToken,
    PinIncorrect,
    PinLenRange,
    PinLocked,
    PKCS11Error,
)
from pkcs11.util.ec import encode_ecdsa_signature

from eoffice.signing.keys.contract import Identity, KeyUnavailable, TokenLocked, WrongPin
from eoffice.signing.mechanisms import Family, Mechanism, salt_bytes

_NO_TOKEN = "Không tìm thấy thiết bị ký số hoặc khóa trên thiết bị. Hãy cắm thiết bị rồi thử lại."  # noqa: S105 - a sentence

#: A login belongs to the whole process, not to a session: one ceremony at a time for a token.
_turns: dict[tuple[str, str], threading.Lock] = {}
_turns_lock = threading.Lock()


class Pkcs11KeyStore:
    """One key on one token."""

    def __init__(
        self, library: Path, *, token: str, key: str, chain: tuple[bytes, ...] = ()
    ) -> None:
        """`chain`: issuers (DER) that are not on the token."""
        self._library = library
        self._token = token
        self._key = key
        self._chain = chain

    def identity(self) -> Identity:
        with self._turn(), self._reached() as token, token.open() as session:
            return self._identity_in(session)

    def open(self, pin: str) -> Pkcs11Session:
        turn = self._take_turn()
        turn.acquire()
        try:
            with self._reached() as token:
                session = token.open(user_pin=pin)
                try:
                    identity = self._identity_in(session)
                    key = session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=self._key)
                except BaseException:
                    session.close()
                    raise
            return Pkcs11Session(session, key, identity, turn)
        except BaseException:
            turn.release()
            raise

    @contextmanager
    def _reached(self) -> Iterator[Any]:
        """The token; what goes wrong on it becomes an error of the contract."""
        try:
            yield pkcs11.lib(str(self._library)).get_token(token_label=self._token)
        except PinLocked as failure:
            raise TokenLocked(
                "Thiết bị ký số đã bị khóa do nhập sai mã PIN nhiều lần. "
                "Hãy liên hệ đơn vị cấp thiết bị để mở khóa."
            ) from failure
        except (PinIncorrect, PinLenRange) as failure:
            raise WrongPin("Mã PIN không đúng. Hãy nhập lại.") from failure
        except (NoSuchToken, NoSuchKey, PKCS11Error, RuntimeError, OSError) as failure:
            raise KeyUnavailable(_NO_TOKEN) from failure

    def _identity_in(self, session: Any) -> Identity:
        found = [
            bytes(one[Attribute.VALUE])
            for one in session.get_objects(
                {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: self._key}
            )
        ]
        if not found:
            raise KeyUnavailable(_NO_TOKEN)
        return Identity(found[0], self._chain)

    def _take_turn(self) -> threading.Lock:
        with _turns_lock:
            return _turns.setdefault((str(self._library), self._token), threading.Lock())

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._take_turn():
            yield


class Pkcs11Session:
    """A login on a token; holds the token's turn until it is closed."""

    def __init__(self, session: Any, key: Any, identity: Identity, turn: threading.Lock) -> None:
        self._session: Any | None = session
        self._key = key
        self._identity = identity
        self._turn = turn

    @property
    def identity(self) -> Identity:
        return self._identity

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        if self._session is None:
            raise KeyUnavailable("Phiên ký đã đóng. Hãy nhập lại mã PIN.")
        try:
            return self._sign(data, mechanism)
        except PKCS11Error as failure:
            raise KeyUnavailable(_NO_TOKEN) from failure

    def _sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        in_capitals = mechanism.digest.upper()
        match mechanism.family:
            case Family.ECDSA:
                # Few tokens hash for ECDSA themselves; all sign a ready digest.
                digest = hashlib.new(mechanism.digest, data).digest()
                raw = self._key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)
                return bytes(encode_ecdsa_signature(raw))
            case Family.RSA_PKCS1:
                pkcs1 = pkcs11.Mechanism[f"{in_capitals}_RSA_PKCS"]
                return bytes(self._key.sign(data, mechanism=pkcs1))
            case Family.RSA_PSS:
                pss = pkcs11.Mechanism[f"{in_capitals}_RSA_PKCS_PSS"]
                parameters = (
                    pkcs11.Mechanism[in_capitals],
                    pkcs11.MGF[in_capitals],
                    salt_bytes(mechanism),
                )
                return bytes(self._key.sign(data, mechanism=pss, mechanism_param=parameters))

    def close(self) -> None:
        if self._session is None:
            return
        session, self._session, self._key = self._session, None, None
        try:
            session.close()
        except PKCS11Error:
            # The token was pulled out: there is nothing left to close.
            pass
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
