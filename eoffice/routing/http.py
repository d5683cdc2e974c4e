"""Deliveries and arrivals for programs: `/api/v1/deliveries`, `/arrivals`, `/notices`.

A step is a noun. Content is read only after the opening.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import page_images
from eoffice.documents.types import Urgency
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.routing import actions, incoming, outgoing, queries
from eoffice.routing.incoming import Show
from eoffice.routing.rules import Assignee, Role, Standing
from eoffice.routing.states import ArrivalState, ArrivalStep, DeliveryState
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Principal, Request, principal

#: Content under a digest never changes.
IMMUTABLE = "private, max-age=31536000, immutable"
PAGE_WIDTH_PX = 1240

T = TypeVar("T")


class Refusing(msgspec.Struct, frozen=True, kw_only=True):
    reason: str


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


class FileOut(msgspec.Struct, frozen=True, kw_only=True):
    position: int
    name: str
    media_type: str
    size_bytes: int
    sha256: str


class DeliveryOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    document_id: UUID
    sender_agency_id: UUID
    sender_name: str
    type_name: str
    code: str
    issued_on: date
    subject: str
    signer_name: str
    urgency: Urgency
    due_on: date | None
    content_sha256: str
    page_count: int
    state: DeliveryState
    delivered_at: datetime
    opened_at: datetime | None
    refused_at: datetime | None
    refusal_reason: str | None
    to_be_handled_by: date
    arrival_id: UUID | None
    arrival_number: int | None
    answers_document_id: UUID | None
    answers_code: str | None


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


class AnswerBegunOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID


# ---- deliveries ------------------------------------------------------------------------------


@get("/", sync_to_thread=True)
def deliveries(
    request: Request,
    among: FromQuery[list[DeliveryState] | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[DeliveryOut]:
    """What came to the acting agency, latest first; `among` leaves only those states."""
    who = principal(request)
    limit = bounded(limit)
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        rows = incoming.deliveries(
            session, who=who, among=among or tuple(DeliveryState), after=after, limit=limit + 1
        )
    return Page.of(
        request,
        [_out(row, DeliveryOut) for row in rows],
        limit=limit,
        key=lambda row: (row.delivered_at.isoformat(), str(row.id)),
    )


@get("/{delivery_id:uuid}", sync_to_thread=True)
def delivery(request: Request, delivery_id: FromPath[UUID]) -> DeliveryOut:
    """One document that came to the acting agency."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _delivery(session, delivery_id, who)


@post("/{delivery_id:uuid}/opening", sync_to_thread=True, status_code=200)
def open_delivery(
    request: Request, delivery_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[DeliveryOut]:
    """mở: the first look; the sender sees it."""
    who = principal(request)

    def work(session: Session) -> DeliveryOut:
        actions.open_delivery(session, delivery_id, by=who, at=clock.now())
        return _delivery(session, delivery_id, who)

    return once.answer(work)


@post("/{delivery_id:uuid}/registration", sync_to_thread=True)
def register(
    request: Request, delivery_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[ArrivalOut]:
    """vào sổ: take the next arrival number of the year."""
    who = principal(request)

    def work(session: Session) -> ArrivalOut:
        made = actions.register_arrival(session, delivery_id, by=who, at=clock.now())
        return _arrival(session, made.id, who)

    return once.answer(work, status=201, location=lambda out: f"/api/v1/arrivals/{out.id}")


@post("/{delivery_id:uuid}/refusal", sync_to_thread=True, status_code=200)
def refuse(
    request: Request,
    delivery_id: FromPath[UUID],
    data: JSONBody[Refusing],
    once: NamedDependency[Once],
) -> Response[DeliveryOut]:
    """từ chối tiếp nhận: send it back with a reason."""
    who = principal(request)

    def work(session: Session) -> DeliveryOut:
        actions.refuse(session, delivery_id, data.reason, by=who, at=clock.now())
        return _delivery(session, delivery_id, who)

    return once.answer(work)


@get("/{delivery_id:uuid}/content", sync_to_thread=True)
def content(request: Request, delivery_id: FromPath[UUID]) -> Response[bytes]:
    """The signed and sealed PDF."""
    return pdf_of(principal(request), delivery_id)


@get("/{delivery_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_of_content(
    request: Request,
    delivery_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = PAGE_WIDTH_PX,
) -> Response[bytes]:
    """A page of the document as PNG; the first is 1."""
    return picture(principal(request), delivery_id, number, width)


@get("/{delivery_id:uuid}/files", sync_to_thread=True)
def files(request: Request, delivery_id: FromPath[UUID]) -> list[FileOut]:
    """What came with the document."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        incoming.delivery(session, delivery_id, who=who)
        return [_out(each, FileOut) for each in incoming.files(session, delivery_id)]


@get("/{delivery_id:uuid}/files/{position:int}", sync_to_thread=True)
def file(request: Request, delivery_id: FromPath[UUID], position: FromPath[int]) -> Response[bytes]:
    """The bytes of a file that came with the document."""
    return attached(principal(request), delivery_id, position)


# ---- arrivals --------------------------------------------------------------------------------


@get("/", sync_to_thread=True)
def book(
    request: Request,
    year: FromQuery[int | None] = None,
    show: FromQuery[Show] = Show.ALL,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[BookLineOut]:
    """Sổ đăng ký văn bản đến of a year (this one by default), the latest number first."""
    who = principal(request)
    limit = bounded(limit)
    after = Cursor.read(request, cursor)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        lines = incoming.book(
            session,
            who=who,
            year=year or today.year,
            today=today,
            show=show,
            after=after,
            limit=limit + 1,
        )
    return Page.of(
        request,
        [_out(line, BookLineOut) for line in lines],
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
    return [_out(each, ColleaguesOut) for each in found]


@get("/{arrival_id:uuid}", sync_to_thread=True)
def arrival(request: Request, arrival_id: FromPath[UUID]) -> ArrivalOut:
    """One incoming document with its history."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _arrival(session, arrival_id, who)


@post("/{arrival_id:uuid}/submission", sync_to_thread=True, status_code=200)
def submit(
    request: Request, arrival_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[ArrivalOut]:
    """trình: lay it before the head."""
    return _step(request, arrival_id, once, actions.submit_to_head)


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
        return actions.assign(
            session,
            arrival_id,
            assignees,
            instruction=data.instruction,
            due_on=data.due_on,
            by=by,
            at=at,
        )

    return _step(request, arrival_id, once, step)


@post("/{arrival_id:uuid}/work", sync_to_thread=True)
def log_work(
    request: Request,
    arrival_id: FromPath[UUID],
    data: JSONBody[Working],
    once: NamedDependency[Once],
) -> Response[ArrivalOut]:
    """Put on record what was done; the first entry begins the work."""

    def step(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> object:
        return actions.log_work(session, arrival_id, data.text, by=by, at=at)

    return _step(request, arrival_id, once, step, status=201)


@post("/{arrival_id:uuid}/acknowledgement", sync_to_thread=True, status_code=200)
def take_note(
    request: Request, arrival_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[ArrivalOut]:
    """đã biết: for whoever got it for information."""
    return _step(request, arrival_id, once, actions.take_note)


@post("/{arrival_id:uuid}/completion", sync_to_thread=True, status_code=200)
def finish(
    request: Request,
    arrival_id: FromPath[UUID],
    data: JSONBody[Completing],
    once: NamedDependency[Once],
) -> Response[ArrivalOut]:
    """kết thúc: say how it was settled."""

    def step(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> object:
        return actions.finish(session, arrival_id, data.outcome, by=by, at=at)

    return _step(request, arrival_id, once, step)


@post("/{arrival_id:uuid}/answer", sync_to_thread=True)
def answer(
    request: Request, arrival_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[AnswerBegunOut]:
    """trả lời: begin a draft of one's own that answers it, or find the one being written."""
    who = principal(request)

    def work(session: Session) -> AnswerBegunOut:
        document_id = actions.start_answer(session, arrival_id, by=who, at=clock.now())
        return AnswerBegunOut(document_id=document_id)

    return once.answer(
        work, status=201, location=lambda out: f"/api/v1/documents/{out.document_id}"
    )


# ---- the sender ------------------------------------------------------------------------------


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
            agency_id=who.agency_id,
            today=clock.civil_date(clock.now()),
        )
    out = _out(found, DispatchStatusOut)
    if show is None:
        return out
    shown = [each for each in out.recipients if show in each.standings]
    return msgspec.structs.replace(out, recipients=shown)


@get("/", sync_to_thread=True)
def notices(request: Request) -> list[NoticeOut]:
    """What senders are told of without having asked: refusals and answers, latest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(each, NoticeOut) for each in queries.notices(session, who=who)]


@post("/{notice_id:uuid}/reading", sync_to_thread=True, status_code=204)
def read_notice(request: Request, notice_id: FromPath[UUID]) -> None:
    """Put a notice away."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.read_notice(session, notice_id, by=who, at=clock.now())


router = Router(
    "/api/v1",
    route_handlers=[
        Router(
            "/deliveries",
            route_handlers=[
                deliveries,
                delivery,
                open_delivery,
                register,
                refuse,
                content,
                page_of_content,
                files,
                file,
            ],
            tags=["deliveries"],
        ),
        Router(
            "/arrivals",
            route_handlers=[
                book,
                colleagues,
                arrival,
                submit,
                assign,
                log_work,
                take_note,
                finish,
                answer,
            ],
            tags=["arrivals"],
        ),
        Router("/documents", route_handlers=[recipients_status], tags=["documents"]),
        Router("/notices", route_handlers=[notices, read_notice], tags=["notices"]),
    ],
)


def pdf_of(who: Principal, delivery_id: UUID) -> Response[bytes]:
    """The document that came, shown in the browser's own reader."""
    seen = _readable(who, delivery_id)
    return Response(
        configured.store().get(Sha256.parse(seen.content_sha256)),
        media_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{quote(seen.code, safe='')}.pdf",
            "Cache-Control": IMMUTABLE,
        },
    )


def picture(who: Principal, delivery_id: UUID, number: int, width_px: int) -> Response[bytes]:
    """One page of the document that came, as PNG."""
    seen = _readable(who, delivery_id)
    pdf = configured.store().get(Sha256.parse(seen.content_sha256))
    return Response(
        page_images.page_image(pdf, number, width_px),
        media_type="image/png",
        headers={"Cache-Control": IMMUTABLE},
    )


def attached(who: Principal, delivery_id: UUID, position: int) -> Response[bytes]:
    """A file to keep: never shown in the page, whatever it holds."""
    with db.transaction(who.acting) as session:
        found = incoming.file(session, delivery_id, position, who=who)
    return Response(
        configured.store().get(Sha256.parse(found.sha256)),
        media_type=found.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
            "Cache-Control": IMMUTABLE,
        },
    )


def _readable(who: Principal, delivery_id: UUID) -> incoming.DeliverySeen:
    with db.transaction(who.acting) as session:
        return incoming.readable(session, delivery_id, who=who)


def _step(
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
        return _arrival(session, arrival_id, who)

    return once.answer(work, status=status)


def _delivery(session: Session, delivery_id: UUID, who: Principal) -> DeliveryOut:
    session.flush()  # The answer reads what the step wrote.
    return _out(incoming.delivery(session, delivery_id, who=who), DeliveryOut)


def _arrival(session: Session, arrival_id: UUID, who: Principal) -> ArrivalOut:
    session.flush()  # The answer reads what the step wrote.
    today = clock.civil_date(clock.now())
    return _out(incoming.arrival(session, arrival_id, who=who, today=today), ArrivalOut)


def _out(found: Any, kind: type[T]) -> T:
    return msgspec.convert(found, kind, from_attributes=True)
