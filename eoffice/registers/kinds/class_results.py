"""Bảng tổng hợp kết quả đánh giá giáo dục của lớp: annex 2 of Circular 27/2020, grades 1 to 5.

One table for each of the four times at which a year is looked at; the last one has the year's
level, title and whether the pupil moves up, which `compute` gives from what was entered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from eoffice.assessment import tt27 as rules
from eoffice.assessment.marks import Incomplete
from eoffice.assessment.tt27 import Period, Subject, Title, Trait, YearLevel
from eoffice.registers.kinds.parts import (
    Absence,
    Correction,
    Pupil,
    School,
    there_at_the_end,
)

FORMAT: Final = "eoffice-class-results/1"


@dataclass(frozen=True, slots=True)
class PrimaryClass:
    name: str
    grade: int
    school_year: str
    homeroom_teacher: str
    principal: str


@dataclass(frozen=True, slots=True)
class PrimarySubject:
    code: str
    name: str
    short_name: str
    #: Who judges it, when it is not the homeroom teacher.
    teacher: str


@dataclass(frozen=True, slots=True)
class NamedTrait:
    """A quality (phẩm chất) or competence (năng lực)."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What one pupil was judged at one of the four times."""

    #: Subject code -> T, H, C.
    subjects: Mapping[str, Subject]
    #: Code of a quality or competence -> T, Đ, C.
    traits: Mapping[str, Trait]
    #: Subject code -> mark of the periodic test, whole.
    tests: Mapping[str, int]

    def __post_init__(self) -> None:
        """Raises MarkRefused."""
        for mark in self.tests.values():
            rules.whole_mark(mark)


@dataclass(frozen=True, slots=True)
class PrimaryPupil:
    pupil: Pupil
    periods: Mapping[Period, Judged]
    #: The class agrees that the pupil stands out (Đ13.1b).
    is_chosen: bool = False
    #: Other awards, as the principal gives them.
    award: str = ""
    #: What helping and assessing again came to; null where it was not needed.
    completes_after: bool | None = None


@dataclass(frozen=True, slots=True)
class PrimaryStandard:
    level: YearLevel
    lowest_subject: Subject
    lowest_trait: Trait
    lowest_test: int


@dataclass(frozen=True, slots=True)
class ClassResultsTable:
    #: "TT27/2020"
    rule_set: str
    version: int
    school: School
    of_class: PrimaryClass
    #: The highest level first, as an officer keeps them.
    standards: tuple[PrimaryStandard, ...]
    subjects: tuple[PrimarySubject, ...]
    #: Phẩm chất chủ yếu, năng lực chung, năng lực đặc thù; in the order of the form.
    qualities: tuple[NamedTrait, ...]
    general_competences: tuple[NamedTrait, ...]
    special_competences: tuple[NamedTrait, ...]
    pupils: tuple[PrimaryPupil, ...]
    absences: tuple[Absence, ...] = ()
    corrections: tuple[Correction, ...] = ()

    @property
    def traits(self) -> dict[str, str]:
        """Qualities and competences, code -> name, in the order of the form."""
        found = (*self.qualities, *self.general_competences, *self.special_competences)
        return {one.code: one.name for one in found}


@dataclass(frozen=True, slots=True)
class PrimaryResult:
    code: str
    level: YearLevel | None
    title: Title | None
    #: At the end of the year, or after helping and assessing again.
    is_promoted: bool | None
    excused: int
    unexcused: int


@dataclass(frozen=True, slots=True)
class PeriodTotals:
    """How many pupils were judged what, by subject and by quality or competence."""

    subjects: Mapping[str, Mapping[Subject, int]]
    traits: Mapping[str, Mapping[Trait, int]]


@dataclass(frozen=True, slots=True)
class PrimaryTotals:
    listed: int
    pupils: int
    girls: int
    levels: Mapping[YearLevel, int]
    titles: Mapping[Title, int]
    promoted: int


@dataclass(frozen=True, slots=True)
class PrimaryResults:
    pupils: tuple[PrimaryResult, ...]
    periods: Mapping[Period, PeriodTotals]
    totals: PrimaryTotals


def compute(table: ClassResultsTable) -> PrimaryResults:
    pupils = tuple(_of_pupil(table, one) for one in table.pupils)
    staying = [one for one in table.pupils if one.pupil.left is None]
    return PrimaryResults(
        pupils=pupils,
        periods={period: _period(table, staying, period) for period in Period},
        totals=_totals(table, pupils),
    )


def tested(table: ClassResultsTable, period: Period) -> list[str]:
    """Codes of the subjects with a written test at that time, in the order of the form."""
    taught = [subject.code for subject in table.subjects]
    found = rules.subjects_tested(table.of_class.grade, period, taught)
    return [code for code in taught if code in found]


def gaps(table: ClassResultsTable) -> list[str]:
    """What the table of the year still waits for."""
    results = (_level(table, one) for one in table.pupils)
    return [
        f"{one.pupil.name}: {', '.join(_name(table, code) for code in level.missing)}"
        for one, level in zip(table.pupils, results, strict=True)
        if one.pupil.left is None and isinstance(level, Incomplete)
    ]


def _of_pupil(table: ClassResultsTable, one: PrimaryPupil) -> PrimaryResult:
    level = _level(table, one) if one.pupil.left is None else None
    sessions = [absence for absence in table.absences if absence.pupil == one.pupil.code]
    excused = sum(absence.excused for absence in sessions)
    if level is None or isinstance(level, Incomplete):
        return PrimaryResult(one.pupil.code, None, None, None, excused, len(sessions) - excused)
    return PrimaryResult(
        code=one.pupil.code,
        level=level,
        title=rules.title(level, is_chosen=one.is_chosen),
        is_promoted=rules.is_promoted(level) or bool(one.completes_after),
        excused=excused,
        unexcused=len(sessions) - excused,
    )


def _level(table: ClassResultsTable, one: PrimaryPupil) -> YearLevel | Incomplete:
    judged = one.periods.get(Period.END_OF_YEAR, Judged({}, {}, {}))
    year = rules.Year(
        subjects={subject.code: judged.subjects.get(subject.code) for subject in table.subjects},
        traits={code: judged.traits.get(code) for code in table.traits},
        tests={code: judged.tests.get(code) for code in tested(table, Period.END_OF_YEAR)},
    )
    standards = [
        rules.Standard(each.level, each.lowest_subject, each.lowest_trait, each.lowest_test)
        for each in table.standards
    ]
    return rules.year_level(year, rules.Terms(standards))


def _name(table: ClassResultsTable, code: str) -> str:
    names = {subject.code: subject.name for subject in table.subjects}
    if code.startswith("test_"):
        return f"điểm kiểm tra {names[code.removeprefix('test_')]}"
    return {**names, **table.traits}[code]


def _period(
    table: ClassResultsTable, pupils: Iterable[PrimaryPupil], period: Period
) -> PeriodTotals:
    judged = [one.periods[period] for one in pupils if period in one.periods]
    subjects = {
        subject.code: Counter(each.subjects.get(subject.code) for each in judged)
        for subject in table.subjects
    }
    traits = {code: Counter(each.traits.get(code) for each in judged) for code in table.traits}
    return PeriodTotals(
        {code: {each: count[each] for each in Subject} for code, count in subjects.items()},
        {code: {each: count[each] for each in Trait} for code, count in traits.items()},
    )


def _totals(table: ClassResultsTable, results: Iterable[PrimaryResult]) -> PrimaryTotals:
    there = there_at_the_end(one.pupil for one in table.pupils)
    stated = list(results)
    levels = Counter(one.level for one in stated)
    titles = Counter(one.title for one in stated)
    return PrimaryTotals(
        listed=len(table.pupils),
        pupils=len(there),
        girls=sum(pupil.is_girl for pupil in there),
        levels={level: levels[level] for level in YearLevel},
        titles={title: titles[title] for title in Title},
        promoted=sum(bool(one.is_promoted) for one in stated),
    )
