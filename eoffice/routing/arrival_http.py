"""The incoming book for programs: arrivals registered, submitted, assigned, worked on, answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents.types import Urgency
from eoffice.routing import actions, arrival_queries, book_queries, handling, queries, rules
from eoffice.routing.book_queries import Show
from eoffice.routing.delivery_http import DeliveryOut, FileOut
from eoffice.routing.rules import ArrivalBookKind, Assignee, Role
from eoffice.routing.states import ArrivalState, ArrivalStep
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Principal, Request, principal


class AssigneeIn(msgspec.Struct, frozen=True, kw_only=True):
    """A unit of the agency, or one person in it."""

    role: Role
    unit_id: UUID
    person_id: UUID | None = None


class Assigning(msgspec.Struct, frozen=True, kw_only=True):
    assignees: list[AssigneeIn]
    instruction: str
    #: Null: the sender's deadline holds.
    due_on: date | None = None


class Working(msgspec.Struct, frozen=True, kw_only=True):
    text: str


class Completing(msgspec.Struct, frozen=True, kw_only=True):
    #: How it was settled.
    outcome: str


class AssignmentOut(msgspec.Struct, frozen=True, kw_only=True):
    role: Role
    unit_id: UUID
    unit_name: str
    person_id: UUID | None
    person_name: str | None
    instruction: str
    due_on: date | None
    assigned_by: str
    assigned_at: datetime
    taken_at: datetime | None


class HappeningOut(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    who: str | None
    what: str
    note: str | None


class AnswerOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID
    subject: str
    code: str | None
    state_name: str
    is_issued: bool
    begun_at: datetime
    begun_by: str


class ArrivalOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    number: int
    year: int
    arrived_on: date
    state: ArrivalState
    due_on: date | None
    days_late: int
    outcome: str | None
    delivery: DeliveryOut
    files: list[FileOut]
    assignments: list[AssignmentOut]
    history: list[HappeningOut]
    answers: list[AnswerOut]
    #: What the acting person may do now.
    steps: list[ArrivalStep]
    may_answer: bool
    may_take_note: bool
    may_take_over: bool
    #: Working days until the deadline, negative behind it.
    days_left: int | None
    #: The agency in whose book it stands, where that is a predecessor.
    book_of: str | None


class BookLineOut(msgspec.Struct, frozen=True, kw_only=True):
    """A line of Sổ đăng ký văn bản đến."""

    arrival_id: UUID
    delivery_id: UUID
    arrived_on: date
    number: int
    year: int
    sender_name: str
    code: str
    issued_on: date
    type_name: str
    subject: str
    handed_to: list[str]
    handed_on: date | None
    taken_at: datetime | None
    note: str | None
    urgency: Urgency
    state: ArrivalState
    due_on: date | None
    days_late: int


class ColleaguesOut(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: UUID
    unit_name: str
    people: list[tuple[UUID, str]]


class AnswerBegunOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID


@post("/{delivery_id:uuid}/registration", sync_to_thread=True)
def register(
    request: Request, delivery_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[ArrivalOut]:
    """vào sổ: take the next arrival number of the year."""
    who = principal(request)

    def work(session: Session) -> ArrivalOut:
        made = actions.register_arrival(session, delivery_id, by=who, at=clock.now())
        return arrival_now(session, made.id, who)

    return once.answer(work, status=201, location=lambda out: f"/api/v1/arrivals/{out.id}")


@get("/", sync_to_thread=True)
def book(
    request: Request,
    year: FromQuery[int | None] = None,
    kind: FromQuery[ArrivalBookKind] = ArrivalBookKind.INCOMING,
    show: FromQuery[Show] = Show.ALL,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[BookLineOut]:
    """Sổ đăng ký văn bản đến of a year (this one by default), the latest number first."""
    who = principal(request)
    rules.require_reader(kind, who.position_kind)
    limit = bounded(limit)
    after = Cursor.read(request, cursor)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        lines = book_queries.book(
            session,
            who=who,
            year=year or today.year,
            today=today,
            kind=kind,
            show=show,
            after=after,
            limit=limit + 1,
        )
    return Page.of(
        request,
        [msgspec.convert(line, BookLineOut, from_attributes=True) for line in lines],
        limit=limit,
        key=lambda line: (str(line.number),),
    )


@get("/colleagues", sync_to_thread=True)
def colleagues(request: Request) -> list[ColleaguesOut]:
    """Units of the acting agency and the people in them, to whom work can be assigned."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.colleagues(
            session, agency_id=who.agency_id, on=clock.civil_date(clock.now())
        )
    return [msgspec.convert(each, ColleaguesOut, from_attributes=True) for each in found]


@get("/{arrival_id:uuid}", sync_to_thread=True)
def arrival(request: Request, arrival_id: FromPath[UUID]) -> ArrivalOut:
    """One incoming document with its history."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return arrival_now(session, arrival_id, who)


@post("/{arrival_id:uuid}/submission", sync_to_thread=True, status_code=200)
def submit(
    request: Request, arrival_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[ArrivalOut]:
    """trình: lay it before the head."""
    return take_step(request, arrival_id, once, handling.submit_to_head)


@post("/{arrival_id:uuid}/assignment", sync_to_thread=True, status_code=200)
def assign(
    request: Request,
    arrival_id: FromPath[UUID],
    data: JSONBody[Assigning],
    once: NamedDependency[Once],
) -> Response[ArrivalOut]:
    """phân công: one leads, others cooperate or are to know; repeated, it replaces the former."""
    assignees = [Assignee(each.role, each.unit_id, each.person_id) for each in data.assignees]

    def step(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> object:
        return handling.assign(
            session,
            arrival_id,
            assignees,
            instruction=data.instruction,
            due_on=data.due_on,
            by=by,
            at=at,
        )

    return take_step(request, arrival_id, once, step)


@post("/{arrival_id:uuid}/work", sync_to_thread=True)
def log_work(
    request: Request,
    arrival_id: FromPath[UUID],
    data: JSONBody[Working],
    once: NamedDependency[Once],
) -> Response[ArrivalOut]:
    """Put on record what was done; the first entry begins the work."""

    def step(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> object:
        return handling.log_work(session, arrival_id, data.text, by=by, at=at)

    return take_step(request, arrival_id, once, step, status=201)


@post("/{arrival_id:uuid}/acknowledgement", sync_to_thread=True, status_code=200)
def take_note(
    request: Request, arrival_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[ArrivalOut]:
    """đã biết: for whoever got it for information."""
    return take_step(request, arrival_id, once, handling.take_note)


@post("/{arrival_id:uuid}/completion", sync_to_thread=True, status_code=200)
def finish(
    request: Request,
    arrival_id: FromPath[UUID],
    data: JSONBody[Completing],
    once: NamedDependency[Once],
) -> Response[ArrivalOut]:
    """kết thúc: say how it was settled."""

    def step(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> object:
        return handling.finish(session, arrival_id, data.outcome, by=by, at=at)

    return take_step(request, arrival_id, once, step)


@post("/{arrival_id:uuid}/answer", sync_to_thread=True)
def answer(
    request: Request, arrival_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[AnswerBegunOut]:
    """trả lời: begin a draft of one's own that answers it, or find the one being written."""
    who = principal(request)

    def work(session: Session) -> AnswerBegunOut:
        document_id = handling.start_answer(session, arrival_id, by=who, at=clock.now())
        return AnswerBegunOut(document_id=document_id)

    return once.answer(
        work, status=201, location=lambda out: f"/api/v1/documents/{out.document_id}"
    )


def take_step(
    request: Request,
    arrival_id: UUID,
    once: Once,
    step: Callable[..., object],
    *,
    status: int = 200,
) -> Response[ArrivalOut]:
    """Take the step once and answer with the arrival as it is then."""
    who = principal(request)

    def work(session: Session) -> ArrivalOut:
        step(session, arrival_id, by=who, at=clock.now())
        return arrival_now(session, arrival_id, who)

    return once.answer(work, status=status)


def arrival_now(session: Session, arrival_id: UUID, who: Principal) -> ArrivalOut:
    """The arrival as the step left it."""
    session.flush()  # The answer reads what the step wrote.
    today = clock.civil_date(clock.now())
    return msgspec.convert(
        arrival_queries.arrival(session, arrival_id, who=who, today=today),
        ArrivalOut,
        from_attributes=True,
    )
