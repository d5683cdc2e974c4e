"""Học bạ: one school year's part of one pupil's report book, which is what is signed and closed.

The pupil's year is that of the class's register: the same marks under the same rules, so whatever
the part states is computed anew from what it holds. Years before are quoted by the SHA-256 of their
own signed parts. Annexes of Circulars 22/2021 and 27/2020; Circular 58/2011 for the years before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from eoffice.assessment.marks import Part, Semester
from eoffice.registers.kinds import class_register
from eoffice.registers.kinds.class_register import (
    ClassOfYear,
    ClassPupil,
    ClassRegister,
    ClassSubject,
    PupilResult,
    Trait,
)
from eoffice.registers.kinds.parts import Absence, Correction, School, Term

FORMAT: Final = "eoffice-report-part/1"
_LAST_PRIMARY, _LAST_LOWER, _LAST_UPPER = 5, 9, 12
#: Columns that a correction names, beside the parts of primary schools.
RESULT, AFTER, LEARNING, CONDUCT = "result", "after", "learning", "conduct"
AVERAGE: Final = "average"
#: In place of a subject, where a correction is one of the whole year.
OF_ALL: Final = ""
#: What a primary book shows of a subject in a semester.
PRIMARY_PARTS: Final = (Part.FINAL, Part.FINAL_TEST)


@dataclass(frozen=True, slots=True)
class Particulars:
    """What the information page says beside the particulars of a class's register."""

    #: Số đăng bộ.
    register_number: str = ""
    nationality: str = ""
    hometown: str = ""
    permanent_address: str = ""


@dataclass(frozen=True, slots=True)
class SchoolingYear:
    """A line of quá trình học tập; `sha256` of the signed part where one is closed."""

    school_year: str
    class_name: str
    school: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class SignedSubject:
    """Whose signature in the class's book stands for a subject."""

    teacher: str
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class ClassBook:
    """The closed register of the class whose figures the part repeats."""

    version: int
    sha256: str
    #: By code of the subject; empty where subjects are not signed apart.
    signed: Mapping[str, SignedSubject] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notes:
    """What teachers write into the report book and into no register."""

    #: By code of the subject.
    subjects: Mapping[str, str] = field(default_factory=dict)
    homeroom: str = ""
    #: Primary schools: of qualities, and of competences.
    qualities: str = ""
    competences: str = ""
    height: str = ""
    weight: str = ""
    certificates: str = ""
    contests: str = ""
    awards: str = ""


@dataclass(frozen=True, slots=True)
class ReportPart:
    version: int
    #: "TT58/2011", "TT58/2011-TT26/2020", "TT22/2021", "TT27/2020"
    rule_set: str
    #: What an officer keeps for the circular, as JSON text.
    terms: str
    school: School
    of_class: ClassOfYear
    particulars: Particulars
    #: Up to this year, the oldest first.
    history: tuple[SchoolingYear, ...]
    subjects: tuple[ClassSubject, ...]
    #: Primary schools only, in the order of the form.
    qualities: tuple[Trait, ...]
    general_competences: tuple[Trait, ...]
    special_competences: tuple[Trait, ...]
    entry: ClassPupil
    absences: tuple[Absence, ...]
    notes: Notes
    class_book: ClassBook
    #: Whether every teacher signs here as well, beside the subject.
    subjects_sign: bool
    #: The day on which the information page was made.
    opened_on: date
    corrections: tuple[Correction, ...] = ()

    @property
    def traits(self) -> tuple[Trait, ...]:
        return (*self.qualities, *self.general_competences, *self.special_competences)

    @property
    def is_primary(self) -> bool:
        return self.of_class.grade <= _LAST_PRIMARY

    @property
    def is_last_of_level(self) -> bool:
        """Whether the year ends with the completion of a level (5, 9, 12)."""
        return self.of_class.grade in (_LAST_PRIMARY, _LAST_LOWER, _LAST_UPPER)


def register_of(part: ReportPart) -> ClassRegister:
    """The class's register with this pupil alone."""
    return ClassRegister(
        rule_set=part.rule_set,
        terms=part.terms,
        version=part.version,
        school=part.school,
        of_class=part.of_class,
        subjects=part.subjects,
        qualities=part.qualities,
        general_competences=part.general_competences,
        special_competences=part.special_competences,
        pupils=(part.entry,),
        absences=part.absences,
    )


def compute(part: ReportPart) -> PupilResult:
    """Everything that the part states and nobody entered. Raises RuleSetUnknown, TermsRefused."""
    (result,) = class_register.compute(register_of(part)).pupils
    return result


def gaps(part: ReportPart) -> list[str]:
    """What the year of the pupil still waits for, in words of the register."""
    return class_register.gaps(register_of(part))


def corrected(previous: ReportPart, current: ReportPart) -> ReportPart:
    """The part with its results that are others than in an earlier signed version of it.

    Those that the earlier version told are told again.
    """
    old, new = _told(previous), _told(current)
    found = [
        Correction(current.entry.pupil.code, subject, term, column, 1, old.get(cell), value)
        for cell, value in new.items()
        for subject, term, column in [cell]
        if old.get(cell) != value
    ]
    return replace(current, corrections=(*previous.corrections, *found))


def _told(part: ReportPart) -> Mapping[tuple[str, Term, str], str | None]:
    """What the pages of the year show, by what a correction names."""
    return dict(_of_primary(part) if part.is_primary else _of_secondary(part))


def _of_secondary(part: ReportPart) -> Iterator[tuple[tuple[str, Term, str], str | None]]:
    result = compute(part)
    for subject in part.subjects:
        stated = result.subjects[subject.code]
        for semester in Semester:
            yield (subject.code, Term(semester.value), RESULT), stated.semesters[semester]
        yield (subject.code, Term.YEAR, RESULT), stated.year
        yield (subject.code, Term.YEAR, AFTER), stated.after
    periods = {
        **{Term(semester.value): result.semesters[semester] for semester in Semester},
        Term.YEAR: result.year,
    }
    for term, period in periods.items():
        yield (OF_ALL, term, AVERAGE), None if period.average is None else str(period.average)
        yield (OF_ALL, term, LEARNING), period.learning
        yield (OF_ALL, term, CONDUCT), period.conduct


def _of_primary(part: ReportPart) -> Iterator[tuple[tuple[str, Term, str], str | None]]:
    for subject in part.subjects:
        for semester in Semester:
            for judged in PRIMARY_PARTS:
                values = part.entry.places(subject.code, semester, judged)
                cell = (subject.code, Term(semester.value), judged.value)
                yield cell, values[0] if values else None
