"""An absence stated, and taken back."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.errors import Conflict, NotFound
from eoffice.people import queries, substitution, substitution_queries
from eoffice.people.kinds import PositionKind
from eoffice.people.substitution import OnlyForOneself, SubstituteUnfit
from eoffice.people.substitution_model import Absence
from eoffice.web.principal import Principal


class AbsenceUnknown(NotFound):
    """There is no such absence in this agency."""


class AbsenceOverlaps(Conflict):
    """The person is away already on some of these days."""


def state_absence(
    session: Session,
    *,
    appointment_id: UUID,
    substitute_id: UUID,
    first_day: date,
    last_day: date,
    reason: str,
    by: Principal,
    at: datetime,
) -> UUID:
    """Somebody is away from the first to the last day, and this person does their work meanwhile.

    Raises OnlyForOneself, DaysUnfit, SubstituteUnfit, AbsenceOverlaps, AppointmentUnknown.
    """
    absent = queries.appointment(session, appointment_id)
    if absent.agency_id != by.agency_id:
        raise queries.AppointmentUnknown("Không có chức danh này trong cơ quan.")
    _require_stater(by, absent.person_id)
    substitution.check_days(first_day, last_day, today=clock.civil_date(at))
    fit = substitution_queries.candidates(session, absent, at=at)
    if substitute_id not in {each.person_id for each in fit}:
        raise SubstituteUnfit(
            f"Người này không thay được {absent.title} {absent.full_name}. Hãy chọn cấp phó, cấp "
            "trên trực tiếp hoặc người cùng chức danh trong đơn vị.",
            fields={"substitute_id": "Không thuộc diện được thay."},
        )
    overlapping = session.scalar(
        select(Absence.id).where(
            Absence.person_id == absent.person_id,
            Absence.agency_id == absent.agency_id,
            Absence.ended_at.is_(None),
            Absence.first_day <= last_day,
            Absence.last_day >= first_day,
        )
    )
    if overlapping is not None:
        raise AbsenceOverlaps(
            f"{absent.full_name} đã khai vắng mặt trong những ngày này. Hãy bỏ lần khai đó trước."
        )
    absence_id = new_id()
    session.add(
        Absence(
            id=absence_id,
            appointment_id=absent.id,
            agency_id=absent.agency_id,
            person_id=absent.person_id,
            substitute_id=substitute_id,
            first_day=first_day,
            last_day=last_day,
            reason=" ".join(reason.split())[: substitution.LONGEST_REASON],
            stated_by=by.person_id,
            stated_at=at,
        )
    )
    record(
        session,
        "absence.stated",
        object_kind="appointment",
        object_id=absent.id,
        by=by,
        at=at,
        details={
            "person_id": absent.person_id,
            "substitute_id": substitute_id,
            "first_day": first_day,
            "last_day": last_day,
        },
    )
    return absence_id


def take_back(session: Session, absence_id: UUID, *, by: Principal, at: datetime) -> None:
    """The person is there after all. Idempotent. Raises AbsenceUnknown, OnlyForOneself."""
    row = session.scalars(
        select(Absence)
        .where(Absence.id == absence_id, Absence.agency_id == by.agency_id)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise AbsenceUnknown("Không có lần khai vắng mặt này trong cơ quan.")
    _require_stater(by, row.person_id)
    if row.ended_at is not None:
        return
    row.ended_at = at
    record(
        session,
        "absence.taken_back",
        object_kind="appointment",
        object_id=row.appointment_id,
        by=by,
        at=at,
        details={"person_id": row.person_id},
    )


def _require_stater(by: Principal, person_id: UUID) -> None:
    if not substitution.may_state_for(
        PositionKind(by.position_kind), own=by.person_id == person_id
    ):
        raise OnlyForOneself(
            "Bạn chỉ khai vắng mặt cho chính mình; người đứng đầu cơ quan hoặc quản trị viên khai "
            "cho người khác."
        )
