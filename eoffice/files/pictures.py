"""Photographs that people bring as evidence: what they are, read from their first bytes.

A photograph is kept as it came and only ever downloaded; nothing of it is parsed here.
"""

from __future__ import annotations

from typing import Final

from eoffice.files import intake
from eoffice.files.intake import UploadTooLarge

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
_BEGINNINGS: Final = ((b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))


def kind_of(content: bytes) -> str | None:
    """The media type of a photograph; None for any other file. Raises UploadTooLarge."""
    kind = next((kind for start, kind in _BEGINNINGS if content.startswith(start)), None)
    if kind is not None and len(content) > intake.LARGEST_UPLOAD:
        raise UploadTooLarge("Ảnh lớn hơn 25 MB. Đề nghị chụp lại với độ phân giải thấp hơn.")
    return kind
