"""The SHA-256 of some bytes: the name under which they are stored and found again."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import BinaryIO, Self

PIECE_BYTES = 256 * 1024
_LOWERCASE_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, order=True)
class Sha256:
    """A digest that was parsed or computed; `str()` gives 64 lowercase hexadecimal digits."""

    hex: str

    @classmethod
    def of(cls, data: bytes) -> Self:
        return cls(hashlib.sha256(data).hexdigest())

    @classmethod
    def of_file(cls, file: BinaryIO) -> Self:
        """Of what remains to be read of the file."""
        digest = hashlib.sha256()
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
        return cls(digest.hexdigest())

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError unless the text is 64 hexadecimal digits, in either case."""
        lowered = text.lower()
        if _LOWERCASE_HEX.fullmatch(lowered) is None:
            raise ValueError(f"not a SHA-256: {text[:80]!r}")
        return cls(lowered)

    @property
    def digest(self) -> bytes:
        return bytes.fromhex(self.hex)

    def __str__(self) -> str:
        return self.hex
