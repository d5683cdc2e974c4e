"""Pages and API on which copies of issued documents are made: sao y, trích sao, sao lục."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import shapes, states, types
from eoffice.documents.copies import actions as copies
from eoffice.documents.copies import copying
from eoffice.documents.copies.actions import Copy, Source
from eoffice.documents.copies.copying import Wanted
from eoffice.documents.model import CopyMedium
from eoffice.documents.types import DocumentType
from eoffice.errors import Refusal
from eoffice.people.kinds import PositionKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

KINDS = (DocumentType.CERTIFIED_COPY, DocumentType.EXTRACT, DocumentType.COPY_OF_COPY)
_HINTS = {
    DocumentType.CERTIFIED_COPY: "Toàn bộ văn bản, từ bản gốc hoặc bản chính.",
    DocumentType.EXTRACT: "Một số trang của văn bản.",
    DocumentType.COPY_OF_COPY: "Toàn bộ văn bản, từ bản sao y.",
}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a copy; recipients are typed one a line."""

    type: DocumentType = DocumentType.CERTIFIED_COPY
    medium: CopyMedium = CopyMedium.ELECTRONIC
    pages: Annotated[str, msgspec.Meta(max_length=200)] = ""
    signer: Annotated[str, msgspec.Meta(max_length=300)] = ""
    recipients: Annotated[str, msgspec.Meta(max_length=5_000)] = ""

    def wanted(self) -> Wanted:
        names = tuple(line.strip() for line in self.recipients.split("\n") if line.strip())
        return Wanted(self.type, self.medium, self.pages, self.signer, names)


class CopyOut(msgspec.Struct, frozen=True, kw_only=True):
    document_id: UUID
    type: DocumentType
    medium: CopyMedium
    code: str | None
    state: str
    pages: str
    source_code: str
    source_agency: str


@get("/documents/{document_id:uuid}/copies", sync_to_thread=True)
def show(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Bản sao của văn bản, và mẫu lập bản sao mới."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        source = copies.own_source(session, document_id, who=who)
    return shown(request, source, document_id, f"/documents/{document_id}", _blank())


@post("/documents/{document_id:uuid}/copies", sync_to_thread=True)
def make(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Make a copy and go to it."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    with db.transaction(who.acting) as session:
        source = copies.own_source(session, document_id, who=who)
    return made(request, source, document_id, f"/documents/{document_id}", form, once)


def shown(
    request: Request,
    source: Source,
    source_id: UUID,
    home: str,
    form: FormState,
    *,
    status: int = 200,
) -> Response[bytes]:
    """The page of copies of what stands at `home`; also for documents that were received."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = copies.of_source(session, source_id, who=who)
    may_copy = PositionKind(who.position_kind) is PositionKind.CLERK
    return page(
        request,
        "documents/copies.html",
        status=status,
        source=source,
        home=home,
        copies=found,
        type_names={kind: types.name(kind) for kind in KINDS},
        medium_names=copies.MEDIUM_NAMES,
        state_names=states.NAMES,
        may_copy=may_copy,
        form=form,
        type_options=[(kind.value, types.name(kind), _HINTS[kind]) for kind in KINDS],
        medium_options=[
            (
                CopyMedium.ELECTRONIC.value,
                "Định dạng điện tử",
                "Chữ ký số của cơ quan ở góc trên, bên phải trang đầu, không có hình ảnh.",
            ),
            (
                CopyMedium.PAPER.value,
                "Định dạng giấy",
                "Phần sao in ngay dưới phần cuối của văn bản, để in ra và đóng dấu.",
            ),
        ],
        signers=copying.signers(who, at=clock.now()) if may_copy else [],
    )


def made(
    request: Request,
    source: Source,
    source_id: UUID,
    home: str,
    form: Form,
    once: Once,
    *,
    still: Callable[[Session], object] = lambda _: None,
) -> Response[bytes]:
    """Make the copy that the form asks for; a refused form comes back filled.

    `still` refuses what may not be copied any more, in the transaction that begins the copy: its
    pages were drawn before.
    """
    who = principal(request)
    try:
        entered = form.parse(Asked)

        def within(last: Callable[[Session], UUID]) -> Response[bytes]:
            def work(session: Session) -> See:
                still(session)
                return See(f"/documents/{last(session)}", said="Đã lập bản sao.")

            return once.see(work)

        return copying.make(source, entered.wanted(), by=who, within=within)
    except Refusal as refusal:
        return shown(request, source, source_id, home, form.refused(refusal), status=refusal.status)


def _blank() -> FormState:
    return FormState.of(type=DocumentType.CERTIFIED_COPY.value, medium=CopyMedium.ELECTRONIC.value)


routes = [show, make]


@get("/{document_id:uuid}/copies", sync_to_thread=True)
def listing(request: Request, document_id: FromPath[UUID]) -> list[CopyOut]:
    """Copies that the agency made of its issued document."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        copies.own_source(session, document_id, who=who)
        return [_out(each) for each in copies.of_source(session, document_id, who=who)]


@post("/{document_id:uuid}/copies", sync_to_thread=True)
def begin(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[Asked],
    once: NamedDependency[Once],
) -> Response[shapes.Made]:
    """Make a copy of an issued document; it goes on as a document of its own."""
    kept = once.kept()
    if kept is not None:
        return kept
    who: Principal = principal(request)
    with db.transaction(who.acting) as session:
        source = copies.own_source(session, document_id, who=who)
    return copying.make(
        source,
        data.wanted(),
        by=who,
        within=lambda last: once.answer(
            lambda session: shapes.Made(id=last(session)),
            status=201,
            location=lambda out: f"/api/v1/documents/{out.id}",
        ),
    )


router = Router("/api/v1/documents", route_handlers=[listing, begin], tags=["documents"])


def _out(found: Copy) -> CopyOut:
    return CopyOut(
        document_id=found.document_id,
        type=found.type,
        medium=found.medium,
        code=found.code,
        state=found.state.value,
        pages=found.pages,
        source_code=found.source_code,
        source_agency=found.source_agency,
    )
