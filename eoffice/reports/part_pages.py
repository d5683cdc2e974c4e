"""Pages of one part: its pages, who has signed, who is waited for, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.errors import Refusal
from eoffice.files import intake
from eoffice.files.http import ASKED_ANEW, UPLOAD_BODY, download, uploaded
from eoffice.objects import configured
from eoffice.reports import (
    actions,
    asking_actions,
    files,
    part_queries,
    rules,
    signatures,
    states,
    waiting,
    withdrawal_actions,
)
from eoffice.reports.part_queries import PartView
from eoffice.reports.states import PartState, Place
from eoffice.reports.withdrawal_actions import Evidence
from eoffice.signing.pin import Pin
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

PARTS: Final = "/registers/reports/parts"
PDF: Final = "application/pdf"


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    pin: Pin = ""
    field: str | None = None


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=5, max_length=actions.LONGEST_REASON)]


@get(PARTS + "/{part_id:uuid}", sync_to_thread=True)
def show(request: Request, part_id: FromPath[UUID]) -> Response[bytes]:
    """The part: its pages, who has signed, who is next, and what I can do."""
    return _part(request, part_id, FormState())


@get(PARTS + "/{part_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, part_id: FromPath[UUID]) -> Response[bytes]:
    """How far the making of the pages is, for the page that waits for it."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        row = part_queries.row_for_reader(session, part_id, who)
        is_made = row.state is not PartState.PREPARING
    body = {
        "done": int(is_made),
        "total": 1,
        "failed": 0,
        "text": "Đã lập xong các trang." if is_made else "Đang lập các trang học bạ…",
        "finished": is_made,
        "next": f"{PARTS}/{part_id}",
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@get(PARTS + "/{part_id:uuid}/content", sync_to_thread=True)
def content(request: Request, part_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it stands."""
    return download(files.part(part_id, by=principal(request)), PDF, f"hoc-ba-{part_id}.pdf")


@get(PARTS + "/{part_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request,
    part_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = 1400,
) -> Response[bytes]:
    """A page as PNG."""
    return picture(request, part_id, number, width)


@post(PARTS + "/{part_id:uuid}/signatures", sync_to_thread=True, opt={"scope": "sign"})
def sign(
    request: Request,
    part_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Sign every place that is mine now."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        entered = form.parse(Signed)

        def within(last: Callable[[Session], PartState]) -> Response[bytes]:
            return once.see(
                lambda session: See(f"{PARTS}/{part_id}", said=waiting.SAID[last(session)])
            )

        return signatures.sign_mine(
            part_id, entered.field, entered.pin, by=principal(request), within=within
        )
    except Refusal as refusal:
        return _part(request, part_id, form.refused(refusal), status=refusal.status)


@post(PARTS + "/{part_id:uuid}/return", sync_to_thread=True)
def send_back(
    request: Request,
    part_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Return the part before it is closed."""
    who = principal(request)

    def work(session: Session) -> See:
        reason = form.parse(Because).reason
        actions.send_back(session, part_id, reason, by=who, at=clock.now())
        return See(f"{PARTS}/{part_id}", said="Đã trả lại học bạ để sửa.")

    return _step(request, part_id, form, once, work)


@post(PARTS + "/{part_id:uuid}/replacement", sync_to_thread=True)
def replace(
    request: Request,
    part_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Have the next version made in the place of this one, before the close."""
    who = principal(request)

    def work(session: Session) -> See:
        reason = form.parse(Because).reason
        new = asking_actions.replace(session, part_id, reason, by=who, at=clock.now())
        return See(f"{PARTS}/{new}", said="Đang lập bản thay thế.")

    return _step(request, part_id, form, once, work)


@post(
    PARTS + "/{part_id:uuid}/withdrawals",
    sync_to_thread=True,
    request_max_body_size=UPLOAD_BODY,
)
def request_withdrawal(
    request: Request,
    part_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ask the superior unit to withdraw what is closed; the evidence is a file of any kind."""
    who = principal(request)
    try:
        entered = form.parse(Because)
        evidence = taken(form) if form.file("file") is not None else None

        def work(session: Session) -> See:
            withdrawal_actions.request(
                session, part_id, entered.reason, evidence, by=who, at=clock.now()
            )
            return See(f"{PARTS}/{part_id}", said="Đã gửi đề nghị thu hồi đến đơn vị cấp trên.")

        return once.see(work)
    except Refusal as refusal:
        return _part(request, part_id, form.refused(refusal), status=refusal.status)


@post(PARTS + "/{part_id:uuid}/reopening", sync_to_thread=True)
def reopen(
    request: Request,
    part_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Have the next version made of what the superior unit let be withdrawn."""
    who = principal(request)

    def work(session: Session) -> See:
        new = asking_actions.reopen(session, part_id, by=who, at=clock.now())
        return See(f"{PARTS}/{new}", said="Đã mở lại; đang lập bản mới.")

    return _step(request, part_id, form, once, work)


def taken(form: Form) -> Evidence:
    """The file of a request, in the object store. Raises what `intake` refuses."""
    name, content = uploaded(form)
    received = intake.receive(content)
    sha256 = configured.store().put(received.content, received.media_type.value)
    return Evidence(sha256, name, received.media_type.value)


def picture(request: Request, part_id: UUID, number: int, width: int) -> Response[bytes]:
    """A page as PNG. The next signature changes it, so it is asked for anew."""
    return Response(
        files.part_page(part_id, number, width, by=principal(request)),
        media_type="image/png",
        headers=ASKED_ANEW,
    )


def _step(
    request: Request, part_id: UUID, form: Form, once: Once, work: Callable[[Session], See]
) -> Response[bytes]:
    try:
        return once.see(work)
    except Refusal as refusal:
        return _part(request, part_id, form.refused(refusal), status=refusal.status)


def _part(
    request: Request, part_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = part_queries.part(session, part_id, who, today=clock.civil_date(clock.now()))
        history = audit.history(session, "report_part", part_id)
    here = f"{PARTS}/{part_id}"
    version = (view.content_sha256 or "")[:12]
    return page(
        request,
        "reports/part.html",
        status=status,
        part=view,
        line=view.line,
        here=here,
        form=form,
        is_own=view.line.school_id == who.agency_id,
        names=states.NAMES,
        tones=waiting.TONES,
        waits=waiting.sentence(view.line.state, view.waits_for),
        effects=_effects(view),
        is_seal=any(each.place is Place.SEAL for each in view.mine_now),
        in_class_book=view.subjects_sign is rules.SubjectsSign.CLASS_BOOK,
        images=[
            (f"{here}/pages/{number}?width=1400&v={version}", "")
            for number in range(1, (view.page_count or 0) + 1)
        ],
        history=history,
    )


def _effects(view: PartView) -> list[str]:
    """What my signature will do, said before."""
    name = view.title[0].lower() + view.title[1:]
    if any(each.place is Place.SEAL for each in view.mine_now):
        return [f"Đóng con dấu số của {view.line.school} vào {name}."]
    labels = ", ".join(each.label for each in view.mine_now)
    return [
        f"Ký số vào phần “{labels}” của {name}.",
        "Xác nhận nội dung của học bạ như đang hiện trên trang.",
    ]


HANDLERS: Final = (
    show,
    progress,
    content,
    page_image,
    sign,
    send_back,
    replace,
    request_withdrawal,
    reopen,
)
