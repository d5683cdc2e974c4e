"""A list of recipients as it was pasted from a sheet: each line is found, ambiguous or unknown.

Names are compared without diacritics, punctuation and the office's abbreviations; identifiers and
e-mail addresses exactly. Nothing is guessed: what fits several stays open, and no line is lost.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from eoffice.errors import Invalid

MOST_LINES: Final = 2_000
LONGEST_LINE: Final = 1_000
#: An ambiguous line offers no more than this.
MOST_OFFERED: Final = 8

_CELLS: Final = re.compile(r"[\t;|]")
_NUMBERING: Final = re.compile(r"^\s*\d{1,4}[.)]?\s*$")
_LEADING: Final = re.compile(r"^\s*\d{1,4}[.)]\s+")
#: Longer phrases first; both sides are written the short way.
_SHORT: Final = (
    ("giao duc va dao tao", "gddt"),
    ("giao duc dao tao", "gddt"),
    ("gd va dt", "gddt"),
    ("gd dt", "gddt"),
    ("trung hoc pho thong", "thpt"),
    ("trung hoc co so", "thcs"),
    ("tieu hoc", "th"),
    ("mam non", "mn"),
    ("pgddt", "phong gddt"),
    ("pgd", "phong gddt"),
    ("sgddt", "so gddt"),
    ("sgd", "so gddt"),
    ("uy ban nhan dan", "ubnd"),
)
_IDLE: Final = frozenset({"truong", "va"})


class Outcome(StrEnum):
    FOUND = "found"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


class ListTooLong(Invalid):
    """The pasted list has more lines, or longer ones, than are read at once."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who can be chosen, with all that identifies them."""

    key: str
    name: str
    #: Codes, identifiers of the exchange, e-mail addresses.
    identifiers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list, as it was pasted, and what it may mean."""

    text: str
    outcome: Outcome
    found: tuple[Known, ...] = ()


@dataclass(slots=True)
class _Index:
    by_identifier: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    words: dict[str, frozenset[str]] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)


def read(pasted: str, known: Iterable[Known]) -> tuple[Line, ...]:
    """Every line that holds something, in its order. Raises ListTooLong."""
    lines = [line for line in pasted.splitlines() if line.strip()]
    if len(lines) > MOST_LINES or any(len(line) > LONGEST_LINE for line in lines):
        raise ListTooLong(
            f"Mỗi lần đối chiếu nhiều nhất {MOST_LINES} dòng, mỗi dòng không quá {LONGEST_LINE} ký "
            "tự. Hãy chia danh sách thành nhiều phần.",
            fields={"pasted": "Danh sách dài quá."},
        )
    index = _index(known)
    return tuple(_line(line, index) for line in lines)


def folded(name: str) -> str:
    """The name without diacritics, punctuation and long forms: "thpt sen hong"."""
    plain = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    text = " ".join(re.sub(r"[^0-9a-z]+", " ", letters).split())
    for long, short in _SHORT:
        text = re.sub(rf"\b{long}\b", short, text)
    return " ".join(word for word in text.split() if word not in _IDLE)


def _index(known: Iterable[Known]) -> _Index:
    index = _Index()
    for each in known:
        index.known[each.key] = each
        for identifier in each.identifiers:
            index.by_identifier[identifier.casefold()].append(each)
        name = folded(each.name)
        index.by_name[name].append(each)
        words = frozenset(name.split())
        index.words[each.key] = words
        for word in words:
            index.by_word[word].add(each.key)
    return index


def _line(text: str, index: _Index) -> Line:
    cells = [
        _LEADING.sub("", cell).strip()
        for cell in _CELLS.split(text)
        if cell.strip() and not _NUMBERING.match(cell)
    ]
    # Identifiers before names: a cell of one decides what the name beside it leaves open.
    for cell in cells:
        if by_identifier := index.by_identifier.get(cell.casefold()):
            return _decided(text, by_identifier)
    for cell in cells:
        if by_name := index.by_name.get(folded(cell)):
            return _decided(text, by_name)
    for cell in cells:
        if meant := _by_words(frozenset(folded(cell).split()), index):
            return _decided(text, meant)
    return Line(text, Outcome.UNKNOWN)


def _by_words(words: frozenset[str], index: _Index) -> Sequence[Known]:
    """Whose name holds all the words; else the longest names that the words hold."""
    if not words:
        return ()
    holding = set.intersection(*(index.by_word.get(word, set()) for word in words))
    if holding:
        return [index.known[key] for key in sorted(holding)]
    near = set().union(*(index.by_word.get(word, set()) for word in words))
    held = [key for key in near if len(index.words[key]) > 1 and index.words[key] <= words]
    longest = max((len(index.words[key]) for key in held), default=0)
    return [index.known[key] for key in sorted(held) if len(index.words[key]) == longest]


def _decided(text: str, meant: Sequence[Known]) -> Line:
    if len(meant) == 1:
        return Line(text, Outcome.FOUND, (meant[0],))
    by_name = sorted(meant, key=lambda each: each.name)
    return Line(text, Outcome.AMBIGUOUS, tuple(by_name[:MOST_OFFERED]))
