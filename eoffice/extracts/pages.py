"""Pages of certified copies: ask, look, sign or seal, cancel; the school's book of copies."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.documents import types
from eoffice.errors import Refusal
from eoffice.extracts import actions, making, queries, signatures, states
from eoffice.extracts.making import Wanted
from eoffice.extracts.states import CopyKind, CopyState, SourceKind
from eoffice.files import page_images
from eoffice.marks.marks_http import file_answer
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import signers
from eoffice.signing.pin import Pin
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

HERE = "/registers/copies"


class CopyForm(msgspec.Struct, frozen=True, kw_only=True):
    kind: CopyKind
    source_kind: SourceKind
    source_id: UUID
    pupil_id: UUID | None = None
    requester: str
    purpose: str
    signer_id: UUID


class Signed(msgspec.Struct, frozen=True, kw_only=True):
    pin: Pin = ""


@get(HERE, sync_to_thread=True)
def listing(
    request: Request,
    source: FromQuery[UUID | None] = None,
    pupil: FromQuery[UUID | None] = None,
) -> Response[bytes]:
    """The book of copies; only those of one original, or of one pupil, if named."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        copies = queries.listed(session, who, source, pupil)
    return page(
        request,
        "extracts/list.html",
        section="registers",
        copies=copies,
        names=states.NAMES,
        tones=states.TONES,
        kinds=states.KIND_NAMES,
        source=source,
        pupil=pupil,
    )


@get(HERE + "/new", sync_to_thread=True)
def new(
    request: Request, source_kind: FromQuery[SourceKind], source_id: FromQuery[UUID]
) -> Response[bytes]:
    """Who asks for a copy of an original, what for, and who signs it."""
    return _new(request, source_kind, source_id, FormState())


@post(HERE, sync_to_thread=True)
def make(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Make the copy and show its pages."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], UUID]) -> Response[bytes]:
        def work(session: Session) -> See:
            return See(f"{HERE}/{last(session)}", said="Đã lập bản sao, chờ ký.")

        return once.see(work)

    try:
        entered = form.parse(CopyForm)
        wanted = Wanted(**msgspec.structs.asdict(entered))
        return making.make(wanted, by=principal(request), within=within)
    except Refusal as refusal:
        kind, source_id = form["source_kind"], form["source_id"]
        return _new(
            request,
            SourceKind(kind) if kind in set(SourceKind) else SourceKind.GRADEBOOK,
            UUID(source_id),
            form.refused(refusal),
            status=refusal.status,
        )


@get(HERE + "/{copy_id:uuid}", sync_to_thread=True)
def show(request: Request, copy_id: FromPath[UUID]) -> Response[bytes]:
    """The pages of a copy, where it stands and who is next."""
    return _show(request, copy_id, FormState())


@post(HERE + "/{copy_id:uuid}/signatures", sync_to_thread=True, opt={"scope": "sign"})
def sign(
    request: Request,
    copy_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Sign the copy, or seal it."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], CopyState]) -> Response[bytes]:
        def work(session: Session) -> See:
            issued = last(session) is CopyState.ISSUED
            return See(
                f"{HERE}/{copy_id}",
                said="Đã đóng dấu, bản sao đã cấp." if issued else "Đã ký, chờ đóng dấu.",
            )

        return once.see(work)

    try:
        entered = form.parse(Signed)
        return signatures.sign(copy_id, entered.pin, by=principal(request), within=within)
    except Refusal as refusal:
        return _show(request, copy_id, form.refused(refusal), status=refusal.status)


@post(HERE + "/{copy_id:uuid}/cancellation", sync_to_thread=True)
def cancel(
    request: Request,
    copy_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Cancel a copy that was not issued."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.cancel(session, copy_id, form["reason"], by=who, at=clock.now())
        return See(f"{HERE}/{copy_id}", said="Đã hủy bản sao; số của bản sao không dùng lại.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _show(request, copy_id, form.refused(refusal), status=refusal.status)


@get(HERE + "/{copy_id:uuid}/content", sync_to_thread=True)
def content(request: Request, copy_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it stands."""
    return file_answer(_content(request, copy_id), "application/pdf", f"ban-sao-{copy_id}.pdf")


@get(HERE + "/{copy_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request, copy_id: FromPath[UUID], number: FromPath[int], width: FromQuery[int] = 1000
) -> Response[bytes]:
    """A page as PNG."""
    png = page_images.page_image(_content(request, copy_id), number, width)
    return Response(png, media_type="image/png", headers={"cache-control": "private, no-store"})


def _content(request: Request, copy_id: UUID) -> bytes:
    who = principal(request)
    with db.transaction(who.acting) as session:
        digest = queries.copy(session, copy_id, who).content_sha256
    return configured.store().get(Sha256.parse(digest))


def _new(
    request: Request, kind: SourceKind, source_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        actions.require_office(who)
        source = making.of_source(session, kind, source_id, by=who)
        pupils = queries.pupils(session, source_id) if kind is SourceKind.GRADEBOOK else ()
        signing = signers.of_agency(session, who.agency_id, at=at)
    return page(
        request,
        "extracts/new.html",
        section="registers",
        status=status,
        form=form,
        source=source,
        source_kind=kind.value,
        source_id=source_id,
        kinds=[
            (one.value, name)
            for one, name in states.KIND_NAMES.items()
            if one is CopyKind.WHOLE or pupils
        ],
        pupils=[(str(one), name) for one, name in pupils],
        signers=[
            (
                str(one.person_id),
                " ".join(
                    types.capacity_lines(one.right.capacity, one.right.title, one.right.head_title)
                )
                + f": {one.full_name}",
            )
            for one in signing
        ],
    )


def _show(
    request: Request, copy_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.copy(session, copy_id, who)
        history = audit.history(session, actions.KIND, copy_id)
    here = f"{HERE}/{copy_id}"
    return page(
        request,
        "extracts/show.html",
        section="registers",
        status=status,
        form=form,
        copy=view,
        here=here,
        state=states.NAMES[view.state],
        tone=states.TONES[view.state],
        kind=states.KIND_NAMES[view.kind],
        images=[
            (f"{here}/pages/{number}?width=1000&v={view.content_sha256[:12]}", "")
            for number in range(1, view.page_count + 1)
        ],
        history=history,
    )


pages = Router(
    "/",
    route_handlers=[listing, new, make, show, sign, cancel, content, page_image],
    include_in_schema=False,
)
