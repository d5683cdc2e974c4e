"""The yearly statistics of schools: what is counted, under which code, and sums of it. Pure.

A figure belongs to a school and, where pupils or classes are counted, to a grade. Codes are part of
what programs read: they are never renamed. `docs/yearly-statistics.md` explains them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.classes.movement_rules import MovementKind
from eoffice.people.kinds import PositionKind
from eoffice.statistics import outcome_rules
from eoffice.statistics.outcome_rules import Measure


class Group(StrEnum):
    SCHOOLS = "schools"
    CLASSES = "classes"
    PUPILS = "pupils"
    STAFF = "staff"
    MOVEMENTS = "movements"
    LEARNING = "learning"
    CONDUCT = "conduct"
    OUTCOME = "outcome"
    TITLE = "title"


GROUP_NAMES: Final = {
    Group.SCHOOLS: "Trường",
    Group.CLASSES: "Lớp",
    Group.PUPILS: "Học sinh",
    Group.STAFF: "Cán bộ, giáo viên, nhân viên",
    Group.MOVEMENTS: "Biến động học sinh trong năm học",
    Group.LEARNING: "Kết quả học tập (sổ đã khóa)",
    Group.CONDUCT: "Kết quả rèn luyện (sổ đã khóa)",
    Group.OUTCOME: "Lên lớp (sổ đã khóa)",
    Group.TITLE: "Khen thưởng (sổ đã khóa)",
}
#: Of these the words are those of the books, so their indicators come with the figures.
IN_WORDS: Final = {
    Group.LEARNING: Measure.LEARNING,
    Group.CONDUCT: Measure.CONDUCT,
    Group.OUTCOME: Measure.OUTCOME,
    Group.TITLE: Measure.TITLE,
}

_STAFF: Final = {
    PositionKind.HEAD: "Hiệu trưởng",
    PositionKind.DEPUTY_HEAD: "Phó hiệu trưởng",
    PositionKind.TEACHER: "Giáo viên",
    PositionKind.CLERK: "Văn thư",
    PositionKind.SPECIALIST: "Nhân viên khác",
}
_MOVEMENTS: Final = {
    MovementKind.IN: "Chuyển đến",
    MovementKind.OUT: "Chuyển đi",
    MovementKind.LEAVE: "Nghỉ học, thôi học",
    MovementKind.RETURN: "Trở lại học",
}


@dataclass(frozen=True, slots=True, order=True)
class Indicator:
    """What is counted."""

    group: Group
    #: "pupils.female"; of results the group and the word of the book: "learning.Tốt".
    code: str
    name: str


SCHOOLS: Final = Indicator(Group.SCHOOLS, "schools", "Số trường có lớp trong năm học")
CLASSES: Final = Indicator(Group.CLASSES, "classes", "Số lớp")
PUPILS: Final = Indicator(Group.PUPILS, "pupils", "Số học sinh")
FEMALE: Final = Indicator(Group.PUPILS, "pupils.female", "Trong đó: nữ")
MINORITY: Final = Indicator(Group.PUPILS, "pupils.minority", "Trong đó: dân tộc thiểu số")
POLICY: Final = Indicator(Group.PUPILS, "pupils.policy", "Trong đó: thuộc đối tượng ưu tiên")
STAFF: Final[Mapping[PositionKind, Indicator]] = {
    kind: Indicator(Group.STAFF, f"staff.{kind.value}", name) for kind, name in _STAFF.items()
}
MOVEMENTS: Final[Mapping[MovementKind, Indicator]] = {
    kind: Indicator(Group.MOVEMENTS, f"movements.{kind.value}", name)
    for kind, name in _MOVEMENTS.items()
}
#: In the order of the report.
FIXED: Final = (
    SCHOOLS,
    CLASSES,
    PUPILS,
    FEMALE,
    MINORITY,
    POLICY,
    *STAFF.values(),
    *MOVEMENTS.values(),
)


def of_word(group: Group, word: str) -> Indicator:
    """Of a result in the book's own word."""
    return Indicator(group, f"{group.value}.{word}", word)


@dataclass(frozen=True, slots=True)
class Figure:
    """So many at one school."""

    school_id: UUID
    indicator: Indicator
    #: None where no grade is told apart.
    grade: int | None
    value: int


@dataclass(frozen=True, slots=True)
class Line:
    """One indicator over all schools that are looked at."""

    indicator: Indicator
    total: int
    by_grade: Mapping[int, int]


def narrowed(figures: Iterable[Figure], schools: Collection[UUID]) -> tuple[Figure, ...]:
    """Of these schools only."""
    return tuple(each for each in figures if each.school_id in schools)


def lines(figures: Sequence[Figure]) -> tuple[Line, ...]:
    """Every fixed indicator, also where nothing was counted; then results as they occur."""
    totals: defaultdict[Indicator, int] = defaultdict(int)
    grades: defaultdict[Indicator, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for each in figures:
        totals[each.indicator] += each.value
        if each.grade is not None:
            grades[each.indicator][each.grade] += each.value
    further = sorted((each for each in totals if each not in FIXED), key=_place)
    return tuple(
        Line(each, totals[each], dict(sorted(grades[each].items()))) for each in (*FIXED, *further)
    )


def _place(indicator: Indicator) -> tuple[int, int, str]:
    """By group, then the best word first as the circulars have them."""
    words = outcome_rules.in_order(IN_WORDS[indicator.group])
    place = words.index(indicator.name) if indicator.name in words else len(words)
    return list(Group).index(indicator.group), place, indicator.name


def by_school(figures: Iterable[Figure], code: str, grade: int | None) -> dict[UUID, int]:
    """What stands behind one number: so many at each school that has any."""
    found: defaultdict[UUID, int] = defaultdict(int)
    for each in figures:
        if each.indicator.code == code and (grade is None or each.grade == grade):
            found[each.school_id] += each.value
    return {school_id: value for school_id, value in found.items() if value}


def grades(figures: Iterable[Figure]) -> tuple[int, ...]:
    """That occur, in their order."""
    return tuple(sorted({each.grade for each in figures if each.grade is not None}))
