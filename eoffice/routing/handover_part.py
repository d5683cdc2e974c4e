"""Assignments of somebody who leaves, moved to a successor.

What asks a unit needs no moving. The assignment of the leaver ends and stays on record with what
was done under it; the successor gets one of the same role, instruction and deadline.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from eoffice.db import new_id
from eoffice.people.views import AppointmentView
from eoffice.routing import steps
from eoffice.routing.model import Arrival, Assignment
from eoffice.routing.rules import Role
from eoffice.routing.states import ArrivalState
from eoffice.web.principal import Principal

#: Nobody waits for anything any more.
_OVER: Final = (ArrivalState.DONE, ArrivalState.RECALLED)
#: Who has two roles has the first of them.
_WEIGHT: Final = (Role.LEAD, Role.COOPERATING, Role.FOR_INFORMATION)


class ArrivalWork:
    """The part of this slice in a hand-over (`people.handover.Part`)."""

    @property
    def name(self) -> str:
        return "Văn bản đến được phân công đích danh"

    def waiting(self, session: Session, leaver: AppointmentView) -> int:
        return len(_assignments(session, leaver))

    def hand_over(
        self,
        session: Session,
        leaver: AppointmentView,
        successor: AppointmentView,
        *,
        by: Principal,
        at: datetime,
    ) -> int:
        moved = 0
        for found in _assignments(session, leaver):
            arrival = steps.locked_arrival(session, found.arrival_id, by)
            session.refresh(found)
            if found.ended_at is not None or arrival.state in _OVER:
                continue
            found.ended_at = at
            _give(session, found, successor, at=at)
            steps.put_on_record(
                session,
                "arrival.handed_over",
                arrival,
                by=by,
                at=at,
                role=found.role.value,
                from_person_id=str(leaver.person_id),
                to_person_id=str(successor.person_id),
            )
            moved += 1
        return moved


def _give(session: Session, ended: Assignment, successor: AppointmentView, *, at: datetime) -> None:
    """The same to the successor, unless they have a role there that says as much already."""
    has = session.scalars(
        select(Assignment).where(
            Assignment.arrival_id == ended.arrival_id,
            Assignment.person_id == successor.person_id,
            Assignment.ended_at.is_(None),
        )
    ).all()
    if any(_WEIGHT.index(each.role) <= _WEIGHT.index(ended.role) for each in has):
        return
    for weaker in has:
        weaker.ended_at = at
    session.flush()  # Only one lead may be in force at a time.
    session.add(
        Assignment(
            id=new_id(),
            agency_id=ended.agency_id,
            arrival_id=ended.arrival_id,
            role=ended.role,
            unit_id=successor.unit_id,
            person_id=successor.person_id,
            instruction=ended.instruction,
            due_on=ended.due_on,
            assigned_by=ended.assigned_by,
            assigned_at=at,
        )
    )
    session.flush()


def _assignments(session: Session, leaver: AppointmentView) -> Sequence[Assignment]:
    """In force and named for the person in this unit; what they only had to read, until read."""
    return session.scalars(
        select(Assignment)
        .join(Arrival, Arrival.id == Assignment.arrival_id)
        .where(
            Arrival.worked_on_by == leaver.agency_id,
            Arrival.state.not_in(_OVER),
            Assignment.person_id == leaver.person_id,
            Assignment.unit_id == leaver.unit_id,
            Assignment.ended_at.is_(None),
            or_(Assignment.role != Role.FOR_INFORMATION, Assignment.taken_at.is_(None)),
        )
        .order_by(Assignment.arrival_id, Assignment.id)
    ).all()
