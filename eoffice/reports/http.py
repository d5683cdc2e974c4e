"""Report books for programs: asked for, read, signed, closed, withdrawn, opened again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.files.http import UPLOAD_BODY, download
from eoffice.reports import (
    actions,
    asking_actions,
    class_queries,
    department_queries,
    files,
    part_queries,
    signatures,
    withdrawal_actions,
    withdrawal_queries,
)
from eoffice.reports.part_pages import PDF, picture, taken
from eoffice.reports.part_queries import PartLine
from eoffice.reports.rules import Deadline, SubjectsSign
from eoffice.reports.states import PartState, Place
from eoffice.signing.pin import Pin
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID
    #: Of these pupils; of all who have none where null.
    pupil_ids: list[UUID] | None = None
    #: Leave out whoever lacks something, instead of making nothing.
    only_complete: bool = False


class SignatureIn(msgspec.Struct, frozen=True, kw_only=True):
    #: One place of the part; all places that are mine to sign now where null.
    field: str | None = None
    pin: Pin = ""


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: str


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    school_year: str
    #: Of the whole school where null.
    class_id: UUID | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    is_granted: bool
    reason: str


class Count(msgspec.Struct, frozen=True, kw_only=True):
    count: int


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    pupil_id: UUID
    pupil_name: str
    pupil_code: str
    school_id: UUID
    school: str
    class_id: UUID
    class_name: str
    grade: int
    school_year: str
    version: int
    state: PartState
    state_since: datetime
    closed_at: datetime | None
    days_late: int
    returned_because: str | None


class SignatureOut(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    place: Place
    label: str
    signer: str
    signed_at: datetime | None
    is_mine_now: bool


class PartOut(LineOut, frozen=True, kw_only=True):
    class_book_id: UUID
    class_book_sha256: str
    subjects_sign: SubjectsSign
    is_reassessed: bool
    due_on: date | None
    content_sha256: str | None
    data_sha256: str | None
    page_count: int | None
    supersedes_id: UUID | None
    because: str | None
    superseded_by: UUID | None
    signatures: list[SignatureOut]


class WithdrawalOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    part_id: UUID
    title: str
    school: str
    superior: str
    reason: str
    evidence_sha256: str | None
    requested_by: str
    requested_at: datetime
    is_granted: bool | None
    decided_because: str | None
    decided_at: datetime | None


class DeadlineOut(msgspec.Struct, frozen=True, kw_only=True):
    kind: Deadline
    on: date
    warn_from: date


class SchoolOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    classes: int
    classes_closed: int
    parts: int
    closed: int
    late: int


@post("/", sync_to_thread=True)
def ask(request: Request, data: JSONBody[Asking], once: NamedDependency[Once]) -> Response[Count]:
    """Have the parts of a class made; their pages are made in the background."""
    who = principal(request)

    def work(session: Session) -> Count:
        count = asking_actions.ask(
            session,
            data.class_id,
            data.pupil_ids,
            by=who,
            at=clock.now(),
            only_complete=data.only_complete,
        )
        return Count(count=count)

    return once.answer(work, status=202)


@get("/", sync_to_thread=True)
def listing(
    request: Request,
    class_id: FromQuery[UUID | None] = None,
    pupil_id: FromQuery[UUID | None] = None,
) -> list[LineOut]:
    """The newest part of each pupil of a class; every version of a pupil's book; or what I can
    sign now.
    """
    who = principal(request)
    with db.transaction(who.acting) as session:
        if class_id is not None:
            found = class_queries.of_class(session, class_id, who, today=_today()).parts
        elif pupil_id is not None:
            found = part_queries.book(session, pupil_id, who, today=_today()).parts
        else:
            waiting = class_queries.waiting_parts(session, who, tuple(PartState))
            found = part_queries.lines(session, waiting, today=_today())
    return [_line(each) for each in found]


@get("/{part_id:uuid}", sync_to_thread=True)
def show(request: Request, part_id: FromPath[UUID]) -> PartOut:
    """A part: how far it is, who has signed, who is next."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(session, part_id, who)


@get("/{part_id:uuid}/content", sync_to_thread=True)
def content(request: Request, part_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it stands, with the signatures made so far."""
    return download(files.part(part_id, by=principal(request)), PDF, f"hoc-ba-{part_id}.pdf")


@get("/{part_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request,
    part_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = 1400,
) -> Response[bytes]:
    """A page as PNG."""
    return picture(request, part_id, number, width)


@post("/{part_id:uuid}/signatures", sync_to_thread=True, status_code=200, opt={"scope": "sign"})
def sign(
    request: Request,
    part_id: FromPath[UUID],
    data: JSONBody[SignatureIn],
    once: NamedDependency[Once],
) -> Response[PartOut]:
    """Sign my place in the part, or seal it; the PIN is used and forgotten."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], PartState]) -> Response[PartOut]:
        def work(session: Session) -> PartOut:
            last(session)
            session.flush()  # The answer reads what was written.
            return _out(session, part_id, who)

        return once.answer(work)

    return signatures.sign_mine(part_id, data.field, data.pin, by=who, within=within)


@post("/{part_id:uuid}/return", sync_to_thread=True, status_code=200)
def send_back(
    request: Request,
    part_id: FromPath[UUID],
    data: JSONBody[Because],
    once: NamedDependency[Once],
) -> Response[PartOut]:
    """Return a part that is not closed, with a reason."""
    who = principal(request)

    def work(session: Session) -> PartOut:
        actions.send_back(session, part_id, data.reason, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(session, part_id, who)

    return once.answer(work)


@post("/{part_id:uuid}/replacement", sync_to_thread=True)
def replace(
    request: Request,
    part_id: FromPath[UUID],
    data: JSONBody[Because],
    once: NamedDependency[Once],
) -> Response[PartOut]:
    """Have the next version made in the place of one that is not closed."""
    who = principal(request)

    def work(session: Session) -> PartOut:
        new = asking_actions.replace(session, part_id, data.reason, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(session, new, who)

    return once.answer(work, status=201, location=lambda out: f"/api/v1/report-parts/{out.id}")


@post(
    "/{part_id:uuid}/withdrawals",
    sync_to_thread=True,
    request_max_body_size=UPLOAD_BODY,
)
def request_withdrawal(
    request: Request,
    part_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[PartOut]:
    """Ask the superior unit to withdraw a closed part: a form with `reason`, and the evidence as
    `file` where there is some.
    """
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    entered = form.parse(Because)
    evidence = taken(form) if form.file("file") is not None else None

    def work(session: Session) -> PartOut:
        withdrawal_actions.request(
            session, part_id, entered.reason, evidence, by=who, at=clock.now()
        )
        session.flush()  # The answer reads what was written.
        return _out(session, part_id, who)

    return once.answer(work, status=201)


@post("/{part_id:uuid}/reopening", sync_to_thread=True)
def reopen(
    request: Request, part_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[PartOut]:
    """Have the next version made of what the superior unit let be withdrawn."""
    who = principal(request)

    def work(session: Session) -> PartOut:
        new = asking_actions.reopen(session, part_id, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(session, new, who)

    return once.answer(work, status=201, location=lambda out: f"/api/v1/report-parts/{out.id}")


@post("/closings", sync_to_thread=True)
def close(
    request: Request, data: JSONBody[Closing], once: NamedDependency[Once]
) -> Response[Count]:
    """Close every sealed part of a class or of the whole school."""
    who = principal(request)

    def work(session: Session) -> Count:
        return Count(
            count=actions.close(session, data.school_year, data.class_id, by=who, at=clock.now())
        )

    return once.answer(work, status=200)


@get("/deadlines", sync_to_thread=True)
def deadlines(request: Request, school_year: FromQuery[str]) -> list[DeadlineOut]:
    """Until when the parts of a school year are closed and reported."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = department_queries.due(session, school_year)
    return [
        DeadlineOut(kind=kind, on=due.on, warn_from=due.warn_from)
        for kind, due in sorted(found.items(), key=lambda each: each[1].on)
    ]


@get("/coverage", sync_to_thread=True)
def coverage(request: Request, school_year: FromQuery[str]) -> list[SchoolOut]:
    """How far the report books of each school are that I may see."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        class_queries.require_counter(who)
        found = class_queries.coverage(session, school_year, today=_today())
    return [
        SchoolOut(
            id=row.id,
            name=row.name,
            classes=row.classes,
            classes_closed=row.classes_closed,
            parts=row.parts,
            closed=row.closed,
            late=row.late,
        )
        for row in found
    ]


@get("/", sync_to_thread=True)
def requests(request: Request, is_open: FromQuery[bool] = True) -> list[WithdrawalOut]:
    """Requests to withdraw closed parts: those that wait, or those that were decided."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = withdrawal_queries.listing(session, who, is_open=is_open)
    return [
        WithdrawalOut(
            id=each.id,
            part_id=each.part_id,
            title=each.title,
            school=each.school,
            superior=each.superior,
            reason=each.reason,
            evidence_sha256=each.evidence_sha256,
            requested_by=each.requested_by,
            requested_at=each.requested_at,
            is_granted=each.is_granted,
            decided_because=each.decided_because,
            decided_at=each.decided_at,
        )
        for each in found
    ]


@post("/{withdrawal_id:uuid}/decision", sync_to_thread=True, status_code=204)
def decide(
    request: Request,
    withdrawal_id: FromPath[UUID],
    data: JSONBody[Decision],
    once: NamedDependency[Once],
) -> Response[None]:
    """Grant or decline a request, with the reason."""
    who = principal(request)

    def work(session: Session) -> None:
        withdrawal_actions.decide(
            session,
            withdrawal_id,
            is_granted=data.is_granted,
            reason=data.reason,
            by=who,
            at=clock.now(),
        )

    return once.answer(work, status=204)


def _out(session: Session, part_id: UUID, who: Principal) -> PartOut:
    view = part_queries.part(session, part_id, who, today=_today())
    return PartOut(
        **msgspec.structs.asdict(_line(view.line)),
        class_book_id=view.class_book_id,
        class_book_sha256=view.class_book_sha256,
        subjects_sign=view.subjects_sign,
        is_reassessed=view.is_reassessed,
        due_on=None if view.due is None else view.due.on,
        content_sha256=view.content_sha256,
        data_sha256=view.data_sha256,
        page_count=view.page_count,
        supersedes_id=view.supersedes_id,
        because=view.because,
        superseded_by=view.superseded_by,
        signatures=[
            SignatureOut(
                field=one.field,
                place=one.place,
                label=one.label,
                signer=one.signer,
                signed_at=one.signed_at,
                is_mine_now=one.is_mine_now,
            )
            for one in view.signatures
        ],
    )


def _line(line: PartLine) -> LineOut:
    return LineOut(
        id=line.id,
        pupil_id=line.pupil_id,
        pupil_name=line.pupil_name,
        pupil_code=line.pupil_code,
        school_id=line.school_id,
        school=line.school,
        class_id=line.class_id,
        class_name=line.class_name,
        grade=line.grade,
        school_year=line.school_year,
        version=line.version,
        state=line.state,
        state_since=line.state_since,
        closed_at=line.closed_at,
        days_late=line.days_late,
        returned_because=line.returned_because,
    )


def _today() -> date:
    return clock.civil_date(clock.now())


router = Router(
    "/api/v1/report-parts",
    route_handlers=[
        ask,
        listing,
        show,
        content,
        page_image,
        sign,
        send_back,
        replace,
        request_withdrawal,
        reopen,
        close,
        deadlines,
        coverage,
    ],
    tags=["report books"],
)
withdrawals = Router(
    "/api/v1/report-withdrawals", route_handlers=[requests, decide], tags=["report books"]
)
