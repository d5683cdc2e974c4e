"""The row in which a cell of a closed book is kept: read, and written, as the requests say it.

Nobody is asked for here: the action that writes asks who may. What was a mark leaves a trace of its
own; of the other cells the request and its events in the log are the trace.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import RuleSet
from eoffice.assessment.marks import Value, Verdict
from eoffice.assessment.year import ConductLevel, TraitLevel
from eoffice.marks import mark_cells, mark_rows
from eoffice.marks.mark_rows import MarkCell
from eoffice.marks.model import AbsenceRow, Conduct
from eoffice.marks.year_model import TraitRow
from eoffice.registers import correction_cells
from eoffice.registers.correction_cells import (
    EXCUSED,
    UNEXCUSED,
    AbsencePlace,
    ConductPlace,
    Key,
    MarkPlace,
    TraitPlace,
    place_of,
)
from eoffice.registers.kinds import class_register
from eoffice.registers.model import BookCorrection


def key_of(row: BookCorrection) -> Key:
    return Key(row.subject_code, row.semester, row.part, row.place)


def read(session: Session, row: BookCorrection) -> str | None:
    """What stands in the cell of a request now, as the data of books write it."""
    place = place_of(key_of(row))
    match place:
        case MarkPlace():
            return text_of(mark_rows.read(session, _mark_cell(row, place)))
        case ConductPlace(time):
            return session.scalar(
                select(Conduct.level)
                .where(Conduct.class_id == row.class_id, Conduct.pupil_id == row.pupil_id)
                .where(Conduct.semester == time)
            )
        case TraitPlace(code, judged_at):
            return session.scalar(
                select(TraitRow.level)
                .where(TraitRow.class_id == row.class_id, TraitRow.pupil_id == row.pupil_id)
                .where(TraitRow.code == code, TraitRow.time == judged_at)
            )
        case AbsencePlace(on, half):
            excused = session.scalar(
                select(AbsenceRow.excused)
                .where(AbsenceRow.class_id == row.class_id, AbsenceRow.pupil_id == row.pupil_id)
                .where(AbsenceRow.absent_on == on, AbsenceRow.session == half)
            )
            return None if excused is None else EXCUSED if excused else UNEXCUSED


def write(
    session: Session,
    row: BookCorrection,
    old: str | None,
    new: str | None,
    *,
    changed_by: UUID,
    at: datetime,
) -> None:
    """Put `new` in the place of `old`. A level of conduct or of a trait is never taken out."""
    place = place_of(key_of(row))
    owned = {"class_id": row.class_id, "pupil_id": row.pupil_id, "school_id": row.school_id}
    match place:
        case MarkPlace():
            cell = _mark_cell(row, place)
            mark_rows.write(
                session, cell, value_of(old), value_of(new), changed_by=changed_by, at=at
            )
        case ConductPlace(time):
            assert new is not None
            session.execute(
                insert(Conduct)
                .values(**owned, semester=time, level=ConductLevel(new))
                .on_conflict_do_update(
                    index_elements=["class_id", "pupil_id", "semester"],
                    set_={"level": ConductLevel(new)},
                )
            )
        case TraitPlace(code, judged_at):
            assert new is not None
            session.execute(
                insert(TraitRow)
                .values(**owned, code=code, time=judged_at, level=TraitLevel(new))
                .on_conflict_do_update(
                    index_elements=["class_id", "pupil_id", "code", "time"],
                    set_={"level": TraitLevel(new)},
                )
            )
        case AbsencePlace(on, half):
            session.execute(
                delete(AbsenceRow)
                .where(AbsenceRow.class_id == row.class_id, AbsenceRow.pupil_id == row.pupil_id)
                .where(AbsenceRow.absent_on == on, AbsenceRow.session == half)
            )
            if new is not None:
                kept = {"absent_on": on, "session": half, "excused": new == EXCUSED}
                session.execute(insert(AbsenceRow).values(**owned, **kept))


def shown(row: BookCorrection, text: str | None, circular: RuleSet) -> str | None:
    """What a request says of its cell, as the book prints it; None for an empty one."""
    place = place_of(key_of(row))
    if not isinstance(place, MarkPlace):
        return correction_cells.shown_level(place, text, circular)
    value = value_of(text)
    return None if value is None else mark_cells.shown(value)


def value_of(text: str | None) -> Value | None:
    return None if text is None else class_register.value_of(text)


def text_of(value: Value | None) -> str | None:
    """As the data of books write it."""
    if value is None:
        return None
    return value.value if isinstance(value, Verdict) else str(value)


def _mark_cell(row: BookCorrection, place: MarkPlace) -> MarkCell:
    return MarkCell(
        class_id=row.class_id,
        school_id=row.school_id,
        pupil_id=row.pupil_id,
        subject_code=place.subject_code,
        semester=place.semester,
        part=place.part,
        place=place.place,
    )
