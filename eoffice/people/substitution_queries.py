"""Who is away, and who stands in for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from eoffice.people import queries, substitution
from eoffice.people.model import Appointment, Person, Position, Unit
from eoffice.people.substitution_model import Absence
from eoffice.people.views import AppointmentView


@dataclass(frozen=True, slots=True)
class AbsenceView:
    id: UUID
    person_id: UUID
    full_name: str
    title: str
    substitute_id: UUID
    substitute_name: str
    first_day: date
    last_day: date
    reason: str


def substitutes(session: Session, agency_id: UUID, *, on: date) -> dict[UUID, UUID]:
    """Absent person -> who stands in, on this day."""
    found = session.execute(
        select(Absence.person_id, Absence.substitute_id)
        .where(
            Absence.agency_id == agency_id,
            Absence.ended_at.is_(None),
            Absence.first_day <= on,
            Absence.last_day >= on,
        )
        .order_by(Absence.stated_at)
    )
    return {row[0]: row[1] for row in found}


def absences(
    session: Session, agency_id: UUID, *, on: date, person_id: UUID | None = None
) -> tuple[AbsenceView, ...]:
    """Absences that run or are to come, the next first; of one person or of the whole agency."""
    substitute = aliased(Person)
    query = (
        select(Absence, Person.full_name, substitute.full_name, Position.title)
        .join(Person, Person.id == Absence.person_id)
        .join(substitute, substitute.id == Absence.substitute_id)
        .join(Appointment, Appointment.id == Absence.appointment_id)
        .join(Position, Position.id == Appointment.position_id)
        .where(Absence.agency_id == agency_id, Absence.ended_at.is_(None), Absence.last_day >= on)
        .order_by(Absence.first_day, Absence.stated_at)
    )
    if person_id is not None:
        query = query.where(Absence.person_id == person_id)
    return tuple(
        AbsenceView(
            id=row.id,
            person_id=row.person_id,
            full_name=name,
            title=title,
            substitute_id=row.substitute_id,
            substitute_name=substitute_name,
            first_day=row.first_day,
            last_day=row.last_day,
            reason=row.reason,
        )
        for row, name, substitute_name, title in session.execute(query)
    )


def candidates(
    session: Session, absent: AppointmentView, *, at: datetime
) -> tuple[AppointmentView, ...]:
    """Who may stand in for somebody in this appointment, each once."""
    found: dict[UUID, AppointmentView] = {}
    for each in queries.persons_in(session, absent.agency_id, at=at):
        if each.person_id != absent.person_id and substitution.may_stand_in(
            absent.kind, absent.unit_id, each.kind, each.unit_id
        ):
            found.setdefault(each.person_id, each)
    return tuple(found.values())


def appointments_in(
    session: Session, agency_id: UUID, *, since: date
) -> tuple[AppointmentView, ...]:
    """Appointments of an agency in force or ended since that day, by name."""
    ids = session.scalars(
        select(Appointment.id)
        .join(Position, Position.id == Appointment.position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .where(
            Unit.agency_id == agency_id,
            or_(Appointment.valid_to.is_(None), Appointment.valid_to >= since),
        )
    ).all()
    found = (queries.appointment(session, each) for each in ids)
    return tuple(sorted(found, key=lambda each: (each.full_name, each.title)))
