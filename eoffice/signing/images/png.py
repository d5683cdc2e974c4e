"""What a PNG file says of itself, read from its chunks without unpacking anything.

W3C PNG (Third Edition), 5 and 11. The dimensions are known, and refused, before a decoder sees the
file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
#: Colour types with an alpha channel (11.2.1).
_WITH_ALPHA: Final = frozenset({4, 6})
_COLOUR_TYPES: Final = frozenset({0, 2, 3, 4, 6})
_INCH_M: Final = 0.0254


class NotPng(Exception):
    """The bytes are no whole PNG file."""


@dataclass(frozen=True, slots=True)
class Header:
    """The frame of a picture, as its file declares it."""

    width: int
    height: int
    has_alpha: bool
    is_animated: bool
    #: Pixels an inch; None where the file does not say, or not the same for both directions.
    dpi: float | None


def header(content: bytes) -> Header:
    """What the file declares. Raises NotPng: another kind of file, cut off, or damaged."""
    if not content.startswith(SIGNATURE):
        raise NotPng("signature")
    found: Header | None = None
    has_alpha = is_animated = False
    dpi = None
    last = b""
    for kind, data in _chunks(content):
        if found is None:
            found = _first(kind, data)
        elif kind == b"tRNS":
            has_alpha = True
        elif kind == b"acTL":
            is_animated = True
        elif kind == b"pHYs" and len(data) == 9:
            across, down, unit = struct.unpack(">IIB", data)
            dpi = across * _INCH_M if unit == 1 and across == down and across else None
        last = kind
        if kind == b"IEND":
            break
    if found is None or last != b"IEND":
        raise NotPng("end")
    return Header(found.width, found.height, found.has_alpha or has_alpha, is_animated, dpi)


def _first(kind: bytes, data: bytes) -> Header:
    if kind != b"IHDR" or len(data) != 13:
        raise NotPng("IHDR")
    width, height, _, colour_type, _, _, _ = struct.unpack(">IIBBBBB", data)
    if not width or not height or colour_type not in _COLOUR_TYPES:
        raise NotPng("IHDR")
    return Header(width, height, colour_type in _WITH_ALPHA, False, None)


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        end = at + 12 + length
        if end > len(content):
            raise NotPng("cut off")
        if zlib.crc32(content[at + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]:
            raise NotPng("checksum")
        yield content[at + 4 : at + 8], content[at + 8 : end - 4]
        at = end
