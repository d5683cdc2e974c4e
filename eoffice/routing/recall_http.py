"""Recall for programs: how each recipient answers, and the answer itself."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import queries as documents
from eoffice.routing import delivery_queries, recall_actions, recall_queries
from eoffice.routing.states import RecallState, RecallStep
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class AnsweringIn(msgspec.Struct, frozen=True, kw_only=True):
    step: RecallStep
    #: Needed for a refusal.
    reason: str = ""


class RecallOut(msgspec.Struct, frozen=True, kw_only=True):
    delivery_id: UUID
    unit_name: str
    reason: str
    decided_by: str
    asked_at: datetime
    state: RecallState
    #: Of QCVN 102:2016/BTTTT: 13, 15 or 16.
    status_code: str
    answered_at: datetime | None
    answered_by: str | None
    answer: str | None


class RecallsOut(msgspec.Struct, frozen=True, kw_only=True):
    copies: list[RecallOut]
    on_the_way: list[str]
    counts: dict[RecallState, int]


@get("/{document_id:uuid}/recalls", sync_to_thread=True)
def recalls(request: Request, document_id: FromPath[UUID]) -> RecallsOut:
    """How each recipient answers the recall of a document of the acting agency."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        documents.document(session, document_id, who=who)
        found = recall_queries.of_document(session, document_id, who=who)
    return msgspec.convert(found, RecallsOut, from_attributes=True)


@get("/{delivery_id:uuid}/recall", sync_to_thread=True)
def recall(request: Request, delivery_id: FromPath[UUID]) -> RecallOut | None:
    """Why a copy was taken back, and what was answered; null while it was not."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _recall(session, delivery_id, request)


@post("/{delivery_id:uuid}/recall-answer", sync_to_thread=True, status_code=200)
def answer(
    request: Request,
    delivery_id: FromPath[UUID],
    data: JSONBody[AnsweringIn],
    once: NamedDependency[Once],
) -> Response[RecallOut | None]:
    """đồng ý hoặc từ chối trả lại."""
    who = principal(request)

    def work(session: Session) -> RecallOut | None:
        recall_actions.answer(session, delivery_id, data.step, data.reason, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _recall(session, delivery_id, request)

    return once.answer(work)


def _recall(session: Session, delivery_id: UUID, request: Request) -> RecallOut | None:
    delivery_queries.delivery(session, delivery_id, who=principal(request))
    found = recall_queries.of_delivery(session, delivery_id)
    return None if found is None else msgspec.convert(found, RecallOut, from_attributes=True)
