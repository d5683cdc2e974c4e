"""The contract of a key store. One suite, `tests/signing/test_keys.py`, holds every store to it."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from eoffice.errors import Conflict, NotAllowed, Unavailable
from eoffice.signing.mechanisms import Mechanism


class WrongPin(NotAllowed):
    """The PIN is wrong."""


class TokenLocked(NotAllowed):
    """The token has locked itself after too many wrong PINs."""


class KeyUnavailable(Unavailable):
    """The key cannot be reached: no token, no file, or no such key on it."""


class WrongKey(Conflict):
    """The key that signs is not the key of the certificate."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a key belongs to. Certificates are DER."""

    certificate: bytes
    #: From the issuer of `certificate` upwards; roots may be left out.
    chain: tuple[bytes, ...]


class KeySession(Protocol):
    """A key that was opened with a PIN, for one ceremony.

    Signs any number of items after one PIN entry. Close it, or use it as a context manager; a
    closed session signs nothing more (KeyUnavailable). Not to be shared between threads.
    """

    @property
    def identity(self) -> Identity: ...

    def sign(self, data: bytes, mechanism: Mechanism) -> bytes:
        """The signature over `data`, which the store hashes itself.

        ECDSA as the DER sequence of X.509, RSA as the plain value. Signing twice is harmless: the
        value may differ, both are right. Raises KeyUnavailable: the token is gone or cannot do it.
        """
        ...

    def close(self) -> None:
        """Forget the key. Closing twice is harmless."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class KeyStore(Protocol):
    """One private key with its certificate.

    No call may be made while a database transaction is open: a token can take seconds, and a
    remote service waits for a person.
    """

    def identity(self) -> Identity:
        """Certificate and chain, without a PIN: what a signature request is prepared with.

        Raises KeyUnavailable.
        """
        ...

    def open(self, pin: str) -> KeySession:
        """Open the key. Two threads may open the same store; a token makes the second wait.

        The PIN is neither kept nor logged. Counting wrong attempts is the caller's business, for
        the store may be a file that never locks.
        Raises WrongPin, TokenLocked, KeyUnavailable.
        """
        ...
