"""Bytes that only the holder of a private key can read, in pieces of constant size.

    eoffice-sealed/1\n          format
    number of recipients        one byte
    for each: 80 bytes          the file's key, HPKE (RFC 9180: X25519, HKDF-SHA256, AES-256-GCM)
    pieces                      AES-256-GCM, 256 KiB each, the last one marked

Pieces follow the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015), as age does: the
nonce is a counter of 11 bytes and one byte that is 1 for the last piece, so that nothing can be
cut off, doubled or moved. Each file has a key of its own, so that no nonce comes twice. Name and
head are authenticated with each piece: a file does not open under the name of another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from eoffice.errors import Refusal

FORMAT: Final = b"eoffice-sealed/1\n"
PIECE_BYTES: Final = 256 * 1024
TAG_BYTES: Final = 16
KEY_BYTES: Final = 32
#: Encapsulated key, the key, and its tag.
RECIPIENT_BYTES: Final = 32 + KEY_BYTES + TAG_BYTES
MOST_RECIPIENTS: Final = 255


class SealBroken(Refusal):
    """What was sealed does not open: another key, or not the bytes that were written."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Không mở được {name} trong bản sao lưu: khóa giải mã không đúng hoặc dữ liệu đã hỏng."
        )
        self.name = name


def sealed(
    pieces: Iterable[bytes], *, name: str, recipients: Sequence[X25519PublicKey]
) -> Iterator[bytes]:
    """The bytes as they are kept under `name`, for any of the recipients."""
    if not 1 <= len(recipients) <= MOST_RECIPIENTS:
        raise ValueError(f"{len(recipients)} recipients")
    key = os.urandom(KEY_BYTES)
    suite = _suite()
    head = FORMAT + bytes([len(recipients)])
    head += b"".join(suite.encrypt(key, one, _info(name)) for one in recipients)
    yield head
    cipher, bound = AESGCM(key), _bound(name, head)
    for number, (piece, is_last) in enumerate(_marked(_cut(pieces, PIECE_BYTES))):
        yield cipher.encrypt(_nonce(number, is_last=is_last), piece, bound)


def opened(pieces: Iterable[bytes], *, name: str, key: X25519PrivateKey) -> Iterator[bytes]:
    """What `sealed` got. Each piece is authentic; that none is missing is known at the end.

    Raises SealBroken.
    """
    exact = _Exact(iter(pieces))
    head = exact.read(len(FORMAT) + 1)
    if len(head) != len(FORMAT) + 1 or not head.startswith(FORMAT):
        raise SealBroken(name)
    wrapped = [exact.read(RECIPIENT_BYTES) for _ in range(head[-1])]
    cipher = AESGCM(_unwrapped(wrapped, name, key))
    bound = _bound(name, head + b"".join(wrapped))
    for number, (piece, is_last) in enumerate(_marked(exact.cut(PIECE_BYTES + TAG_BYTES))):
        try:
            yield cipher.decrypt(_nonce(number, is_last=is_last), piece, bound)
        except InvalidTag as failure:
            raise SealBroken(name) from failure


def _unwrapped(wrapped: Sequence[bytes], name: str, key: X25519PrivateKey) -> bytes:
    suite = _suite()
    for one in wrapped:
        try:
            return suite.decrypt(one, key, _info(name))
        except (InvalidTag, ValueError):
            continue
    raise SealBroken(name)


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _info(name: str) -> bytes:
    return FORMAT + name.encode()


def _bound(name: str, head: bytes) -> bytes:
    return hashlib.sha256(_info(name) + b"\n" + head).digest()


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _marked(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each piece, and whether it is the last; an empty one where there is none."""
    held = next(pieces, b"")
    for piece in pieces:
        yield held, False
        held = piece
    yield held, True


def _cut(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    yield from _Exact(iter(pieces)).cut(size)


class _Exact:
    """Pieces of any size, read again in pieces of a chosen size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = bytearray()

    def read(self, size: int) -> bytes:
        """So many bytes; fewer only at the end."""
        while len(self._rest) < size:
            piece = next(self._pieces, None)
            if piece is None:
                break
            self._rest += piece
        found = bytes(self._rest[:size])
        del self._rest[:size]
        return found

    def cut(self, size: int) -> Iterator[bytes]:
        while piece := self.read(size):
            yield piece
