"""A pupil who changes class within a school year takes along what was kept of them.

The rows of the class that was left stay as they are; the pupil is no longer in its list.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.classes import movement_actions
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.classes.movement_actions import Moved, NewMovement
from eoffice.classes.pupil_model import Movement
from eoffice.marks.model import AbsenceRow, Conduct, Mark
from eoffice.marks.year_model import TraitRow
from eoffice.web.principal import Principal


def record(
    session: Session, pupil_id: UUID, movement: NewMovement, *, by: Principal, at: datetime
) -> Moved:
    """`classes.movement_actions.record`, and what is kept of the pupil goes with them.

    Marks of subjects that the new class is not taught stay behind.
    """
    moved = movement_actions.record(session, pupil_id, movement, by=by, at=at)
    session.flush()  # The copies follow what was written.
    origin = moved.from_class_id or _left(session, moved)
    if origin is not None and moved.to_class_id not in (None, origin):
        assert moved.to_class_id is not None
        years = session.scalars(
            select(SchoolClass.school_year).where(SchoolClass.id.in_([origin, moved.to_class_id]))
        ).all()
        if len(set(years)) == 1:
            _carry(session, pupil_id, origin, moved.to_class_id)
    return moved


def _left(session: Session, moved: Moved) -> UUID | None:
    """The class in which the pupil sat before they left, for who returns."""
    return session.scalar(
        select(Movement.from_class_id)
        .where(
            Movement.pupil_id == moved.pupil_id,
            Movement.id != moved.id,
            Movement.from_class_id.is_not(None),
        )
        .order_by(Movement.on_day.desc(), Movement.id.desc())
        .limit(1)
    )


def _carry(session: Session, pupil_id: UUID, origin: UUID, target: UUID) -> None:
    taught = select(ClassSubject.code).where(ClassSubject.class_id == target)
    for model in (Mark, Conduct, AbsenceRow, TraitRow):
        table = model.__table__
        values = [literal(target) if c.name == "class_id" else c for c in table.columns]
        kept = select(*values).where(table.c.class_id == origin, table.c.pupil_id == pupil_id)
        if model is Mark:
            kept = kept.where(table.c.subject_code.in_(taught))
        session.execute(
            insert(model)
            .from_select([c.name for c in table.columns], kept)
            .on_conflict_do_nothing()
        )
