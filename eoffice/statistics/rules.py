"""How far the registers of schools are, counted by level, superior and school. Pure.

A school keeps a register electronically when at least one of its classes has a book that was made
from its data here; it is through when the books of all its classes are signed and sealed. Shares
are said as the sector says them: "40/43 trường".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.people.kinds import SCHOOL_LEVEL_NAMES, SchoolLevel


class Keeping(StrEnum):
    """How far the newest book of a class is, the least first."""

    NONE = "none"
    SIGNING = "signing"
    SEALED = "sealed"
    ARCHIVED = "archived"


NAMES: Final = {
    Keeping.NONE: "Chưa lập sổ",
    Keeping.SIGNING: "Đang ký",
    Keeping.SEALED: "Đã ký, đóng dấu",
    Keeping.ARCHIVED: "Đã lưu trữ",
}
TONES: Final = {
    Keeping.NONE: "quiet",
    Keeping.SIGNING: "going",
    Keeping.SEALED: "done",
    Keeping.ARCHIVED: "done",
}
THROUGH: Final = frozenset({Keeping.SEALED, Keeping.ARCHIVED})


class Grouping(StrEnum):
    LEVEL = "level"
    SUPERIOR = "superior"
    SCHOOL = "school"


@dataclass(frozen=True, slots=True)
class School:
    id: UUID
    name: str
    level: SchoolLevel | None
    superior_id: UUID
    superior: str


@dataclass(frozen=True, slots=True)
class ClassBook:
    """A class of the school year and how far its book is."""

    class_id: UUID
    class_name: str
    grade: int
    school_id: UUID
    homeroom_teacher: str
    keeping: Keeping
    since: datetime | None

    @property
    def is_behind(self) -> bool:
        """Not signed and sealed: late, once the day for it has passed."""
        return self.keeping not in THROUGH


@dataclass(frozen=True, slots=True)
class Coverage:
    """One line of the report."""

    #: What the line is about, as a filter of the lists has it: a level, or an identifier.
    key: str
    name: str
    schools: int
    #: Schools with at least one book, and with all of them sealed.
    keeping: int
    through: int
    classes: Mapping[Keeping, int]

    @property
    def all_classes(self) -> int:
        return sum(self.classes.values())

    @property
    def share(self) -> float:
        """Of the schools that keep the register here, 0 to 1; 0 without schools."""
        return self.keeping / self.schools if self.schools else 0.0


def coverage(
    schools: Iterable[School], books: Iterable[ClassBook], grouping: Grouping
) -> tuple[Coverage, ...]:
    """A line for each group that has schools: levels in their order, others by name."""
    of_school: dict[UUID, list[ClassBook]] = {}
    for book in books:
        of_school.setdefault(book.school_id, []).append(book)
    groups: dict[tuple[str, str], list[School]] = {}
    for school in schools:
        groups.setdefault(_GROUPS[grouping](school), []).append(school)
    lines = [_line(key, name, of_group, of_school) for (key, name), of_group in groups.items()]
    if grouping is Grouping.LEVEL:
        order = [level.value for level in SchoolLevel]
        return tuple(sorted(lines, key=lambda line: order.index(line.key) if line.key else 99))
    return tuple(sorted(lines, key=lambda line: line.name))


def total(lines: Sequence[Coverage]) -> Coverage:
    """All lines as one."""
    classes: Counter[Keeping] = Counter()
    for line in lines:
        classes.update(line.classes)
    return Coverage(
        "",
        "Tổng cộng",
        sum(line.schools for line in lines),
        sum(line.keeping for line in lines),
        sum(line.through for line in lines),
        {keeping: classes[keeping] for keeping in Keeping},
    )


def _line(
    key: str, name: str, schools: Sequence[School], of_school: Mapping[UUID, Sequence[ClassBook]]
) -> Coverage:
    books = [book for school in schools for book in of_school.get(school.id, ())]
    counted = Counter(book.keeping for book in books)
    return Coverage(
        key,
        name,
        len(schools),
        sum(_keeps(of_school.get(school.id, ())) for school in schools),
        sum(_is_through(of_school.get(school.id, ())) for school in schools),
        {keeping: counted[keeping] for keeping in Keeping},
    )


def _keeps(books: Sequence[ClassBook]) -> bool:
    return any(book.keeping is not Keeping.NONE for book in books)


def _is_through(books: Sequence[ClassBook]) -> bool:
    return bool(books) and all(book.keeping in THROUGH for book in books)


def _level(school: School) -> tuple[str, str]:
    if school.level is None:
        return "", "Chưa ghi cấp học"
    return school.level.value, SCHOOL_LEVEL_NAMES[school.level]


_GROUPS: Final[Mapping[Grouping, Callable[[School], tuple[str, str]]]] = {
    Grouping.LEVEL: _level,
    Grouping.SUPERIOR: lambda school: (str(school.superior_id), school.superior),
    Grouping.SCHOOL: lambda school: (str(school.id), school.name),
}
