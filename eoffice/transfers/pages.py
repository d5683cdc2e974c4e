"""Pages of packages: what goes out, what waits to be taken in, and what was found of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.classes import pupil_queries
from eoffice.errors import Invalid, Refusal
from eoffice.files import page_images
from eoffice.marks.marks_http import file_answer
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.signing.pin import Pin
from eoffice.transfers import (
    actions,
    intake_actions,
    making,
    package,
    queries,
    receipt_pages,
    receipts,
    receiving,
    rendering,
    signatures,
    states,
    verification,
)
from eoffice.transfers.intake_actions import Done, Intake
from eoffice.transfers.states import IntakeState, TransferState
from eoffice.transfers.verification import Grade
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

HERE = "/registers/transfers"
INCOMING = HERE + "/incoming"
#: The file and the fields around it.
BODY = package.LARGEST_BYTES + 2**20
_TONES = {Grade.RIGHT: "done", Grade.WARNING: "waiting", Grade.WRONG: "wrong"}


class Made(msgspec.Struct, frozen=True, kw_only=True):
    pupil_id: UUID
    #: None where the next school has another office.
    to_school_id: UUID | None = None


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    pin: Pin = ""


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=actions.LONGEST_REASON)]


class TakenIn(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID
    on: date
    reason: Annotated[str, msgspec.Meta(min_length=3, max_length=actions.LONGEST_REASON)]
    decision: str = ""
    code: str = ""


@get(HERE, sync_to_thread=True)
def listing(request: Request, pupil: FromQuery[UUID | None] = None) -> Response[bytes]:
    """Packages of the school, in both directions; only those of one pupil, if named."""
    return _listing(request, FormState(), pupil=pupil)


@get(HERE + "/new", sync_to_thread=True)
def new(request: Request, pupil: FromQuery[UUID]) -> Response[bytes]:
    """To which school the package of a pupil goes."""
    return _new(request, pupil, FormState())


@post(HERE, sync_to_thread=True)
def make(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Make the package and show its cover."""
    if (kept := once.kept()) is not None:
        return kept
    entered = form.parse(Made)

    def within(last: Callable[[Session], UUID]) -> Response[bytes]:
        def work(session: Session) -> See:
            return See(f"{HERE}/{last(session)}", said="Đã lập hồ sơ. Văn thư đóng dấu vào phiếu.")

        return once.see(work)

    try:
        return making.make(
            entered.pupil_id, entered.to_school_id, by=principal(request), within=within
        )
    except Refusal as refusal:
        return _new(request, entered.pupil_id, form.refused(refusal), status=refusal.status)


@get(HERE + "/{transfer_id:uuid}", sync_to_thread=True)
def show(request: Request, transfer_id: FromPath[UUID]) -> Response[bytes]:
    """A package: its cover, its files, where it stands and what comes next."""
    return _show(request, transfer_id, FormState())


@post(HERE + "/{transfer_id:uuid}/seal", sync_to_thread=True, opt={"scope": "sign"})
def seal(
    request: Request,
    transfer_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Seal the cover."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], TransferState]) -> Response[bytes]:
        def work(session: Session) -> See:
            last(session)
            return See(f"{HERE}/{transfer_id}", said="Đã đóng dấu. Hồ sơ sẵn sàng để giao.")

        return once.see(work)

    try:
        entered = form.parse(Sealed)
        return signatures.seal(transfer_id, entered.pin, by=principal(request), within=within)
    except Refusal as refusal:
        return _show(request, transfer_id, form.refused(refusal), status=refusal.status)


@post(HERE + "/{transfer_id:uuid}/handover", sync_to_thread=True)
def hand_over(
    request: Request, transfer_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Give the sealed package to the next school."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], None]) -> Response[bytes]:
        def work(session: Session) -> See:
            last(session)
            return See(f"{HERE}/{transfer_id}", said="Đã giao hồ sơ, chờ trường kia tiếp nhận.")

        return once.see(work)

    try:
        return making.hand_over(transfer_id, by=principal(request), within=within)
    except Refusal as refusal:
        return _show(request, transfer_id, FormState(detail=refusal.detail), status=refusal.status)


@post(HERE + "/{transfer_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(
    request: Request,
    transfer_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take the package back."""
    who = principal(request)
    try:
        entered = form.parse(Because)

        def work(session: Session) -> See:
            actions.withdraw(session, transfer_id, entered.reason, by=who, at=clock.now())
            return See(f"{HERE}/{transfer_id}", said="Đã rút lại hồ sơ.")

        return once.see(work)
    except Refusal as refusal:
        return _show(request, transfer_id, form.refused(refusal), status=refusal.status)


@get(HERE + "/{transfer_id:uuid}/cover", sync_to_thread=True)
def cover(request: Request, transfer_id: FromPath[UUID]) -> Response[bytes]:
    """The cover as it stands."""
    pdf = _cover(request, transfer_id)
    return file_answer(pdf, "application/pdf", f"phieu-ho-so-{transfer_id}.pdf")


@get(HERE + "/{transfer_id:uuid}/cover/pages/{number:int}", sync_to_thread=True)
def cover_page(
    request: Request,
    transfer_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = 1000,
) -> Response[bytes]:
    """A page of the cover as PNG."""
    png = page_images.page_image(_cover(request, transfer_id), number, width)
    return Response(png, media_type="image/png", headers={"cache-control": "private, no-store"})


@get(HERE + "/{transfer_id:uuid}/package", sync_to_thread=True)
def download(request: Request, transfer_id: FromPath[UUID]) -> Response[bytes]:
    """The sealed package as one file."""
    content = making.download(transfer_id, by=principal(request))
    return file_answer(content, "application/zip", f"ho-so-chuyen-truong-{transfer_id}.zip")


@post(HERE + "/{transfer_id:uuid}/check", sync_to_thread=True)
def check(
    request: Request, transfer_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Check what another school of the office handed over."""
    if (kept := once.kept()) is not None:
        return kept
    return receiving.handed_over(
        transfer_id, by=principal(request), within=lambda last: once.see(_checked(last))
    )


@post(INCOMING, sync_to_thread=True, request_max_body_size=BODY)
def bring(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Check a file from a school of another office."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        found = form.file("file")
        if found is None:
            message = "Hãy chọn tệp ZIP mà trường chuyển đi đã giao."
            raise Invalid(message, fields={"file": message})
        content = found.file.read(package.LARGEST_BYTES + 1)
        return receiving.brought(
            content, by=principal(request), within=lambda last: once.see(_checked(last))
        )
    except Refusal as refusal:
        return _listing(request, form.refused(refusal), status=refusal.status)


def _checked(last: Callable[[Session], UUID]) -> Callable[[Session], See]:
    return lambda session: See(f"{INCOMING}/{last(session)}", said="Đã kiểm tra hồ sơ.")


@get(INCOMING + "/{intake_id:uuid}", sync_to_thread=True)
def show_intake(request: Request, intake_id: FromPath[UUID]) -> Response[bytes]:
    """What was found of a package, what it says, and the form to take the pupil in."""
    return _intake(request, intake_id, FormState())


@post(INCOMING + "/{intake_id:uuid}/admission", sync_to_thread=True)
def take_in(
    request: Request,
    intake_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take the pupil in."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], Done]) -> Response[bytes]:
        def work(session: Session) -> See:
            done = last(session)
            said = "Đã tiếp nhận học sinh."
            if done.not_brought:
                said += f" {done.not_brought}"
            elif done.left_behind:
                said += " Kết quả của môn mà lớp không học chỉ còn trong hồ sơ."
            return See(f"/registers/pupils/{done.pupil_id}", said=said)

        return once.see(work)

    try:
        entered = form.parse(TakenIn)
        said = Intake(entered.class_id, entered.on, entered.reason, entered.decision, entered.code)
        return receiving.take_in(intake_id, said, by=principal(request), within=within)
    except Refusal as refusal:
        return _intake(request, intake_id, form.refused(refusal), status=refusal.status)


@post(INCOMING + "/{intake_id:uuid}/refusal", sync_to_thread=True)
def refuse(
    request: Request,
    intake_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Refuse the package with a reason, which the sender reads."""
    who = principal(request)
    try:
        entered = form.parse(Because)

        def work(session: Session) -> See:
            intake_actions.refuse(session, intake_id, entered.reason, by=who, at=clock.now())
            return See(f"{INCOMING}/{intake_id}", said="Đã từ chối hồ sơ.")

        return once.see(work)
    except Refusal as refusal:
        return _intake(request, intake_id, form.refused(refusal), status=refusal.status)


@get(INCOMING + "/{intake_id:uuid}/file", sync_to_thread=True)
def member(request: Request, intake_id: FromPath[UUID], name: FromQuery[str]) -> Response[bytes]:
    """One file of a package that the school has checked."""
    content = receiving.member(intake_id, name, by=principal(request))
    assert content is not None  # It was required.
    kind = "application/pdf" if name.endswith(".pdf") else "application/json"
    return file_answer(content, kind, name.replace("/", "-"))


def _listing(
    request: Request, form: FormState, *, pupil: UUID | None = None, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        sent = queries.sent(session, who, pupil)
        waiting = queries.waiting(session, who) if pupil is None else ()
        intakes = queries.intakes(session, who, pupil)
    return page(
        request,
        "transfers/list.html",
        section="registers",
        status=status,
        form=form,
        sent=sent,
        waiting=waiting,
        intakes=intakes,
        pupil=pupil,
        names=states.NAMES,
        tones=states.TONES,
        intake_names=states.INTAKE_NAMES,
        intake_tones=states.INTAKE_TONES,
    )


def _new(
    request: Request, pupil_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.require_office(who, who.agency_id)
        view = pupil_queries.pupil(session, pupil_id, who)
        schools = queries.schools(session, who, at=clock.now())
    goes_to = next((one.other_school for one in view.movements if one.kind == "out"), "")
    if not form.value("to_school_id"):
        guessed = next((str(one) for one, name in schools if name == goes_to), "")
        form = form if form.detail else FormState.of(to_school_id=guessed)
    return page(
        request,
        "transfers/new.html",
        section="registers",
        status=status,
        form=form,
        pupil=view,
        goes_to=goes_to,
        schools=[(str(one), name) for one, name in schools],
    )


def _show(
    request: Request, transfer_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.transfer(session, transfer_id, who)
        history = audit.history(session, actions.KIND, transfer_id) if view.is_mine else ()
    here = f"{HERE}/{transfer_id}"
    _, members = package.listed(view.manifest.encode())
    return page(
        request,
        "transfers/show.html",
        section="registers",
        status=status,
        form=form,
        view=view,
        here=here,
        state=states.NAMES[view.state],
        tone=states.TONES[view.state],
        members=members,
        images=[
            (f"{here}/cover/pages/{number}?width=1000&v={view.cover_sha256[:12]}", "")
            for number in range(1, view.page_count + 1)
        ],
        is_sealed=view.state in making.SEALED_STATES and view.state is not TransferState.WITHDRAWN,
        may_seal=view.is_mine and view.state is TransferState.MADE and who.position_kind == "clerk",
        history=history,
    )


def _intake(
    request: Request, intake_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    told = receiving.of_intake(intake_id, by=who)
    with db.transaction(who.acting) as session:
        view = queries.intake(session, intake_id, who)
        year = None if told is None else told.year
        classes = queries.classes(session, who, None if year is None else year.grade)
        history = audit.history(session, intake_actions.KIND, intake_id)
        receipt = receipts.of_intake(session, intake_id, who=who)
    return page(
        request,
        "transfers/intake.html",
        section="registers",
        status=status,
        form=form,
        view=view,
        here=f"{INCOMING}/{intake_id}",
        told=told,
        state=states.INTAKE_NAMES[view.state],
        tone=states.INTAKE_TONES[view.state],
        is_open=view.state is IntakeState.CHECKED,
        grades=verification.GRADE_NAMES,
        tones=_TONES,
        results=rendering.results_by_subject(year) if year is not None else [],
        lines=rendering.year_lines(year) if year is not None else [],
        remarks=rendering.remarks_by_subject(year) if year is not None else [],
        receipt=receipt is not None,
        classes=[(str(one), f"{name}, {when}") for one, name, when in classes],
        today=clock.civil_date(clock.now()),
        history=history,
    )


def _cover(request: Request, transfer_id: UUID) -> bytes:
    who = principal(request)
    with db.transaction(who.acting) as session:
        digest = queries.transfer(session, transfer_id, who).cover_sha256
    return configured.store().get(Sha256.parse(digest))


pages = Router(
    "/",
    route_handlers=[
        listing,
        new,
        make,
        show,
        seal,
        hand_over,
        withdraw,
        cover,
        cover_page,
        download,
        check,
        bring,
        show_intake,
        take_in,
        refuse,
        member,
        *receipt_pages.HANDLERS,
    ],
    include_in_schema=False,
)
