"""A picture that somebody brings: bounded, decoded in a child process, checked, and set anew.

What is kept has the pixels and nothing else: no text, no place, no profile, no second frame.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image

from eoffice.errors import TooLarge
from eoffice.files import bounded
from eoffice.signing.images import png, rules
from eoffice.signing.images.rules import ImageRefused, Kind

MEDIA_TYPE: Final = "image/png"
_CHILD: Final = str(Path(__file__).with_name("decoding_child.py"))
_MEMORY_MIB: Final = 512
_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """What is kept of it."""

    content: bytes
    width: int
    height: int


def receive(content: bytes, kind: Kind) -> Picture:
    """The picture as it is kept. Raises TooLarge, ImageRefused with all that is wrong."""
    if len(content) > rules.LARGEST_BYTES:
        raise TooLarge(
            "Ảnh lớn hơn 1 MB. Hãy cắt ảnh chỉ còn chữ ký hoặc con dấu rồi lưu lại dưới dạng PNG."
        )
    try:
        said = png.header(content)
    except png.NotPng as wrong:
        raise ImageRefused(
            (
                "Tệp không phải ảnh PNG nguyên vẹn; đuôi tên tệp không quyết định loại tệp. Hãy "
                "xuất ảnh dưới dạng PNG có nền trong suốt.",
            )
        ) from wrong
    wrong_frame = _frame(said)
    if wrong_frame:
        raise ImageRefused(wrong_frame)
    image = _decoded(content, said)
    found = rules.measure(image)
    faults = rules.faults(kind, found, dpi=said.dpi)
    if faults:
        raise ImageRefused(faults)
    kept = rules.kept(image)
    out = BytesIO()
    kept.save(out, "PNG", optimize=True)
    return Picture(out.getvalue(), kept.width, kept.height)


def _frame(said: png.Header) -> tuple[str, ...]:
    """What is wrong before anything is unpacked."""
    wrong = []
    if max(said.width, said.height) > rules.LONGEST_SIDE_PX:
        wrong.append(
            f"Ảnh {said.width} × {said.height} điểm ảnh là quá lớn; mỗi cạnh nhiều nhất "
            f"{rules.LONGEST_SIDE_PX} điểm ảnh. Hãy cắt bớt nền hoặc thu nhỏ ảnh."
        )
    if said.is_animated:
        wrong.append("Ảnh có nhiều khung hình (ảnh động). Hãy lưu lại thành một ảnh tĩnh.")
    if not said.has_alpha:
        wrong.append(
            "Ảnh không có kênh trong suốt (alpha). Hãy xoá nền trắng rồi lưu lại dưới dạng PNG có "
            "nền trong suốt."
        )
    return tuple(wrong)


def _decoded(content: bytes, said: png.Header) -> Image.Image:
    try:
        pixels = bounded.run(
            (sys.executable, "-I", _CHILD),
            content=content,
            memory_mib=_MEMORY_MIB,
            seconds=_SECONDS,
        )
        return Image.frombytes("RGBA", (said.width, said.height), pixels)
    except (bounded.ChildFailed, ValueError) as failed:
        raise ImageRefused(
            ("Không đọc được ảnh: tệp bị hỏng. Hãy xuất lại ảnh dưới dạng PNG.",)
        ) from failed
