"""Pages as pictures, for readers in the browser; drawn in a bounded child process."""

from __future__ import annotations

import hashlib
import sys
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Final

from eoffice.documents import bounded
from eoffice.errors import Invalid, NotFound

_CHILD: Final = str(Path(__file__).with_name("pdf_child.py"))
NARROWEST: Final = 100
WIDEST: Final = 2000
#: Of pictures of recently read pages; a page of text is about 100 KB.
_MOST_BYTES_KEPT: Final = 48 << 20


class PageMissing(NotFound):
    """The document has no such page, or the page cannot be drawn."""


def page_image(pdf: bytes, page: int, width_px: int) -> bytes:
    """Page `page` (from one) of the file as a PNG of `width_px` pixels, form fields included.

    A picture that was drawn lately by this process is kept: many people read a new dispatch at the
    same time. Raises PageMissing.
    """
    if not NARROWEST <= width_px <= WIDEST:
        raise Invalid(f"Chiều rộng ảnh trang từ {NARROWEST} đến {WIDEST} điểm ảnh.")
    key = (hashlib.sha256(pdf).digest(), page, width_px)
    kept = _recent.get(key)
    if kept is not None:
        return kept
    if page < 1:
        raise PageMissing(f"Văn bản không có trang {page}.")
    try:
        drawn = bounded.run(
            (sys.executable, "-I", _CHILD, "image", str(page), str(width_px)), content=pdf
        )
    except bounded.ChildFailed as failed:
        raise PageMissing(
            f"Văn bản không có trang {page}, hoặc trang này không vẽ được."
        ) from failed
    _recent.keep(key, drawn)
    return drawn


class _Recent:
    """The last pictures, least recently used first out; safe to share between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pictures: OrderedDict[tuple[bytes, int, int], bytes] = OrderedDict()
        self._bytes = 0

    def get(self, key: tuple[bytes, int, int]) -> bytes | None:
        with self._lock:
            picture = self._pictures.get(key)
            if picture is not None:
                self._pictures.move_to_end(key)
            return picture

    def keep(self, key: tuple[bytes, int, int], picture: bytes) -> None:
        with self._lock:
            self._bytes += len(picture) - len(self._pictures.pop(key, b""))
            self._pictures[key] = picture
            while self._bytes > _MOST_BYTES_KEPT:
                _, oldest = self._pictures.popitem(last=False)
                self._bytes -= len(oldest)


_recent: Final = _Recent()
