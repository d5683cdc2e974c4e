"""Sổ chủ nhiệm of a class and school year: notes by part, in the order of the book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.registers.kinds.parts import School

FORMAT: Final = "eoffice-homeroom-book/1"


@dataclass(frozen=True, slots=True)
class BookNote:
    #: The day on which it happened; None where the part asks for none.
    on: date | None
    about: str
    pupil_code: str
    pupil: str
    text: str
    outcome: str
    #: How often it was written anew.
    version: int


@dataclass(frozen=True, slots=True)
class BookPart:
    title: str
    #: Heads of the columns; the second is empty where the part asks for no outcome.
    about: str
    outcome: str
    notes: tuple[BookNote, ...]


@dataclass(frozen=True, slots=True)
class HomeroomBook:
    version: int
    school: School
    school_year: str
    class_name: str
    homeroom_teacher: str
    principal: str
    parts: tuple[BookPart, ...]


@dataclass(frozen=True, slots=True)
class HomeroomResults:
    #: Notes of each part, and of all.
    notes: tuple[int, ...]
    total: int
    #: Pupils of whom a note speaks.
    pupils: int


def compute(book: HomeroomBook) -> HomeroomResults:
    counts = tuple(len(part.notes) for part in book.parts)
    named = {note.pupil_code for part in book.parts for note in part.notes if note.pupil_code}
    return HomeroomResults(counts, sum(counts), len(named))
