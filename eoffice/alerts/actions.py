"""What people set about their alerts, and operators about webhooks. Actions."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.alerts import rules
from eoffice.alerts.model import AlertAddress, CalendarFeed, Webhook
from eoffice.alerts.states import Timing
from eoffice.audit.actions import record
from eoffice.audit.phrases import PHRASES
from eoffice.db import new_id
from eoffice.errors import Conflict, NotFound
from eoffice.outbox import promise
from eoffice.people.kinds import PositionKind
from eoffice.web.principal import Principal

_FEED_BYTES = 24


class AddressUnknown(NotFound):
    """The person has no such address."""


class AddressTaken(Conflict):
    """The person has this address already."""


class WebhookUnknown(NotFound):
    """The agency has no such webhook."""


def add_address(
    session: Session, text: str, timing: Timing, *, by: Principal, at: datetime
) -> UUID:
    """Note an address and promise the mail with its code.

    Raises AddressWrong, AddressTaken, TooMany.
    """
    address = rules.checked_address(text)
    present = session.scalars(
        select(AlertAddress.address)
        .where(AlertAddress.person_id == by.person_id, AlertAddress.ended_at.is_(None))
        .with_for_update(of=AlertAddress)
    ).all()
    if address in present:
        words = "Địa chỉ này đã có."
        raise AddressTaken(words, fields={"address": words})
    if len(present) >= rules.MOST_ADDRESSES:
        words = f"Mỗi người có tối đa {rules.MOST_ADDRESSES} địa chỉ. Hãy bỏ bớt một địa chỉ."
        raise rules.TooMany(words, fields={"address": words})
    row = AlertAddress(
        id=new_id(),
        person_id=by.person_id,
        address=address,
        timing=timing,
        created_at=at,
        tries=0,
    )
    session.add(row)
    session.flush()
    promise(session, "alerts.send_code", at=at, address_id=row.id)
    _record(session, "alert.address_added", "alert_address", row.id, by, at)
    return row.id


def confirm_address(
    session: Session, address_id: UUID, code: str, *, secret_key: str, by: Principal, at: datetime
) -> bool:
    """Whether the code that came back is the one that was sent; a wrong one is counted.

    The count has to be committed, so a wrong code is an answer and no refusal. Idempotent.
    Raises AddressUnknown, TooManyTries.
    """
    row = _address(session, address_id, by)
    if row.confirmed_at is not None:
        return True
    try:
        rules.check_code(
            code,
            secret_key=secret_key,
            address_id=row.id,
            made_at=row.created_at,
            tries=row.tries,
            at=at,
        )
    except rules.CodeWrong:
        row.tries += 1
        return False
    row.confirmed_at = at
    _record(session, "alert.address_confirmed", "alert_address", row.id, by, at)
    return True


def set_timing(
    session: Session, address_id: UUID, timing: Timing, *, by: Principal, at: datetime
) -> None:
    """Raises AddressUnknown."""
    _address(session, address_id, by).timing = timing
    _record(session, "alert.timing_set", "alert_address", address_id, by, at)


def end_address(session: Session, address_id: UUID, *, by: Principal, at: datetime) -> None:
    """No mail goes there any more. Raises AddressUnknown."""
    _address(session, address_id, by).ended_at = at
    _record(session, "alert.address_ended", "alert_address", address_id, by, at)


def open_feed(session: Session, *, by: Principal, at: datetime) -> str:
    """A new secret for the calendar of one's deadlines; an older one is over. Shown once."""
    close_feed(session, by=by, at=at)
    token = secrets.token_urlsafe(_FEED_BYTES)
    row = CalendarFeed(
        id=new_id(), person_id=by.person_id, token_sha256=token_hash(token), created_at=at
    )
    session.add(row)
    session.flush()
    _record(session, "alert.feed_opened", "calendar_feed", row.id, by, at)
    return token


def close_feed(session: Session, *, by: Principal, at: datetime) -> None:
    """The address of the calendar leads nowhere any more. Idempotent."""
    row = session.scalars(
        select(CalendarFeed)
        .where(CalendarFeed.person_id == by.person_id, CalendarFeed.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if row is not None:
        row.ended_at = at
        session.flush()
        _record(session, "alert.feed_closed", "calendar_feed", row.id, by, at)


def add_webhook(
    session: Session,
    url: str,
    actions: Iterable[str],
    *,
    inside: Iterable[str],
    by: Principal,
    at: datetime,
) -> UUID:
    """Have a program told of the agency's events from now on.

    `inside`: hosts of this network that may be called. Raises NotTheOperators, WebhookWrong,
    TooMany.
    """
    _operators_only(by)
    checked = rules.checked_url(url, inside=inside)
    wanted = rules.checked_actions(actions, PHRASES)
    present = session.scalar(
        select(func.count())
        .select_from(Webhook)
        .where(Webhook.agency_id == by.agency_id, Webhook.ended_at.is_(None))
    )
    if (present or 0) >= rules.MOST_WEBHOOKS:
        raise rules.TooMany(f"Mỗi cơ quan có tối đa {rules.MOST_WEBHOOKS} địa chỉ nhận sự kiện.")
    row = Webhook(
        id=new_id(),
        agency_id=by.agency_id,
        url=checked,
        actions=list(wanted),
        created_by=by.person_id,
        created_at=at,
    )
    session.add(row)
    session.flush()
    _record(session, "webhook.added", "webhook", row.id, by, at)
    return row.id


def end_webhook(session: Session, webhook_id: UUID, *, by: Principal, at: datetime) -> None:
    """It is called no more; its log stays. Raises NotTheOperators, WebhookUnknown."""
    _operators_only(by)
    row = session.scalars(
        select(Webhook)
        .where(
            Webhook.id == webhook_id,
            Webhook.agency_id == by.agency_id,
            Webhook.ended_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise WebhookUnknown("Không có địa chỉ nhận sự kiện này.")
    row.ended_at = at
    _record(session, "webhook.ended", "webhook", row.id, by, at)


def token_hash(token: str) -> bytes:
    """Under which the secret of a feed is kept. Unsalted: it has 192 random bits."""
    return sha256(token.encode()).digest()


def _address(session: Session, address_id: UUID, by: Principal) -> AlertAddress:
    row = session.scalars(
        select(AlertAddress)
        .where(
            AlertAddress.id == address_id,
            AlertAddress.person_id == by.person_id,
            AlertAddress.ended_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise AddressUnknown("Không có địa chỉ này.")
    return row


def _operators_only(by: Principal) -> None:
    if by.position_kind != PositionKind.OPERATOR:
        raise rules.NotTheOperators("Chỉ quản trị hệ thống được đặt địa chỉ nhận sự kiện.")


def _record(
    session: Session, action: str, kind: str, object_id: UUID, by: Principal, at: datetime
) -> None:
    record(session, action, object_kind=kind, object_id=object_id, by=by, at=at)
