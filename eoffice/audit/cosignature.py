"""What a witness adds to a head: that it saw it, when, and nothing that contradicts it. Pure.

Format: C2SP `tlog-cosignature`, version 1. The line stands below the log's own signature, and any
program that reads signed notes passes it over where it does not know the witness.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from eoffice.audit import checkpoint
from eoffice.audit.checkpoint import CheckpointInvalid

#: Type of the key in the format of signed notes.
_COSIGNATURE: Final = b"\x04"
_SIGNATURE_BYTES: Final = 64
_TIME_BYTES: Final = 8
#: Signed notes forbid blanks and "+"; the rest keeps names fit for addresses and file names.
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9./-]{0,98}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Witness:
    """The public key of a witness, with its name."""

    name: str
    key: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `str(witness)`: name, key number and key. Raises CheckpointInvalid."""
        name, _, rest = text.strip().partition("+")
        number, _, encoded = rest.partition("+")
        raw = checkpoint.decoded(encoded)
        found = cls(name, raw[1:])
        if (
            not _NAME.fullmatch(name)
            or raw[:1] != _COSIGNATURE
            or len(raw) != 33
            or found._number().hex() != number
        ):
            raise CheckpointInvalid("Tệp khóa công khai của nhân chứng không đúng định dạng.")
        return found

    def __str__(self) -> str:
        encoded = base64.b64encode(_COSIGNATURE + self.key).decode()
        return f"{self.name}+{self._number().hex()}+{encoded}"

    def cosigned_at(self, body: str, line: str) -> datetime:
        """When this witness signed the head with this body, to the second.

        Raises CheckpointInvalid unless it did.
        """
        start = f"— {self.name} "
        raw = checkpoint.decoded(line.removeprefix(start)) if line.startswith(start) else b""
        number = self._number()
        if len(raw) != len(number) + _TIME_BYTES + _SIGNATURE_BYTES or not raw.startswith(number):
            raise CheckpointInvalid("Dòng chữ ký không do nhân chứng này ký.")
        seconds = int.from_bytes(raw[len(number) : len(number) + _TIME_BYTES])
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(
                raw[len(number) + _TIME_BYTES :], _covered(body, seconds)
            )
            return datetime.fromtimestamp(seconds, UTC)
        except (InvalidSignature, ValueError, OverflowError, OSError) as failure:
            raise CheckpointInvalid("Chữ ký của nhân chứng không đúng.") from failure

    def _number(self) -> bytes:
        return checkpoint.key_number(self.name, _COSIGNATURE, self.key)


@dataclass(frozen=True, slots=True)
class WitnessSigner:
    """The private key of a witness."""

    name: str
    key: Ed25519PrivateKey

    def __post_init__(self) -> None:
        """Raises CheckpointInvalid for a name that cannot stand in a signed note."""
        if not _NAME.fullmatch(self.name):
            raise CheckpointInvalid(
                "Tên nhân chứng chỉ gồm chữ thường không dấu, chữ số, dấu chấm, gạch nối và gạch"
                " chéo, ví dụ: nhan-chung.pgd-lac-duong."
            )

    @property
    def public(self) -> Witness:
        return Witness(self.name, self.key.public_key().public_bytes_raw())

    def cosign(self, body: str, at: datetime) -> str:
        """The signature line over a head; without its end of line."""
        seconds = int(at.timestamp())
        signature = self.key.sign(_covered(body, seconds))
        raw = self.public._number() + seconds.to_bytes(_TIME_BYTES) + signature
        return f"— {self.name} {base64.b64encode(raw).decode()}"


def _covered(body: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{body}".encode()
