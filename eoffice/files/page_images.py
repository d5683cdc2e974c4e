"""Pages as pictures and as words, for readers in the browser; made in a bounded child process.

A page is made when somebody asks for it, one at a time, and kept under the digest of the document:
the first page of a scan of 200 pages costs as much as that of a letter.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore, Lock
from typing import Any, Final

from eoffice.errors import Invalid, NotFound
from eoffice.files import bounded
from eoffice.files.leaves import Leaves
from eoffice.objects.sha256 import Sha256
from eoffice.settings import SettingMissing, settings

_CHILD: Final = str(Path(__file__).with_name("reading_child.py"))
NARROWEST: Final = 100
WIDEST: Final = 2000
#: Of a page to be read, and of one in the strip of small pages.
PAGE_PX: Final = 1240
SMALL_PX: Final = 160
#: Small pages are drawn in blocks: the strip asks for all of them.
BLOCK: Final = 20
#: Of pictures of recently read pages; a page of text is about 100 KB.
_MOST_BYTES_KEPT: Final = 48 << 20
_WORDS_S: Final = 40


class PageMissing(NotFound):
    """The document has no such page, or the page cannot be drawn."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF by its digest, and where its bytes come from when nothing is kept of it."""

    digest: str
    fetch: Callable[[], bytes]

    @classmethod
    def of(cls, pdf: bytes) -> Paper:
        return cls(hashlib.sha256(pdf).hexdigest(), lambda: pdf)

    @classmethod
    def stored(cls, sha256: Sha256 | str, get: Callable[[Sha256], bytes]) -> Paper:
        """One of the object store; `get` is asked only when a page has to be made."""
        digest = Sha256.parse(str(sha256))
        return cls(str(digest).lower(), lambda: get(digest))


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height of a page as it is seen, in points."""

    width: float
    height: float

    def height_px(self, width_px: int) -> int:
        return max(1, round(width_px * self.height / self.width)) if self.width else width_px


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a page: page from one, characters from zero."""

    page: int
    start: int
    count: int


@dataclass(frozen=True, slots=True)
class Box:
    """A place on a page in ten-thousandths of its width and height, from its upper left corner."""

    x: int
    y: int
    width: int
    height: int


def page_image(pdf: bytes, page: int, width_px: int) -> bytes:
    """Page `page` (from one) of the file as a PNG of `width_px` pixels, form fields included.

    Raises PageMissing, Invalid.
    """
    return picture(Paper.of(pdf), page, width_px)


def picture(paper: Paper, page: int, width_px: int) -> bytes:
    """The same of a paper that may lie in the store. A picture that was drawn lately is kept: many
    people read a new dispatch at the same time. Raises PageMissing, Invalid."""
    if not NARROWEST <= width_px <= WIDEST:
        raise Invalid(f"Chiều rộng ảnh trang từ {NARROWEST} đến {WIDEST} điểm ảnh.")
    if page < 1:
        raise PageMissing(f"Văn bản không có trang {page}.")
    key = (bytes.fromhex(paper.digest), page, width_px)
    if (kept := _recent.get(key)) is not None:
        return kept
    name = _name(paper, f"{width_px}-{page}.png")
    first = page - (page - 1) % BLOCK
    numbers = range(first, first + BLOCK) if width_px <= SMALL_PX else range(page, page + 1)
    with _one_at_a_time(f"{paper.digest} {width_px} {numbers[0]}"):
        drawn = _recent.get(key) or _leaves().get(name)
        if drawn is None:
            drawn = _drawn(paper, numbers, page, width_px)
    _recent.keep(key, drawn)
    return drawn


def sizes(paper: Paper) -> tuple[Size, ...]:
    """Of every page. Raises PageMissing where the file cannot be read."""
    return tuple(Size(*each) for each in _told(paper, "sizes"))


def texts(paper: Paper) -> tuple[str, ...]:
    """The characters of each page as the file has them. Raises PageMissing."""
    return tuple(_told(paper, "words"))


def places(paper: Paper, spans: Sequence[Span]) -> list[tuple[Box, ...]]:
    """Where the characters stand, a box for each line of a span. Raises PageMissing."""
    if not spans:
        return []
    asked = json.dumps([[each.page, each.start, each.count] for each in spans]).encode()
    with _reading(paper) as directory:
        found = json.loads(_child(directory, "places", content=asked))
    return [tuple(Box(*box) for box in boxes) for boxes in found]


def _drawn(paper: Paper, numbers: range, page: int, width_px: int) -> bytes:
    with _reading(paper) as directory:
        _child(directory, "draw", str(width_px), *map(str, numbers))
        for number in numbers:
            file = directory / f"{number}.png"
            if file.exists():
                _leaves().put(_name(paper, f"{width_px}-{number}.png"), file.read_bytes())
        wanted = directory / f"{page}.png"
        if not wanted.exists():
            raise PageMissing(f"Văn bản không có trang {page}.")
        return wanted.read_bytes()


def _told(paper: Paper, what: str) -> list[Any]:
    """What the child says about the whole file, asked once."""
    name = _name(paper, f"{what}.json")
    with _one_at_a_time(name):
        kept = _leaves().get(name)
        if kept is None:
            with _reading(paper) as directory:
                kept = _child(directory, what, seconds=_WORDS_S)
            _leaves().put(name, kept)
    found: list[Any] = json.loads(kept)
    return found


def _child(directory: Path, *words: str, content: bytes = b"", seconds: int = 20) -> bytes:
    try:
        with _children:
            return bounded.run(
                (sys.executable, "-I", _CHILD, *words),
                content=content,
                seconds=seconds,
                directory=directory,
            )
    except bounded.ChildFailed as failed:
        raise PageMissing("Văn bản không có trang này, hoặc trang này không vẽ được.") from failed


@contextmanager
def _reading(paper: Paper) -> Iterator[Path]:
    """A directory in which the document lies as a file; fetched where this machine has it not."""
    with tempfile.TemporaryDirectory(prefix="eoffice-reading-") as name:
        directory = Path(name)
        kept = _name(paper, "pdf")
        with _leaves().lent(kept, directory, "document.pdf") as is_there:
            if not is_there:
                content = paper.fetch()
                (directory / "document.pdf").write_bytes(content)
                _leaves().put(kept, content)
            yield directory


def _name(paper: Paper, of: str) -> str:
    return f"{paper.digest}.{of}"


@cache
def _leaves() -> Leaves:
    try:
        return Leaves(settings().var / "pages")
    except SettingMissing:
        # A program that uses this module without being a process of the office.
        return Leaves(Path(tempfile.gettempdir()) / f"eoffice-pages-{os.getuid()}")


#: No more parsers at a time than the machine has processors: the first page comes first.
_children: Final = BoundedSemaphore(os.cpu_count() or 2)
_turns: Final = tuple(Lock() for _ in range(64))


@contextmanager
def _one_at_a_time(name: str) -> Iterator[None]:
    """A browser asks for the pages of a block all at once; the block is made once."""
    with _turns[hash(name) % len(_turns)]:
        yield


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
