"""Sổ đăng bộ of a school year: who came in, and what happened to anybody of the register in it.

`EnrolmentRegister` is what was entered, `compute` the sums. Numbers stand in their order and each
once; a number that was annulled keeps its line.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.registers.kinds.parts import School
from eoffice.rolls.numbering import spans

FORMAT: Final = "eoffice-enrolment-register/1"


@dataclass(frozen=True, slots=True)
class EnrolledPupil:
    """A line, as it was written when the pupil came; empty text where nothing is on record."""

    number: int
    admitted_on: date | None
    class_name: str
    code: str
    personal_id: str
    name: str
    born_on: date | None
    sex: str
    birthplace: str
    hometown: str
    ethnicity: str
    religion: str
    nationality: str
    permanent_address: str
    address: str
    father: str
    mother: str
    came_from: str
    note: str
    #: Why the number was annulled; null where it stands.
    annulled_because: str | None


@dataclass(frozen=True, slots=True)
class Event:
    """What happened in the school year to somebody of the register, whenever they came."""

    number: int
    name: str
    on: date
    what: str


@dataclass(frozen=True, slots=True)
class EnrolmentRegister:
    version: int
    school: School
    school_year: str
    principal: str
    #: What is printed behind each number: "/THCS".
    suffix: str
    pupils: tuple[EnrolledPupil, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class EnrolmentResults:
    #: Lines, and those that stand.
    lines: int
    pupils: int
    girls: int
    came_from_schools: int
    annulled: int
    #: "101–240, 251"
    numbers: str
    events: int


def compute(book: EnrolmentRegister) -> EnrolmentResults:
    """Raises ValueError: the numbers are not in order, or what happened is not."""
    numbers = [one.number for one in book.pupils]
    if any(one >= other for one, other in itertools.pairwise(numbers)):
        raise ValueError("Số đăng bộ không theo thứ tự tăng dần")
    days = [(one.on, one.number) for one in book.events]
    if days != sorted(days):
        raise ValueError("Thay đổi không theo thứ tự ngày")
    standing = [one for one in book.pupils if one.annulled_because is None]
    return EnrolmentResults(
        lines=len(numbers),
        pupils=len(standing),
        girls=sum(one.sex == "Nữ" for one in standing),
        came_from_schools=sum(bool(one.came_from) for one in standing),
        annulled=len(numbers) - len(standing),
        numbers=spans(numbers),
        events=len(book.events),
    )
