"""The slips of a class from what was entered and what its circular makes of it. Pure.

One pupil on each, nobody compared, whatever the era and level of the class. A slip of a month shows
the marks of the running semester so far and the absences of the month; a semester and the year show
what the register shows. What is not there yet is left out, never 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from eoffice.assessment.marks import Incomplete, Result, Semester
from eoffice.assessment.year import ROMAN, PeriodOutcome, Subject, TraitTime, YearOutcome
from eoffice.families.rules import Period, PeriodKind, Slip, SubjectLine
from eoffice.marks import mark_cells
from eoffice.marks.results import Absence
from eoffice.marks.years import ClassYear

_SEMESTERS = {
    PeriodKind.FIRST_SEMESTER: (Semester.FIRST,),
    PeriodKind.SECOND_SEMESTER: (Semester.SECOND,),
    PeriodKind.YEAR: (Semester.FIRST, Semester.SECOND),
}
_TRAIT_TIMES = {
    PeriodKind.FIRST_SEMESTER: TraitTime.END_OF_FIRST,
    PeriodKind.SECOND_SEMESTER: TraitTime.END_OF_YEAR,
    PeriodKind.YEAR: TraitTime.END_OF_YEAR,
}
#: A school year begins in August; its second semester in January.
_FIRST_MONTHS = frozenset({8, 9, 10, 11, 12})


@dataclass(frozen=True, slots=True)
class About:
    """What stands on every slip of a class."""

    school: str
    school_year: str
    class_name: str
    homeroom_teacher: str
    #: By code of the pupil.
    born_on: Mapping[str, date]


def of_class(
    about: About, year: ClassYear, absences: Sequence[Absence], period: Period
) -> dict[str, Slip]:
    """By code of the pupil, in the order of the list."""
    missed: dict[str, list[Absence]] = defaultdict(list)
    for absence in absences:
        if _counts(absence, period):
            missed[absence.pupil_code].append(absence)
    return {
        pupil.code: Slip(
            school=about.school,
            school_year=about.school_year,
            class_name=about.class_name,
            pupil=pupil.name,
            born_on=about.born_on[pupil.code],
            period=period.words,
            homeroom_teacher=about.homeroom_teacher,
            subjects=tuple(_subjects(year, pupil.code, period)),
            facts=tuple(_facts(year, pupil.code, missed[pupil.code], period)),
        )
        for pupil in year.pupils
    }


def _subjects(year: ClassYear, code: str, period: Period) -> Iterable[SubjectLine]:
    for subject in year.subjects:
        outcome = year.outcomes[code].subjects.get(subject.code)
        if period.kind is PeriodKind.YEAR:
            semesters = {} if outcome is None else outcome.semesters
            marks = tuple(
                (f"HK {ROMAN[semester]}", said)
                for semester in Semester
                if (said := _said(semesters.get(semester)))
            )
            ended = "" if outcome is None else _said(outcome.after or outcome.year)
            yield SubjectLine(subject.name, marks, ended)
            continue
        (semester,) = _semesters(period)
        result = None if outcome is None else outcome.semesters.get(semester)
        ended = "" if period.month is not None else _said(result)
        yield SubjectLine(subject.name, tuple(_marks(year, code, subject, semester)), ended)


def _marks(
    year: ClassYear, code: str, subject: Subject, semester: Semester
) -> Iterable[tuple[str, str]]:
    given = year.entered[code].marks
    taught = [each.code for each in year.subjects]
    for column in year.rules.columns(subject, semester, year.grade, taught):
        found = [
            given.get((subject.code, semester, column.part, place))
            for place in range(1, column.most + 1)
        ]
        said = " ".join(mark_cells.shown(value) for value in found if value is not None)
        if said:
            yield column.label, said


def _facts(
    year: ClassYear, code: str, missed: Sequence[Absence], period: Period
) -> Iterable[tuple[str, str]]:
    outcome = year.outcomes[code]
    stated = _stated(outcome, period)
    if stated is not None:
        if stated.average is not None:
            yield "Trung bình các môn", mark_cells.shown(stated.average)
        if stated.learning is not None:
            yield year.rule_set.learning_name, stated.learning.text
        if stated.conduct is not None:
            yield year.rule_set.conduct_name, stated.conduct.text
        if stated.title is not None:
            yield "Danh hiệu", stated.title.text
    yield from _traits(year, code, period)
    if period.kind is PeriodKind.YEAR:
        final = outcome.outcome_after_word or outcome.outcome_word
        if final is not None:
            yield "Kết luận", final.text
        if outcome.completion is not None:
            yield "Hoàn thành", outcome.completion.text
    excused = sum(each.excused for each in missed)
    yield "Nghỉ có phép", f"{excused} buổi"
    yield "Nghỉ không phép", f"{len(missed) - excused} buổi"


def _stated(outcome: YearOutcome, period: Period) -> PeriodOutcome | None:
    if period.month is not None:
        return None
    if period.kind is PeriodKind.YEAR:
        return outcome.after or outcome.year
    (semester,) = _semesters(period)
    return outcome.semesters.get(semester)


def _traits(year: ClassYear, code: str, period: Period) -> Iterable[tuple[str, str]]:
    """Qualities and competences, those with the same level in one line; primary schools only."""
    if period.month is not None:
        return
    words = {word.code: word.text for word in year.rule_set.trait_levels}
    judged = year.entered[code].traits
    levels = [
        (words[level], year.rule_set.trait_names[trait])
        for trait in year.rules.traits(year.grade)
        if (level := judged.get((trait, _TRAIT_TIMES[period.kind]))) is not None
    ]
    for level, same in groupby(sorted(levels), key=lambda each: each[0]):
        yield f"Phẩm chất, năng lực đạt mức {level}", ", ".join(name for _, name in same)


def _counts(absence: Absence, period: Period) -> bool:
    if period.month is not None:
        return _month(absence.on) == _month(period.month)
    return period.kind is PeriodKind.YEAR or _semester_of(absence.on) in _semesters(period)


def _semesters(period: Period) -> tuple[Semester, ...]:
    return _SEMESTERS[period.kind] if period.month is None else (_semester_of(period.month),)


def _semester_of(day: date) -> Semester:
    return Semester.FIRST if day.month in _FIRST_MONTHS else Semester.SECOND


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _said(result: Result | None) -> str:
    if result is None or isinstance(result, Incomplete):
        return ""
    return mark_cells.shown(result)
