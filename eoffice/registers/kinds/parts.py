"""What the registers of a class have in common: school, pupils, absences, corrections.

Values that are entered; they stand as they are in the data inside each register.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from eoffice.assessment.marks import Semester
from eoffice.marks.results import Session


class Term(StrEnum):
    """A semester, or the year of both."""

    FIRST = "1"
    SECOND = "2"
    YEAR = "year"


ROMAN: Final = {Semester.FIRST: "I", Semester.SECOND: "II"}
#: The words of a school year's months, from August to May.
_MONTHS: Final = (8, 9, 10, 11, 12, 1, 2, 3, 4, 5)


@dataclass(frozen=True, slots=True)
class School:
    name: str
    #: The agency above it on the cover, such as "Sở Giáo dục và Đào tạo tỉnh Đồng Tháp".
    superior: str
    #: xã (phường), huyện (quận, thị xã), tỉnh; empty where there is none (no huyện since 2025).
    commune: str
    district: str
    province: str
    #: Of the dates beside signatures.
    place: str
    organ_id: str | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A pupil who is no longer in the class: since when, and what the register notes."""

    on: date
    note: str


@dataclass(frozen=True, slots=True)
class Pupil:
    """The particulars of a pupil; empty text where nothing is on record."""

    code: str
    name: str
    born_on: date
    sex: str
    birthplace: str = ""
    ethnicity: str = ""
    policy_group: str = ""
    address: str = ""
    father: str = ""
    mother: str = ""
    guardian: str = ""
    changes: str = ""
    left: Leaving | None = None

    @property
    def is_girl(self) -> bool:
        return self.sex == "Nữ"


@dataclass(frozen=True, slots=True)
class Absence:
    """One session that a pupil missed, with leave (P) or without (K)."""

    pupil: str
    on: date
    session: Session
    excused: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """A cell that differs from the one in an earlier version which somebody had signed.

    `column` and `place` name the cell within the pupil's semester (or year) of the subject; places
    count from 1. Old and new as the data write them, null where nothing stood.
    """

    pupil: str
    subject: str
    term: Term
    column: str
    place: int
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Citation:
    """A subject that a correcting version leaves as it was: signed in an earlier version."""

    subject: str
    version: int
    signer: str
    signed_at: datetime


def months_of(school_year: str) -> Sequence[date]:
    """The first days of the months of a school year, August to May. Raises ValueError."""
    first, _, second = school_year.partition("-")
    return [date(int(first if month >= 8 else second), month, 1) for month in _MONTHS]


def there_at_the_end(pupils: Iterable[Pupil]) -> list[Pupil]:
    """Those who did not leave during the year."""
    return [pupil for pupil in pupils if pupil.left is None]
