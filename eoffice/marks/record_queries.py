"""What is kept of a class: subjects, marks, conduct, absences and remarks.

Read only. Nobody is asked for here: whoever answers a person asks `staff_queries` first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, SubjectKind, Verdict
from eoffice.assessment.tt22 import CommentMarks, Level, ScoredMarks
from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.classes import staff_queries, subjects
from eoffice.classes.model import Enrolment, Pupil
from eoffice.classes.queries import pupils_of, subjects_with_teachers
from eoffice.marks.marks_sheet import ExpectedPupil, ExpectedSubject, Roster
from eoffice.marks.model import AbsenceRow, Conduct, ImportedMark, Mark, PrincipalRemark
from eoffice.marks.results import Absence, Marks, TaughtSubject

Value = Decimal | Verdict
#: Subject, semester, part and place of a mark.
Cell = tuple[str, Semester, Part, int]


def roster(session: Session, class_id: UUID) -> Roster:
    """What a marks sheet of the class has to agree with. Raises ClassUnknown."""
    row = staff_queries.class_row(session, class_id)
    return Roster(
        class_name=row.name,
        school_year=row.school_year,
        subjects=tuple(
            ExpectedSubject(
                one.code,
                one.name,
                one.kind,
                one.regular_marks,
                subjects.BY_CODE[one.code].aliases if one.code in subjects.BY_CODE else (),
            )
            for one in taught_subjects(session, class_id)
        ),
        pupils=tuple(
            ExpectedPupil(pupil.code, pupil.name, pupil.born_on)
            for pupil in pupils_of(session, class_id)
        ),
    )


def cells(
    session: Session, class_id: UUID, *, only: Iterable[tuple[str, Semester]] | None = None
) -> dict[tuple[str, Cell], Value]:
    """The marks of a class by code of the pupil and cell; only some subjects and semesters.

    Those of who left the class stay on record and are not among them.
    """
    query = (
        select(Pupil.code, Mark)
        .join(Mark, Mark.pupil_id == Pupil.id)
        .join(
            Enrolment,
            (Enrolment.class_id == Mark.class_id) & (Enrolment.pupil_id == Mark.pupil_id),
        )
        .where(Mark.class_id == class_id, Enrolment.to_on.is_(None))
    )
    wanted = None if only is None else set(only)
    return {
        (code, (mark.subject_code, mark.semester, mark.part, mark.place)): value_of(mark)
        for code, mark in session.execute(query)
        if wanted is None or (mark.subject_code, mark.semester) in wanted
    }


def taught_subjects(session: Session, class_id: UUID) -> tuple[TaughtSubject, ...]:
    return tuple(
        TaughtSubject(row.code, row.name, row.kind, row.periods_per_year, teacher)
        for row, teacher in session.execute(subjects_with_teachers(class_id))
    )


def conduct(session: Session, class_id: UUID) -> dict[ConductTime, dict[str, ConductLevel]]:
    """Conduct by time and code of the pupil; every time is there."""
    found: dict[ConductTime, dict[str, ConductLevel]] = {time: {} for time in ConductTime}
    for code, time, level in session.execute(
        select(Pupil.code, Conduct.semester, Conduct.level)
        .join(Conduct, Conduct.pupil_id == Pupil.id)
        .where(Conduct.class_id == class_id)
    ):
        found[time][code] = level
    return found


def conduct_by_semester(session: Session, class_id: UUID) -> dict[Semester, dict[str, Level]]:
    """As the books of Circular 22/2021 have it; of a class of another, empty."""
    found = conduct(session, class_id)
    levels = {level.value for level in Level}
    return {
        semester: {
            code: Level(level.value)
            for code, level in found[ConductTime(semester.value)].items()
            if level.value in levels
        }
        for semester in Semester
    }


def absences(session: Session, class_id: UUID) -> tuple[Absence, ...]:
    """By day, then by pupil."""
    rows = session.execute(
        select(Pupil.code, AbsenceRow)
        .join(AbsenceRow, AbsenceRow.pupil_id == Pupil.id)
        .where(AbsenceRow.class_id == class_id)
        .order_by(AbsenceRow.absent_on, Pupil.code, AbsenceRow.session)
    )
    return tuple(Absence(code, row.absent_on, row.session, row.excused) for code, row in rows)


def remarks(session: Session, class_id: UUID) -> tuple[tuple[date, str], ...]:
    """The principal's remarks by month."""
    rows = session.scalars(
        select(PrincipalRemark)
        .where(PrincipalRemark.class_id == class_id)
        .order_by(PrincipalRemark.month)
    )
    return tuple((row.month, row.text) for row in rows)


def marks_by_list(
    session: Session, class_id: UUID, taught: Iterable[TaughtSubject]
) -> dict[tuple[str, str, Semester], Marks]:
    """The marks of a class by code of the pupil, subject and semester, in the places of a list."""
    by_list: dict[tuple[str, str, Semester], dict[tuple[Part, int], Value]] = defaultdict(dict)
    for (code, (subject, semester, part, place)), value in cells(session, class_id).items():
        by_list[code, subject, semester][part, place] = value
    known = {subject.code: subject for subject in taught}
    return {
        key: _assembled(known[key[1]], values) for key, values in by_list.items() if key[1] in known
    }


def _assembled(subject: TaughtSubject, values: dict[tuple[Part, int], Value]) -> Marks:
    places = range(1, subject.regular_marks + 1)
    if subject.kind is SubjectKind.SCORED:
        scores = {cell: value for cell, value in values.items() if isinstance(value, Decimal)}
        return ScoredMarks(
            tuple(scores.get((Part.REGULAR, place)) for place in places),
            scores.get((Part.MIDTERM, 1)),
            scores.get((Part.FINAL, 1)),
        )
    verdicts = {cell: value for cell, value in values.items() if isinstance(value, Verdict)}
    return CommentMarks(
        tuple(verdicts.get((Part.REGULAR, place)) for place in places),
        verdicts.get((Part.MIDTERM, 1)),
        verdicts.get((Part.FINAL, 1)),
    )


def value_of(row: Mark | ImportedMark) -> Value:
    """A score, or a verdict where the subject has no scores."""
    value = row.verdict if row.score is None else row.score
    assert value is not None
    return value
