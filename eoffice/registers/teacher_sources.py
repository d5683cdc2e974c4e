"""A teacher's own book, read from the tables: one subject, all classes of a school year.

Read only. Nobody is asked for here but in `own_books` and `book`, which are those of whoever acts.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import subjects, terms
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.errors import NotFound
from eoffice.people import queries as people
from eoffice.registers import class_sources
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.kinds.parts import Leaving
from eoffice.registers.kinds.teacher_book import TaughtClass, TaughtPupil, TeacherBook
from eoffice.web.principal import Principal


class NotTaught(NotFound):
    """The person who asks teaches this subject in no class of this school and year."""


@dataclass(frozen=True, slots=True)
class OwnBook:
    """A book that a teacher can have: a subject in a school year."""

    subject_code: str
    subject_name: str
    school_year: str
    classes: tuple[str, ...]


def own_books(session: Session, who: Principal) -> tuple[OwnBook, ...]:
    """What the person teaches in the school in which they act, the newest year first."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for subject, row in _taught(session, who.agency_id, who.person_id):
        found[row.school_year, subject.name, subject.code].append(row.name)
    return tuple(
        OwnBook(code, name, year, tuple(classes))
        for (year, name, code), classes in sorted(
            found.items(), key=lambda one: (-int(one[0][0][:4]), one[0][1])
        )
    )


def book(
    session: Session, who: Principal, subject_code: str, school_year: str, *, made_at: datetime
) -> TeacherBook:
    """The own book as it stands in the tables; it may have gaps. Raises NotTaught, TermsMissing."""
    of = BookOf(
        BookKind.TEACHER_BOOK,
        who.agency_id,
        school_year,
        teacher_id=who.person_id,
        part=subject_code,
    )
    return book_of(session, of, 1, made_at)


def book_of(session: Session, of: BookOf, version: int, made_at: datetime) -> TeacherBook:
    """A teacher's book as it stands in the tables; its part is the code of the subject.

    Raises NotTaught, TermsMissing.
    """
    taught = [
        (subject, row)
        for subject, row in _taught(session, of.school_id, of.owned_teacher)
        if (subject.code, row.school_year) == (of.part, of.school_year)
    ]
    if not taught:
        raise NotTaught("Bạn không dạy môn học này ở lớp nào của trường trong năm học này.")
    first = taught[0][0]
    head = people.head_of(session, of.school_id, at=made_at)
    return TeacherBook(
        version=version,
        school=class_sources.school(session, of.school_id, made_at),
        school_year=of.school_year,
        teacher=people.person(session, of.owned_teacher).full_name,
        principal="" if head is None else head.full_name,
        subject_code=of.part,
        subject_name=first.name,
        kind=first.kind,
        classes=tuple(_class(session, subject, row) for subject, row in taught),
    )


def subject_part(code: str) -> str:
    """ "môn Toán học", by the code of the subject."""
    known = subjects.BY_CODE.get(code)
    return f"môn {code if known is None else known.name}"


def _taught(
    session: Session, school_id: UUID, teacher_id: UUID
) -> Sequence[tuple[ClassSubject, SchoolClass]]:
    rows = session.execute(
        select(ClassSubject, SchoolClass)
        .join(SchoolClass, SchoolClass.id == ClassSubject.class_id)
        .where(ClassSubject.teacher_id == teacher_id, SchoolClass.school_id == school_id)
        .order_by(SchoolClass.grade, SchoolClass.name)
    )
    return [(subject, row) for subject, row in rows]


def _class(session: Session, subject: ClassSubject, row: SchoolClass) -> TaughtClass:
    kept = terms.of_year(session, row.rule_set, row.school_year)
    marks = class_sources.cells_of_all(session, row.id)
    listed = session.execute(
        select(Pupil, Enrolment.to_on)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == row.id)
        .order_by(Enrolment.ordinal)
    )
    return TaughtClass(
        name=row.name,
        grade=row.grade,
        rule_set=row.rule_set,
        terms=json.dumps(kept, ensure_ascii=False, sort_keys=True),
        periods_per_year=subject.periods_per_year,
        pupils=tuple(
            TaughtPupil(
                code=pupil.code,
                name=pupil.name,
                born_on=pupil.born_on,
                marks=class_sources.marks_of(marks.get(pupil.code, {})).get(subject.code, {}),
                left=None
                if to_on is None
                else Leaving(to_on, class_sources.why_left(session, row.id, pupil.id)),
            )
            for pupil, to_on in listed
        ),
        has_topics=subject.has_topics,
        regular_marks=subject.regular_marks,
    )
