"""What is shown of each kind of line, for the rows that were found: one query for a kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.desk import branches, rules
from eoffice.desk.lines import Line
from eoffice.desk.rules import Kind
from eoffice.documents import states as document_states
from eoffice.documents import types, waiting
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.model import DocumentFlowStep
from eoffice.documents.flows.rules import StepState, Whom
from eoffice.documents.model import Document
from eoffice.documents.recipients.rules import Purpose
from eoffice.documents.states import State
from eoffice.people import working_days_queries
from eoffice.people.model import Person, Unit
from eoffice.people.working_days import Calendar
from eoffice.routing import outside_rules
from eoffice.routing.model import Arrival, Assignment, Delivery
from eoffice.routing.states import ARRIVAL_NAMES, ARRIVING_NAMES, DELIVERY_NAMES, ArrivalState
from eoffice.routing.work_model import Forwarding

_CLERK: Final = "Văn thư"
_HEAD: Final = "Người đứng đầu"
#: Who has a document that nobody is asked about by name.
_IN_STATE: Final = {
    State.AWAITING_SIGNATURE: "Người ký",
    State.SIGNED: _CLERK,
    State.NUMBERED: _CLERK,
    State.SEALED: _CLERK,
}
_ARRIVAL_TONES: Final = {ArrivalState.ASSIGNED: "waiting", ArrivalState.IN_PROGRESS: "going"}


def lines_of(session: Session, kind: Kind, ids: Sequence[UUID], *, today: date) -> list[Line]:
    """The lines of these rows, in no order; rows that are gone are left out."""
    calendar = working_days_queries.calendar(session)
    match kind:
        case Kind.ASSIGNED | Kind.TO_WORK_ON:
            return _assignments(session, kind, ids, today, calendar)
        case Kind.FORWARDED | Kind.TO_REGISTER:
            return _deliveries(session, kind, ids, today, calendar)
        case Kind.LAID | Kind.TO_SUBMIT | Kind.TO_ASSIGN:
            return _arrivals(session, kind, ids, today, calendar)
        case Kind.SUBMITTED | Kind.TO_REVIEW:
            return _in_approval(session, kind, ids, today, calendar)
        case Kind.ASKED:
            return _asked(session, ids, today, calendar)


def _assignments(
    session: Session, kind: Kind, ids: Sequence[UUID], today: date, calendar: Calendar
) -> list[Line]:
    rows = session.execute(
        select(Assignment, Arrival, Delivery, Unit.name, Person.full_name)
        .join(Arrival, Arrival.id == Assignment.arrival_id)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .join(Unit, Unit.id == Assignment.unit_id)
        .outerjoin(Person, Person.id == Assignment.person_id)
        .where(Assignment.id.in_(ids))
    )
    return [
        Line(
            kind=kind,
            id=assignment.id,
            path=f"/incoming/{arrival.id}",
            arrival_id=arrival.id,
            code=outside_rules.code(delivery.number, delivery.notation),
            subject=delivery.subject,
            holder=unit if person is None else f"{person}, {unit}",
            last_step=ARRIVAL_NAMES[arrival.state]
            if assignment.taken_at is None
            else "Đã bắt đầu xử lý",
            tone=_ARRIVAL_TONES.get(arrival.state, "quiet"),
            due_on=assignment.due_on,
            days_late=calendar.days_late(assignment.due_on, None, today),
            since=assignment.assigned_at,
            due_key=assignment.due_on or rules.NO_DEADLINE,
        )
        for assignment, arrival, delivery, unit, person in rows
    ]


def _deliveries(
    session: Session, kind: Kind, ids: Sequence[UUID], today: date, calendar: Calendar
) -> list[Line]:
    rows = session.execute(
        select(Delivery, Unit.name)
        .join(Unit, Unit.id == Delivery.recipient_unit_id)
        .where(Delivery.id.in_(ids))
    ).all()
    sources = _sources(session, [row[0].forwarding_id for row in rows if row[0].forwarding_id])
    return [_delivery(kind, delivery, unit, sources, today, calendar) for delivery, unit in rows]


def _delivery(
    kind: Kind,
    delivery: Delivery,
    unit: str,
    sources: dict[UUID, UUID],
    today: date,
    calendar: Calendar,
) -> Line:
    is_mine = kind is Kind.TO_REGISTER
    due_on = _clerk_due(delivery.delivered_at, calendar) if is_mine else delivery.due_on
    source = None if delivery.forwarding_id is None else sources.get(delivery.forwarding_id)
    return Line(
        kind=kind,
        id=delivery.id,
        path=f"/incoming/deliveries/{delivery.id}"
        if is_mine or source is None
        else f"/incoming/{source}",
        arrival_id=None if is_mine else source,
        code=outside_rules.code(delivery.number, delivery.notation),
        subject=delivery.subject,
        holder=_CLERK if is_mine else unit,
        last_step=(ARRIVING_NAMES if is_mine else DELIVERY_NAMES)[delivery.state],
        tone="waiting" if delivery.assigned_at is None else "going",
        due_on=due_on,
        days_late=calendar.days_late(due_on, None, today),
        since=delivery.delivered_at,
        due_key=due_on or rules.NO_DEADLINE,
    )


def _arrivals(
    session: Session, kind: Kind, ids: Sequence[UUID], today: date, calendar: Calendar
) -> list[Line]:
    rows = session.execute(
        select(Arrival, Delivery)
        .join(Delivery, Delivery.id == Arrival.delivery_id)
        .where(Arrival.id.in_(ids))
    )
    found: list[Line] = []
    for arrival, delivery in rows:
        is_clerks = kind is Kind.TO_SUBMIT
        due_on = _clerk_due(arrival.registered_at, calendar) if is_clerks else arrival.due_on
        found.append(
            Line(
                kind=kind,
                id=arrival.id,
                path=f"/incoming/{arrival.id}",
                arrival_id=arrival.id,
                code=outside_rules.code(delivery.number, delivery.notation),
                subject=delivery.subject,
                holder=_CLERK if is_clerks else _HEAD,
                last_step=ARRIVAL_NAMES[arrival.state],
                tone="waiting",
                due_on=due_on,
                days_late=calendar.days_late(due_on, None, today),
                since=arrival.submitted_at or arrival.registered_at,
                due_key=due_on or rules.NO_DEADLINE,
            )
        )
    return found


def _in_approval(
    session: Session, kind: Kind, ids: Sequence[UUID], today: date, calendar: Calendar
) -> list[Line]:
    asked, due = _steps(session, ids)
    return [
        Line(
            kind=kind,
            id=row.id,
            path=f"/documents/{row.id}",
            arrival_id=None,
            code=_code(row),
            subject=row.subject,
            holder=", ".join(asked[row.id]) or _IN_STATE.get(row.state, _CLERK),
            last_step=document_states.NAMES[row.state],
            tone=waiting.TONES[row.state],
            due_on=due.get(row.id),
            days_late=calendar.days_late(due.get(row.id), None, today),
            since=row.state_since,
            due_key=due.get(row.id) or rules.NO_DEADLINE,
        )
        for row in session.scalars(select(Document).where(Document.id.in_(ids)))
    ]


def _asked(session: Session, ids: Sequence[UUID], today: date, calendar: Calendar) -> list[Line]:
    owing = func.count().filter(
        Delivery.state.in_(branches.OWING), Delivery.purpose != Purpose.INFORMATION
    )
    rows = session.execute(
        select(Document, owing, func.count())
        .join(Delivery, Delivery.document_id == Document.id)
        .where(Document.id.in_(ids), Delivery.forwarding_id.is_(None))
        .group_by(Document.id)
    )
    return [
        Line(
            kind=Kind.ASKED,
            id=row.id,
            path=f"/documents/{row.id}/recipients",
            arrival_id=None,
            code=_code(row),
            subject=row.subject,
            holder=f"{left} trên {total} nơi nhận",
            last_step=document_states.NAMES[row.state],
            tone="going",
            due_on=row.due_on,
            days_late=calendar.days_late(row.due_on, None, today),
            since=row.state_since,
            due_key=row.due_on or rules.NO_DEADLINE,
        )
        for row, left, total in rows
    ]


def _steps(
    session: Session, ids: Sequence[UUID]
) -> tuple[defaultdict[UUID, list[str]], dict[UUID, date]]:
    """Whom the waiting steps of documents ask, and until when."""
    rows = session.execute(
        select(DocumentFlowStep, Unit.name, Person.full_name)
        .outerjoin(Unit, Unit.id == DocumentFlowStep.unit_id)
        .outerjoin(Person, Person.id == DocumentFlowStep.person_id)
        .where(DocumentFlowStep.document_id.in_(ids), DocumentFlowStep.state == StepState.WAITING)
        .order_by(DocumentFlowStep.stage, DocumentFlowStep.ordinal)
    )
    asked: defaultdict[UUID, list[str]] = defaultdict(list)
    due: dict[UUID, date] = {}
    for step, unit, person in rows:
        asked[step.document_id].append(
            flow_rules.whom_in_words(
                Whom(step.asked, step.position_kind, step.unit_id, step.person_id),
                unit_name=unit or "",
                person_name=person or "",
                is_agency=step.unit_id == step.agency_id,
            )
        )
        if step.due_on is not None:
            due[step.document_id] = min(step.due_on, due.get(step.document_id, step.due_on))
    return asked, due


def _sources(session: Session, forwardings: Sequence[UUID]) -> dict[UUID, UUID]:
    """The arrival that each forwarding passed on."""
    rows = session.execute(
        select(Forwarding.id, Forwarding.arrival_id).where(Forwarding.id.in_(forwardings))
    )
    return {row.id: row.arrival_id for row in rows}


def _code(row: Document) -> str | None:
    if row.number is None or row.notation is None:
        return None
    return types.code(row.number, row.notation)


def _clerk_due(came_at: datetime, calendar: Calendar) -> date:
    """Decree 30/2020, art. 23 (1): registered and submitted by the next working day."""
    return calendar.next_working_day(clock.civil_date(came_at))
