"""How far a signature is, for programs; and the signer's no."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.signing.model import Purpose
from eoffice.signing.requests import actions, queries
from eoffice.signing.requests.queries import RequestRead
from eoffice.signing.requests.states import Awaited, Channel, RequestState
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class AwaitedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Who or what is awaited."""

    who: str
    since: str
    trouble: str
    next: str
    next_at: str | None


class SignatureRequestOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    title: str
    subject_kind: str
    subject_id: UUID
    field: str
    purpose: Purpose
    capacity: str
    channel: Channel
    state: RequestState
    requested_at: str
    expires_at: str | None
    finished_at: str | None
    failure: str
    awaited: AwaitedOut | None


class Declining(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


@get("/", sync_to_thread=True)
def mine(request: Request) -> list[SignatureRequestOut]:
    """My requests that are open, or came to nothing in the last two weeks; the newest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [out(each) for each in queries.unfinished(session, who, at=clock.now())]


@get("/{request_id:uuid}", sync_to_thread=True)
def one(request: Request, request_id: FromPath[UUID]) -> SignatureRequestOut:
    """A request of mine: its state, who is awaited since when, what went wrong, what comes next."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return out(queries.request(session, request_id, who=who))


@post("/{request_id:uuid}/refusal", sync_to_thread=True, status_code=200, opt={"scope": "sign"})
def decline(
    request: Request,
    request_id: FromPath[UUID],
    data: JSONBody[Declining],
    once: NamedDependency[Once],
) -> Response[SignatureRequestOut]:
    """Do not sign it. What a key has signed already cannot be declined."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def work(session: Session) -> SignatureRequestOut:
        actions.decline(session, request_id, why=data.reason, by=who, at=clock.now())
        session.flush()
        return out(queries.request(session, request_id, who=who))

    return once.answer(work)


def out(found: RequestRead) -> SignatureRequestOut:
    """As programs see it."""
    return SignatureRequestOut(
        id=found.id,
        title=found.title,
        subject_kind=found.subject_kind,
        subject_id=found.subject_id,
        field=found.field,
        purpose=found.purpose,
        capacity=found.capacity,
        channel=found.channel,
        state=found.state,
        requested_at=found.requested_at.isoformat(),
        expires_at=_iso(found.expires_at),
        finished_at=_iso(found.finished_at),
        failure=found.failure,
        awaited=None if found.awaited is None else _awaited(found.awaited),
    )


def _awaited(awaited: Awaited) -> AwaitedOut:
    return AwaitedOut(
        who=awaited.who,
        since=awaited.since.isoformat(),
        trouble=awaited.trouble,
        next=awaited.next,
        next_at=_iso(awaited.next_at),
    )


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


router = Router(
    "/api/v1/signature-requests", route_handlers=[mine, one, decline], tags=["signatures"]
)
