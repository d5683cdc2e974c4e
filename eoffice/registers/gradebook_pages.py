"""Pages of a book of any kind: its pages, who has signed, who is next, and my part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.errors import Refusal
from eoffice.marks.marks_http import file_answer
from eoffice.registers import (
    book_files,
    correction_queries,
    correction_states,
    gradebook_queries,
    gradebooks,
    signatures,
    states,
    waiting,
)
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.class_pages import class_page
from eoffice.registers.gradebook_http import picture
from eoffice.registers.gradebook_queries import GradebookView
from eoffice.registers.states import SignatureKind, State
from eoffice.signing.pin import Pin
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    pin: Pin = ""
    field: str | None = None


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=5, max_length=gradebooks.LONGEST_REASON)]


@post("/registers/classes/{class_id:uuid}/gradebooks", sync_to_thread=True)
def request_gradebook(
    request: Request, class_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Ask for the book of the year."""
    who = principal(request)

    def work(session: Session) -> See:
        gradebook_id = gradebooks.request(session, class_id, by=who, at=clock.now())
        return See(f"/registers/gradebooks/{gradebook_id}", said="Đã yêu cầu lập sổ.")

    try:
        return once.see(work)
    except Refusal as refusal:
        shown = FormState(detail=refusal.detail)
        return class_page(request, class_id, shown, status=refusal.status)


@get("/registers/gradebooks/{gradebook_id:uuid}", sync_to_thread=True)
def show_gradebook(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """The book: its pages, who has signed, who is next, and my part."""
    return _gradebook(request, gradebook_id, FormState())


@get("/registers/gradebooks/{gradebook_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """How far the making of the pages is, for the page that waits for it."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = gradebook_queries.gradebook(session, gradebook_id, who)
    is_made = view.state is not State.RENDERING
    body = {
        "done": int(is_made),
        "total": 1,
        "failed": 0,
        "text": "Đã lập xong các trang sổ." if is_made else "Đang lập các trang sổ…",
        "finished": is_made,
        "next": f"/registers/gradebooks/{gradebook_id}",
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@get("/registers/gradebooks/{gradebook_id:uuid}/content", sync_to_thread=True)
def content(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it stands."""
    pdf = book_files.book(gradebook_id, by=principal(request))
    return file_answer(pdf, "application/pdf", f"so-{gradebook_id}.pdf")


@get("/registers/gradebooks/{gradebook_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request,
    gradebook_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = 1400,
) -> Response[bytes]:
    """A page as PNG."""
    return picture(request, gradebook_id, number, width)


@post(
    "/registers/gradebooks/{gradebook_id:uuid}/signatures",
    sync_to_thread=True,
    opt={"scope": "sign"},
)
def sign(
    request: Request,
    gradebook_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Sign every part that is mine now."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        entered = form.parse(Signed)

        def within(last: Callable[[Session], State]) -> Response[bytes]:
            def work(session: Session) -> See:
                state = last(session)
                return See(f"/registers/gradebooks/{gradebook_id}", said=waiting.SAID[state])

            return once.see(work)

        return signatures.sign_mine(
            gradebook_id, entered.field, entered.pin, by=principal(request), within=within
        )
    except Refusal as refusal:
        return _gradebook(request, gradebook_id, form.refused(refusal), status=refusal.status)


@post("/registers/gradebooks/{gradebook_id:uuid}/return", sync_to_thread=True)
def send_back(
    request: Request,
    gradebook_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Return the book to be corrected."""
    who = principal(request)
    try:
        entered = form.parse(Because)

        def work(session: Session) -> See:
            gradebooks.send_back(session, gradebook_id, entered.reason, by=who, at=clock.now())
            return See(
                f"/registers/gradebooks/{gradebook_id}",
                said="Đã trả lại sổ. Số liệu của lớp sửa được; sau đó lập bản kế tiếp.",
            )

        return once.see(work)
    except Refusal as refusal:
        return _gradebook(request, gradebook_id, form.refused(refusal), status=refusal.status)


def _gradebook(
    request: Request, gradebook_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = gradebook_queries.gradebook(session, gradebook_id, who)
        versions = gradebook_queries.versions(session, gradebook_id, who)
        asked = (
            correction_queries.corrections(session, who, gradebook_id=gradebook_id)
            if view.kind is BookKind.CLASS_BOOK
            else ()
        )
        history = audit.history(session, "gradebook", gradebook_id)
    here = f"/registers/gradebooks/{gradebook_id}"
    version = (view.content_sha256 or "")[:12]
    return page(
        request,
        "registers/gradebook.html",
        status=status,
        book=view,
        here=here,
        form=form,
        state_name=states.NAMES[view.state],
        tone=waiting.TONES[view.state],
        waits=waiting.sentence(view.state, _who_is_next(view)),
        effects=_effects(view),
        is_seal=any(part.kind is SignatureKind.SEAL for part in view.mine_now),
        images=[
            (f"{here}/pages/{number}?width=1400&v={version}", "")
            for number in range(1, (view.page_count or 0) + 1)
        ],
        versions=versions,
        corrections=asked,
        correction_names=correction_states.NAMES,
        correction_tones=correction_states.TONES,
        names=states.NAMES,
        history=history,
    )


def _who_is_next(view: GradebookView) -> tuple[str, ...]:
    turn = states.TURNS.get(view.state, frozenset())
    return tuple(
        f"{part.signer} ({part.part})" if part.kind is SignatureKind.SUBJECT else part.signer
        for part in view.signatures
        if part.kind in turn and part.signed_at is None
    )


def _effects(view: GradebookView) -> list[str]:
    """What my signature will do, said before."""
    parts = ", ".join(part.part for part in view.mine_now)
    of_class = view.kind is BookKind.CLASS_BOOK
    named = f"sổ lớp {view.class_name}" if of_class else view.name.split(",")[0]
    if any(part.kind is SignatureKind.SEAL for part in view.mine_now):
        return [
            f"Đóng con dấu số của {view.school_name} vào {named}.",
            "Khóa sổ: không ai sửa hay ký thêm được nữa.",
            "Nộp sổ vào kho lưu trữ.",
        ]
    return [
        f"Ký số vào phần “{parts}” của {named}, năm học {view.school_year}.",
        "Xác nhận mọi điểm và kết quả trong phần đó như đang hiện trên trang."
        if of_class
        else "Xác nhận nội dung của sổ như đang hiện trên trang.",
    ]
