"""What a sender follows: how far each recipient is, and the notices of refusals and answers."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import get, post
from litestar.params import FromPath, FromQuery

from eoffice import clock, db
from eoffice.routing import actions, outgoing, queries
from eoffice.routing.rules import Standing
from eoffice.routing.states import DeliveryState
from eoffice.web.principal import Request, principal


class AnswerGivenOut(msgspec.Struct, frozen=True, kw_only=True):
    delivery_id: UUID
    document_id: UUID
    code: str
    issued_on: date
    subject: str
    delivered_at: datetime


class RecipientStatusOut(msgspec.Struct, frozen=True, kw_only=True):
    delivery_id: UUID
    unit_id: UUID
    unit_name: str
    state: DeliveryState
    #: In Vietnamese, lateness first.
    word: str
    standings: list[Standing]
    status_code: str
    delivered_at: datetime
    opened_at: datetime | None
    registered_at: datetime | None
    arrival_number: int | None
    assigned_at: datetime | None
    work_began_at: datetime | None
    done_at: datetime | None
    refused_at: datetime | None
    refusal_reason: str | None
    due_on: date | None
    days_late: int
    answer: AnswerGivenOut | None


class DispatchStatusOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID
    code: str
    type_name: str
    subject: str
    issued_on: date
    due_on: date | None
    recipients: list[RecipientStatusOut]
    on_the_way: list[str]
    counts: dict[Standing, int]
    answered: int


class NoticeOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    text: str
    path: str
    created_at: datetime


@get("/{document_id:uuid}/recipients-status", sync_to_thread=True)
def recipients_status(
    request: Request,
    document_id: FromPath[UUID],
    show: FromQuery[Standing | None] = None,
) -> DispatchStatusOut:
    """How far each recipient of an issued document is; `show` leaves only those in one standing."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = outgoing.dispatch_status(
            session,
            document_id,
            who=who,
            today=clock.civil_date(clock.now()),
        )
    out = msgspec.convert(found, DispatchStatusOut, from_attributes=True)
    if show is None:
        return out
    shown = [each for each in out.recipients if show in each.standings]
    return msgspec.structs.replace(out, recipients=shown)


@get("/", sync_to_thread=True)
def notices(request: Request) -> list[NoticeOut]:
    """What senders are told of without having asked: refusals and answers, latest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [
            msgspec.convert(each, NoticeOut, from_attributes=True)
            for each in queries.notices(session, who=who)
        ]


@post("/{notice_id:uuid}/reading", sync_to_thread=True, status_code=204)
def read_notice(request: Request, notice_id: FromPath[UUID]) -> None:
    """Put a notice away."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.read_notice(session, notice_id, by=who, at=clock.now())
