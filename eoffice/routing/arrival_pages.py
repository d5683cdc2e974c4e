"""The page of an arrival: submitted, assigned, worked on, taken note of, finished, answered."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import types
from eoffice.errors import Invalid, Refusal
from eoffice.files import http as files
from eoffice.people import working_days
from eoffice.routing import (
    arrival_queries,
    delivery_pages,
    forwarding_queries,
    handling,
    outside_pages,
    progress_queries,
    queries,
    rules,
    states,
    work_files,
    work_queries,
)
from eoffice.routing.arrival_queries import ArrivalSeen
from eoffice.routing.delivery_pages import PageStep
from eoffice.routing.points_rules import TONES
from eoffice.routing.queries import Colleagues
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import ArrivalState
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

#: Tone of the dot beside the word.
ARRIVAL_TONES: Final = {
    ArrivalState.REGISTERED: "waiting",
    ArrivalState.SUBMITTED: "waiting",
    ArrivalState.ASSIGNED: "going",
    ArrivalState.IN_PROGRESS: "going",
    ArrivalState.DONE: "done",
    ArrivalState.RECALLED: "wrong",
}
#: What a document that is not finished waits for, as a sentence; "{}" is who leads the work.
_NEXT: Final = {
    ArrivalState.REGISTERED: "Đang chờ văn thư trình người đứng đầu.",
    ArrivalState.SUBMITTED: "Đang chờ người đứng đầu phân công.",
    ArrivalState.ASSIGNED: "Đã phân công, đang chờ {} bắt đầu xử lý.",
    ArrivalState.IN_PROGRESS: "{} đang chủ trì xử lý.",
    ArrivalState.DONE: "Đã giải quyết xong.",
    ArrivalState.RECALLED: "Nơi gửi đã thu hồi văn bản này.",
}


class AssigneeUnknown(Invalid):
    """A choice in the form of assignment is none of those that were offered."""


class Assigning(msgspec.Struct, frozen=True, kw_only=True):
    """`unit` or `unit/person`, as offered by the form."""

    lead: str
    cooperating: list[str] = []
    for_information: list[str] = []
    instruction: str
    due_on: date | None = None


class Working(msgspec.Struct, frozen=True, kw_only=True):
    text: str


class Completing(msgspec.Struct, frozen=True, kw_only=True):
    outcome: str


@get("/incoming/{arrival_id:uuid}", sync_to_thread=True)
def arrival(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """An incoming document: read it, and take the step that is mine."""
    return _arrival_page(request, arrival_id, FormState())


@post("/incoming/{arrival_id:uuid}/submission", sync_to_thread=True)
def submit(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """trình"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        handling.submit_to_head(session, arrival_id, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã trình người đứng đầu.")

    return arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/assignment", sync_to_thread=True)
def assign(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """phân công"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        entered = form.parse(Assigning)
        handling.assign(
            session,
            arrival_id,
            [
                _assignee(Role.LEAD, entered.lead, "lead"),
                *(_assignee(Role.COOPERATING, each, "cooperating") for each in entered.cooperating),
                *(
                    _assignee(Role.FOR_INFORMATION, each, "for_information")
                    for each in entered.for_information
                ),
            ],
            instruction=entered.instruction,
            due_on=entered.due_on,
            by=who,
            at=at,
        )
        return See(f"/incoming/{arrival_id}", said="Đã phân công.")

    return arrival_step(request, arrival_id, form, once, step)


@post(
    "/incoming/{arrival_id:uuid}/work",
    sync_to_thread=True,
    request_max_body_size=files.UPLOAD_BODY,
)
def log_work(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """ghi việc xử lý"""
    try:
        brought = work_files.kept(form)
    except Refusal as refusal:
        return _arrival_page(request, arrival_id, form.refused(refusal), status=refusal.status)

    def step(session: Session, who: Principal, at: datetime) -> See:
        entered = form.parse(Working)
        handling.log_work(session, arrival_id, entered.text, files=brought, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã ghi việc xử lý.")

    return arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/acknowledgement", sync_to_thread=True)
def take_note(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """đã biết"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        handling.take_note(session, arrival_id, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã ghi nhận là đã biết.")

    return arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/completion", sync_to_thread=True)
def finish(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """kết thúc"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        handling.finish(session, arrival_id, form.parse(Completing).outcome, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã kết thúc việc giải quyết.")

    return arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/answer", sync_to_thread=True)
def answer(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """trả lời: on to the draft."""

    def step(session: Session, who: Principal, at: datetime) -> See:
        document_id = handling.start_answer(session, arrival_id, by=who, at=at)
        return See(
            f"/documents/{document_id}",
            said="Đã tạo dự thảo trả lời, gửi đến nơi đã gửi văn bản này.",
        )

    return arrival_step(request, arrival_id, form, once, step)


def arrival_step(
    request: Request, arrival_id: UUID, form: Form, once: Once, step: PageStep
) -> Response[bytes]:
    """Take the step; refused, the page of the arrival comes back with what was typed."""
    who = principal(request)
    try:
        return once.see(lambda session: step(session, who, clock.now()))
    except Refusal as refusal:
        return _arrival_page(request, arrival_id, form.refused(refusal), status=refusal.status)


def _arrival_page(
    request: Request, arrival_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = arrival_queries.arrival(session, arrival_id, who=who, today=today)
        choices = (
            _choices(queries.colleagues(session, agency_id=who.agency_id, on=today))
            if states.ArrivalStep.ASSIGN in found.steps
            else []
        )
        shown = outside_pages.shown_of(session, found.delivery.id)
        points = progress_queries.of_delivery(session, found.delivery.id, today=today)
        logged = work_queries.files(session, arrival_id)
        passed_on = forwarding_queries.forwardings(session, arrival_id, today=today)
        may_forward = states.ArrivalStep.FORWARD in found.steps and bool(
            forwarding_queries.units_below(session, who.agency_id, on=today)
        )
    return page(
        request,
        "routing/arrival.html",
        **shown,
        status=status,
        arrival=found,
        left=None if found.days_left is None else working_days.left_in_words(found.days_left),
        logged_files=[file for entry in logged.values() for file in entry],
        forwardings=passed_on,
        may_forward=may_forward,
        points=points,
        point_tones=TONES,
        may_report=rules.reads_the_book(who.position_kind)
        or states.ArrivalStep.WORK in found.steps,
        delivery=found.delivery,
        images=delivery_pages.images_of(found.delivery),
        form=form,
        choices=choices,
        flat_choices=[choice for _, group in choices for choice in group],
        word=states.ARRIVAL_NAMES[found.state],
        tone=ARRIVAL_TONES[found.state],
        next_step=_NEXT[found.state].format(_lead(found)),
        urgency=types.URGENCY_NAMES[found.delivery.urgency],
        role_names=rules.ROLE_NAMES,
    )


def _lead(found: ArrivalSeen) -> str:
    leads = [each.assignee for each in found.assignments if each.role is Role.LEAD]
    return leads[0] if leads else "người chủ trì"


def _choices(found: tuple[Colleagues, ...]) -> list[tuple[str, list[tuple[str, str]]]]:
    """For the select: each unit with itself and its people."""
    return [
        (
            unit.unit_name,
            [
                *((f"{unit.unit_id}/{person_id}", name) for person_id, name in unit.people),
                (str(unit.unit_id), f"{unit.unit_name} (cả đơn vị)"),
            ],
        )
        for unit in found
    ]


def _assignee(role: Role, choice: str, field: str) -> Assignee:
    unit, _, person = choice.partition("/")
    try:
        return Assignee(role, UUID(unit), UUID(person) if person else None)
    except ValueError as wrong:
        detail = "Hãy chọn người hoặc đơn vị trong danh sách."
        raise AssigneeUnknown(detail, fields={field: detail}) from wrong
