"""Approval flows for programs: read one, give an opinion, answer a remark, set and end a flow."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import document_page, shapes
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import comment_actions
from eoffice.documents.flows import queries as flow_queries
from eoffice.documents.flows import setting as flows
from eoffice.documents.flows.comment_actions import Place
from eoffice.documents.flows.rules import Asked, Planned, StepState, Task, Whom
from eoffice.documents.step_http import then_show
from eoffice.documents.types import DocumentType
from eoffice.people.kinds import PositionKind
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class StepOut(msgspec.Struct, frozen=True, kw_only=True):
    stage: int
    task: Task
    asked: str
    #: Who can answer now, with titles; a substitute as "… (thay …)".
    people: list[str]
    state: StepState
    since: datetime | None
    due_on: date | None
    #: Working days behind the term.
    days_late: int
    ended_at: datetime | None
    ended_by: str | None
    in_place_of: str | None
    words: str


class FlowOut(msgspec.Struct, frozen=True, kw_only=True):
    stages: list[list[StepOut]]
    #: The task that waits for me; null where none does.
    mine: Task | None


class PlacedWords(msgspec.Struct, frozen=True, kw_only=True):
    """A remark on a place of the newest version."""

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=comment_actions.LONGEST_COMMENT)]
    #: Counted from one.
    page: int | None = None
    #: Left, top, width and height as parts of the page, 0 to 1.
    area: tuple[float, float, float, float] | None = None
    #: Paragraph of the text, counted from one.
    block: int | None = None
    quote: Annotated[str, msgspec.Meta(max_length=comment_actions.LONGEST_QUOTE)] = ""


class AnswerIn(msgspec.Struct, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(max_length=comment_actions.LONGEST_COMMENT)] = ""


class StepIn(msgspec.Struct, frozen=True, kw_only=True):
    stage: int
    task: Task
    asked: Asked
    position_kind: PositionKind | None = None
    unit_id: UUID | None = None
    person_id: UUID | None = None
    #: The person's position.
    position_id: UUID | None = None
    working_days: int | None = None


class FlowIn(msgspec.Struct, frozen=True, kw_only=True):
    #: null: every office without a flow of its own.
    drafting_unit_id: UUID | None = None
    type: DocumentType | None = None
    steps: list[StepIn]


class FlowMade(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


@get("/{document_id:uuid}/flow", sync_to_thread=True)
def flow(request: Request, document_id: FromPath[UUID]) -> FlowOut:
    """Who has the document, since when, and what they said."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = document_page.read_in(session, document_id, who)
        read = flow_queries.flow_of(
            session,
            document_id,
            agency_id=found.agency_id,
            drafting_unit_id=found.drafting_unit_id,
            who=who,
            at=clock.now(),
        )
    return FlowOut(
        stages=[
            [msgspec.convert(step, StepOut, from_attributes=True) for step in stage]
            for stage in read.stages
        ],
        mine=None if read.mine is None else read.mine.step.task,
    )


@post("/{document_id:uuid}/opinion", sync_to_thread=True, status_code=200)
def opinion(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[shapes.Words],
    once: NamedDependency[Once],
) -> Response[shapes.DocumentOut]:
    """cho ý kiến: agree with words, where the flow consults me."""
    who = principal(request)
    return then_show(once, document_id, request)(
        lambda session: flow_actions.approve(
            session, document_id, words=data.text, by=who, at=clock.now()
        )
    )


@post("/{document_id:uuid}/remarks", sync_to_thread=True)
def remark(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[PlacedWords],
    once: NamedDependency[Once],
) -> Response[shapes.Made]:
    """Write a remark on a place of the newest version."""
    who = principal(request)
    place = Place(data.page, data.area, data.block, data.quote)
    return once.answer(
        lambda session: shapes.Made(
            id=comment_actions.comment(
                session, document_id, data.text, place=place, by=who, at=clock.now()
            )
        ),
        status=201,
    )


@post("/{document_id:uuid}/remarks/{comment_id:uuid}/answer", sync_to_thread=True, status_code=200)
def answer(
    request: Request,
    document_id: FromPath[UUID],
    comment_id: FromPath[UUID],
    data: JSONBody[AnswerIn],
    once: NamedDependency[Once],
) -> Response[shapes.Made]:
    """Settle a remark as the writer."""
    who = principal(request)

    def work(session: Session) -> shapes.Made:
        comment_actions.answer(session, document_id, comment_id, data.text, by=who, at=clock.now())
        return shapes.Made(id=comment_id)

    return once.answer(work)


@post("/flows", sync_to_thread=True)
def set_flow(
    request: Request, data: JSONBody[FlowIn], once: NamedDependency[Once]
) -> Response[FlowMade]:
    """Set the approval flow of an office and a type; documents under way keep theirs."""
    who = principal(request)
    steps = [
        Planned(
            each.stage,
            each.task,
            Whom(each.asked, each.position_kind, each.unit_id, each.person_id, each.position_id),
            each.working_days,
        )
        for each in data.steps
    ]
    return once.answer(
        lambda session: FlowMade(
            id=flows.set_flow(
                session,
                steps,
                drafting_unit_id=data.drafting_unit_id,
                kind=data.type,
                by=who,
                at=clock.now(),
            )
        ),
        status=201,
    )


@delete("/flows/{flow_id:uuid}", sync_to_thread=True)
def end_flow(request: Request, flow_id: FromPath[UUID]) -> None:
    """Back to what is set more generally."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        flows.end_flow(session, flow_id, by=who, at=clock.now())


router = Router(
    "/api/v1/documents",
    route_handlers=[flow, opinion, remark, answer, set_flow, end_flow],
    tags=["documents"],
)
