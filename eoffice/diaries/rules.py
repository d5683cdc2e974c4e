"""Lessons of a class by its timetable, who writes which, and what a week of the diary may become.

Plain values; no database. The diary is kept by the charter of schools, Circular 15/2026/TT-BGDĐT,
art. 21 (1) e; its columns and closes are those of the book on paper.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.classes.rules import LEADERS, Actor, ClassStaff
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound

LONGEST_TITLE: Final = 300
LONGEST_REMARK: Final = 2_000
MOST_PERIODS: Final = 8
SUNDAY: Final = 6
#: Longest that a closed week stands open again, in days.
LONGEST_REOPENING_DAYS: Final = 14
#: How far back lessons without a line and weeks that are not closed are shown.
LOOK_BACK: Final = timedelta(days=14)
WEEKDAY_NAMES: Final = (
    "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ nhật",
)  # fmt: skip
_WEEKDAYS: Final = re.compile(r"(?:thứ|t)?\s*(hai|ba|tư|năm|sáu|bảy|[2-7])\.?", re.IGNORECASE)
_NUMBERS: Final = {"hai": 0, "ba": 1, "tư": 2, "năm": 3, "sáu": 4, "bảy": 5}


class DiaryInvalid(Invalid):
    """What was entered cannot stand in the diary."""


class DiaryNotYours(NotAllowed):
    """This line or step of the diary is somebody else's."""


class WeekClosed(Conflict):
    """The step does not fit the state of the week."""


class WeekSigned(Conflict):
    """The week stands in a book that is being signed or is sealed."""


class LessonUnknown(NotFound):
    """The diary has no such lesson, or the acting unit may not know of it."""


class HalfDay(StrEnum):
    MORNING = "morning"
    AFTERNOON = "afternoon"


HALF_DAY_NAMES: Final = {HalfDay.MORNING: "Sáng", HalfDay.AFTERNOON: "Chiều"}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A period of a day: half of the day, and number from 1 within it."""

    half: HalfDay
    number: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A line of a timetable; `weekday` 0 is Monday."""

    weekday: int
    place: Place
    subject: str
    teacher_id: UUID


@dataclass(frozen=True, slots=True)
class Timetable:
    """thời khóa biểu of a class, in force from a day until the next one begins."""

    from_on: date
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class YearDays:
    """The days of teaching: two semesters, both ends included."""

    begins_on: date
    first_ends_on: date
    second_begins_on: date
    ends_on: date

    def has(self, day: date) -> bool:
        return (
            self.begins_on <= day <= self.first_ends_on
            or self.second_begins_on <= day <= self.ends_on
        )


@dataclass(frozen=True, slots=True)
class Due:
    """A lesson that the timetable wants on a day."""

    on: date
    slot: Slot


class WeekState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    #: Opened again by the head, for a time.
    REOPENED = "reopened"


class WeekStep(StrEnum):
    WRITE = "write"
    DELETE = "delete"
    CLOSE = "close"
    REOPEN = "reopen"


WEEK_STATE_NAMES: Final = {
    WeekState.OPEN: "Đang ghi",
    WeekState.CLOSED: "Đã chốt",
    WeekState.REOPENED: "Mở lại để sửa",
}
WEEK_STEPS: Final[Mapping[tuple[WeekState, WeekStep], WeekState]] = {
    (WeekState.OPEN, WeekStep.WRITE): WeekState.OPEN,
    (WeekState.OPEN, WeekStep.DELETE): WeekState.OPEN,
    (WeekState.OPEN, WeekStep.CLOSE): WeekState.CLOSED,
    (WeekState.CLOSED, WeekStep.REOPEN): WeekState.REOPENED,
    (WeekState.REOPENED, WeekStep.WRITE): WeekState.REOPENED,
    (WeekState.REOPENED, WeekStep.DELETE): WeekState.REOPENED,
    (WeekState.REOPENED, WeekStep.CLOSE): WeekState.CLOSED,
}
_REFUSALS: Final = {
    WeekStep.WRITE: "Tuần này đã chốt; muốn sửa, hiệu trưởng mở lại tuần.",
    WeekStep.DELETE: "Tuần này đã chốt nên không xóa được tiết nào; hiệu trưởng mở lại tuần.",
    WeekStep.CLOSE: "Tuần này đã chốt rồi.",
    WeekStep.REOPEN: "Tuần này chưa chốt hoặc đang được mở lại.",
}


def after(state: WeekState, step: WeekStep) -> WeekState:
    """Raises WeekClosed where the step does not fit."""
    found = WEEK_STEPS.get((state, step))
    if found is None:
        raise WeekClosed(_REFUSALS[step])
    return found


def week_state(
    closed_at: datetime | None, reopened_until: datetime | None, at: datetime
) -> WeekState:
    """A week that was opened again is closed by itself when its time is over."""
    if closed_at is None:
        return WeekState.OPEN
    if reopened_until is not None and at < reopened_until:
        return WeekState.REOPENED
    return WeekState.CLOSED


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def due(
    timetables: Sequence[Timetable],
    first: date,
    last: date,
    *,
    days_off: Collection[date],
    year: YearDays | None,
) -> Iterator[Due]:
    """The lessons of the days from `first` to `last`, both included, in the order of the book.

    None on days off, outside of the semesters, and before the first timetable; without the days of
    the school year on record every other day counts.
    """
    by_begin = sorted(timetables, key=lambda one: one.from_on)
    day = first
    while day <= last:
        in_force = [one for one in by_begin if one.from_on <= day]
        if in_force and day not in days_off and (year is None or year.has(day)):
            slots = [slot for slot in in_force[-1].slots if slot.weekday == day.weekday()]
            yield from (Due(day, slot) for slot in sorted(slots, key=_by_place))
        day += timedelta(days=1)


def _by_place(slot: Slot) -> tuple[int, int]:
    return list(HalfDay).index(slot.place.half), slot.place.number


def missing(wanted: Collection[Due], written: Collection[tuple[date, Place]]) -> list[Due]:
    """Lessons without a line in the diary."""
    there = set(written)
    return [one for one in wanted if (one.on, one.slot.place) not in there]


def writes_as(
    actor: Actor,
    team: ClassStaff,
    subject: str,
    *,
    planned_for: UUID | None,
    written_by: UUID | None,
    as_substitute: bool,
) -> bool:
    """Whether the line is a substitute's; a line that stands is its writer's alone.

    Raises DiaryNotYours.
    """
    if actor.agency_id != team.school_id:
        raise DiaryNotYours("Chỉ giáo viên của trường ghi sổ đầu bài của lớp.")
    if written_by is not None and written_by != actor.person_id:
        raise DiaryNotYours("Tiết này do giáo viên khác ghi; chỉ người ghi được sửa.")
    own = planned_for or team.subject_teachers.get(subject)
    if actor.person_id == own:
        return False
    if not as_substitute:
        raise DiaryNotYours("Tiết này của giáo viên khác. Dạy thay thì đánh dấu vào ô Dạy thay.")
    return True


def require_deleter(actor: Actor, team: ClassStaff, written_by: UUID) -> None:
    """Whoever wrote the line, or the homeroom teacher of the class. Raises DiaryNotYours."""
    if actor.agency_id != team.school_id or actor.person_id not in (
        written_by,
        team.homeroom_teacher_id,
    ):
        raise DiaryNotYours("Chỉ người ghi tiết hoặc giáo viên chủ nhiệm lớp xóa được tiết này.")


def require_unsigned(book: str, *, is_sealed: bool, as_correction: bool) -> None:
    """Whether a closed week that stands in this book may be opened again. Raises WeekSigned."""
    if not is_sealed:
        raise WeekSigned(f"{book} đang được ký và có tuần này. Muốn sửa tuần, trả lại sổ trước đã.")
    if not as_correction:
        raise WeekSigned(
            f"{book} đã ký, đóng dấu và có tuần này, nên không mở lại tuần được. Muốn sửa, dùng "
            "bước “Đính chính sổ đã ký”, rồi lập bản thay thế của sổ."
        )


def require_homeroom(actor: Actor, team: ClassStaff, what: str) -> None:
    """Raises DiaryNotYours."""
    if actor.agency_id != team.school_id or actor.person_id != team.homeroom_teacher_id:
        raise DiaryNotYours(f"Chỉ giáo viên chủ nhiệm lớp {what}.")


def require_leader(actor: Actor, school_id: UUID, what: str) -> None:
    """Raises DiaryNotYours."""
    if actor.agency_id != school_id or actor.kind not in LEADERS:
        raise DiaryNotYours(f"Chỉ ban giám hiệu của trường {what}.")


def may_read_homeroom_book(actor: Actor, team: ClassStaff) -> bool:
    """sổ chủ nhiệm speaks of families: the homeroom teacher and the head or a deputy alone."""
    return actor.agency_id == team.school_id and (
        actor.person_id == team.homeroom_teacher_id or actor.kind in LEADERS
    )


def weekday_of(words: str) -> int | None:
    """0 for "Thứ 2", "T2", "thứ hai"; None for what is no weekday."""
    found = _WEEKDAYS.fullmatch(words.strip())
    if found is None:
        return None
    said = found[1].lower()
    return int(said) - 2 if said.isdigit() else _NUMBERS[said]


@dataclass(frozen=True, slots=True)
class PastedLesson:
    """A cell of a pasted timetable, before its words are known as a subject."""

    weekday: int
    place: Place
    words: str


def read_grid(text: str) -> list[PastedLesson]:
    """A timetable as spreadsheets copy it: tabs between cells, weekdays in the first line.

    The cells before the first weekday say the period ("1" or "Sáng<tab>1"); a half of the day holds
    until another is named, and a period that is not higher than the one before begins the
    afternoon. Raises DiaryInvalid with the line that cannot be read.
    """
    lines = [line.rstrip("\r").split("\t") for line in text.splitlines() if line.strip()]
    days = [weekday_of(cell) for cell in lines[0]] if lines else []
    if not any(day is not None for day in days):
        raise DiaryInvalid("Dòng đầu phải có các thứ trong tuần: Tiết, Thứ 2, Thứ 3, …")
    half, before = HalfDay.MORNING, 0
    found: list[PastedLesson] = []
    first_day = next(place for place, day in enumerate(days) if day is not None)
    for at, cells in enumerate(lines[1:], start=2):
        head = " ".join(cells[:first_day])
        named = next((one for one, word in HALF_DAY_NAMES.items() if word in head.title()), None)
        number = re.search(r"\d+", head)
        if number is None or not 1 <= int(number[0]) <= MOST_PERIODS:
            raise DiaryInvalid(f"Dòng {at}: không thấy số tiết từ 1 đến {MOST_PERIODS}.")
        if named is not None:
            half = named
        elif int(number[0]) <= before:
            half = HalfDay.AFTERNOON
        before = int(number[0])
        found += [
            PastedLesson(day, Place(half, before), cell.strip())
            for day, cell in zip(days, cells, strict=False)
            if day is not None and cell.strip()
        ]
    return found


def next_plan_number(last: int | None) -> int:
    """tiết PPCT of the lesson that follows."""
    return 1 if last is None else last + 1
