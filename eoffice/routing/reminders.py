"""Reminders of what others asked for: rules of the asking agency, notices at the reminded one.

`remind` runs by the calendar as the office itself. Each reminder is a row that can exist only once
for a delivery (or one of its points), a deadline and a rule, so a promise that is kept twice
reminds once.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents import rules as documents_rules
from eoffice.errors import NotAllowed, NotFound
from eoffice.outbox import promise
from eoffice.people import working_days_queries
from eoffice.people.kinds import PositionKind
from eoffice.people.working_days import Calendar
from eoffice.routing import outside_rules, reminders_rules, rules
from eoffice.routing.model import Arrival, Assignment, Delivery
from eoffice.routing.rules import Role
from eoffice.routing.states import DeliveryState
from eoffice.routing.work_model import DeliveryPoint, Reminder, ReminderRule
from eoffice.web.principal import Principal

#: Whose hand the audit log names.
REMINDER = "worker:routing.remind"
_NOTHING_OWED = (DeliveryState.DONE, DeliveryState.REFUSED, DeliveryState.RECALLED)


class ReminderUnknown(NotFound):
    """There is no such reminder for the acting unit."""

    def __init__(self) -> None:
        super().__init__("Không có lời nhắc này.")


class OnlyWriters(NotAllowed):
    """Who neither writes nor follows documents sets no rules of reminding."""


@dataclass(frozen=True, slots=True)
class ReminderSeen:
    id: UUID
    #: A whole sentence.
    text: str
    path: str
    created_at: datetime


def rules_of(session: Session, agency_id: UUID) -> tuple[int, ...]:
    """By how many working days behind a deadline this agency reminds, earliest first."""
    return tuple(
        session.scalars(
            select(ReminderRule.working_days)
            .where(ReminderRule.agency_id == agency_id)
            .order_by(ReminderRule.working_days)
        )
    )


def add_rule(session: Session, working_days: int, *, by: Principal, at: datetime) -> None:
    """Remind by this rule from now on. Idempotent. Raises RuleUnacceptable, OnlyWriters."""
    _check(by)
    session.execute(
        insert(ReminderRule)
        .values(
            agency_id=by.agency_id,
            working_days=reminders_rules.checked(working_days),
            set_by=by.person_id,
            set_at=at,
        )
        .on_conflict_do_nothing()
    )
    _ruled(session, by=by, at=at, added=working_days)


def remove_rule(session: Session, working_days: int, *, by: Principal, at: datetime) -> None:
    """Remind by this rule no more. Idempotent. Raises OnlyWriters."""
    _check(by)
    session.execute(
        delete(ReminderRule).where(
            ReminderRule.agency_id == by.agency_id, ReminderRule.working_days == working_days
        )
    )
    _ruled(session, by=by, at=at, removed=working_days)


def remind(session: Session, *, at: datetime) -> int:
    """Promise a reminder to everybody who is due by the rules of today; how many.

    What was reminded for the same reason before is left out.
    """
    today = clock.civil_date(at)
    calendar = working_days_queries.calendar(session)
    if not calendar.is_working_day(today):
        return 0
    by_agency: defaultdict[UUID, list[int]] = defaultdict(list)
    for rule in session.scalars(select(ReminderRule)):
        by_agency[rule.agency_id].append(rule.working_days)
    promised = 0
    for agency_id, wanted in by_agency.items():
        # Nothing is due whose deadline lies further ahead than the earliest rule.
        horizon = calendar.shifted(today, max(0, -min(wanted)) + 1)
        known = {
            (row[0], row[1], row[2], row[3])
            for row in session.execute(
                select(
                    Reminder.delivery_id,
                    Reminder.delivery_point_id,
                    Reminder.due_on,
                    Reminder.working_days,
                )
                .join(Delivery, Delivery.id == Reminder.delivery_id)
                .where(Delivery.sender_agency_id == agency_id)
            )
        }
        for delivery, point in _owing(session, agency_id, until=horizon):
            due_on = delivery.due_on if point is None else point.due_on
            assert due_on is not None
            rule_days = reminders_rules.due_rule(wanted, due_on, today, calendar)
            point_id = None if point is None else point.id
            if rule_days is None or (delivery.id, point_id, due_on, rule_days) in known:
                continue
            promise(
                session,
                "routing.remind_one",
                at=at,
                delivery_id=delivery.id,
                point_id=point_id,
                due_on=due_on,
                working_days=rule_days,
            )
            promised += 1
    return promised


def remind_one(
    session: Session,
    delivery_id: UUID,
    point_id: UUID | None,
    *,
    due_on: date,
    working_days: int,
    at: datetime,
) -> bool:
    """Leave the recipient a reminder; whether it is the first for this reason.

    Runs as the office itself; idempotent.
    """
    delivery = session.get_one(Delivery, delivery_id)
    reminder_id = session.scalar(
        insert(Reminder)
        .values(
            id=new_id(),
            agency_id=delivery.recipient_agency_id,
            unit_id=_unit_in_charge(session, delivery),
            delivery_id=delivery_id,
            delivery_point_id=point_id,
            due_on=due_on,
            working_days=working_days,
            reminded_at=at,
        )
        .on_conflict_do_nothing()
        .returning(Reminder.id)
    )
    if reminder_id is None:
        return False
    record(
        session,
        "delivery.reminded",
        object_kind="delivery",
        object_id=delivery_id,
        by=REMINDER,
        at=at,
        details={"due_on": due_on, "working_days": working_days},
    )
    return True


def unread(
    session: Session, *, who: Principal, today: date, limit: int
) -> tuple[ReminderSeen, ...]:
    """Reminders of the unit of `who`, or for a clerk or head of its agency; latest first."""
    calendar = working_days_queries.calendar(session)
    rows = session.execute(
        select(Reminder, Delivery, DeliveryPoint, Arrival.id)
        .join(Delivery, Delivery.id == Reminder.delivery_id)
        .join(DeliveryPoint, DeliveryPoint.id == Reminder.delivery_point_id, isouter=True)
        .join(Arrival, Arrival.delivery_id == Delivery.id, isouter=True)
        .where(_theirs(who), Reminder.read_at.is_(None))
        .order_by(Reminder.reminded_at.desc(), Reminder.id)
        .limit(limit)
    )
    return tuple(
        _seen(reminder, delivery, point, arrival_id, today, calendar)
        for reminder, delivery, point, arrival_id in rows
    )


def put_away(session: Session, reminder_id: UUID, *, by: Principal, at: datetime) -> None:
    """The reminder has been read. Idempotent; nothing follows from it. Raises ReminderUnknown."""
    found = session.scalars(
        select(Reminder).where(Reminder.id == reminder_id, _theirs(by))
    ).one_or_none()
    if found is None:
        raise ReminderUnknown
    found.read_at = found.read_at or at


def _owing(
    session: Session, agency_id: UUID, *, until: date
) -> list[tuple[Delivery, DeliveryPoint | None]]:
    """What others owe this agency by that day: points, and documents that state none."""
    of_points = session.execute(
        select(Delivery, DeliveryPoint)
        .join(DeliveryPoint, DeliveryPoint.delivery_id == Delivery.id)
        .where(
            DeliveryPoint.sender_agency_id == agency_id,
            DeliveryPoint.done_at.is_(None),
            DeliveryPoint.due_on <= until,
            Delivery.state.not_in((DeliveryState.REFUSED, DeliveryState.RECALLED)),
        )
    ).all()
    whole = session.scalars(
        select(Delivery).where(
            Delivery.sender_agency_id == agency_id,
            Delivery.due_on <= until,
            Delivery.state.not_in(_NOTHING_OWED),
            ~select(DeliveryPoint.id).where(DeliveryPoint.delivery_id == Delivery.id).exists(),
        )
    ).all()
    asked = [each for each in whole if rules.asks_work(each.purpose) or each.registered_at is None]
    return [*((row[0], row[1]) for row in of_points), *((each, None) for each in asked)]


def _unit_in_charge(session: Session, delivery: Delivery) -> UUID:
    """Who leads the work on it; before that is said, the recipient itself."""
    leading = session.scalar(
        select(Assignment.unit_id)
        .join(Arrival, Arrival.id == Assignment.arrival_id)
        .where(
            Arrival.delivery_id == delivery.id,
            Assignment.role == Role.LEAD,
            Assignment.ended_at.is_(None),
        )
        .limit(1)
    )
    return leading or delivery.recipient_unit_id


def _theirs(who: Principal) -> ColumnElement[bool]:
    of_agency = Reminder.agency_id == who.agency_id
    if rules.is_clerk(who.position_kind) or rules.is_head(who.position_kind):
        return of_agency
    return of_agency & (Reminder.unit_id == who.unit_id)


def _seen(
    reminder: Reminder,
    delivery: Delivery,
    point: DeliveryPoint | None,
    arrival_id: UUID | None,
    today: date,
    calendar: Calendar,
) -> ReminderSeen:
    path = (
        f"/incoming/deliveries/{delivery.id}" if arrival_id is None else f"/incoming/{arrival_id}"
    )
    text = reminders_rules.sentence(
        outside_rules.code(delivery.number, delivery.notation),
        delivery.subject if point is None else point.text,
        reminder.due_on,
        today,
        calendar,
    )
    return ReminderSeen(reminder.id, text, path, reminder.reminded_at)


def _check(by: Principal) -> None:
    if not documents_rules.may_write(PositionKind(by.position_kind)):
        raise OnlyWriters("Chỉ người soạn thảo và theo dõi văn bản đặt quy tắc nhắc việc.")


def _ruled(session: Session, *, by: Principal, at: datetime, **details: int) -> None:
    record(
        session,
        "reminders.ruled",
        object_kind="unit",
        object_id=by.agency_id,
        by=by,
        at=at,
        details=details,
    )
