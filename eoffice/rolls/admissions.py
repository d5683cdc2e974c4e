"""Who came to a school when: read from enrolments and movements. Asks nobody."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import staff_queries
from eoffice.classes.model import Enrolment, Pupil, SchoolClass
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.pupil_model import Movement
from eoffice.rolls.model import EnrolmentLine
from eoffice.rolls.numbering import Admission


def without_number(
    session: Session, school_id: UUID, *, class_id: UUID | None = None
) -> list[Admission]:
    """Pupils of the school, or of a class, who were in a class and stand under no number.

    Raises ClassUnknown.
    """
    numbered = select(EnrolmentLine.pupil_id).where(
        EnrolmentLine.school_id == school_id,
        EnrolmentLine.annulled_at.is_(None),
        EnrolmentLine.pupil_id.is_not(None),
    )
    query = (
        select(Pupil, Enrolment.from_on, SchoolClass.name)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Pupil.school_id == school_id, Pupil.id.not_in(numbered))
        .order_by(Enrolment.from_on.desc(), SchoolClass.school_year.desc())
    )
    if class_id is not None:
        staff_queries.class_row(session, class_id)
        listed = select(Enrolment.pupil_id).where(Enrolment.class_id == class_id)
        query = query.where(Pupil.id.in_(listed))
    # The first class of each comes last and stays.
    first = {pupil.id: (pupil, on, name) for pupil, on, name in session.execute(query)}
    came = {
        row.pupil_id: row
        for row in session.scalars(
            select(Movement)
            .where(Movement.pupil_id.in_(first), Movement.kind == MovementKind.IN)
            .order_by(Movement.on_day.desc(), Movement.id.desc())
        )
    }
    return [
        Admission(
            pupil_id=pupil.id,
            on=min(on, came[pupil.id].on_day) if pupil.id in came else on,
            class_name=class_name,
            came_from=came[pupil.id].other_school if pupil.id in came else "",
            name=pupil.name,
            born_on=pupil.born_on,
            code=pupil.code,
        )
        for pupil, on, class_name in first.values()
    ]
