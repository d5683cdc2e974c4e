"""The slips of a class from its marks as they stand. Pure; one pupil on each, nobody compared.

A slip of a month shows the marks of the running semester so far and the absences of the month; a
semester and the year show what the register shows. What is not there yet is left out, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from eoffice.assessment.marks import Incomplete, Semester, Verdict
from eoffice.assessment.tt22 import LearningResult
from eoffice.families.rules import Period, PeriodKind, Slip, SubjectLine
from eoffice.marks.results import Absence, Marks, PupilResults, Result
from eoffice.registers.gradebook import Source
from eoffice.registers.printed import word

_SEMESTERS = {
    PeriodKind.FIRST_SEMESTER: (Semester.FIRST,),
    PeriodKind.SECOND_SEMESTER: (Semester.SECOND,),
    PeriodKind.YEAR: (Semester.FIRST, Semester.SECOND),
}
#: A school year begins in August; its second semester in January.
_FIRST_MONTHS = frozenset({8, 9, 10, 11, 12})


def of_class(
    source: Source, results: Mapping[str, PupilResults], period: Period
) -> dict[str, Slip]:
    """By code of the pupil, in the order of the list."""
    return {
        pupil.code: Slip(
            school=source.school.name,
            school_year=source.class_.school_year,
            class_name=source.class_.name,
            pupil=pupil.name,
            born_on=pupil.born_on,
            period=period.words,
            homeroom_teacher=source.class_.homeroom_teacher,
            subjects=tuple(_subjects(source, pupil.code, results[pupil.code], period)),
            facts=tuple(_facts(source, pupil.code, results[pupil.code], period)),
        )
        for pupil in source.pupils
    }


def _subjects(
    source: Source, code: str, results: PupilResults, period: Period
) -> Iterable[SubjectLine]:
    semesters = _semesters(period)
    for subject in source.subjects:
        of_subject = results.subjects[subject.code]
        if period.kind is PeriodKind.YEAR:
            marks = tuple(
                (f"HK {'I' if semester is Semester.FIRST else 'II'}", said)
                for semester in semesters
                if (said := _result(of_subject.semesters[semester]))
            )
            yield SubjectLine(subject.name, marks, _result(of_subject.year))
            continue
        (semester,) = semesters
        given = source.marks.get((code, subject.code, semester))
        ended = "" if period.month is not None else _result(of_subject.semesters[semester])
        yield SubjectLine(subject.name, _marks(given), ended)


def _marks(given: Marks | None) -> tuple[tuple[str, str], ...]:
    if given is None:
        return ()
    parts = (
        ("TX", " ".join(_mark(mark) for mark in given.regular if mark is not None)),
        ("GK", _mark(given.midterm)),
        ("CK", _mark(given.final)),
    )
    return tuple((label, said) for label, said in parts if said)


def _facts(
    source: Source, code: str, results: PupilResults, period: Period
) -> Iterable[tuple[str, str]]:
    stated = None
    if period.kind is PeriodKind.YEAR:
        stated = results.year
    elif period.month is None:
        (semester,) = _semesters(period)
        stated = results.semesters[semester]
    if stated is not None:
        if isinstance(stated.learning, LearningResult):
            yield "Kết quả học tập", word(stated.learning.level.value)
        if stated.conduct is not None:
            yield "Kết quả rèn luyện", word(stated.conduct.value)
    if period.kind is PeriodKind.YEAR:
        if results.promotion is not None:
            yield "Kết luận", word(results.promotion.value)
        if results.title is not None:
            yield "Danh hiệu", word(results.title.value)
    missed = [each for each in source.absences if _counts(each, code, period)]
    excused = sum(each.excused for each in missed)
    yield "Nghỉ có phép", f"{excused} buổi"
    yield "Nghỉ không phép", f"{len(missed) - excused} buổi"


def _counts(absence: Absence, code: str, period: Period) -> bool:
    if absence.pupil_code != code:
        return False
    if period.month is not None:
        return _month(absence.on) == _month(period.month)
    return period.kind is PeriodKind.YEAR or _semester_of(absence.on) in _semesters(period)


def _semesters(period: Period) -> tuple[Semester, ...]:
    return _SEMESTERS[period.kind] if period.month is None else (_semester_of(period.month),)


def _semester_of(day: date) -> Semester:
    return Semester.FIRST if day.month in _FIRST_MONTHS else Semester.SECOND


def _month(day: date) -> tuple[int, int]:
    return day.year, day.month


def _mark(mark: Decimal | Verdict | None) -> str:
    return "" if mark is None else _result(mark)


def _result(result: Result) -> str:
    if isinstance(result, Incomplete):
        return ""
    return word(result.value if isinstance(result, Verdict) else str(result))
