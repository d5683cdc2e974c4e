"""The bytes of a file of any size, read in pieces: for what looks at bytes and not at structure."""

from __future__ import annotations

import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Self

PIECE_BYTES = 1024 * 1024
#: Patterns must not match more than this, nor look further back.
LONGEST_MATCH_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Content:
    """A file that is opened for reading. Others may move its position between two calls."""

    file: BinaryIO
    size_bytes: int

    @classmethod
    def of(cls, given: bytes | BinaryIO) -> Self:
        file = io.BytesIO(given) if isinstance(given, bytes) else given
        return cls(file, file.seek(0, os.SEEK_END))

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`, or fewer where the file ends before."""
        self.file.seek(start)
        return self.file.read(max(0, end - start))

    def digest(self, algorithm: str, *parts: tuple[int, int]) -> bytes:
        """Of these parts, one behind the other. SHA-1 too: it is asked about, not relied on."""
        digest = hashlib.new(algorithm, usedforsecurity=False)
        for start, end in parts:
            for begin in range(start, min(end, self.size_bytes), PIECE_BYTES):
                digest.update(self.read(begin, min(begin + PIECE_BYTES, end)))
        return digest.digest()

    def search(
        self, pattern: re.Pattern[bytes], *, after: int = 0
    ) -> Iterator[tuple[int, re.Match[bytes]]]:
        """Every match that begins at `after` or behind it, with its place in the file.

        A match may look back at bytes before `after`. The places within the match itself are those
        of the piece, not of the file.
        """
        for begin in range(after, self.size_bytes, PIECE_BYTES):
            first = max(0, begin - LONGEST_MATCH_BYTES)
            end = min(begin + PIECE_BYTES, self.size_bytes)
            piece = self.read(first, end + LONGEST_MATCH_BYTES)
            for match in pattern.finditer(piece, begin - first):
                if first + match.start() >= end:
                    break
                yield first + match.start(), match

    def has(self, pattern: re.Pattern[bytes], *, after: int = 0) -> bool:
        return next(self.search(pattern, after=after), None) is not None
