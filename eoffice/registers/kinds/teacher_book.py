"""Sổ theo dõi và đánh giá học sinh (của giáo viên): one teacher, one subject, a school year.

All classes in which the teacher teaches the subject. `TeacherBook` is what was entered, `compute`
what follows from it. Unlike the class's register it may have gaps: a teacher keeps it all year, and
it is signed when the year is over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from eoffice.assessment.marks import Semester, SubjectKind, Value
from eoffice.assessment.year import Cell, Column, PupilYear, Subject
from eoffice.registers.kinds import class_register
from eoffice.registers.kinds.class_register import Marks
from eoffice.registers.kinds.parts import Correction, Leaving, School, Term

FORMAT: Final = "eoffice-teacher-register/1"


@dataclass(frozen=True, slots=True)
class TaughtPupil:
    code: str
    name: str
    born_on: date
    marks: Mapping[Semester, Marks]
    #: What the teacher notes of the pupil's progress.
    comments: Mapping[Semester, str] = field(default_factory=dict)
    left: Leaving | None = None

    def __post_init__(self) -> None:
        """Raises MarkRefused, ValueUnreadable."""
        for _ in self.cells(""):
            pass

    def cells(self, subject: str) -> Iterator[tuple[Cell, Value]]:
        for semester, parts in self.marks.items():
            for part, values in parts.items():
                for place, text in enumerate(values, start=1):
                    if text is not None:
                        yield (subject, semester, part, place), class_register.value_of(text)


@dataclass(frozen=True, slots=True)
class TaughtClass:
    name: str
    grade: int
    #: The circular that governs the class, and what an officer keeps for it, as JSON text.
    rule_set: str
    terms: str
    periods_per_year: int
    pupils: tuple[TaughtPupil, ...]
    has_topics: bool = False
    regular_marks: int | None = None


@dataclass(frozen=True, slots=True)
class TeacherBook:
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
    """Averages or verdicts; null where marks are open."""

    code: str
    semesters: Mapping[Semester, str | None]
    year: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class TaughtClassResults:
    name: str
    pupils: tuple[TaughtResult, ...]
    #: Of the pupils who are there at the end of the year, those with a result of the year.
    assessed: int
    there: int


@dataclass(frozen=True, slots=True)
class TeacherBookResults:
    classes: tuple[TaughtClassResults, ...]


def compute(book: TeacherBook) -> TeacherBookResults:
    """Raises RuleSetUnknown, TermsRefused and what the circular refuses."""
    return TeacherBookResults(tuple(_of_class(book, one) for one in book.classes))


def gaps(book: TeacherBook) -> list[str]:
    """What the book of the year still waits for; pupils who left need nothing."""
    stated = compute(book).classes
    return [
        f"lớp {of_class.name}, {pupil.name}: kết quả cả năm"
        for of_class, results in zip(book.classes, stated, strict=True)
        for pupil, result in zip(of_class.pupils, results.pupils, strict=True)
        if pupil.left is None and result.year is None
    ]


def corrected(previous: TeacherBook, current: TeacherBook) -> TeacherBook:
    """The book with the marks that are others than in an earlier version, in its order.

    Those that the earlier version told are told again; pupils who came since are no correction.
    """
    before = {pupil.code: pupil for one in previous.classes for pupil in one.pupils}
    found: list[Correction] = []
    for pupil in (pupil for one in current.classes for pupil in one.pupils):
        if pupil.code not in before:
            continue
        old = _values(current.subject_code, before[pupil.code])
        new = _values(current.subject_code, pupil)
        found += [
            Correction(pupil.code, *cell, old.get(cell), new.get(cell))
            for cell in sorted(old.keys() | new.keys())
            if old.get(cell) != new.get(cell)
        ]
    return replace(current, corrections=(*previous.corrections, *found))


def _values(subject: str, pupil: TaughtPupil) -> dict[tuple[str, Term, str, int], str]:
    return {
        (subject, Term(semester.value), part.value, place): str(value)
        for (_, semester, part, place), value in pupil.cells(subject)
    }


def columns(book: TeacherBook, of_class: TaughtClass, semester: Semester) -> tuple[Column, ...]:
    """What is entered of the subject in the class and semester."""
    rules = class_register.rules_under(of_class.rule_set, of_class.terms)
    subject = _subject(book, of_class)
    return rules.columns(subject, semester, of_class.grade, [subject.code])


def _subject(book: TeacherBook, of_class: TaughtClass) -> Subject:
    return Subject(
        book.subject_code,
        book.subject_name,
        book.kind,
        of_class.periods_per_year,
        of_class.has_topics,
        of_class.regular_marks,
    )


def _of_class(book: TeacherBook, of_class: TaughtClass) -> TaughtClassResults:
    rules = class_register.rules_under(of_class.rule_set, of_class.terms)
    subject = _subject(book, of_class)
    pupils = []
    for one in of_class.pupils:
        year = PupilYear(of_class.grade, (subject,), dict(one.cells(subject.code)))
        found = rules.of_year(year).subjects[subject.code]
        pupils.append(
            TaughtResult(
                one.code,
                {at: class_register.text_of(found.semesters[at]) for at in Semester},
                class_register.text_of(found.year),
                None if found.after is None else class_register.text_of(found.after),
            )
        )
    there = [
        result for one, result in zip(of_class.pupils, pupils, strict=True) if one.left is None
    ]
    return TaughtClassResults(
        name=of_class.name,
        pupils=tuple(pupils),
        assessed=sum(result.year is not None for result in there),
        there=len(there),
    )
