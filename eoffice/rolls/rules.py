"""Who keeps the rolls of a school, and what can stand in a line. Pure.

Personal data: the school's clerk and leaders keep and read the rolls; of other agencies those who
stand above the school read, which row-level security decides, in the positions that read classes.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from enum import StrEnum
from typing import Final

from eoffice.classes.rules import OFFICE, SUPERIORS, Actor
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound

LONGEST: Final = 300
LEAST_REASON: Final = 10


class Stage(StrEnum):
    """What a pupil finishes."""

    #: hoàn thành chương trình tiểu học
    PRIMARY = "primary"
    #: tốt nghiệp trung học cơ sở
    LOWER_SECONDARY = "lower_secondary"
    #: tốt nghiệp trung học phổ thông
    UPPER_SECONDARY = "upper_secondary"


STAGE_NAMES: Final[dict[Stage, str]] = {
    Stage.PRIMARY: "Hoàn thành chương trình tiểu học",
    Stage.LOWER_SECONDARY: "Tốt nghiệp trung học cơ sở",
    Stage.UPPER_SECONDARY: "Tốt nghiệp trung học phổ thông",
}
#: The last grade of each stage.
LAST_GRADES: Final[dict[int, Stage]] = {
    5: Stage.PRIMARY,
    9: Stage.LOWER_SECONDARY,
    12: Stage.UPPER_SECONDARY,
}


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


DIRECTION_NAMES: Final[dict[Direction, str]] = {
    Direction.IN: "Chuyển đến",
    Direction.OUT: "Chuyển đi",
}


class RollsNotYours(NotAllowed):
    """The rolls of a school are kept by its clerk and leaders, and read by whoever is above it."""


class RollWrong(Invalid):
    """Something about the line cannot be kept as it was entered."""


class RollNotOpen(Conflict):
    """The school has not said with which number its enrolment register goes on."""


class RollOpen(Conflict):
    """The enrolment register has been opened already."""


class LineUnknown(NotFound):
    """The book of the school has no such line."""


class LineAnnulled(Conflict):
    """The line was annulled."""


def may_keep(actor: Actor, school_id: object) -> bool:
    return actor.agency_id == school_id and actor.kind in OFFICE


def may_read(actor: Actor, school_id: object) -> bool:
    """That an actor of another agency stands above the school, row-level security has decided."""
    return actor.kind in (OFFICE if actor.agency_id == school_id else SUPERIORS)


def require_keeper(actor: Actor, school_id: object) -> None:
    """Raises RollsNotYours."""
    if not may_keep(actor, school_id):
        raise RollsNotYours("Sổ này do văn thư và ban giám hiệu của trường ghi.")


def require_reader(actor: Actor, school_id: object) -> None:
    """Raises RollsNotYours."""
    if not may_read(actor, school_id):
        raise RollsNotYours(
            "Sổ này có dữ liệu cá nhân, chỉ dành cho văn thư, ban giám hiệu của trường và lãnh "
            "đạo, chuyên viên của cơ quan quản lý."
        )


def tidy(text: str) -> str:
    """Single spaces, diacritics composed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def said(
    given: str, field: str, wrong: dict[str, str], *, missing: str = "", longest: int = LONGEST
) -> str:
    """The text as it is kept; what is wrong with it goes into `wrong`. `missing` makes it due."""
    words = tidy(given)
    if missing and not words:
        wrong[field] = missing
    elif len(words) > longest:
        wrong[field] = f"Ghi dài nhất {longest} ký tự."
    return words


def day(on: date, field: str, wrong: dict[str, str], *, today: date) -> date:
    """A day that has come."""
    if not date(1945, 1, 1) <= on <= today:
        wrong[field] = "Chọn ngày không sau hôm nay."
    return on


def reason(why: str, field: str = "why") -> str:
    """Why a line is annulled or written anew. Raises RollWrong."""
    words = tidy(why)
    if not LEAST_REASON <= len(words) <= LONGEST:
        told = f"Hãy ghi lý do bằng một câu, từ {LEAST_REASON} đến {LONGEST} ký tự."
        raise RollWrong(told, fields={field: told})
    return words


def refuse(wrong: dict[str, str]) -> None:
    """Raises RollWrong with every field that is wrong."""
    if wrong:
        raise RollWrong("Chưa ghi được: " + " ".join(wrong.values()), fields=wrong)


def school_year_of(on: date) -> str:
    """The school year in which a day lies, where no class says it: from August to July."""
    begins = on.year if on.month >= 8 else on.year - 1
    return f"{begins}-{begins + 1}"


def days_of(school_year: str) -> tuple[date, date]:
    """First and last day of what a school writes down in a school year: August to July."""
    begins = int(school_year[:4])
    return date(begins, 8, 1), date(begins + 1, 7, 31)
