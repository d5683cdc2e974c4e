"""Who acts where nobody is at a page: the person who began the work, in their position."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.people import queries
from eoffice.web.principal import Principal


def principal_of(session: Session, appointment_id: UUID) -> Principal:
    """The person in the position of this appointment, also where it was left meanwhile.

    Raises AppointmentUnknown.
    """
    held = queries.appointment(session, appointment_id)
    return Principal(
        person_id=held.person_id,
        full_name=held.full_name,
        appointment_id=held.id,
        position_title=held.title,
        position_kind=held.kind.value,
        unit_id=held.unit_id,
        unit_name=held.unit_name,
        agency_id=held.agency_id,
        agency_name=queries.unit(session, held.agency_id).name,
        scopes=frozenset(),
        session_id=None,
    )
