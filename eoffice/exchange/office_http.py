"""The exchange for the office's own programs: what waits for a way, the log, and answers.

Partners come by `http`, with a token of their own.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.exchange import actions, queries, undelivered
from eoffice.exchange.states import Direction, State
from eoffice.people.operators import OnlyOperators
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Request, principal


class WaitingOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID
    code: str
    agency_name: str
    organ_id: str
    organ_name: str
    #: Why it could not go.
    why: str
    since: datetime
    #: Whether a way leads there by now.
    can_go: bool


class SendAgain(msgspec.Struct, frozen=True, kw_only=True):
    """Both null: everything that can go."""

    document_id: UUID | None = None
    peer_id: UUID | None = None


class SentOut(msgspec.Struct, frozen=True, kw_only=True):
    sent: int


class MessageOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    direction: Direction
    #: In Vietnamese: "Văn bản mới", "Trạng thái 03: Đã tiếp nhận".
    what: str
    code: str
    organ_id: str
    organ_name: str
    state: State
    failure: str | None
    words: str | None
    created_at: datetime
    ended_at: datetime | None
    document_id: UUID | None
    delivery_id: UUID | None


class AnswerIn(msgspec.Struct, frozen=True, kw_only=True):
    #: True: 15, False: 16, which needs a reason.
    agrees: bool
    reason: str = ""


@get("/undelivered", sync_to_thread=True)
def waiting(request: Request, document_id: FromQuery[UUID | None] = None) -> list[WaitingOut]:
    """Documents for which no way to their recipient was known; operators see everybody's."""
    who = principal(request)
    if not (undelivered.may_send(who) or queries.may_read_log(who)):
        raise OnlyOperators("Dành cho quản trị, văn thư và lãnh đạo cơ quan.")
    with db.transaction(who.acting) as session:
        found = undelivered.waiting(session, who=who, document_id=document_id)
    return [msgspec.convert(each, WaitingOut, from_attributes=True) for each in found]


@post("/undelivered/attempts", sync_to_thread=True)
def send_again(
    request: Request, data: JSONBody[SendAgain], once: NamedDependency[Once]
) -> Response[SentOut]:
    """Send what can go now, of one document, by one partner, or all; operators and clerks."""
    who = principal(request)

    def work(session: Session) -> SentOut:
        sent = undelivered.send_again(
            session,
            document_id=data.document_id,
            peer_id=data.peer_id,
            by=who,
            at=clock.now(),
        )
        return SentOut(sent=sent)

    return once.answer(work)


@get("/log", sync_to_thread=True)
def log(
    request: Request,
    direction: FromQuery[Direction | None] = None,
    needing: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[MessageOut]:
    """Messages, newest first; `needing` leaves those about which somebody has to do something."""
    who = queries.reader(principal(request))
    most = bounded(limit)
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        found = queries.log(
            session,
            who=who,
            direction=direction,
            needs_somebody=needing,
            after=None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1])),
            limit=most + 1,
        )
    shown = [msgspec.convert(each, MessageOut, from_attributes=True) for each in found]
    return Page.of(
        request, shown, limit=most, key=lambda row: (row.created_at.isoformat(), str(row.id))
    )


@post("/log/{message_id:uuid}/answer", sync_to_thread=True)
def answer(
    request: Request,
    message_id: FromPath[UUID],
    data: JSONBody[AnswerIn],
    once: NamedDependency[Once],
) -> Response[MessageOut]:
    """Agree to a recall or an update of what came, or refuse it; clerks and heads."""
    who = principal(request)

    def work(session: Session) -> MessageOut:
        actions.answer(
            session, message_id, agrees=data.agrees, words=data.reason, by=who, at=clock.now()
        )
        session.flush()  # The answer reads what the step wrote.
        return msgspec.convert(
            queries.message(session, message_id, who=who), MessageOut, from_attributes=True
        )

    return once.answer(work)


router = Router(
    "/api/v1/exchange", route_handlers=[waiting, send_again, log, answer], tags=["exchange"]
)
