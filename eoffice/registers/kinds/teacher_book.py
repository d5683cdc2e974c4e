"""Sổ theo dõi và đánh giá học sinh (của giáo viên) of Circular 22/2021: one teacher, one subject.

All classes in which the teacher teaches the subject in a school year. `TeacherBook` is what was
entered, `compute` what follows from it. Unlike the class's register it may have gaps: a teacher
keeps it all year, and it is signed when the year is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Final

from eoffice.assessment import marks as scale
from eoffice.assessment import tt22 as rules
from eoffice.assessment.marks import Incomplete, Semester, SubjectKind, Verdict
from eoffice.errors import Invalid
from eoffice.registers.kinds.parts import ROMAN, Correction, Leaving, School

FORMAT: Final = "eoffice-teacher-book/1"


class RegularMarksDiffer(Invalid):
    """A pupil has more or fewer regular marks than the periods of the subject ask for."""


@dataclass(frozen=True, slots=True)
class Scores:
    regular: tuple[Decimal | None, ...]
    midterm: Decimal | None
    final: Decimal | None

    def __post_init__(self) -> None:
        """Raises MarkRefused."""
        for given in (*self.regular, self.midterm, self.final):
            if given is not None:
                scale.mark(given)


@dataclass(frozen=True, slots=True)
class Verdicts:
    regular: tuple[Verdict | None, ...]
    midterm: Verdict | None
    final: Verdict | None


@dataclass(frozen=True, slots=True)
class TaughtPupil:
    code: str
    name: str
    born_on: date
    #: In a scored subject; empty in a comment subject, and the other way round.
    scores: Mapping[Semester, Scores]
    verdicts: Mapping[Semester, Verdicts]
    #: What the teacher notes of the pupil's progress.
    comments: Mapping[Semester, str] = field(default_factory=dict)
    left: Leaving | None = None


@dataclass(frozen=True, slots=True)
class TaughtClass:
    name: str
    grade: int
    periods_per_year: int
    pupils: tuple[TaughtPupil, ...]


@dataclass(frozen=True, slots=True)
class TeacherBook:
    #: "TT22/2021"
    rule_set: str
    version: int
    school: School
    school_year: str
    teacher: str
    principal: str
    subject_code: str
    subject_name: str
    kind: SubjectKind
    classes: tuple[TaughtClass, ...]
    corrections: tuple[Correction, ...] = ()


@dataclass(frozen=True, slots=True)
class TaughtResult:
    """ĐTBmhk and ĐTBmcn, or Đ/CĐ; null where marks are open."""

    code: str
    semesters: Mapping[Semester, str | None]
    year: str | None


@dataclass(frozen=True, slots=True)
class ClassResults:
    name: str
    #: ĐĐGtx that a pupil has in a semester.
    regular_marks: int
    pupils: tuple[TaughtResult, ...]
    #: Of the pupils who are there at the end of the year, those with a result of the year.
    assessed: int
    there: int


@dataclass(frozen=True, slots=True)
class TeacherBookResults:
    classes: tuple[ClassResults, ...]


def compute(book: TeacherBook) -> TeacherBookResults:
    """Raises RegularMarksDiffer, PeriodsRefused."""
    return TeacherBookResults(tuple(_of_class(book, one) for one in book.classes))


def gaps(book: TeacherBook) -> list[str]:
    """The pupils whose marks of the year are open, class by class."""
    return [
        f"{of_class.name}, {pupil.name}: {book.subject_name}, học kì {ROMAN[semester]}"
        for of_class, results in zip(book.classes, compute(book).classes, strict=True)
        for pupil, result in zip(of_class.pupils, results.pupils, strict=True)
        for semester in Semester
        if pupil.left is None and result.semesters[semester] is None
    ]


def _of_class(book: TeacherBook, of_class: TaughtClass) -> ClassResults:
    regular = rules.regular_marks_required(book.kind, of_class.periods_per_year)
    for pupil in of_class.pupils:
        counts = [len(marks.regular) for marks in pupil.scores.values()]
        counts += [len(marks.regular) for marks in pupil.verdicts.values()]
        for count in counts:
            if count != regular:
                raise RegularMarksDiffer(
                    f"{of_class.name}, {pupil.name}: {count} cột đánh giá thường "
                    f"xuyên, theo số tiết phải có {regular}."
                )
    pupils = tuple(_of_pupil(book, pupil) for pupil in of_class.pupils)
    there = [
        result for pupil, result in zip(of_class.pupils, pupils, strict=True) if pupil.left is None
    ]
    return ClassResults(
        name=of_class.name,
        regular_marks=regular,
        pupils=pupils,
        assessed=sum(result.year is not None for result in there),
        there=len(there),
    )


def _of_pupil(book: TeacherBook, pupil: TaughtPupil) -> TaughtResult:
    if book.kind is SubjectKind.SCORED:
        averages = {s: _average(pupil.scores.get(s)) for s in Semester}
        year = rules.year_average(averages[Semester.FIRST], averages[Semester.SECOND])
        return TaughtResult(pupil.code, {s: _text(one) for s, one in averages.items()}, _text(year))
    verdicts = {s: _verdict(pupil.verdicts.get(s)) for s in Semester}
    return TaughtResult(
        pupil.code,
        {s: _text(one) for s, one in verdicts.items()},
        _text(rules.year_verdict(verdicts[Semester.SECOND])),
    )


def _average(marks: Scores | None) -> Decimal | Incomplete:
    if marks is None:
        return Incomplete(("final",))
    return rules.semester_average(rules.ScoredMarks(marks.regular, marks.midterm, marks.final))


def _verdict(marks: Verdicts | None) -> Verdict | Incomplete:
    if marks is None:
        return Incomplete(("final",))
    return rules.semester_verdict(rules.CommentMarks(marks.regular, marks.midterm, marks.final))


def _text(result: Decimal | Verdict | Incomplete) -> str | None:
    if isinstance(result, Verdict):
        return result.value
    return str(result) if isinstance(result, Decimal) else None
