"""Reminding by hand: who asked for work reminds those who are late with it, now.

Leaves the same reminders as the rules do (`reminders`), so each is left once for a deadline and a
number of working days behind it: pressed twice on a day, everybody is reminded once.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.documents import rules as documents_rules
from eoffice.documents.model import Document
from eoffice.errors import Conflict
from eoffice.outbox import promise
from eoffice.people import working_days_queries
from eoffice.people.kinds import PositionKind
from eoffice.people.working_days import Calendar
from eoffice.routing import rules, steps
from eoffice.routing.model import Assignment, Delivery
from eoffice.routing.outgoing import DispatchUnknown
from eoffice.routing.reminders import OnlyWriters
from eoffice.routing.states import ArrivalState, DeliveryState
from eoffice.routing.work_model import DeliveryPoint
from eoffice.web.principal import Principal

_OVER = (DeliveryState.DONE, DeliveryState.REFUSED, DeliveryState.RECALLED)


class NothingLate(Conflict):
    """Nobody is late with what was asked: there is nothing to remind of."""


def remind_recipients(session: Session, document_id: UUID, *, by: Principal, at: datetime) -> int:
    """Promise a reminder to every recipient of an issued document that is late; how many.

    Raises OnlyWriters, DispatchUnknown for a document of another agency, NothingLate.
    """
    if not documents_rules.may_write(PositionKind(by.position_kind)):
        raise OnlyWriters("Chỉ người soạn thảo và theo dõi văn bản nhắc nơi nhận.")
    mine = session.scalar(
        select(Document.id).where(Document.id == document_id, Document.agency_id == by.agency_id)
    )
    if mine is None:
        raise DispatchUnknown
    today = clock.civil_date(at)
    calendar = working_days_queries.calendar(session)
    owed = [
        (delivery.id, point_id, due_on)
        for delivery, point_id, due_on in _owed(session, document_id)
        if calendar.days_late(due_on, None, today) > 0
    ]
    if not owed:
        raise NothingLate("Chưa có nơi nhận nào trễ hạn, không cần nhắc.")
    for delivery_id, point_id, due_on in owed:
        _promise(session, delivery_id, point_id, due_on, today, calendar, at)
    count = len({delivery_id for delivery_id, _, _ in owed})
    record(
        session,
        "document.reminded",
        object_kind="document",
        object_id=document_id,
        by=by,
        at=at,
        details={"recipients": count},
    )
    return count


def remind_lead(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> None:
    """Promise a reminder to who leads the work on an incoming document that is late.

    The head does, or who assigned it. Raises ArrivalUnknown, ForTheHeadOnly, NothingLate.
    """
    arrival = steps.locked_arrival(session, arrival_id, by)
    assigned_by = session.scalar(
        select(Assignment.assigned_by)
        .where(Assignment.arrival_id == arrival_id, Assignment.ended_at.is_(None))
        .limit(1)
    )
    if assigned_by != by.person_id:
        rules.check_head(by.position_kind)
    today = clock.civil_date(at)
    calendar = working_days_queries.calendar(session)
    is_open = arrival.state in (ArrivalState.ASSIGNED, ArrivalState.IN_PROGRESS)
    if not is_open or arrival.due_on is None or not calendar.days_late(arrival.due_on, None, today):
        raise NothingLate("Văn bản này chưa trễ hạn hoặc đã xong, không cần nhắc.")
    _promise(session, arrival.delivery_id, None, arrival.due_on, today, calendar, at)
    steps.put_on_record(session, "arrival.reminded", arrival, by=by, at=at)


def _owed(session: Session, document_id: UUID) -> list[tuple[Delivery, UUID | None, date]]:
    """Points and, of what states none, whole documents that recipients have not settled."""
    deliveries = session.scalars(
        select(Delivery).where(
            Delivery.document_id == document_id,
            Delivery.forwarding_id.is_(None),
            Delivery.state.not_in((DeliveryState.REFUSED, DeliveryState.RECALLED)),
        )
    ).all()
    points = session.scalars(
        select(DeliveryPoint).where(DeliveryPoint.delivery_id.in_([each.id for each in deliveries]))
    ).all()
    by_id = {each.id: each for each in deliveries}
    stated = {each.delivery_id for each in points}
    return [
        *(
            (by_id[each.delivery_id], each.id, each.due_on)
            for each in points
            if each.done_at is None and each.due_on is not None
        ),
        *(
            (each, None, each.due_on)
            for each in deliveries
            if each.id not in stated
            and each.due_on is not None
            and each.state not in _OVER
            and (rules.asks_work(each.purpose) or each.registered_at is None)
        ),
    ]


def _promise(
    session: Session,
    delivery_id: UUID,
    point_id: UUID | None,
    due_on: date,
    today: date,
    calendar: Calendar,
    at: datetime,
) -> None:
    promise(
        session,
        "routing.remind_one",
        at=at,
        delivery_id=delivery_id,
        point_id=point_id,
        due_on=due_on,
        working_days=calendar.days_late(due_on, None, today),
    )
