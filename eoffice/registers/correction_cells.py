"""The cells of a closed book for which one may ask, and what they hold; whom each concerns. Pure.

Marks are entered by teachers of subjects; conduct, qualities, competences and attendance are kept
by the homeroom teacher, who signs for them. A request is on record by the key of its cell: the code
of a subject, or what stands in its place, with semester, part and place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from eoffice.assessment.circulars import RuleSet
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import ConductTime, TraitLevel, TraitTime
from eoffice.errors import Invalid
from eoffice.files.tables.words import folded
from eoffice.marks import trait_entering
from eoffice.marks.results import Session as HalfDay
from eoffice.registers import comparison


class CellKind(StrEnum):
    MARK = "mark"
    #: hạnh kiểm, kết quả rèn luyện
    CONDUCT = "conduct"
    #: phẩm chất, năng lực
    TRAIT = "trait"
    #: A session of a day in the list of attendance.
    ABSENCE = "absence"


@dataclass(frozen=True, slots=True)
class MarkPlace:
    subject_code: str
    semester: Semester
    part: Part
    place: int


@dataclass(frozen=True, slots=True)
class ConductPlace:
    time: ConductTime


@dataclass(frozen=True, slots=True)
class TraitPlace:
    code: str
    time: TraitTime


@dataclass(frozen=True, slots=True)
class AbsencePlace:
    on: date
    half: HalfDay


Place: TypeAlias = MarkPlace | ConductPlace | TraitPlace | AbsencePlace


@dataclass(frozen=True, slots=True)
class Key:
    """By what the requests of one cell are the same."""

    code: str
    semester: Semester
    part: Part
    place: int


class NotAValue(Invalid):
    """What was typed is nothing that such a cell can hold."""


#: Between "trait" and the code of it: no code of a subject has this sign.
_OF: Final = ":"
_CONDUCT: Final[Mapping[ConductTime, tuple[Semester, Part]]] = {
    ConductTime.FIRST: (Semester.FIRST, Part.FINAL),
    ConductTime.SECOND: (Semester.SECOND, Part.FINAL),
    ConductTime.YEAR: (Semester.SECOND, Part.STATED),
    ConductTime.SUMMER: (Semester.SECOND, Part.REASSESSED),
}
_TRAITS: Final[Mapping[TraitTime, tuple[Semester, Part]]] = {
    TraitTime.MIDDLE_OF_FIRST: (Semester.FIRST, Part.MIDTERM),
    TraitTime.END_OF_FIRST: (Semester.FIRST, Part.FINAL),
    TraitTime.MIDDLE_OF_SECOND: (Semester.SECOND, Part.MIDTERM),
    TraitTime.END_OF_YEAR: (Semester.SECOND, Part.FINAL),
    TraitTime.SUMMER: (Semester.SECOND, Part.REASSESSED),
}
_CONDUCT_OF: Final = {where: time for time, where in _CONDUCT.items()}
_TRAIT_OF: Final = {where: time for time, where in _TRAITS.items()}
_HALVES: Final = {HalfDay.MORNING: 1, HalfDay.AFTERNOON: 2}
_HALF_OF: Final = {number: half for half, number in _HALVES.items()}
#: A school year's first months; only to say in which half of the year a day lies.
_FIRST_MONTHS: Final = range(8, 13)
CONDUCT_TIMES: Final[Mapping[ConductTime, str]] = {
    ConductTime.FIRST: "Học kì I",
    ConductTime.SECOND: "Học kì II",
    ConductTime.YEAR: "Cả năm",
    ConductTime.SUMMER: "Sau rèn luyện hè",
}
TRAIT_TIMES: Final[Mapping[TraitTime, str]] = {
    TraitTime.MIDDLE_OF_FIRST: "Giữa học kì I",
    TraitTime.END_OF_FIRST: "Cuối học kì I",
    TraitTime.MIDDLE_OF_SECOND: "Giữa học kì II",
    TraitTime.END_OF_YEAR: "Cuối năm học",
    TraitTime.SUMMER: "Sau đánh giá bổ sung",
}
HALF_NAMES: Final[Mapping[HalfDay, str]] = {HalfDay.MORNING: "sáng", HalfDay.AFTERNOON: "chiều"}
EXCUSED: Final = "excused"
UNEXCUSED: Final = "unexcused"
_ABSENT: Final[Mapping[str, str | None]] = {
    "": None,
    "co mat": None,
    "p": EXCUSED,
    "co phep": EXCUSED,
    "k": UNEXCUSED,
    "khong phep": UNEXCUSED,
}
_PRESENCE: Final[Mapping[str | None, str]] = {
    None: "có mặt",
    EXCUSED: "nghỉ có phép (P)",
    UNEXCUSED: "nghỉ không phép (K)",
}
_TRAIT_WORDS: Final[Mapping[TraitLevel, str]] = {
    TraitLevel.GOOD: "Tốt (T)",
    TraitLevel.ACHIEVED: "Đạt (Đ)",
    TraitLevel.NEEDS_EFFORT: "Cần cố gắng (C)",
}


def kind_of(place: Place) -> CellKind:
    match place:
        case MarkPlace():
            return CellKind.MARK
        case ConductPlace():
            return CellKind.CONDUCT
        case TraitPlace():
            return CellKind.TRAIT
        case AbsencePlace():
            return CellKind.ABSENCE


def key_of(place: Place) -> Key:
    """`place_of` is its inverse."""
    match place:
        case MarkPlace(code, semester, part, number):
            return Key(code, semester, part, number)
        case ConductPlace(time):
            return Key(f"{CellKind.CONDUCT}{_OF}", *_CONDUCT[time], 1)
        case TraitPlace(code, time):
            return Key(f"{CellKind.TRAIT}{_OF}{code}", *_TRAITS[time], 1)
        case AbsencePlace(on, half):
            # 202409051 is the morning of 5 September 2024.
            number = int(f"{on:%Y%m%d}") * 10 + _HALVES[half]
            return Key(f"{CellKind.ABSENCE}{_OF}", half_year(on), Part.REGULAR, number)


def place_of(key: Key) -> Place:
    kind, is_other, code = key.code.partition(_OF)
    if not is_other:
        return MarkPlace(key.code, key.semester, key.part, key.place)
    if kind == CellKind.CONDUCT:
        return ConductPlace(_CONDUCT_OF[key.semester, key.part])
    if kind == CellKind.TRAIT:
        return TraitPlace(code, _TRAIT_OF[key.semester, key.part])
    day, half = divmod(key.place, 10)
    return AbsencePlace(date.fromisoformat(str(day)), _HALF_OF[half])


def half_year(on: date) -> Semester:
    return Semester.FIRST if on.month in _FIRST_MONTHS else Semester.SECOND


def conduct_typed(text: str, circular: RuleSet) -> str:
    """The code of a level of conduct that a person typed or chose. Raises NotAValue."""
    typed = folded(text)
    for word in circular.conduct_levels:
        if typed in (folded(word.text), folded(word.code)):
            return word.code
    levels = ", ".join(word.text for word in circular.conduct_levels)
    message = f"{circular.conduct_name} chỉ ghi một trong các mức: {levels}."
    raise NotAValue(message, fields={"text": message})


def trait_typed(text: str) -> str:
    """The level of a quality or competence that a person typed. Raises NotAValue."""
    if text in list(TraitLevel):
        return text
    try:
        return trait_entering.understood(text).value
    except trait_entering.NotALevel as refused:
        raise NotAValue(refused.detail, fields={"text": refused.detail}) from refused


def absence_typed(text: str) -> str | None:
    """Excused, unexcused, or None for a pupil who was there. Raises NotAValue."""
    if text in (EXCUSED, UNEXCUSED):
        return text
    typed = folded(text)
    if typed not in _ABSENT:
        message = "Ghi P (nghỉ có phép), K (nghỉ không phép), hoặc để trống (có mặt)."
        raise NotAValue(message, fields={"text": message})
    return _ABSENT[typed]


def words(place: Place, circular: RuleSet, subject: str = "") -> str:
    """ "Toán học · Học kì I · Thường xuyên 1"; `subject` is the name of a mark's subject."""
    at: tuple[str, ...]
    match place:
        case MarkPlace(_, semester, part, number):
            term = comparison.WORDS[semester.value]
            at = (subject, term, comparison.part_label(part, number))
        case ConductPlace(time):
            at = (circular.conduct_name, CONDUCT_TIMES[time])
        case TraitPlace(code, time):
            at = (circular.trait_names.get(code, code), TRAIT_TIMES[time])
        case AbsencePlace(on, half):
            at = ("Chuyên cần", f"Ngày {on:%d/%m/%Y}, buổi {HALF_NAMES[half]}")
    return " · ".join(at)


def shown_level(place: Place, text: str | None, circular: RuleSet) -> str | None:
    """What stands in a cell other than a mark's, as the book prints it; None where nothing does."""
    if isinstance(place, AbsencePlace):
        return _PRESENCE[text]
    if text is None:
        return None
    if isinstance(place, TraitPlace):
        return trait_entering.LETTERS[TraitLevel(text)]
    return next((word.text for word in circular.conduct_levels if word.code == text), text)


def choices(place: Place, held: str | None, circular: RuleSet) -> tuple[tuple[str, str], ...]:
    """What a cell can hold instead of `held`, as value and word; empty where it is typed."""
    match place:
        case MarkPlace():
            every: list[tuple[str | None, str, str]] = []
        case ConductPlace():
            every = [(word.code, word.code, word.text) for word in circular.conduct_levels]
        case TraitPlace():
            every = [(level.value, level.value, _TRAIT_WORDS[level]) for level in TraitLevel]
        case AbsencePlace():
            every = [
                (code, code or word, word[0].upper() + word[1:]) for code, word in _PRESENCE.items()
            ]
    return tuple((value, word) for code, value, word in every if code != held)
