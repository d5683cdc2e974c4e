"""Where words stand in a document: page by page, with or without diacritics. Pure.

As the search over everything does it: a word stands for itself with or without diacritics and
capitals, whole words only; several words stand in the order in which they were typed, over the end
of a line too. The characters of a page are those of the file, so that a place can be shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 200
#: More places than anybody looks at; the count goes on.
MOST_SHOWN: Final = 200
#: Characters of the page before and after the words.
_AROUND: Final = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """One place: `words` as the document writes them, with what stands around."""

    page: int
    #: Among the characters of the page.
    start: int
    count: int
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    #: In reading order, `MOST_SHOWN` at most.
    hits: tuple[Hit, ...]
    total: int
    #: Pages without a single character: scans that nobody has read.
    pages_without_words: int

    @property
    def has_words(self) -> bool:
        """Whether anything could be found at all."""
        return self.pages_without_words == 0 or self.total > 0


def find(pages: Sequence[str], words: str) -> Found:
    """All places of the words; none for what holds no letter and no digit."""
    wanted = "".join(letter for letter, _ in _folded(words[:LONGEST])).strip()
    empty = sum(not page.strip() for page in pages)
    if not any(letter.isalnum() for letter in wanted):
        return Found((), 0, empty)
    hits: list[Hit] = []
    total = 0
    for number, page in enumerate(pages, start=1):
        letters = list(_folded(page))
        line = "".join(letter for letter, _ in letters)
        for first in _whole_words(line, wanted):
            total += 1
            if len(hits) < MOST_SHOWN:
                start = letters[first][1]
                last = first + len(wanted)
                end = letters[last][1] if last < len(letters) else len(page)
                hits.append(_hit(number, page, start, end))
    return Found(tuple(hits), total, empty)


def _folded(text: str) -> Iterator[tuple[str, int]]:
    """Small letters without marks, one blank between words, each with its place in the text."""
    blank = True
    for place, letter in enumerate(text):
        if letter.isspace() or unicodedata.category(letter) in ("Cc", "Zs"):
            if not blank:
                yield " ", place
            blank = True
            continue
        for part in unicodedata.normalize("NFKD", letter).casefold():
            if not unicodedata.combining(part):
                yield ("d" if part == "đ" else part), place
                blank = False


def _whole_words(line: str, wanted: str) -> Iterator[int]:
    """Where `wanted` begins in the line, without a letter or digit right before or behind it."""
    place = line.find(wanted)
    while place >= 0:
        end = place + len(wanted)
        begins = place == 0 or not (line[place - 1].isalnum() and wanted[0].isalnum())
        ends = end >= len(line) or not (line[end].isalnum() and wanted[-1].isalnum())
        if begins and ends:
            yield place
            place = line.find(wanted, end)
        else:
            place = line.find(wanted, place + 1)


def _hit(number: int, page: str, start: int, end: int) -> Hit:
    """With the words around it up to a blank."""
    words = page[start:end]
    end -= len(words) - len(words.rstrip())
    before = page[max(0, start - _AROUND) : start]
    after = page[end : end + _AROUND]
    if start > _AROUND:
        before = "…" + before.partition(" ")[2]
    if end + _AROUND < len(page):
        after = after.rpartition(" ")[0] + "…"
    return Hit(number, start, end - start, _line(before), _line(page[start:end]), _line(after))


def _line(text: str) -> str:
    """On one line; a blank at either end stays."""
    plain = " ".join(text.split())
    lead = " " if text[:1].isspace() and plain else ""
    return lead + plain + (" " if text[-1:].isspace() and plain else "")
