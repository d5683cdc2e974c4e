"""A class's year: what its register holds under any circular, and what is computed from it.

`ClassRegister` is what was entered, `compute` everything else that the register states, so that
anybody can do it again: the circular's rules are in `eoffice.assessment`, and the terms that an
officer keeps for it stand in the register itself.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from eoffice.assessment import circulars
from eoffice.assessment import marks as scale
from eoffice.assessment.circulars import Rules
from eoffice.assessment.marks import Part, Result, Semester, SubjectKind, Value, Verdict
from eoffice.assessment.year import (
    Cell,
    ConductLevel,
    ConductTime,
    Need,
    Outcome,
    PeriodOutcome,
    PupilYear,
    Subject,
    TraitLevel,
    TraitTime,
    Word,
    YearOutcome,
)
from eoffice.errors import Invalid
from eoffice.marks.results import Session
from eoffice.registers.kinds.parts import Absence, Correction, Pupil, School, Term

FORMAT: Final = "eoffice-class-register/1"
#: Stands for the subject of a correction that is of none.
OF_ALL: Final = ""
ABSENCE: Final = "absence"
#: Where a correction of conduct stands: term and column.
CONDUCT_CELLS: Final[Mapping[ConductTime, tuple[Term, str]]] = {
    ConductTime.FIRST: (Term.FIRST, "conduct"),
    ConductTime.SECOND: (Term.SECOND, "conduct"),
    ConductTime.YEAR: (Term.YEAR, "conduct"),
    ConductTime.SUMMER: (Term.YEAR, "conduct_after"),
}
#: Part -> the values in their places; null where nothing stands.
Marks = Mapping[Part, tuple[str | None, ...]]


class ValueUnreadable(Invalid):
    """A value of the register is neither a mark nor a verdict."""


@dataclass(frozen=True, slots=True)
class ClassOfYear:
    name: str
    grade: int
    #: "2017-2018"
    school_year: str
    homeroom_teacher: str
    principal: str
    #: Ban, and the subjects taught in depth; upper secondary only.
    stream: str = ""
    advanced: str = ""
    #: Code of the subject of a specialised class (lớp chuyên).
    specialised: str | None = None


@dataclass(frozen=True, slots=True)
class ClassSubject:
    """A subject or educational activity; `teacher` is the name printed for it."""

    code: str
    name: str
    #: For a narrow column.
    short_name: str
    kind: SubjectKind
    periods_per_year: int
    teacher: str
    has_topics: bool = False
    #: Regular marks a semester where the school's plan says so; else as the circular has it.
    regular_marks: int | None = None


@dataclass(frozen=True, slots=True)
class Trait:
    """A quality (phẩm chất) or competence (năng lực) that is judged in the class."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ClassPupil:
    pupil: Pupil
    #: Subject code -> semester -> part -> values: "8.5", "passed", "well_done".
    marks: Mapping[str, Mapping[Semester, Marks]]
    conduct: Mapping[ConductTime, ConductLevel] = field(default_factory=dict)
    #: Code of the quality or competence -> when -> level; primary schools only.
    traits: Mapping[str, Mapping[TraitTime, TraitLevel]] = field(default_factory=dict)
    #: The class agrees that the pupil stands out (27/2020, Đ13.1b).
    is_chosen: bool = False
    #: What the principal decided about a pupil who was helped and judged again.
    decided: Outcome | None = None
    #: Nothing more is made good in summer.
    is_summer_over: bool = False
    #: Awards beside the titles of the circular.
    award: str = ""

    def __post_init__(self) -> None:
        """Raises MarkRefused, ValueUnreadable."""
        for _ in self.cells():
            pass

    def cells(self) -> Iterator[tuple[Cell, Value]]:
        for subject, semesters in self.marks.items():
            for semester, parts in semesters.items():
                for part, values in parts.items():
                    for place, text in enumerate(values, start=1):
                        if text is not None:
                            yield (subject, semester, part, place), value_of(text)

    def places(self, subject: str, semester: Semester, part: Part) -> tuple[str | None, ...]:
        return self.marks.get(subject, {}).get(semester, {}).get(part, ())


@dataclass(frozen=True, slots=True)
class ClassRegister:
    #: "TT58/2011", "TT58/2011-TT26/2020", "TT22/2021", "TT27/2020"
    rule_set: str
    #: What an officer keeps for the circular, as JSON text.
    terms: str
    version: int
    school: School
    of_class: ClassOfYear
    subjects: tuple[ClassSubject, ...]
    #: Primary schools only, in the order of the form.
    qualities: tuple[Trait, ...]
    general_competences: tuple[Trait, ...]
    special_competences: tuple[Trait, ...]
    #: In the order of the register: by name, later ones appended.
    pupils: tuple[ClassPupil, ...]
    absences: tuple[Absence, ...]
    corrections: tuple[Correction, ...] = ()

    @property
    def traits(self) -> tuple[Trait, ...]:
        return (*self.qualities, *self.general_competences, *self.special_competences)


@dataclass(frozen=True, slots=True)
class SubjectResult:
    """Averages or verdicts as the data write them; null where there is none."""

    semesters: Mapping[Semester, str | None]
    year: str | None
    #: The year's anew, of a subject that was assessed again.
    after: str | None


@dataclass(frozen=True, slots=True)
class PeriodResult:
    """Codes of levels and titles; the average only under Circular 58."""

    average: Decimal | None
    learning: str | None
    learning_before_adjustment: str | None
    conduct: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class PupilResult:
    code: str
    subjects: Mapping[str, SubjectResult]
    semesters: Mapping[Semester, PeriodResult]
    year: PeriodResult
    #: Sessions missed with leave and without.
    excused: int
    unexcused: int
    outcome: Outcome | None
    needs: tuple[Need, ...]
    #: With what was made good in summer; null where nothing was.
    after: PeriodResult | None
    outcome_after: Outcome | None
    completion: str | None

    @property
    def final(self) -> Outcome | None:
        return self.outcome_after or self.outcome


@dataclass(frozen=True, slots=True)
class Totals:
    """Tổng hợp chung: of the pupils who are there at the end of the year."""

    listed: int
    left: int
    pupils: int
    girls: int
    learning: Mapping[str, int]
    conduct: Mapping[str, int]
    titles: Mapping[str, int]
    promoted: int
    promoted_after_summer: int
    held_back: int


@dataclass(frozen=True, slots=True)
class ClassResults:
    pupils: tuple[PupilResult, ...]
    totals: Totals


def compute(register: ClassRegister) -> ClassResults:
    """Everything that the register states and nobody entered.

    Raises RuleSetUnknown, TermsRefused.
    """
    rules = rules_of(register)
    outcomes = [rules.of_year(_year_of(register, one)) for one in register.pupils]
    pupils = tuple(
        _result(register, one, outcome)
        for one, outcome in zip(register.pupils, outcomes, strict=True)
    )
    return ClassResults(pupils, _totals(register, pupils))


def gaps(register: ClassRegister) -> list[str]:
    """What the register of the year still waits for, in its words; pupils who left need nothing."""
    rules = rules_of(register)
    names = {subject.code: subject.name for subject in register.subjects}
    return [
        f"{one.pupil.name}: {gap.sentence(names)}"
        for one in register.pupils
        if one.pupil.left is None
        for gap in rules.of_year(_year_of(register, one)).gaps
    ]


def rules_of(register: ClassRegister) -> Rules:
    """Raises RuleSetUnknown, TermsRefused, ValueUnreadable."""
    return rules_under(register.rule_set, register.terms)


def rules_under(rule_set: str, terms: str) -> Rules:
    """A circular with the terms kept for it, as JSON text.

    Raises RuleSetUnknown, TermsRefused, ValueUnreadable.
    """
    try:
        kept = json.loads(terms)
    except (ValueError, RecursionError) as error:
        raise ValueUnreadable("Bảng quy định kèm theo sổ không phải là JSON.") from error
    return circulars.rule_set(rule_set).with_terms(kept)


def value_of(text: str) -> Value:
    """A mark or verdict as the data write it. Raises MarkRefused, ValueUnreadable."""
    if text in list(Verdict):
        return Verdict(text)
    try:
        return scale.mark(Decimal(text))
    except InvalidOperation as error:
        raise ValueUnreadable(f"“{text}” không phải là điểm hay mức đánh giá.") from error


def corrections(previous: ClassRegister, current: ClassRegister) -> tuple[Correction, ...]:
    """The cells that are others than in an earlier version, in the order of the register.

    Those that the earlier version told are told again.
    """
    before = {one.pupil.code: one for one in previous.pupils}
    found: list[Correction] = []
    for one in current.pupils:
        is_new = one.pupil.code not in before
        old = {} if is_new else _values(previous, before[one.pupil.code])
        new = _values(current, one)
        order = {code: n for n, code in enumerate(_codes(current))}
        found += [
            Correction(one.pupil.code, *cell, old.get(cell), new.get(cell))
            for cell in sorted(old.keys() | new.keys(), key=lambda cell: (order[cell[0]], cell))
            if old.get(cell) != new.get(cell)
        ]
    return (*previous.corrections, *found)


def corrected(previous: ClassRegister, current: ClassRegister) -> ClassRegister:
    """The register with its corrections told."""
    return replace(current, corrections=corrections(previous, current))


def _codes(register: ClassRegister) -> list[str]:
    return [
        *(subject.code for subject in register.subjects),
        *(trait.code for trait in register.traits),
        OF_ALL,
    ]


def absence_column(on: date, session: Session) -> str:
    """By which a correction names a session of a day."""
    return f"{ABSENCE} {on} {session}"


def _values(register: ClassRegister, one: ClassPupil) -> dict[tuple[str, Term, str, int], str]:
    """Marks, judged traits, conduct and absences by the cell that a correction names."""
    found = {
        (subject, Term(semester.value), part.value, place): str(value)
        for (subject, semester, part, place), value in one.cells()
    }
    for code, times in one.traits.items():
        for time, level in times.items():
            term = Term.FIRST if time.value.endswith("1") else Term.SECOND
            found[code, term, time.value, 1] = level.value
    for at, conduct in one.conduct.items():
        found[OF_ALL, *CONDUCT_CELLS[at], 1] = conduct.value
    for absence in register.absences:
        if absence.pupil == one.pupil.code:
            column = absence_column(absence.on, absence.session)
            found[OF_ALL, Term.YEAR, column, 1] = "excused" if absence.excused else "unexcused"
    return found


def _year_of(register: ClassRegister, one: ClassPupil) -> PupilYear:
    return PupilYear(
        grade=register.of_class.grade,
        subjects=tuple(
            Subject(
                subject.code,
                subject.name,
                subject.kind,
                subject.periods_per_year,
                subject.has_topics,
                subject.regular_marks,
            )
            for subject in register.subjects
        ),
        marks=dict(one.cells()),
        conduct=one.conduct,
        traits={
            (code, time): level
            for code, times in one.traits.items()
            for time, level in times.items()
        },
        absences=sum(absence.pupil == one.pupil.code for absence in register.absences),
        specialised=register.of_class.specialised,
        is_chosen=one.is_chosen,
        decided=one.decided,
        is_summer_over=one.is_summer_over,
    )


def _result(register: ClassRegister, one: ClassPupil, found: YearOutcome) -> PupilResult:
    sessions = [absence for absence in register.absences if absence.pupil == one.pupil.code]
    is_there = one.pupil.left is None
    return PupilResult(
        code=one.pupil.code,
        subjects={
            code: SubjectResult(
                {semester: text_of(result) for semester, result in by.semesters.items()},
                text_of(by.year),
                None if by.after is None else text_of(by.after),
            )
            for code, by in found.subjects.items()
        },
        semesters={semester: _period(period) for semester, period in found.semesters.items()},
        year=_period(found.year),
        excused=sum(absence.excused for absence in sessions),
        unexcused=sum(not absence.excused for absence in sessions),
        outcome=found.outcome if is_there else None,
        needs=found.needs if is_there else (),
        after=None if found.after is None or not is_there else _period(found.after),
        outcome_after=found.outcome_after if is_there else None,
        completion=_code(found.completion) if is_there else None,
    )


def _period(found: PeriodOutcome) -> PeriodResult:
    return PeriodResult(
        average=found.average,
        learning=_code(found.learning),
        learning_before_adjustment=_code(found.learning_before_adjustment),
        conduct=_code(found.conduct),
        title=_code(found.title),
    )


def _totals(register: ClassRegister, results: Sequence[PupilResult]) -> Totals:
    circular = circulars.rule_set(register.rule_set)
    there = [
        (one.pupil, result)
        for one, result in zip(register.pupils, results, strict=True)
        if one.pupil.left is None
    ]
    learning = Counter(result.year.learning for _, result in there)
    conduct = Counter(result.year.conduct for _, result in there)
    titles = Counter(result.year.title for _, result in there)
    at_once = sum(result.outcome is Outcome.PROMOTED for _, result in there)
    moved_up = sum(result.final is Outcome.PROMOTED for _, result in there)
    return Totals(
        listed=len(register.pupils),
        left=len(register.pupils) - len(there),
        pupils=len(there),
        girls=sum(pupil.is_girl for pupil, _ in there),
        learning={word.code: learning[word.code] for word in circular.learning_levels},
        conduct={word.code: conduct[word.code] for word in circular.conduct_levels},
        titles={word.code: titles[word.code] for word in circular.titles},
        promoted=at_once,
        promoted_after_summer=moved_up - at_once,
        held_back=len(there) - moved_up,
    )


def _code(word: Word | None) -> str | None:
    return None if word is None else word.code


def text_of(result: Result) -> str | None:
    """A result as the data write it; None where there is none yet."""
    if isinstance(result, Verdict):
        return result.value
    return str(result) if isinstance(result, Decimal) else None
