"""Who is in a class, and what it is taught by whom.

Read only. Nobody is asked for here: whoever answers a person asks `staff_queries` first.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from eoffice.classes.model import ClassSubject, Enrolment, Pupil
from eoffice.people.model import Person


def pupils_of(session: Session, class_id: UUID) -> Sequence[Pupil]:
    """Who is in the class, in the order of its list; who left it is not among them."""
    return session.scalars(
        select(Pupil)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == class_id, Enrolment.to_on.is_(None))
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
