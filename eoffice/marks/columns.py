"""The columns of marks that a subject has in a class: those that the class's circular asks for."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import Rules
from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Column
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.marks import years


def of_list(
    session: Session, school_class: SchoolClass, subject: ClassSubject, semester: Semester
) -> tuple[Rules, tuple[Column, ...]]:
    """The rules of the class and the columns of a subject in a semester, in the order of the book.

    Raises TermsMissing.
    """
    rules = years.in_force(session, school_class)
    taught = session.scalars(
        select(ClassSubject.code).where(ClassSubject.class_id == school_class.id)
    ).all()
    assessed = years.assessed(subject)
    return rules, rules.columns(assessed, semester, school_class.grade, taught)


def places(columns: tuple[Column, ...]) -> dict[tuple[Part, int], Column]:
    """Every cell that a pupil has in these columns."""
    return {
        (column.part, place): column for column in columns for place in range(1, column.most + 1)
    }
