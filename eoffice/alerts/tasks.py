"""What the worker does about alerts: look for news, send mail, call webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from celery import shared_task
from sqlalchemy.orm import Session

from eoffice import clock, mailing, outbox
from eoffice.alerts import (
    calls,
    mail,
    news,
    push,
    push_actions,
    push_rules,
    rules,
    told,
    waiting,
)
from eoffice.alerts.push_model import PushDevice
from eoffice.alerts.states import Timing
from eoffice.alerts.waiting import Item
from eoffice.db import system_transaction, transaction
from eoffice.errors import Unavailable
from eoffice.outbox import Claim
from eoffice.people import credentials, queries, working_days_queries
from eoffice.promised import keeps, keeps_in_steps
from eoffice.settings import settings
from eoffice.web.principal import Principal


class PushFailed(Unavailable):
    """The push service of a browser did not take a message."""


class CallFailed(Unavailable):
    """The receiver of a webhook did not take the call."""


def look() -> None:
    """Find what newly awaits people and what webhooks are to be told. Idempotent.

    A look that dies is made again from where the last whole one ended.
    """
    at = clock.now()
    with system_transaction() as session:
        since = news.look_since(session, at=at)
        news.note_calls(session, since=since, at=at)
        has_mail, has_push = bool(settings().smtp_url), push.sender() is not None
        if has_mail or has_push:
            _promise_digests(at, by_mail=has_mail, on_devices=has_push)
            people = news.people_to_look_at(session, since=since)
        else:
            people = frozenset()
    for person_id in sorted(people):
        found = items_of(person_id, at)
        with system_transaction() as session:
            news.tell(session, person_id, found, at=at, by_mail=has_mail, on_devices=has_push)
    with system_transaction() as session:
        news.note_look(session, at=at)


def items_of(person_id: UUID, at: datetime) -> tuple[Item, ...]:
    """What awaits a person in all positions that they hold, each seen with its own rights."""
    found: dict[tuple[str, UUID], Item] = {}
    for who in _positions(person_id, at):
        with transaction(who.acting) as session:
            for item in waiting.items(session, who, at=at):
                found.setdefault((item.awaits.value, item.object_id), item)
    return waiting.ordered(found.values())


def _positions(person_id: UUID, at: datetime) -> tuple[Principal, ...]:
    with system_transaction() as session:
        return tuple(
            credentials.principal_of_appointment(session, each.id, at=at)
            for each in queries.appointments_of(session, person_id, at=at)
        )


def _promise_digests(at: datetime, *, by_mail: bool, on_devices: bool) -> None:
    local = clock.vietnam_time(at)
    with system_transaction() as session:
        works = working_days_queries.calendar(session).is_working_day(local.date())
        addresses = news.addresses_that_are_told(session, timing=Timing.DAILY) if by_mail else ()
        for each in addresses:
            if rules.digest_due(local.date(), local.hour, each.told_on, is_working_day=works):
                news.promise_digest(session, each, today=local.date(), at=at)
        devices = push_actions.devices_for_digest(session) if on_devices else ()
        for device_id, told_on in devices:
            if rules.digest_due(local.date(), local.hour, told_on, is_working_day=works):
                push_actions.promise_digest(session, device_id, today=local.date(), at=at)


@keeps_in_steps("alerts.send_code")
def send_code(claim: Claim, at: datetime) -> None:  # noqa: ARG001 -- every task is called so
    """The code that proves an address."""
    with system_transaction() as session:
        row = news.address(session, UUID(claim.payload["address_id"]))
        message = None
        if row is not None and row.confirmed_at is None:
            digits = rules.code(settings().secret_key, row.id, row.created_at)
            message = mail.code(row.address, digits, base_url=settings().base_url, key=claim.id)
    _send_and_keep(claim, message)


@keeps_in_steps("alerts.send_news")
def send_news(claim: Claim, at: datetime) -> None:
    """What one look found, as far as it still awaits the person."""
    found_at = datetime.fromisoformat(claim.payload["found_at"])
    with system_transaction() as session:
        row = news.address(session, UUID(claim.payload["address_id"]))
        found = (
            frozenset() if row is None else news.found(session, row.person_id, found_at=found_at)
        )
    if row is None:
        _send_and_keep(claim, None)
        return
    items = [
        each for each in items_of(row.person_id, at) if (each.awaits.value, each.object_id) in found
    ]
    _send_and_keep(claim, _news(row.address, items, claim, at))


@keeps_in_steps("alerts.send_digest")
def send_digest(claim: Claim, at: datetime) -> None:
    """Everything that awaits a person, in the morning; nothing on a day without work."""
    with system_transaction() as session:
        row = news.address(session, UUID(claim.payload["address_id"]))
    items = () if row is None else items_of(row.person_id, at)
    message = None if row is None else _news(row.address, list(items), claim, at)
    _send_and_keep(claim, message)


@keeps("alerts.tell")
def tell(session: Session, payload: Mapping[str, Any], at: datetime) -> None:
    """Another part of the office has a person told of something."""
    told.note(session, payload, at=at)


@keeps_in_steps("alerts.push_news")
def push_news(claim: Claim, at: datetime) -> None:
    """How much of what one look found still awaits the person, to one of their devices."""
    found_at = datetime.fromisoformat(claim.payload["found_at"])
    device_id = UUID(claim.payload["device_id"])
    with system_transaction() as session:
        row = push_actions.device(session, device_id)
        found = (
            frozenset() if row is None else news.found(session, row.person_id, found_at=found_at)
        )
    items = () if row is None else items_of(row.person_id, at)
    new = [each for each in items if (each.awaits.value, each.object_id) in found]
    _push_and_keep(claim, row, push_rules.payload(new) if new else None)


@keeps_in_steps("alerts.push_digest")
def push_digest(claim: Claim, at: datetime) -> None:
    """How much awaits a person, in the morning; nothing on a day without work."""
    with system_transaction() as session:
        row = push_actions.device(session, UUID(claim.payload["device_id"]))
    items = () if row is None else items_of(row.person_id, at)
    _push_and_keep(claim, row, push_rules.digest_payload(items) if items else None)


def _push_and_keep(claim: Claim, row: PushDevice | None, payload: bytes | None) -> None:
    """One attempt; a device that is gone is ended, anything else is tried again."""
    outcome = None
    if row is not None and payload is not None:
        key = push.sender()
        if key is None:
            raise PushFailed("Máy chủ không có khóa gửi thông báo đến trình duyệt.")
        body = push.encrypted(payload, public_key=row.public_key, auth_secret=row.auth_secret)
        outcome = key.send(row.endpoint, body)
        is_gone = outcome.status in push_rules.GONE
        if not outcome.is_delivered and not is_gone:
            raise PushFailed(f"Dịch vụ thông báo của trình duyệt chưa nhận: {outcome.failure}.")
    with system_transaction() as session:
        if row is not None and outcome is not None:
            push_actions.note_pushed(
                session, row.id, is_gone=outcome.status in push_rules.GONE, at=clock.now()
            )
        outbox.keep(session, claim.id, at=clock.now())


@keeps_in_steps("alerts.call")
def call(claim: Claim, at: datetime) -> None:
    """One event to one webhook; tried again with growing waits, each attempt on the log."""
    call_id = UUID(claim.payload["call_id"])
    with system_transaction() as session:
        found = news.call(session, call_id)
    if found is None:
        _send_and_keep(claim, None)
        return
    row, hook = found
    body = json.dumps(
        {
            "type": row.action,
            "timestamp": row.happened_at.isoformat(),
            "data": {
                "event_id": str(row.event_id),
                "object_kind": row.object_kind,
                "object_id": str(row.object_id),
                "agency_id": str(row.agency_id),
            },
        },
        separators=(",", ":"),
    ).encode()
    headers = rules.signed_headers(
        rules.webhook_secret(settings().secret_key, hook.id), message_id=row.id, at=at, body=body
    )
    outcome = calls.post(
        hook.url,
        body,
        {**headers, "content-type": "application/json", "user-agent": "eoffice-webhooks"},
    )
    is_last = claim.attempt >= outbox.MOST_ATTEMPTS
    with system_transaction() as session:
        news.note_attempt(
            session,
            call_id,
            status=outcome.status,
            failure=outcome.failure,
            is_last=is_last,
            at=clock.now(),
        )
        if outcome.is_delivered or is_last:
            outbox.keep(session, claim.id, at=clock.now())
            return
    raise CallFailed(f"Địa chỉ nhận sự kiện chưa nhận: {outcome.failure}.")


def _news(address: str, items: list[Item], claim: Claim, at: datetime) -> EmailMessage | None:
    if not items:
        return None
    return mail.news(
        address,
        items,
        today=clock.civil_date(at),
        base_url=settings().base_url,
        key=claim.id,
    )


def _send_and_keep(claim: Claim, message: EmailMessage | None) -> None:
    if message is not None:
        mailing.send(message)
    with system_transaction() as session:
        outbox.keep(session, claim.id, at=clock.now())


shared_task(name="alerts.look", ignore_result=True)(look)
