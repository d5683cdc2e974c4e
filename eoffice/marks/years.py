"""The year of every pupil of a class, as the circular of the class has it.

What was entered is read from the tables and handed to the rules of the class's rule set, with the
terms in force; the answer has the same shape for a class of any era. Read only; nobody is asked for
here: whoever answers a person asks `classes.staff_queries` first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import Rules, RuleSet, rule_set
from eoffice.assessment.marks import Value
from eoffice.assessment.year import (
    Cell,
    ConductLevel,
    ConductTime,
    Outcome,
    PupilYear,
    Subject,
    TraitLevel,
    TraitTime,
    YearOutcome,
)
from eoffice.classes import staff_queries, terms
from eoffice.classes.model import ClassSubject, Pupil, SchoolClass
from eoffice.classes.queries import pupils_of
from eoffice.marks import record_queries
from eoffice.marks.model import AbsenceRow, Conduct
from eoffice.marks.year_model import ClosedSummer, TraitRow, YearDecision


@dataclass(frozen=True, slots=True)
class ListedPupil:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ClassYear:
    """A class with what its circular makes of every pupil's year, by code."""

    rule_set: RuleSet
    rules: Rules
    grade: int
    #: In the order of the book.
    subjects: tuple[Subject, ...]
    #: In the order of the class list.
    pupils: tuple[ListedPupil, ...]
    entered: Mapping[str, PupilYear]
    outcomes: Mapping[str, YearOutcome]

    def gaps(self, code: str) -> tuple[str, ...]:
        """What the year of a pupil waits for, in words of the book."""
        names = {subject.code: subject.name for subject in self.subjects}
        return tuple(gap.sentence(names) for gap in self.outcomes[code].gaps)


def of_class(session: Session, class_id: UUID) -> ClassYear:
    """Raises ClassUnknown, TermsMissing."""
    row = staff_queries.class_row(session, class_id)
    rules = in_force(session, row)
    subjects = subjects_of(session, class_id)
    pupils = pupils_of(session, class_id)
    entered = _entered(session, row, subjects, [pupil.code for pupil in pupils])
    return ClassYear(
        rule_set=rule_set(row.rule_set),
        rules=rules,
        grade=row.grade,
        subjects=subjects,
        pupils=tuple(ListedPupil(pupil.code, pupil.name) for pupil in pupils),
        entered=entered,
        outcomes={code: rules.of_year(one) for code, one in entered.items()},
    )


def in_force(session: Session, row: SchoolClass) -> Rules:
    """The rules of the class's circular under the terms of its school year. Raises TermsMissing."""
    kept = terms.of_year(session, row.rule_set, row.school_year)
    return rule_set(row.rule_set).with_terms(kept)


def subjects_of(session: Session, class_id: UUID) -> tuple[Subject, ...]:
    """In the order of the book."""
    rows = session.scalars(
        select(ClassSubject).where(ClassSubject.class_id == class_id).order_by(ClassSubject.ordinal)
    )
    return tuple(assessed(row) for row in rows)


def assessed(row: ClassSubject) -> Subject:
    """A subject as the rules take it."""
    return Subject(
        code=row.code,
        name=row.name,
        kind=row.kind,
        periods_per_year=row.periods_per_year,
        has_topics=row.has_topics,
        regular_marks=row.regular_marks,
    )


def _entered(
    session: Session, row: SchoolClass, subjects: tuple[Subject, ...], codes: list[str]
) -> dict[str, PupilYear]:
    marks: dict[str, dict[Cell, Value]] = defaultdict(dict)
    for (code, cell), value in record_queries.cells(session, row.id).items():
        marks[code][cell] = value
    conduct, traits = _conduct(session, row.id), _traits(session, row.id)
    missed, decisions = _absences(session, row.id), _decisions(session, row.id)
    is_over = session.get(ClosedSummer, row.id) is not None
    undecided: tuple[bool, Outcome | None] = (False, None)
    return {
        code: PupilYear(
            grade=row.grade,
            subjects=subjects,
            marks=marks[code],
            conduct=conduct[code],
            traits=traits[code],
            absences=missed[code],
            specialised=row.specialised,
            is_chosen=decisions.get(code, undecided)[0],
            decided=decisions.get(code, undecided)[1],
            is_summer_over=is_over,
        )
        for code in codes
    }


def _conduct(session: Session, class_id: UUID) -> dict[str, dict[ConductTime, ConductLevel]]:
    found: dict[str, dict[ConductTime, ConductLevel]] = defaultdict(dict)
    for code, time, level in session.execute(
        select(Pupil.code, Conduct.semester, Conduct.level)
        .join(Conduct, Conduct.pupil_id == Pupil.id)
        .where(Conduct.class_id == class_id)
    ):
        found[code][time] = level
    return found


def _traits(session: Session, class_id: UUID) -> dict[str, dict[tuple[str, TraitTime], TraitLevel]]:
    found: dict[str, dict[tuple[str, TraitTime], TraitLevel]] = defaultdict(dict)
    for code, trait, time, level in session.execute(
        select(Pupil.code, TraitRow.code, TraitRow.time, TraitRow.level)
        .join(TraitRow, TraitRow.pupil_id == Pupil.id)
        .where(TraitRow.class_id == class_id)
    ):
        found[code][trait, time] = level
    return found


def _absences(session: Session, class_id: UUID) -> Counter[str]:
    rows = session.execute(
        select(Pupil.code, func.count())
        .join(AbsenceRow, AbsenceRow.pupil_id == Pupil.id)
        .where(AbsenceRow.class_id == class_id)
        .group_by(Pupil.code)
    )
    return Counter(dict(rows.all()))


def _decisions(session: Session, class_id: UUID) -> dict[str, tuple[bool, Outcome | None]]:
    rows = session.execute(
        select(Pupil.code, YearDecision.is_chosen, YearDecision.outcome)
        .join(YearDecision, YearDecision.pupil_id == Pupil.id)
        .where(YearDecision.class_id == class_id)
    )
    return {code: (is_chosen, outcome) for code, is_chosen, outcome in rows}
