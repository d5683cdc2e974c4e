"""Deadlines of incoming documents: moved with a reason, and every move kept."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.routing import rules, states, steps
from eoffice.routing.model import Arrival, Assignment, Delivery
from eoffice.routing.states import ArrivalStep
from eoffice.routing.work_model import DeadlineMove
from eoffice.web.principal import Principal


def move(
    session: Session,
    arrival_id: UUID,
    due_on: date,
    reason: str,
    *,
    by: Principal,
    at: datetime,
) -> Arrival:
    """The head sets another deadline for work that is under way, and says why.

    What was set before stays on record. Raises ForTheHeadOnly, ReasonMissing, DeadlineUnacceptable,
    ArrivalStepRefused, ArrivalUnknown.
    """
    rules.check_head(by.position_kind)
    words = rules.checked_move_reason(reason)
    arrival = steps.locked_arrival(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.MOVE_DEADLINE)
    delivery = session.get_one(Delivery, arrival.delivery_id)
    wanted = rules.checked_deadline(due_on, senders=delivery.due_on, today=clock.civil_date(at))
    assert wanted is not None
    if wanted == arrival.due_on:
        detail = "Đây đang là hạn xử lý. Hãy chọn ngày khác."
        raise rules.DeadlineUnacceptable(detail, fields={"moved_to": detail})
    session.add(
        DeadlineMove(
            id=new_id(),
            agency_id=by.agency_id,
            arrival_id=arrival.id,
            from_on=arrival.due_on,
            to_on=wanted,
            reason=words,
            moved_by=by.person_id,
            moved_at=at,
        )
    )
    steps.put_on_record(
        session,
        "arrival.deadline_moved",
        arrival,
        by=by,
        at=at,
        from_on=str(arrival.due_on or ""),
        to_on=f"{wanted:%d/%m/%Y}",
    )
    arrival.due_on = wanted
    session.execute(
        update(Assignment)
        .where(Assignment.arrival_id == arrival.id, Assignment.ended_at.is_(None))
        .values(due_on=wanted)
    )
    return arrival
