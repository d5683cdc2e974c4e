"""In which order pupils get their số đăng bộ, and that the numbers have no hole. Pure.

Numbers follow the order of admission: by day, within a day by Vietnamese name, within a name by
birth date and code. A number is never given twice; one that was given by mistake stays, annulled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from eoffice.classes.collation import name_key


@dataclass(frozen=True, slots=True)
class Admission:
    """A pupil who has no number yet: since when they are here, in which class, from where."""

    pupil_id: UUID
    on: date
    class_name: str
    came_from: str
    name: str
    born_on: date
    code: str


def in_order(admissions: Iterable[Admission]) -> list[Admission]:
    """As the numbers are given."""
    return sorted(admissions, key=lambda one: (one.on, name_key(one.name), one.born_on, one.code))


def holes(numbers: Sequence[int], *, first: int) -> tuple[int, ...]:
    """The numbers from `first` to the last that are not there."""
    there = set(numbers)
    return tuple(
        number for number in range(first, max(there, default=0) + 1) if number not in there
    )


def spans(numbers: Iterable[int]) -> str:
    """ "3, 7–9", as people write it."""
    found: list[list[int]] = []
    for number in sorted(set(numbers)):
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in found)
