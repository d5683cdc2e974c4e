"""Alerts for programs: webhooks of an agency, and the calendar that needs no sign-in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.alerts import actions, feed, queries, rules, waiting
from eoffice.alerts.states import CallState
from eoffice.alerts.waiting import Item
from eoffice.errors import NotFound
from eoffice.people import credentials
from eoffice.people import queries as people
from eoffice.settings import settings
from eoffice.web.idempotency import Once
from eoffice.web.principal import IN_PERSON, Request, principal


class FeedUnknown(NotFound):
    """There is no calendar at this address."""


class NewWebhook(msgspec.Struct, frozen=True, kw_only=True):
    url: Annotated[str, msgspec.Meta(max_length=500)]
    #: "document.issue", or "document.*" for the whole family
    actions: Annotated[list[str], msgspec.Meta(max_length=200)]


class WebhookOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    url: str
    actions: list[str]
    created_at: datetime
    waiting: int
    given_up: int


class WebhookMade(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    #: With which the receiver checks `webhook-signature`.
    secret: str


class CallOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    action: str
    happened_at: datetime
    state: CallState
    attempts: int
    last_status: int | None
    failure: str | None
    delivered_at: datetime | None


@get("/", sync_to_thread=True)
def webhooks(request: Request) -> list[WebhookOut]:
    """The agency's webhooks, the newest first. Operators only."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.webhooks(session, who=who)
    return [
        WebhookOut(
            id=each.id,
            url=each.url,
            actions=list(each.actions),
            created_at=each.created_at,
            waiting=each.waiting,
            given_up=each.given_up,
        )
        for each in found
    ]


@post("/", sync_to_thread=True, opt={"scope": IN_PERSON})
def add_webhook(
    request: Request, data: JSONBody[NewWebhook], once: NamedDependency[Once]
) -> Response[WebhookMade]:
    """Have a program told of events from now on. Operators only."""
    who = principal(request)

    def work(session: Session) -> WebhookMade:
        webhook_id = actions.add_webhook(
            session,
            data.url,
            data.actions,
            inside=settings().webhook_hosts,
            by=who,
            at=clock.now(),
        )
        return WebhookMade(
            id=webhook_id, secret=rules.webhook_secret(settings().secret_key, webhook_id)
        )

    return once.answer(work, status=201)


@delete("/{webhook_id:uuid}", sync_to_thread=True, opt={"scope": IN_PERSON})
def end_webhook(request: Request, webhook_id: FromPath[UUID]) -> None:
    """Call it no more."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.end_webhook(session, webhook_id, by=who, at=clock.now())


@get("/{webhook_id:uuid}/calls", sync_to_thread=True)
def calls(request: Request, webhook_id: FromPath[UUID]) -> list[CallOut]:
    """The last hundred calls, the newest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.calls(session, webhook_id, who=who)
    return [
        CallOut(
            id=each.id,
            action=each.action,
            happened_at=each.happened_at,
            state=each.state,
            attempts=each.attempts,
            last_status=each.last_status,
            failure=each.failure,
            delivered_at=each.delivered_at,
        )
        for each in found
    ]


@get("/calendar/{name:str}", sync_to_thread=True, opt={"public": True}, include_in_schema=False)
def calendar(name: FromPath[str]) -> Response[bytes]:
    """The deadlines of whoever made this address; calendar programs sign in nowhere."""
    at = clock.now()
    with db.transaction(None) as session:
        person_id = queries.person_of_feed(session, name.removesuffix(".ics"))
        if person_id is None:
            raise FeedUnknown("Không có lịch ở địa chỉ này.")
        held = people.appointments_of(session, person_id, at=at)
        positions = [credentials.principal_of_appointment(session, each.id, at=at) for each in held]
    found: dict[tuple[str, UUID], Item] = {}
    for who in positions:
        with db.transaction(who.acting) as session:
            for item in waiting.items(session, who, at=at):
                found.setdefault((item.awaits.value, item.object_id), item)
    return Response(
        feed.calendar(waiting.ordered(found.values()), at=at, base_url=settings().base_url),
        media_type="text/calendar; charset=utf-8",
        headers={"cache-control": "private, max-age=300"},
    )


router = Router(
    "/api/v1/webhooks",
    route_handlers=[webhooks, add_webhook, end_webhook, calls],
    tags=["webhooks"],
)
feeds = Router("/", route_handlers=[calendar])
