"""Pages on which somebody signs: what exactly will happen is said first, then the PIN is asked."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import db
from eoffice.documents import queries as documents
from eoffice.documents import rules
from eoffice.documents.queries import DocumentRead
from eoffice.documents.states import Step, after
from eoffice.errors import Refusal
from eoffice.people.kinds import PositionKind
from eoffice.signing import dispatches, initials_pages, queries
from eoffice.signing.pin import PinEntered
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal


@get("/documents/{document_id:uuid}/signature", sync_to_thread=True)
def signature(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Before the competent person signs."""
    document = _document(principal(request), document_id, Step.SIGN)
    return page(
        request, "signing/signature.html", document=document, form=FormState(), section="documents"
    )


@post("/documents/{document_id:uuid}/signature", sync_to_thread=True, opt={"scope": "sign"})
def sign(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Sign, and go back to the document."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    try:
        entered = form.parse(PinEntered)

        def within(last: Callable[[Session], None]) -> Response[bytes]:
            return _see(once, last, document_id, "Đã ký văn bản. Văn thư sẽ cấp số và đóng dấu.")

        return dispatches.sign(document_id, entered.pin, by=who, within=within)
    except Refusal as refusal:
        document = _document(who, document_id, None)
        return page(
            request,
            "signing/signature.html",
            status=refusal.status,
            document=document,
            form=form.refused(refusal),
            section="documents",
        )


@get("/documents/{document_id:uuid}/seal", sync_to_thread=True)
def sealing(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Before the clerk seals."""
    who = principal(request)
    document = _document(who, document_id, Step.SEAL)
    return page(
        request,
        "signing/seal.html",
        document=document,
        signatures=_signatures(who, document_id),
        form=FormState(),
        section="documents",
    )


@post("/documents/{document_id:uuid}/seal", sync_to_thread=True, opt={"scope": "sign"})
def seal(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Seal, and go back to the document."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)
    try:
        entered = form.parse(PinEntered)

        def within(last: Callable[[Session], None]) -> Response[bytes]:
            return _see(once, last, document_id, "Đã ký số của cơ quan. Văn bản có thể phát hành.")

        return dispatches.seal(document_id, entered.pin, by=who, within=within)
    except Refusal as refusal:
        return page(
            request,
            "signing/seal.html",
            status=refusal.status,
            document=_document(who, document_id, None),
            signatures=_signatures(who, document_id),
            form=form.refused(refusal),
            section="documents",
        )


def _see(
    once: Once, last: Callable[[Session], None], document_id: UUID, said: str
) -> Response[bytes]:
    def work(session: Session) -> See:
        last(session)
        return See(f"/documents/{document_id}", said=said)

    return once.see(work)


def _document(who: Principal, document_id: UUID, step: Step | None) -> DocumentRead:
    """The document; refused where it is not in the state for the step or the step is another's."""
    with db.transaction(who.acting) as session:
        found = documents.document(session, document_id, who=who)
    if step is not None:
        after(found.state, step)
        rules.require(
            step,
            found.state,
            PositionKind(who.position_kind),
            in_drafting_unit=found.drafting_unit_id == who.unit_id,
        )
    return found


def _signatures(who: Principal, document_id: UUID) -> tuple[queries.SignatureMade, ...]:
    with db.transaction(who.acting) as session:
        return queries.signatures(session, dispatches.KIND, document_id)


pages = Router(
    "/",
    route_handlers=[signature, sign, sealing, seal, *initials_pages.routes],
    include_in_schema=False,
)
