"""What stands on the processing slip of an arrival. Read only."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import Appointment, Person, Position
from eoffice.routing import arrival_queries, rules, slips
from eoffice.routing.model import WorkEntry
from eoffice.routing.rules import Role
from eoffice.routing.slips import Block, Entry, Slip
from eoffice.web.principal import Principal


def slip(session: Session, arrival_id: UUID, *, who: Principal, today: date) -> Slip:
    """The slip as it would be printed now. Raises ArrivalUnknown."""
    found = arrival_queries.arrival(session, arrival_id, who=who, today=today)
    assigned = arrival_queries.assignments_of(session, [arrival_id], in_force=False)[arrival_id]
    written = [
        (Block.HEAD, Entry(each.assigned_at, each.assigned_by, each.instruction))
        for each in assigned
        if each.role is Role.LEAD
    ]
    rows = session.execute(
        select(WorkEntry, Person.full_name)
        .join(Person, Person.id == WorkEntry.logged_by)
        .where(WorkEntry.arrival_id == arrival_id)
    ).all()
    kinds = _kinds(session, {row.WorkEntry.logged_by for row in rows}, found.delivery.issued_on)
    written.extend(
        (
            slips.block_of(kinds.get(entry.logged_by, "")),
            Entry(entry.logged_at, name, entry.text),
        )
        for entry, name in rows
    )
    return Slip(
        number=found.number,
        arrived_on=found.arrived_on,
        code=found.delivery.code,
        type_name=found.delivery.type_name,
        issued_on=found.delivery.issued_on,
        sender_name=found.delivery.sender_name,
        subject=found.delivery.subject,
        handed_to=tuple(
            f"{rules.ROLE_NAMES[each.role]}: {each.assignee}" for each in found.assignments
        ),
        due_on=found.due_on,
        blocks=slips.arranged(written),
    )


def _kinds(session: Session, person_ids: set[UUID], on: date) -> dict[UUID, str]:
    """The position of each of these people; of several the leading one."""
    rows = session.execute(
        select(Appointment.person_id, Position.kind)
        .join(Position, Position.id == Appointment.position_id)
        .where(
            Appointment.person_id.in_(person_ids),
            Appointment.valid_to.is_(None) | (Appointment.valid_to >= on),
        )
    ).all()
    found: dict[UUID, str] = {}
    for person_id, kind in rows:
        known = found.get(person_id)
        if known is None or slips.block_of(kind.value) is Block.HEAD:
            found[person_id] = kind.value
    return found
