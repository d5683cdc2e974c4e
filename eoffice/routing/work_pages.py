"""Pages of handling: deadlines moved, ended without an answer, taken over, passed on, the slip."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.files import http as files
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.people.kinds import UNIT_KIND_NAMES
from eoffice.routing import (
    arrival_pages,
    arrival_queries,
    deadlines,
    forwarding_actions,
    forwarding_queries,
    handling,
    rules,
    slips,
    slips_queries,
    work_queries,
)
from eoffice.routing.delivery_pages import DELIVERY_TONES
from eoffice.routing.forwarding_queries import Below
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal


class Moving(msgspec.Struct, frozen=True, kw_only=True):
    moved_to: date
    move_reason: str = ""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    unanswered_reason: str = ""


class Forwarding(msgspec.Struct, frozen=True, kw_only=True):
    #: "all", or identifiers of units.
    units: list[str] = []
    covering_instruction: str = ""
    forward_due_on: date | None = None


@post("/incoming/{arrival_id:uuid}/deadline", sync_to_thread=True)
def move_deadline(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """đổi hạn xử lý"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        entered = form.parse(Moving)
        deadlines.move(session, arrival_id, entered.moved_to, entered.move_reason, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã đổi hạn xử lý.")

    return arrival_pages.arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/unanswered-completion", sync_to_thread=True)
def end_unanswered(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """kết thúc không trả lời bằng văn bản"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        reason = form.parse(Ending).unanswered_reason
        handling.end_unanswered(session, arrival_id, reason, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã kết thúc, không trả lời bằng văn bản.")

    return arrival_pages.arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/take-over", sync_to_thread=True)
def take_over(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """tiếp nhận việc của đơn vị tiền nhiệm"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        handling.take_over(session, arrival_id, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã tiếp nhận việc xử lý văn bản này.")

    return arrival_pages.arrival_step(request, arrival_id, form, once, step)


@get("/incoming/{arrival_id:uuid}/forwardings", sync_to_thread=True)
def forwardings(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """To whom it was passed on and how far they are; the form that passes it on."""
    return _forwardings_page(request, arrival_id, FormState())


@post("/incoming/{arrival_id:uuid}/forwardings", sync_to_thread=True)
def forward(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """chuyển xuống đơn vị trực thuộc"""
    who = principal(request)

    def work(session: Session) -> See:
        at = clock.now()
        entered = form.parse(Forwarding)
        below = forwarding_queries.units_below(session, who.agency_id, on=clock.civil_date(at))
        forwarding_actions.forward(
            session,
            arrival_id,
            _chosen(entered.units, below),
            instruction=entered.covering_instruction,
            due_on=entered.forward_due_on,
            by=who,
            at=at,
        )
        return See(
            f"/incoming/{arrival_id}/forwardings", said="Đã chuyển. Văn bản đang được gửi đi."
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _forwardings_page(request, arrival_id, form.refused(refusal), status=refusal.status)


@get("/incoming/{arrival_id:uuid}/slip", sync_to_thread=True)
def slip(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """Phiếu giải quyết văn bản đến."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = slips_queries.slip(
            session, arrival_id, who=who, today=clock.civil_date(clock.now())
        )
    return page(
        request,
        "routing/slip.html",
        arrival_id=arrival_id,
        slip=found,
        block_names=slips.BLOCK_NAMES,
    )


@get("/incoming/{arrival_id:uuid}/slip.pdf", sync_to_thread=True)
def slip_pdf(request: Request, arrival_id: FromPath[UUID]) -> Response[bytes]:
    """The same to print and to sign on paper."""
    return printed_slip(principal(request), arrival_id)


@get("/incoming/{arrival_id:uuid}/files/{file_id:uuid}", sync_to_thread=True)
def work_file(
    request: Request, arrival_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[bytes]:
    """A file of the work log."""
    return kept_file(principal(request), arrival_id, file_id)


def printed_slip(who: Principal, arrival_id: UUID) -> Response[bytes]:
    """The slip as a file. Raises ArrivalUnknown."""
    at = clock.now()
    today = clock.civil_date(at)
    with db.transaction(who.acting) as session:
        found = slips_queries.slip(session, arrival_id, who=who, today=today)
        letterhead = people.letterhead(session, who.agency_id, on=today)
    content = slips.pdf(found, letterhead, printed_by=who.full_name, at=at)
    return files.download(content, "application/pdf", f"phieu-giai-quyet-{found.number}.pdf")


def kept_file(who: Principal, arrival_id: UUID, file_id: UUID) -> Response[bytes]:
    """A file of the work log, for who may see the arrival. Raises ArrivalUnknown, FileUnknown."""
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        arrival_queries.arrival(session, arrival_id, who=who, today=today)
        found = work_queries.file(session, arrival_id, file_id)
    content = configured.store().get(Sha256.parse(found.sha256))
    return files.download(content, found.media_type, found.name)


def _chosen(units: list[str], below: tuple[Below, ...]) -> list[UUID]:
    if "all" in units:
        return [each.unit_id for each in below]
    known = {str(each.unit_id): each.unit_id for each in below}
    return [known[each] for each in units if each in known]


def _forwardings_page(
    request: Request, arrival_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = arrival_queries.arrival(session, arrival_id, who=who, today=today)
        passed_on = forwarding_queries.forwardings(session, arrival_id, today=today)
        below = forwarding_queries.units_below(session, who.agency_id, on=today)
    had = {each.unit_id for one in passed_on for each in one.recipients}
    rest = [each for each in below if each.unit_id not in had]
    return page(
        request,
        "routing/forwardings.html",
        status=status,
        arrival=found,
        delivery=found.delivery,
        forwardings=passed_on,
        form=form,
        may_forward="forward" in found.steps and bool(rest),
        choices=[
            ("all", f"Tất cả {len(rest)} đơn vị trực thuộc"),
            *((str(each.unit_id), each.name, UNIT_KIND_NAMES[each.kind]) for each in rest),
        ],
        standing_names=rules.STANDING_NAMES,
        tones=DELIVERY_TONES,
    )


HANDLERS = (
    move_deadline,
    end_unanswered,
    take_over,
    forwardings,
    forward,
    slip,
    slip_pdf,
    work_file,
)
