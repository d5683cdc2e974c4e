"""The log of messages, one message, and what agencies outside told about a document."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import queries as documents
from eoffice.documents.recipients import directory
from eoffice.documents.recipients.rules import Channel
from eoffice.errors import NotFound, Refusal
from eoffice.exchange import actions, queries, undelivered
from eoffice.exchange.states import Direction, State
from eoffice.files import http as files
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people.operators import operators_only
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal

_ROWS: Final = 50
TONES: Final = {
    State.WAITING: "going",
    State.SENT: "done",
    State.FAILED: "wrong",
    State.RECEIVED: "going",
    State.DONE: "done",
    State.HELD: "wrong",
    State.ASKING: "waiting",
    State.DISCARDED: "quiet",
}


class NotBuilt(NotFound):
    """The file of this message was not made yet."""


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: str


class AnswerForm(msgspec.Struct, frozen=True, kw_only=True):
    answer: str
    reason: str = ""


@get("/exchange/messages", sync_to_thread=True)
def log(
    request: Request,
    direction: FromQuery[Direction | None] = None,
    needing: FromQuery[bool] = False,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Messages, newest first; a person of an agency sees those of the agency."""
    who = queries.reader(principal(request))
    with db.transaction(who.acting) as session:
        found = queries.log(
            session,
            who=who,
            direction=direction,
            needs_somebody=needing,
            after=_position(Cursor.read(request, cursor)),
            limit=_ROWS + 1,
        )
        waiting = queries.count_needing(session, who=who)
    part = Page.of(
        request, found, limit=_ROWS, key=lambda row: (row.created_at.isoformat(), str(row.id))
    )
    asked = {"direction": direction.value if direction else None, "needing": needing or None}
    return page(
        request,
        "exchange/log.html",
        section=_section(who),
        is_operator=queries.is_operator(who),
        lines=part.items,
        next_cursor=part.next_cursor,
        at_start=not cursor,
        here="/exchange/messages?" + urlencode({k: v for k, v in asked.items() if v}),
        direction=direction,
        needing=needing,
        waiting=waiting,
        tones=TONES,
    )


@get("/exchange/messages/{message_id:uuid}", sync_to_thread=True)
def show(request: Request, message_id: FromPath[UUID]) -> Response[bytes]:
    """One message: what it is, how far it is, and what can be done."""
    return _message_page(request, message_id, FormState())


@get("/exchange/messages/{message_id:uuid}/file", sync_to_thread=True)
def raw(request: Request, message_id: FromPath[UUID]) -> Response[bytes]:
    """The edXML file as it went or came, for operators; not what its sender took back."""
    who = principal(request)
    operators_only(who)
    with db.transaction(who.acting) as session:
        line = queries.message(session, message_id, who=who)
        queries.require_not_recalled(session, line)
    if line.content_sha256 is None:
        raise NotBuilt("Thông điệp này chưa được lập nên chưa có tệp.")
    content = configured.store().get(Sha256.parse(line.content_sha256))
    return files.download(content, "application/octet-stream", f"{line.id}.edxml")


@post("/exchange/messages/{message_id:uuid}/attempt", sync_to_thread=True)
def retry(
    request: Request, message_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Send or process it again."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.retry(session, message_id, by=who, at=clock.now())
        return See(_address(message_id), said="Đã xếp thông điệp để làm lại.")

    return once.see(work)


@post("/exchange/messages/{message_id:uuid}/disposal", sync_to_thread=True)
def discard(
    request: Request,
    message_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Put it aside with a reason."""
    who = principal(request)
    try:
        entered = form.parse(ReasonForm)

        def work(session: Session) -> See:
            actions.discard(session, message_id, entered.reason, by=who, at=clock.now())
            return See(_address(message_id), said="Đã bỏ qua thông điệp, lý do được ghi lại.")

        return once.see(work)
    except Refusal as refusal:
        return _message_page(request, message_id, form.refused(refusal), status=refusal.status)


@post("/exchange/messages/{message_id:uuid}/answer", sync_to_thread=True)
def answer(
    request: Request,
    message_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Agree to a recall or an update, or refuse it with a reason."""
    who = principal(request)
    try:
        entered = form.parse(AnswerForm)

        def work(session: Session) -> See:
            agrees = entered.answer == "agree"
            actions.answer(
                session, message_id, agrees=agrees, words=entered.reason, by=who, at=clock.now()
            )
            return See(_address(message_id), said="Đã ghi câu trả lời và báo cho bên gửi.")

        return once.see(work)
    except Refusal as refusal:
        return _message_page(request, message_id, form.refused(refusal), status=refusal.status)


@get("/documents/{document_id:uuid}/exchange", sync_to_thread=True)
def abroad(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """What agencies outside told about a document of ours."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        document = documents.document(session, document_id, who=who)
        found = queries.abroad(session, document_id, who=who)
        waiting = undelivered.waiting(session, who=who, document_id=document_id)
        known = {each.organ_id for each in waiting}
        unsent = [
            each
            for each in directory.sent_of(session, document_id)
            if each.channel is Channel.EXCHANGE
            and each.sent_at is None
            and each.address not in known
        ]
    return page(
        request,
        "exchange/abroad.html",
        section="documents",
        document=document,
        found=found,
        unsent=unsent,
        waiting=waiting,
        may_send=undelivered.may_send(who),
        tones=TONES,
    )


@post("/documents/{document_id:uuid}/exchange", sync_to_thread=True)
def send_again(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Send the document to the agencies that no way led to before."""
    who = principal(request)

    def work(session: Session) -> See:
        documents.document(session, document_id, who=who)
        sent = undelivered.send_again(session, document_id=document_id, by=who, at=clock.now())
        return See(f"/documents/{document_id}/exchange", said=f"Đã xếp {sent} nơi nhận để gửi.")

    return once.see(work)


def _message_page(
    request: Request, message_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = queries.reader(principal(request))
    with db.transaction(who.acting) as session:
        line = queries.message(session, message_id, who=who)
    return page(
        request,
        "exchange/message.html",
        status=status,
        section=_section(who),
        line=line,
        form=form,
        tones=TONES,
        is_operator=queries.is_operator(who),
        is_ours=line.agency_id == who.agency_id,
    )


def _section(who: Principal) -> str:
    return "admin" if queries.is_operator(who) else "incoming"


def _address(message_id: UUID) -> str:
    return f"/exchange/messages/{message_id}"


def _position(key: tuple[str, ...] | None) -> tuple[datetime, UUID] | None:
    return None if key is None else (datetime.fromisoformat(key[0]), UUID(key[1]))


HANDLERS = (log, show, raw, retry, discard, answer, abroad, send_again)
