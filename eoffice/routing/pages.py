"""Pages of routing: the desk, the incoming book, a delivery, an arrival, how far a dispatch is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import queries as documents
from eoffice.documents import types, waiting
from eoffice.documents.states import NAMES as DOCUMENT_NAMES
from eoffice.errors import Invalid, Refusal
from eoffice.routing import actions, http, incoming, outgoing, queries, rules, states
from eoffice.routing.incoming import Show
from eoffice.routing.queries import Colleagues
from eoffice.routing.rules import Assignee, Role, Standing
from eoffice.routing.states import ArrivalState, DeliveryState
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal

#: Takes a step and says where to look now.
PageStep = Callable[[Session, Principal, datetime], See]

_ROWS: Final = 50
#: More than this many unregistered documents are reached by registering the first ones.
_MOST_UNREGISTERED: Final = 200
_UNREGISTERED: Final = (DeliveryState.DELIVERED, DeliveryState.OPENED)

_FILTERS: Final = (
    (Show.ALL, "Tất cả"),
    (Show.TO_SUBMIT, "Chờ trình"),
    (Show.TO_ASSIGN, "Chờ phân công"),
    (Show.IN_WORK, "Đang xử lý"),
    (Show.LATE, "Quá hạn"),
    (Show.DONE, "Hoàn thành"),
)

#: Tone of the dot beside the word.
_ARRIVAL_TONES: Final = {
    ArrivalState.REGISTERED: "waiting",
    ArrivalState.SUBMITTED: "waiting",
    ArrivalState.ASSIGNED: "going",
    ArrivalState.IN_PROGRESS: "going",
    ArrivalState.DONE: "done",
}
_DELIVERY_TONES: Final = {
    DeliveryState.DELIVERED: "quiet",
    DeliveryState.OPENED: "waiting",
    DeliveryState.REGISTERED: "going",
    DeliveryState.ASSIGNED: "going",
    DeliveryState.DONE: "done",
    DeliveryState.REFUSED: "wrong",
}
#: What a document that is not finished waits for, as a sentence for everybody else.
_NEXT: Final = {
    ArrivalState.REGISTERED: "Đang chờ văn thư trình người đứng đầu.",
    ArrivalState.SUBMITTED: "Đang chờ người đứng đầu phân công.",
    ArrivalState.ASSIGNED: "Đã phân công, đang chờ người chủ trì bắt đầu xử lý.",
    ArrivalState.IN_PROGRESS: "Đang được xử lý.",
    ArrivalState.DONE: "Đã giải quyết xong.",
}


class AssigneeUnknown(Invalid):
    """A choice in the form of assignment is none of those that were offered."""


class Refusing(msgspec.Struct, frozen=True, kw_only=True):
    reason: str = ""


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


# ---- the desk --------------------------------------------------------------------------------


@get("/desk", sync_to_thread=True)
def desk(request: Request) -> Response[bytes]:
    """What awaits me in what came in and in what goes out."""
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        found = queries.desk(session, who=who, at=at)
        outgoing_lines = documents.awaiting(session, who)
    return page(
        request,
        "routing/desk.html",
        section="desk",
        desk=found,
        outgoing=outgoing_lines,
        type_name=types.name,
        document_names=DOCUMENT_NAMES,
        document_tones=waiting.TONES,
        role_names=rules.ROLE_NAMES,
    )


@post("/notices/{notice_id:uuid}/reading", sync_to_thread=True)
def read_notice(
    request: Request,
    notice_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Put a notice away."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.read_notice(session, notice_id, by=who, at=clock.now())
        return See("/", said="Đã cất thông báo.")

    return once.see(work)


# ---- the incoming book -----------------------------------------------------------------------


@get("/incoming", sync_to_thread=True)
def book(
    request: Request,
    year: FromQuery[int | None] = None,
    show: FromQuery[Show] = Show.ALL,
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """What is not registered yet, and below it the book of the year as clerks keep it."""
    who = principal(request)
    at = clock.now()
    today = clock.civil_date(at)
    chosen = year or today.year
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        unregistered = (
            incoming.deliveries(session, who=who, among=_UNREGISTERED, limit=_MOST_UNREGISTERED)
            if rules.reads_the_book(who.position_kind)
            else []
        )
        lines = incoming.book(
            session,
            who=who,
            year=chosen,
            today=today,
            show=show,
            after=after,
            limit=_ROWS + 1,
        )
        years = incoming.years(session, who=who)
    shown = Page.of(request, lines, limit=_ROWS, key=lambda line: (str(line.number),))
    return page(
        request,
        "routing/book.html",
        year=chosen,
        years=sorted({*years, today.year}, reverse=True),
        chips=[
            (label, _book_path(chosen, each), each is show and cursor is None)
            for each, label in _FILTERS
        ],
        lines=shown.items,
        next_cursor=shown.next_cursor,
        at_start=after is None,
        here=_book_path(chosen, show),
        show=show,
        unregistered=unregistered if after is None else [],
        arrival_names=states.ARRIVAL_NAMES,
        arrival_tones=_ARRIVAL_TONES,
        delivery_names=states.DELIVERY_NAMES,
        delivery_tones=_DELIVERY_TONES,
    )


def _book_path(year: int, show: Show) -> str:
    chosen: dict[str, object] = {"year": year}
    if show is not Show.ALL:
        chosen["show"] = show.value
    return f"/incoming?{urlencode(chosen)}"


# ---- a delivery ------------------------------------------------------------------------------


@get("/incoming/deliveries/{delivery_id:uuid}", sync_to_thread=True)
def delivery(request: Request, delivery_id: FromPath[UUID]) -> Response[bytes]:
    """A document that came: open it, look at it, register or refuse it."""
    return _delivery_page(request, delivery_id, FormState())


@post("/incoming/deliveries/{delivery_id:uuid}/opening", sync_to_thread=True)
def open_delivery(
    request: Request,
    delivery_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """mở"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        actions.open_delivery(session, delivery_id, by=who, at=at)
        return See(f"/incoming/deliveries/{delivery_id}", said="Đã mở văn bản.")

    return _delivery_step(request, delivery_id, form, once, step)


@post("/incoming/deliveries/{delivery_id:uuid}/registration", sync_to_thread=True)
def register(
    request: Request,
    delivery_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """vào sổ"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        made = actions.register_arrival(session, delivery_id, by=who, at=at)
        return See(f"/incoming/{made.id}", said=f"Đã vào sổ, số đến {made.number}.")

    return _delivery_step(request, delivery_id, form, once, step)


@post("/incoming/deliveries/{delivery_id:uuid}/refusal", sync_to_thread=True)
def refuse(
    request: Request,
    delivery_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """từ chối tiếp nhận"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        entered = form.parse(Refusing)
        actions.refuse(session, delivery_id, entered.reason, by=who, at=at)
        return See(
            f"/incoming/deliveries/{delivery_id}",
            said="Đã từ chối tiếp nhận. Nơi gửi sẽ nhận được lý do.",
        )

    return _delivery_step(request, delivery_id, form, once, step)


@get("/incoming/deliveries/{delivery_id:uuid}/content", sync_to_thread=True)
def content(request: Request, delivery_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF with its signatures."""
    return http.pdf_of(principal(request), delivery_id)


@get("/incoming/deliveries/{delivery_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request, delivery_id: FromPath[UUID], number: FromPath[int]
) -> Response[bytes]:
    """One page as an image."""
    return http.picture(principal(request), delivery_id, number, http.PAGE_WIDTH_PX)


@get("/incoming/deliveries/{delivery_id:uuid}/files/{position:int}", sync_to_thread=True)
def file(request: Request, delivery_id: FromPath[UUID], position: FromPath[int]) -> Response[bytes]:
    """A file that came with the document."""
    return http.attached(principal(request), delivery_id, position)


def _delivery_step(
    request: Request, delivery_id: UUID, form: Form, once: Once, step: PageStep
) -> Response[bytes]:
    """Take the step; refused, the page of the delivery comes back with what was typed."""
    who = principal(request)
    try:
        return once.see(lambda session: step(session, who, clock.now()))
    except Refusal as refusal:
        return _delivery_page(request, delivery_id, form.refused(refusal), status=refusal.status)


def _delivery_page(
    request: Request, delivery_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = incoming.delivery(session, delivery_id, who=who)
        files = incoming.files(session, delivery_id)
    return page(
        request,
        "routing/delivery.html",
        status=status,
        delivery=found,
        files=files,
        images=_images(found),
        form=form,
        word=states.DELIVERY_NAMES[found.state],
        tone=_DELIVERY_TONES[found.state],
        urgency=types.URGENCY_NAMES[found.urgency],
        may_open=found.state is DeliveryState.DELIVERED and rules.reads_the_book(who.position_kind),
        may_register=found.state is DeliveryState.OPENED and rules.is_clerk(who.position_kind),
    )


def _images(found: incoming.DeliverySeen) -> list[tuple[str, str]]:
    if not found.is_open:
        return []
    return [
        (f"/incoming/deliveries/{found.id}/pages/{number}", "")
        for number in range(1, found.page_count + 1)
    ]


# ---- an arrival ------------------------------------------------------------------------------


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
        actions.submit_to_head(session, arrival_id, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã trình người đứng đầu.")

    return _arrival_step(request, arrival_id, form, once, step)


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
        actions.assign(
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

    return _arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/work", sync_to_thread=True)
def log_work(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """ghi việc xử lý"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        actions.log_work(session, arrival_id, form.parse(Working).text, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã ghi việc xử lý.")

    return _arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/acknowledgement", sync_to_thread=True)
def take_note(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """đã biết"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        actions.take_note(session, arrival_id, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã ghi nhận là đã biết.")

    return _arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/completion", sync_to_thread=True)
def finish(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """kết thúc"""

    def step(session: Session, who: Principal, at: datetime) -> See:
        actions.finish(session, arrival_id, form.parse(Completing).outcome, by=who, at=at)
        return See(f"/incoming/{arrival_id}", said="Đã kết thúc việc giải quyết.")

    return _arrival_step(request, arrival_id, form, once, step)


@post("/incoming/{arrival_id:uuid}/answer", sync_to_thread=True)
def answer(
    request: Request,
    arrival_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """trả lời: on to the draft."""

    def step(session: Session, who: Principal, at: datetime) -> See:
        document_id = actions.start_answer(session, arrival_id, by=who, at=at)
        return See(
            f"/documents/{document_id}",
            said="Đã tạo dự thảo trả lời, gửi đến nơi đã gửi văn bản này.",
        )

    return _arrival_step(request, arrival_id, form, once, step)


def _arrival_step(
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
        found = incoming.arrival(session, arrival_id, who=who, today=today)
        choices = (
            _choices(queries.colleagues(session, agency_id=who.agency_id, on=today))
            if states.ArrivalStep.ASSIGN in found.steps
            else []
        )
    return page(
        request,
        "routing/arrival.html",
        status=status,
        arrival=found,
        delivery=found.delivery,
        images=_images(found.delivery),
        form=form,
        choices=choices,
        flat_choices=[choice for _, group in choices for choice in group],
        word=states.ARRIVAL_NAMES[found.state],
        tone=_ARRIVAL_TONES[found.state],
        next_step=_NEXT[found.state],
        urgency=types.URGENCY_NAMES[found.delivery.urgency],
        role_names=rules.ROLE_NAMES,
    )


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


# ---- how far a dispatch is -------------------------------------------------------------------


@get("/documents/{document_id:uuid}/recipients", sync_to_thread=True)
def recipients(
    request: Request,
    document_id: FromPath[UUID],
    show: FromQuery[Standing | None] = None,
) -> Response[bytes]:
    """Each recipient of an issued document: how far it is, since when, and what it answered."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = outgoing.dispatch_status(
            session,
            document_id,
            agency_id=who.agency_id,
            today=clock.civil_date(clock.now()),
        )
    path = f"/documents/{document_id}/recipients"
    everybody = len(found.recipients) + len(found.on_the_way)
    return page(
        request,
        "routing/recipients.html",
        dispatch=found,
        everybody=everybody,
        rows=[each for each in found.recipients if show is None or show in each.standings],
        show=show,
        show_name="" if show is None else rules.STANDING_NAMES[show],
        chips=[
            (f"Tất cả {everybody}", path, show is None),
            *(
                (
                    f"{rules.STANDING_NAMES[each]} {found.counts[each]}",
                    f"{path}?show={each.value}",
                    each is show,
                )
                for each in Standing
            ),
        ],
        tones=_DELIVERY_TONES,
        bars=[
            (
                rules.STANDING_NAMES[each],
                found.counts[each],
                f"{path}?show={each.value}",
                each in (Standing.LATE, Standing.REFUSED),
            )
            for each in Standing
            if found.counts[each]
        ],
    )


pages = Router(
    "/",
    route_handlers=[
        desk,
        read_notice,
        book,
        delivery,
        open_delivery,
        register,
        refuse,
        content,
        page_image,
        file,
        arrival,
        submit,
        assign,
        log_work,
        take_note,
        finish,
        answer,
        recipients,
    ],
    include_in_schema=False,
)
