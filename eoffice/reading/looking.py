"""A part of a document as the reader shows it: pages with sizes, words with their places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eoffice.files import finding, page_images
from eoffice.files.finding import Found, Hit
from eoffice.files.page_images import PAGE_PX, SMALL_PX, Box, Paper, Size, Span
from eoffice.reading.things import Readable

#: Pages that are shown one below the other; without a script a browser loads all of them at once.
PART: Final = 10
#: Small pages of the strip.
STRIP: Final = page_images.BLOCK
_A4: Final = Size(595.0, 842.0)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A page of the part that is shown, or of the strip."""

    number: int
    src: str
    width: int
    height: int
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What stands on one page of the reader."""

    page_count: int
    first: int
    leaves: tuple[Leaf, ...]
    strip: tuple[Leaf, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.leaves) - 1

    @property
    def before(self) -> int | None:
        """Where the part before begins."""
        return max(1, self.first - PART) if self.first > 1 else None

    @property
    def behind(self) -> int | None:
        return self.last + 1 if self.last < self.page_count else None

    @property
    def strip_before(self) -> int | None:
        first = self.strip[0].number
        return first - STRIP if first > 1 else None

    @property
    def strip_behind(self) -> int | None:
        last = self.strip[-1].number
        return last + 1 if last < self.page_count else None


def found_in(thing: Readable, words: str) -> Found | None:
    """None while nothing is looked for. Raises PageMissing where the file cannot be read."""
    return finding.find(page_images.texts(thing.words), words) if words.strip() else None


def part_of(thing: Readable, page: int, found: Found | None) -> Part:
    """The part that begins with `page`, or with the nearest that there is."""
    sizes = page_images.sizes(thing.paper) or (_A4,)
    first = min(max(1, page), len(sizes))
    shown = range(first, min(first + PART, len(sizes) + 1))
    block = first - (first - 1) % STRIP
    small = range(block, min(block + STRIP, len(sizes) + 1))
    boxes = _boxes(thing.words, shown, () if found is None else found.hits)
    return Part(
        page_count=len(sizes),
        first=first,
        leaves=tuple(
            _leaf(thing, number, sizes[number - 1], PAGE_PX, boxes.get(number, ()))
            for number in shown
        ),
        strip=tuple(_leaf(thing, number, sizes[number - 1], SMALL_PX) for number in small),
    )


def places_of(thing: Readable, found: Found) -> list[tuple[Hit, tuple[Box, ...]]]:
    """Every hit with its places on the page."""
    spans = [Span(hit.page, hit.start, hit.count) for hit in found.hits]
    places = page_images.places(thing.words, spans)
    return list(zip(found.hits, places, strict=True))


def _leaf(
    thing: Readable, number: int, size: Size, width: int, boxes: tuple[Box, ...] = ()
) -> Leaf:
    version = "" if thing.version is None else f"&version={thing.version}"
    src = f"{thing.address}/pages/{number}?width={width}{version}&of={thing.paper.digest[:12]}"
    return Leaf(number, src, width, size.height_px(width), boxes)


def _boxes(words: Paper, shown: range, hits: tuple[Hit, ...]) -> dict[int, tuple[Box, ...]]:
    """Of the hits on these pages."""
    near = [hit for hit in hits if hit.page in shown]
    places = page_images.places(words, [Span(hit.page, hit.start, hit.count) for hit in near])
    boxes: dict[int, tuple[Box, ...]] = {}
    for hit, place in zip(near, places, strict=True):
        boxes[hit.page] = boxes.get(hit.page, ()) + place
    return boxes
