"""The signed head of the log as text: checkpoints in signed notes, with Ed25519. Pure values.

Formats: C2SP `signed-note` and `tlog-checkpoint`, so that any witness or monitor of transparency
logs can read and keep them.

    eoffice/9f3a…                         origin: names the log; ends with the digest of its key
    1234                                  size of the tree
    <base64 of the root hash>
    at 2025-06-02T01:15:00.000000Z        when the head was made

    — eoffice/9f3a… <base64 of key number and signature>
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from eoffice.audit import leaf, merkle

#: Type of the key in the format of signed notes.
_ED25519 = b"\x01"
_KEY_NUMBER_BYTES = 4
_AT = "at "
#: Signatures on one head that are read; a log has a handful of witnesses.
_MOST_LINES = 100


class CheckpointInvalid(Exception):
    """The text is not a checkpoint, or nobody whom we know signed it; a Vietnamese sentence."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public key of a log, with the log's name."""

    origin: str
    key: bytes

    @classmethod
    def of(cls, key: bytes) -> Self:
        """The log whose Ed25519 public key (32 bytes) this is."""
        return cls(f"eoffice/{hashlib.sha256(key).hexdigest()[:16]}", key)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `str(verifier)`: name, key number and key. Raises CheckpointInvalid."""
        origin, _, rest = text.strip().partition("+")
        number, _, encoded = rest.partition("+")
        raw = decoded(encoded)
        found = cls(origin, raw[1:])
        if raw[:1] != _ED25519 or len(raw) != 33 or found._key_number().hex() != number:
            raise CheckpointInvalid("Tệp khóa công khai của nhật ký không đúng định dạng.")
        return found

    def __str__(self) -> str:
        encoded = base64.b64encode(_ED25519 + self.key).decode()
        return f"{self.origin}+{self._key_number().hex()}+{encoded}"

    def verify(self, body: str, signature_line: str) -> None:
        """Raises CheckpointInvalid unless this key signed the body."""
        start = f"— {self.origin} "
        if not signature_line.startswith(start):
            raise CheckpointInvalid("Đầu cây nhật ký không do nhật ký này ký.")
        raw = decoded(signature_line.removeprefix(start))
        if raw[:_KEY_NUMBER_BYTES] != self._key_number():
            raise CheckpointInvalid("Đầu cây nhật ký được ký bằng một khóa khác.")
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(
                raw[_KEY_NUMBER_BYTES:], body.encode()
            )
        except InvalidSignature as failure:
            raise CheckpointInvalid("Chữ ký trên đầu cây nhật ký không đúng.") from failure

    def _key_number(self) -> bytes:
        return key_number(self.origin, _ED25519, self.key)


@dataclass(frozen=True, slots=True)
class Signer:
    """The private key of a log."""

    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        return Verifier.of(self.key.public_key().public_bytes_raw())

    def sign(self, body: str) -> str:
        """The signed note: body, blank line, signature line."""
        verifier = self.verifier
        raw = verifier._key_number() + self.key.sign(body.encode())
        return f"{body}\n— {verifier.origin} {base64.b64encode(raw).decode()}\n"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log said at `at`: these many events, under this root."""

    origin: str
    size: int
    root: bytes
    at: datetime

    def body(self) -> str:
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\n{_AT}{leaf.instant(self.at)}\n"


@dataclass(frozen=True, slots=True)
class Cosigned:
    """A head as it is published: the log's own note, and what others added below it."""

    head: Checkpoint
    #: With the signature of the log alone.
    note: str
    #: The other signature lines as they came; whoever knows the signers judges them.
    lines: tuple[str, ...]

    @property
    def body(self) -> str:
        """What every signature covers."""
        return self.head.body()


def cosigned(note: str, verifier: Verifier) -> Cosigned:
    """Read a head of this log with the signatures of others. Raises CheckpointInvalid."""
    body, _, signatures = note.partition("\n\n")
    lines = signatures.split("\n")
    own = [line for line in lines if line.startswith(f"— {verifier.origin} ")]
    if lines.pop() or len(own) != 1 or len(lines) > _MOST_LINES:
        # `opened` says what is wrong with it: another log, or no head at all.
        opened(note, verifier)
        raise CheckpointInvalid("Đầu cây nhật ký không đúng định dạng.")
    alone = f"{body}\n\n{own[0]}\n"
    return Cosigned(opened(alone, verifier), alone, tuple(one for one in lines if one != own[0]))


def opened(note: str, verifier: Verifier) -> Checkpoint:
    """Read a signed checkpoint of this log. Raises CheckpointInvalid.

    Only the one way of writing is accepted: a note that differs in any byte is refused.
    """
    body, separator, signatures = note.partition("\n\n")
    body += "\n"
    lines = signatures.split("\n")
    if not separator or len(lines) != 2 or lines[1]:
        raise CheckpointInvalid("Đầu cây nhật ký không đúng định dạng.")
    verifier.verify(body, lines[0])
    found = _parsed(body)
    if found.body() != body or found.origin != verifier.origin:
        raise CheckpointInvalid("Đầu cây nhật ký không đúng định dạng.")
    return found


def _parsed(body: str) -> Checkpoint:
    lines = body.split("\n")
    if len(lines) != 5 or not lines[3].startswith(_AT):
        raise CheckpointInvalid("Đầu cây nhật ký không đúng định dạng.")
    root = decoded(lines[2])
    try:
        size, at = int(lines[1]), datetime.fromisoformat(lines[3].removeprefix(_AT))
    except ValueError as failure:
        raise CheckpointInvalid("Đầu cây nhật ký không đúng định dạng.") from failure
    if len(root) != merkle.HASH_BYTES or at.tzinfo is None:
        raise CheckpointInvalid("Đầu cây nhật ký không đúng định dạng.")
    return Checkpoint(lines[0], size, root, at)


def key_number(name: str, kind: bytes, key: bytes) -> bytes:
    """By which signed notes tell keys of one name apart."""
    return hashlib.sha256(name.encode() + b"\n" + kind + key).digest()[:_KEY_NUMBER_BYTES]


def decoded(text: str) -> bytes:
    """Base64 in its one canonical form: no other text stands for the same bytes."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as failure:
        raise CheckpointInvalid("Dữ liệu base64 trong nhật ký bị hỏng.") from failure
    if base64.b64encode(raw).decode() != text:
        raise CheckpointInvalid("Dữ liệu base64 trong nhật ký bị hỏng.")
    return raw
