"""What a gradebook is made of: pupils, subjects, marks, conduct, absences and remarks of a class.

Read only. Nobody is asked for here: whoever answers a person asks `staff_queries` first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, SubjectKind, Verdict
from eoffice.assessment.tt22 import CommentMarks, Level, ScoredMarks
from eoffice.clock import civil_date
from eoffice.people import queries as people
from eoffice.people.model import Person
from eoffice.registers import gradebook as gradebook_data
from eoffice.registers import staff_queries, subjects
from eoffice.registers.gradebook import Source
from eoffice.registers.marks_sheet import ExpectedPupil, ExpectedSubject, Roster
from eoffice.registers.model import (
    AbsenceRow,
    ClassSubject,
    Conduct,
    Enrolment,
    ImportedMark,
    Mark,
    PrincipalRemark,
    Pupil,
)
from eoffice.registers.results import Absence, Marks, TaughtSubject

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


def source(session: Session, class_id: UUID, *, version: int, made_at: datetime) -> Source:
    """The class as it stands in the tables; the head of the school is the one of `made_at`.

    Raises ClassUnknown.
    """
    row = staff_queries.class_row(session, class_id)
    on = civil_date(made_at)
    letterhead = people.letterhead(session, row.school_id, on=on)
    head = people.head_of(session, row.school_id, at=made_at)
    taught = taught_subjects(session, class_id)
    return Source(
        version=version,
        made_at=made_at,
        school=gradebook_data.School(
            name=letterhead.own,
            superior=letterhead.superior,
            place=letterhead.place,
            organ_id=people.unit(session, row.school_id).organ_id,
        ),
        class_=gradebook_data.ClassOfYear(
            name=row.name,
            grade=row.grade,
            school_year=row.school_year,
            homeroom_teacher=people.person(session, row.homeroom_teacher_id).full_name,
            principal="" if head is None else head.full_name,
        ),
        subjects=taught,
        pupils=tuple(
            gradebook_data.Pupil(
                code=pupil.code,
                name=pupil.name,
                born_on=pupil.born_on,
                sex=pupil.sex,
                birthplace=pupil.birthplace,
                ethnicity=pupil.ethnicity,
                policy_group=pupil.policy_group,
                address=pupil.address,
                father=pupil.father,
                mother=pupil.mother,
            )
            for pupil in pupils_of(session, class_id)
        ),
        marks=_marks(session, class_id, taught),
        conduct={
            (code, semester): level
            for semester, levels in conduct_by_semester(session, class_id).items()
            for code, level in levels.items()
        },
        absences=absences(session, class_id),
        remarks=tuple(
            gradebook_data.Remark(month, text) for month, text in remarks(session, class_id)
        ),
    )


def cells(
    session: Session, class_id: UUID, *, only: Iterable[tuple[str, Semester]] | None = None
) -> dict[tuple[str, Cell], Value]:
    """The marks of a class by code of the pupil and cell; only some subjects and semesters."""
    query = (
        select(Pupil.code, Mark)
        .join(Mark, Mark.pupil_id == Pupil.id)
        .where(Mark.class_id == class_id)
    )
    wanted = None if only is None else set(only)
    return {
        (code, (mark.subject_code, mark.semester, mark.part, mark.place)): value_of(mark)
        for code, mark in session.execute(query)
        if wanted is None or (mark.subject_code, mark.semester) in wanted
    }


def pupils_of(session: Session, class_id: UUID) -> Sequence[Pupil]:
    """In the order of the class list."""
    return session.scalars(
        select(Pupil)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == class_id)
        .order_by(Enrolment.ordinal)
    ).all()


def subjects_with_teachers(class_id: UUID) -> Select[ClassSubject, str]:
    """In the order of the gradebook."""
    return (
        select(ClassSubject, Person.full_name)
        .join(Person, Person.id == ClassSubject.teacher_id)
        .where(ClassSubject.class_id == class_id)
        .order_by(ClassSubject.ordinal)
    )


def taught_subjects(session: Session, class_id: UUID) -> tuple[TaughtSubject, ...]:
    return tuple(
        TaughtSubject(row.code, row.name, row.kind, row.periods_per_year, teacher)
        for row, teacher in session.execute(subjects_with_teachers(class_id))
    )


def conduct_by_semester(session: Session, class_id: UUID) -> dict[Semester, dict[str, Level]]:
    found: dict[Semester, dict[str, Level]] = {semester: {} for semester in Semester}
    for code, semester, level in session.execute(
        select(Pupil.code, Conduct.semester, Conduct.level)
        .join(Conduct, Conduct.pupil_id == Pupil.id)
        .where(Conduct.class_id == class_id)
    ):
        found[semester][code] = level
    return found


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


def _marks(
    session: Session, class_id: UUID, taught: Iterable[TaughtSubject]
) -> dict[tuple[str, str, Semester], Marks]:
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
