"""What two versions of a document do not share, line by line and word by word. Pure.

A line is a block of the body, a row of one of its tables, or a line of another part.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

from eoffice.documents.form import body
from eoffice.documents.form import text as texts
from eoffice.documents.form.text import DispatchText


class Change(StrEnum):
    SAME = "same"
    #: words differ
    CHANGED = "changed"
    #: the words are the same, their style or the sort of line is not
    RESTYLED = "restyled"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line; `differs` where the other version has not got them here."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of both versions side by side; empty on the side that has none."""

    change: Change
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document that differs, as its writer knows it."""

    name: str
    lines: tuple[Line, ...]


#: Lines that share less are not the same line changed, but one removed and another added.
_LEAST_SHARED: Final = 0.35
#: Pairs of words to compare at most in one line; above it the whole line differs.
_MOST_PAIRS: Final = 4_000_000
_WORDS: Final = re.compile(r"\s+|[^\W_]+|.", re.DOTALL)


def compare(older: DispatchText, newer: DispatchText) -> tuple[Section, ...]:
    """The parts that differ, in the order of the page; of the body also what stayed."""
    return tuple(
        Section(name, _lines(before, after))
        for name, before, after in texts.parts(older, newer)
        if before != after
    )


def _lines(older: Sequence[str], newer: Sequence[str]) -> tuple[Line, ...]:
    older, newer = _units(older), _units(newer)
    found: list[Line] = []
    matcher = SequenceMatcher(None, older, newer, autojunk=False)
    for _, start, end, other_start, other_end in matcher.get_opcodes():
        found += _side_by_side(older[start:end], newer[other_start:other_end])
    return tuple(found)


def _units(lines: Sequence[str]) -> list[str]:
    """One for each line that is read: the line of alignments of a table is none."""
    return [line for line in lines if body.plain(line) or not line.startswith("|")]


def _side_by_side(older: Sequence[str], newer: Sequence[str]) -> list[Line]:
    found: list[Line] = []
    for index in range(max(len(older), len(newer))):
        before = older[index] if index < len(older) else None
        after = newer[index] if index < len(newer) else None
        if before is not None and after is not None:
            found += _pair(before, after)
        elif before is not None:
            found.append(_removed(before))
        elif after is not None:
            found.append(_added(after))
    return found


def _pair(before: str, after: str) -> list[Line]:
    if before == after:
        whole = (Piece(_read(before), False),)
        return [Line(Change.SAME, whole, whole)]
    old, new = _read(before), _read(after)
    if old == new:
        return [Line(Change.RESTYLED, (Piece(old, False),), (Piece(new, False),))]
    old_words, new_words = _WORDS.findall(old), _WORDS.findall(new)
    if len(old_words) * len(new_words) > _MOST_PAIRS:
        return [_removed(before), _added(after)]
    matcher = SequenceMatcher(None, old_words, new_words, autojunk=False)
    if matcher.ratio() < _LEAST_SHARED:
        return [_removed(before), _added(after)]
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        differs = tag != "equal"
        if end > start:
            left.append(Piece("".join(old_words[start:end]), differs))
        if other_end > other_start:
            right.append(Piece("".join(new_words[other_start:other_end]), differs))
    return [Line(Change.CHANGED, tuple(left), tuple(right))]


def _removed(line: str) -> Line:
    return Line(Change.REMOVED, (Piece(_read(line), True),), ())


def _added(line: str) -> Line:
    return Line(Change.ADDED, (), (Piece(_read(line), True),))


def _read(line: str) -> str:
    """As it is read; cells of a row stay parted by bars."""
    if line.startswith("|") and line.endswith("|"):
        return "".join(run.text for run in body.runs(line.strip("| ").replace("\\|", "|")))
    return body.plain(line)
