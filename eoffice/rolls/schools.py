"""Whose rolls are looked at: the own school's, or one below the agency. Read only."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.classes.model import SchoolClass
from eoffice.people.model import Unit
from eoffice.rolls.model import EnrolmentLine, EnrolmentRoll


def with_rolls(session: Session) -> tuple[tuple[UUID, str, int], ...]:
    """Schools that row-level security shows, with the count of their lines, by name."""
    rows = session.execute(
        select(Unit.id, Unit.name, func.count(EnrolmentLine.id))
        .join(EnrolmentRoll, EnrolmentRoll.school_id == Unit.id)
        .outerjoin(EnrolmentLine, EnrolmentLine.school_id == Unit.id)
        .group_by(Unit.id)
        .order_by(Unit.name)
    )
    return tuple((unit_id, name, count) for unit_id, name, count in rows)


def classes_of(session: Session, school_id: UUID) -> tuple[tuple[UUID, str, str], ...]:
    """The classes of the newest school year: id, name, year. Asks nobody."""
    newest = select(func.max(SchoolClass.school_year)).where(SchoolClass.school_id == school_id)
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.name, SchoolClass.school_year)
        .where(
            SchoolClass.school_id == school_id, SchoolClass.school_year == newest.scalar_subquery()
        )
        .order_by(SchoolClass.grade, SchoolClass.name)
    )
    return tuple((class_id, name, year) for class_id, name, year in rows)
