"""Who finished a stage of school, by which decision: a class at once, annulled with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.classes import staff_queries
from eoffice.classes.model import Enrolment, Pupil
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.rolls import rules
from eoffice.rolls.model import Graduation
from eoffice.rolls.rules import LineAnnulled, LineUnknown, RollWrong
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class NewGraduation:
    """A decision of recognition, for pupils of one class."""

    on: date
    #: Number, date and body.
    decision: str
    #: Pupil -> grading, "" where there is none. Who is not named did not finish.
    gradings: Mapping[UUID, str]


def graduate(
    session: Session, class_id: UUID, new: NewGraduation, *, by: Principal, at: datetime
) -> int:
    """Note who of a class finished its stage; who is noted already stays as noted. How many.

    Raises ClassUnknown, RollsNotYours, RollWrong.
    """
    row = staff_queries.class_row(session, class_id)
    rules.require_keeper(staff_queries.actor(by), row.school_id)
    stage = rules.LAST_GRADES.get(row.grade)
    if stage is None:
        raise RollWrong(f"Khối {row.grade} không phải là khối cuối của cấp học.")
    wrong: dict[str, str] = {}
    on = rules.day(new.on, "on", wrong, today=civil_date(at))
    decision = rules.said(
        new.decision, "decision", wrong, missing="Ghi số, ngày và cơ quan ra quyết định công nhận."
    )
    gradings = {
        pupil_id: rules.said(text, "gradings", wrong, longest=50)
        for pupil_id, text in new.gradings.items()
    }
    if not gradings:
        wrong["pupils"] = "Hãy chọn học sinh được công nhận."
    rules.refuse(wrong)
    listed = set(
        session.scalars(
            select(Pupil.id)
            .join(Enrolment, Enrolment.pupil_id == Pupil.id)
            .where(Enrolment.class_id == class_id, Enrolment.to_on.is_(None))
        )
    )
    if not gradings.keys() <= listed:
        raise RollWrong(f"Có học sinh không còn trong danh sách lớp {row.name}.")
    noted = set(
        session.scalars(
            select(Graduation.pupil_id).where(
                Graduation.pupil_id.in_(gradings),
                Graduation.stage == stage,
                Graduation.annulled_at.is_(None),
            )
        )
    )
    fresh = {pupil: text for pupil, text in gradings.items() if pupil not in noted}
    session.add_all(
        Graduation(
            id=new_id(),
            school_id=row.school_id,
            pupil_id=pupil_id,
            stage=stage,
            school_year=row.school_year,
            class_name=row.name,
            on_day=on,
            decision=decision,
            grading=grading,
            recorded_by=by.person_id,
            recorded_at=at,
        )
        for pupil_id, grading in fresh.items()
    )
    if fresh:
        record(
            session,
            "graduation.recorded",
            object_kind="class",
            object_id=class_id,
            by=by,
            at=at,
            details={"count": len(fresh), "name": row.name},
        )
    return len(fresh)


def annul(session: Session, graduation_id: UUID, why: str, *, by: Principal, at: datetime) -> None:
    """It was noted by mistake. Raises LineUnknown, LineAnnulled, RollsNotYours, RollWrong."""
    row = session.scalars(
        select(Graduation).where(Graduation.id == graduation_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise LineUnknown("Không có việc công nhận này.")
    rules.require_keeper(staff_queries.actor(by), row.school_id)
    if row.annulled_at is not None:
        raise LineAnnulled("Việc công nhận này đã hủy.")
    row.annulled_because = rules.reason(why)
    row.annulled_at, row.annulled_by = at, by.person_id
    record(
        session,
        "graduation.annulled",
        object_kind="pupil",
        object_id=row.pupil_id,
        by=by,
        at=at,
        details={},
    )
