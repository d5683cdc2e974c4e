"""The row of one mark: read, and written with a trace of what stood there before.

Nobody is asked for here: the action that writes asks who may, and whether the class is bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, Value, Verdict
from eoffice.db import new_id
from eoffice.marks.keeping_model import MarkChange
from eoffice.marks.model import Mark
from eoffice.marks.record_queries import value_of


@dataclass(frozen=True, slots=True)
class MarkCell:
    """A pupil's place in a column of a subject."""

    class_id: UUID
    school_id: UUID
    pupil_id: UUID
    subject_code: str
    semester: Semester
    part: Part
    place: int


def read(session: Session, cell: MarkCell) -> Value | None:
    """What stands in the cell now, whatever the session has seen of it before."""
    row = session.scalars(
        select(Mark).where(*_of(cell)).execution_options(populate_existing=True)
    ).one_or_none()
    return None if row is None else value_of(row)


def write(
    session: Session,
    cell: MarkCell,
    old: Value | None,
    new: Value | None,
    *,
    changed_by: UUID,
    at: datetime,
) -> None:
    """Put `new` in the place of `old`; None empties the cell."""
    if new is None:
        session.execute(delete(Mark).where(*_of(cell)))
    else:
        value = {
            "score": None if isinstance(new, Verdict) else new,
            "verdict": new if isinstance(new, Verdict) else None,
            "import_id": None,
        }
        session.execute(
            insert(Mark)
            .values(
                class_id=cell.class_id,
                pupil_id=cell.pupil_id,
                subject_code=cell.subject_code,
                semester=cell.semester,
                part=cell.part,
                place=cell.place,
                school_id=cell.school_id,
                **value,
            )
            .on_conflict_do_update(constraint="pk_marks", set_=value)
        )
    session.add(
        MarkChange(
            id=new_id(),
            class_id=cell.class_id,
            pupil_id=cell.pupil_id,
            subject_code=cell.subject_code,
            semester=cell.semester,
            part=cell.part,
            place=cell.place,
            school_id=cell.school_id,
            old_score=None if isinstance(old, Verdict) else old,
            old_verdict=old if isinstance(old, Verdict) else None,
            new_score=None if isinstance(new, Verdict) else new,
            new_verdict=new if isinstance(new, Verdict) else None,
            import_id=None,
            changed_by=changed_by,
            changed_at=at,
        )
    )


def _of(cell: MarkCell) -> tuple[ColumnElement[bool], ...]:
    return (
        Mark.class_id == cell.class_id,
        Mark.pupil_id == cell.pupil_id,
        Mark.subject_code == cell.subject_code,
        Mark.semester == cell.semester,
        Mark.part == cell.part,
        Mark.place == cell.place,
    )
