"""What is set about alerts, and what happened to calls. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.alerts.actions import WebhookUnknown, token_hash
from eoffice.alerts.model import AlertAddress, CalendarFeed, Webhook, WebhookCall
from eoffice.alerts.rules import NotTheOperators
from eoffice.alerts.states import CallState, Timing
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class AddressSet:
    id: UUID
    address: str
    timing: Timing
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class WebhookSet:
    id: UUID
    url: str
    actions: tuple[str, ...]
    created_at: datetime
    #: Calls that wait, and that were given up.
    waiting: int
    given_up: int


@dataclass(frozen=True, slots=True)
class Call:
    """One line of a webhook's log."""

    id: UUID
    action: str
    happened_at: datetime
    state: CallState
    attempts: int
    last_status: int | None
    failure: str | None
    delivered_at: datetime | None


def addresses_of(session: Session, person_id: UUID) -> tuple[AddressSet, ...]:
    """The oldest first."""
    rows = session.scalars(
        select(AlertAddress)
        .where(AlertAddress.person_id == person_id, AlertAddress.ended_at.is_(None))
        .order_by(AlertAddress.created_at)
    )
    return tuple(
        AddressSet(row.id, row.address, row.timing, row.confirmed_at is not None) for row in rows
    )


def feed_opened_at(session: Session, person_id: UUID) -> datetime | None:
    """Since when the person's calendar can be read; None when it cannot."""
    return session.scalars(
        select(CalendarFeed.created_at).where(
            CalendarFeed.person_id == person_id, CalendarFeed.ended_at.is_(None)
        )
    ).one_or_none()


def person_of_feed(session: Session, token: str) -> UUID | None:
    """Whose deadlines the secret opens. For the route that nobody signs in to."""
    found: UUID | None = session.scalar(select(func.person_of_feed(token_hash(token))))
    return found


def webhooks(session: Session, *, who: Principal) -> tuple[WebhookSet, ...]:
    """Those of the agency that are called, the newest first. Raises NotTheOperators."""
    _operators_only(who)
    counts = {
        (webhook_id, state): count
        for webhook_id, state, count in session.execute(
            select(WebhookCall.webhook_id, WebhookCall.state, func.count())
            .where(WebhookCall.agency_id == who.agency_id, WebhookCall.state != CallState.DELIVERED)
            .group_by(WebhookCall.webhook_id, WebhookCall.state)
        )
    }
    rows = session.scalars(
        select(Webhook)
        .where(Webhook.agency_id == who.agency_id, Webhook.ended_at.is_(None))
        .order_by(Webhook.created_at.desc())
    )
    return tuple(
        WebhookSet(
            row.id,
            row.url,
            tuple(row.actions),
            row.created_at,
            counts.get((row.id, CallState.WAITING), 0),
            counts.get((row.id, CallState.GIVEN_UP), 0),
        )
        for row in rows
    )


def webhook(session: Session, webhook_id: UUID, *, who: Principal) -> WebhookSet:
    """Raises NotTheOperators, WebhookUnknown."""
    for each in webhooks(session, who=who):
        if each.id == webhook_id:
            return each
    raise WebhookUnknown("Không có địa chỉ nhận sự kiện này.")


def calls(
    session: Session, webhook_id: UUID, *, who: Principal, limit: int = 100
) -> tuple[Call, ...]:
    """The log of a webhook, the newest first. Raises NotTheOperators."""
    _operators_only(who)
    rows = session.scalars(
        select(WebhookCall)
        .where(WebhookCall.webhook_id == webhook_id, WebhookCall.agency_id == who.agency_id)
        .order_by(WebhookCall.created_at.desc(), WebhookCall.id.desc())
        .limit(limit)
    )
    return tuple(
        Call(
            row.id,
            row.action,
            row.happened_at,
            row.state,
            row.attempts,
            row.last_status,
            row.failure,
            row.delivered_at,
        )
        for row in rows
    )


def _operators_only(who: Principal) -> None:
    if who.position_kind != PositionKind.OPERATOR:
        raise NotTheOperators("Chỉ quản trị hệ thống xem được các địa chỉ nhận sự kiện.")
