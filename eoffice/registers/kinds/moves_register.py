"""Sổ theo dõi học sinh chuyển đi, chuyển đến of a school year: numbers from 1 without a hole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from eoffice.registers.kinds.parts import School

FORMAT: Final = "eoffice-moves-register/1"


@dataclass(frozen=True, slots=True)
class MovedPupil:
    number: int
    on: date
    #: số đăng bộ as it is printed; empty where the pupil has none.
    enrolment_number: str
    code: str
    name: str
    born_on: date
    sex: str
    #: The class that was left or entered.
    class_name: str
    other_school: str
    reason: str
    decision: str
    #: Which papers went or came, when, with whom; empty until they did.
    papers: str
    note: str


@dataclass(frozen=True, slots=True)
class MovesRegister:
    version: int
    school: School
    school_year: str
    principal: str
    came: tuple[MovedPupil, ...]
    went: tuple[MovedPupil, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    pupils: int
    girls: int
    #: Whose papers have neither gone nor come yet.
    without_papers: int


@dataclass(frozen=True, slots=True)
class MovesResults:
    came: Moved
    went: Moved
    #: How many pupils more the school has by this.
    balance: int


def compute(book: MovesRegister) -> MovesResults:
    """Raises ValueError: a number is missing or stands twice."""
    came, went = _counted(book.came), _counted(book.went)
    return MovesResults(came, went, came.pupils - went.pupils)


def _counted(moves: tuple[MovedPupil, ...]) -> Moved:
    if [one.number for one in moves] != list(range(1, len(moves) + 1)):
        raise ValueError("Số thứ tự trong năm không liên tục")
    return Moved(
        pupils=len(moves),
        girls=sum(one.sex == "Nữ" for one in moves),
        without_papers=sum(not one.papers for one in moves),
    )
