"""What a pupil brings from another school: results of semesters, conduct, absences.

A semester that another school finished is kept as a whole result, never as marks of teachers who
did not give them (`Part.STATED`). The school's office records it with the move in; where something
stands already it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester, Value
from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.audit import actions as audit
from eoffice.classes import rules, staff_queries
from eoffice.classes.actions import locked, require_unbound
from eoffice.classes.model import ClassSubject
from eoffice.errors import NotAllowed
from eoffice.marks import mark_rows
from eoffice.marks.mark_rows import MarkCell
from eoffice.marks.model import AbsenceRow, Conduct
from eoffice.marks.results import Session as HalfDay
from eoffice.web.principal import Principal


def record(
    session: Session,
    class_id: UUID,
    pupil_id: UUID,
    results: Mapping[tuple[str, Semester], Value],
    conduct: Mapping[ConductTime, ConductLevel],
    absences: Iterable[tuple[date, HalfDay, bool]],
    *,
    by: Principal,
    at: datetime,
) -> tuple[str, ...]:
    """Codes of subjects that the class is not taught, whose results stay behind.

    Raises NoClass, BookBinds, NotAllowed. Done twice it changes nothing.
    """
    school_class = locked(session, class_id)
    if not rules.may_open_classes(staff_queries.actor(by), school_class.school_id):
        raise NotAllowed(
            "Chỉ ban giám hiệu và văn thư của trường được ghi kết quả của trường khác."
        )
    require_unbound(session, school_class)
    taught = set(
        session.scalars(select(ClassSubject.code).where(ClassSubject.class_id == class_id))
    )
    written = 0
    for (code, semester), value in results.items():
        cell = MarkCell(class_id, school_class.school_id, pupil_id, code, semester, Part.STATED, 1)
        if code in taught and mark_rows.read(session, cell) is None:
            mark_rows.write(session, cell, None, value, changed_by=by.person_id, at=at)
            written += 1
    of_pupil = {
        "class_id": class_id,
        "pupil_id": pupil_id,
        "school_id": school_class.school_id,
    }
    for time, level in conduct.items():
        session.execute(
            insert(Conduct).values(**of_pupil, semester=time, level=level).on_conflict_do_nothing()
        )
    for on, half, excused in absences:
        session.execute(
            insert(AbsenceRow)
            .values(**of_pupil, absent_on=on, session=half, excused=excused)
            .on_conflict_do_nothing()
        )
    audit.record(
        session,
        "class.results_brought",
        object_kind="class",
        object_id=class_id,
        by=by,
        at=at,
        details={"pupil_id": str(pupil_id), "results": written},
    )
    return tuple(sorted({code for code, _ in results} - taught))
