"""Handling for programs: deadlines moved, ended without an answer, taken over, passed on, slips."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.routing import (
    arrival_http,
    arrival_queries,
    deadlines,
    forwarding_actions,
    forwarding_queries,
    handling,
    work_pages,
    work_queries,
)
from eoffice.routing.arrival_http import ArrivalOut
from eoffice.routing.rules import Standing
from eoffice.routing.states import ArrivalState, DeliveryState
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    due_on: date
    reason: str


class EndingUnanswered(msgspec.Struct, frozen=True, kw_only=True):
    reason: str


class Forwarding(msgspec.Struct, frozen=True, kw_only=True):
    unit_ids: list[UUID]
    instruction: str
    #: Null: the deadline of the arrival holds.
    due_on: date | None = None


class AnswerFromBelowOut(msgspec.Struct, frozen=True, kw_only=True):
    delivery_id: UUID
    code: str
    subject: str
    delivered_at: datetime


class ForwardedToOut(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: UUID
    unit_name: str
    #: Null while it is on the way.
    state: DeliveryState | None
    word: str
    standings: list[Standing]
    arrival_number: int | None
    due_on: date | None
    done_at: datetime | None
    days_late: int
    #: What it sent back, oldest first.
    answers: list[AnswerFromBelowOut]


class ForwardingOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    instruction: str
    due_on: date | None
    forwarded_by: str
    forwarded_at: datetime
    recipients: list[ForwardedToOut]


class InheritedOut(msgspec.Struct, frozen=True, kw_only=True):
    arrival_id: UUID
    number: int
    year: int
    book_of: str
    code: str
    subject: str
    due_on: date | None
    state: ArrivalState


@post("/{arrival_id:uuid}/deadline", sync_to_thread=True, status_code=200)
def move_deadline(
    request: Request,
    arrival_id: FromPath[UUID],
    data: JSONBody[Moving],
    once: NamedDependency[Once],
) -> Response[ArrivalOut]:
    """đổi hạn xử lý, with the reason."""

    def step(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> object:
        return deadlines.move(session, arrival_id, data.due_on, data.reason, by=by, at=at)

    return arrival_http.take_step(request, arrival_id, once, step)


@post("/{arrival_id:uuid}/unanswered-completion", sync_to_thread=True, status_code=200)
def end_unanswered(
    request: Request,
    arrival_id: FromPath[UUID],
    data: JSONBody[EndingUnanswered],
    once: NamedDependency[Once],
) -> Response[ArrivalOut]:
    """kết thúc không trả lời bằng văn bản, with the reason."""

    def step(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> object:
        return handling.end_unanswered(session, arrival_id, data.reason, by=by, at=at)

    return arrival_http.take_step(request, arrival_id, once, step)


@post("/{arrival_id:uuid}/take-over", sync_to_thread=True, status_code=200)
def take_over(
    request: Request, arrival_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[ArrivalOut]:
    """Go on with what an agency left undone when it ended."""
    return arrival_http.take_step(request, arrival_id, once, handling.take_over)


@get("/inherited", sync_to_thread=True)
def inherited(request: Request) -> list[InheritedOut]:
    """What agencies that ended left undone and nobody took over."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = work_queries.inherited(session, who=who)
    return [msgspec.convert(each, InheritedOut, from_attributes=True) for each in found]


@get("/{arrival_id:uuid}/forwardings", sync_to_thread=True)
def forwardings(request: Request, arrival_id: FromPath[UUID]) -> list[ForwardingOut]:
    """To whom it was passed on, and how far each of them is."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _forwardings(session, arrival_id, who)


@post("/{arrival_id:uuid}/forwardings", sync_to_thread=True)
def forward(
    request: Request,
    arrival_id: FromPath[UUID],
    data: JSONBody[Forwarding],
    once: NamedDependency[Once],
) -> Response[list[ForwardingOut]]:
    """chuyển xuống đơn vị trực thuộc with a covering instruction."""
    who = principal(request)

    def work(session: Session) -> list[ForwardingOut]:
        forwarding_actions.forward(
            session,
            arrival_id,
            data.unit_ids,
            instruction=data.instruction,
            due_on=data.due_on,
            by=who,
            at=clock.now(),
        )
        session.flush()  # The answer reads what was just written.
        return _forwardings(session, arrival_id, who)

    return once.answer(work, status=201)


@get("/{arrival_id:uuid}/slip", sync_to_thread=True)
def slip(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """Phiếu giải quyết văn bản đến, as PDF."""
    return work_pages.printed_slip(principal(request), arrival_id)


def _forwardings(session: Session, arrival_id: UUID, who: Principal) -> list[ForwardingOut]:
    today = clock.civil_date(clock.now())
    arrival_queries.arrival(session, arrival_id, who=who, today=today)
    found = forwarding_queries.forwardings(session, arrival_id, today=today)
    return [msgspec.convert(each, ForwardingOut, from_attributes=True) for each in found]


HANDLERS = (move_deadline, end_unanswered, take_over, inherited, forwardings, forward, slip)
