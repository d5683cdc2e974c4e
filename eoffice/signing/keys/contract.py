"""The contract of a key store. One suite, `tests/signing/test_keys.py`, holds every store to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol, Self
from uuid import UUID

from eoffice.errors import Conflict, NotAllowed, Unavailable
from eoffice.signing.mechanisms import Mechanism


class WrongPin(NotAllowed):
    """The PIN is wrong."""

    def __init__(
        self, detail: str, *, fields: Mapping[str, str] | None = None, warning: str = ""
    ) -> None:
        super().__init__(detail, fields=fields)
        #: What the token itself says of the next attempt: a sentence, or nothing.
        self.warning = warning


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

        Raises KeyUnavailable, and WrongKey where it can be seen that it is not the key's own.
        """
        ...

    def open(self, pin: str) -> KeySession:
        """Open the key. Two threads may open the same store; a token makes the second wait.

        The PIN is neither kept nor logged. Counting wrong attempts is the caller's business, for
        the store may be a file that never locks.
        Raises WrongPin, TokenLocked, KeyUnavailable, WrongKey.
        """
        ...


@dataclass(frozen=True, slots=True)
class ToSign:
    """One of the things that a service is asked to sign at once."""

    #: Of the request for signature; comes back with the value.
    id: UUID
    #: The mechanism's hash over the signed attributes.
    digest: bytes
    #: What it is, in a line, for the signer's telephone.
    title: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a service was asked. The ticket goes into a row as JSON; it holds no secret."""

    ticket: Mapping[str, str]
    #: From then on the service takes no answer of the signer's any more.
    lapses_at: datetime


class AnswerKind(StrEnum):
    WAITING = "waiting"
    SIGNED = "signed"
    #: The signer said no on the telephone.
    DECLINED = "declined"
    #: The service does not wait any longer, or knows nothing of the question any more.
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service says of a question."""

    kind: AnswerKind
    #: By request for signature; whoever takes them verifies each.
    values: Mapping[UUID, bytes] = field(default_factory=dict)


class RemoteKeyStore(Protocol):
    """A key that a service holds, and with which it signs once its owner has said so elsewhere.

    No call may be made while a database transaction is open.
    """

    def identity(self) -> Identity:
        """Certificate and chain. Raises KeyUnavailable."""
        ...

    def ask(self, items: Sequence[ToSign], mechanism: Mechanism, *, at: datetime) -> Question:
        """Ask the signer for all of it at once.

        Not idempotent: asked twice, the signer's telephone asks twice, and one answer is taken.
        Raises KeyUnavailable: it was not asked, or nobody knows.
        """
        ...

    def answer(self, ticket: Mapping[str, Any], ids: Sequence[UUID]) -> Answer:
        """What has become of a question; `ids` in the order in which they were asked. Idempotent.

        Raises KeyUnavailable: the service does not say.
        """
        ...
