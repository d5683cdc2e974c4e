"""Pages of a recall: before it and how it goes at the sender, the answer at the recipient."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import queries as documents
from eoffice.documents import rules as documents_rules
from eoffice.documents.states import State, Step
from eoffice.errors import Refusal
from eoffice.people.kinds import PositionKind
from eoffice.routing import delivery_pages, recall_actions, recall_queries, states
from eoffice.routing.states import RecallState, RecallStep
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

TONES: Final = {
    RecallState.ASKED: "waiting",
    RecallState.AGREED: "done",
    RecallState.REFUSED: "wrong",
}


class Answering(msgspec.Struct, frozen=True, kw_only=True):
    step: RecallStep
    reason: str = ""


@get("/documents/{document_id:uuid}/recall", sync_to_thread=True)
def recall(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Before a recall: what it will do and to whom. Afterwards: how each recipient answered."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = documents.document(session, document_id, who=who)
        recalls = recall_queries.of_document(session, document_id, who=who)
        copies, registered, worked = recall_queries.standing(session, document_id, who=who)
    may = found.state is State.ISSUED and documents_rules.may(
        Step.WITHDRAW,
        found.state,
        PositionKind(who.position_kind),
        in_drafting_unit=found.drafting_unit_id == who.unit_id,
    )
    return page(
        request,
        "routing/recall.html",
        section="documents",
        document=found,
        recalls=recalls,
        copies=copies,
        registered=registered,
        worked=worked,
        may=may,
        form=FormState(),
        names=states.RECALL_NAMES,
        tones=TONES,
    )


@post("/incoming/deliveries/{delivery_id:uuid}/recall-answer", sync_to_thread=True)
def answer(
    request: Request,
    delivery_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Đồng ý hoặc từ chối trả lại văn bản bị thu hồi."""
    who = principal(request)
    try:
        sent = form.parse(Answering)

        def work(session: Session) -> See:
            recall_actions.answer(
                session, delivery_id, sent.step, sent.reason, by=who, at=clock.now()
            )
            return See(
                f"/incoming/deliveries/{delivery_id}",
                said="Đã trả lời nơi gửi về việc thu hồi.",
            )

        return once.see(work)
    except Refusal as refusal:
        return delivery_pages.delivery_page(
            request, delivery_id, form.refused(refusal), status=refusal.status
        )


routes = [recall, answer]
