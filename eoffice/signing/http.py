"""Signatures of documents for programs. The PIN comes in the body, is used once, and is neither
stored nor logged."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import queries as documents
from eoffice.documents.states import State
from eoffice.signing import dispatches, initials, queries
from eoffice.signing.model import Purpose
from eoffice.signing.pin import PinEntered
from eoffice.web.idempotency import Once
from eoffice.web.principal import Principal, Request, principal


class SignedOut(msgspec.Struct, frozen=True, kw_only=True):
    """The document after the step."""

    id: UUID
    state: State
    code: str | None
    content_sha256: str | None


class SignatureOut(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    purpose: Purpose
    signer: str
    capacity: str
    signed_at: str
    content_sha256: str


@post(
    "/{document_id:uuid}/signature",
    sync_to_thread=True,
    status_code=200,
    opt={"scope": "sign"},
)
def sign(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[PinEntered],
    once: NamedDependency[Once],
) -> Response[SignedOut]:
    """Sign the document as the competent person."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    return dispatches.sign(document_id, data.pin, by=who, within=_answering(once, document_id))


@post("/{document_id:uuid}/seal", sync_to_thread=True, status_code=200, opt={"scope": "sign"})
def seal(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[PinEntered],
    once: NamedDependency[Once],
) -> Response[SignedOut]:
    """Close the numbered document with the agency's seal."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    return dispatches.seal(document_id, data.pin, by=who, within=_answering(once, document_id))


@post("/{document_id:uuid}/initials", sync_to_thread=True, status_code=200, opt={"scope": "sign"})
def initial(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[PinEntered],
    once: NamedDependency[Once],
) -> Response[SignedOut]:
    """ký nháy: put the initials that the approval flow asks of me on the draft."""
    if (kept := once.kept()) is not None:
        return kept
    return initials.put(
        document_id,
        data.pin,
        by=principal(request),
        at=clock.now(),
        within=_answering(once, document_id),
    )


@get("/{document_id:uuid}/signatures", sync_to_thread=True)
def signatures(request: Request, document_id: FromPath[UUID]) -> list[SignatureOut]:
    """Signatures on record, in the order in which they were made."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        documents.document(session, document_id, who=who)
        found = queries.signatures(session, dispatches.KIND, document_id)
    return [
        SignatureOut(
            field=each.field,
            purpose=each.purpose,
            signer=each.signer_name,
            capacity=each.capacity,
            signed_at=each.signed_at.isoformat(),
            content_sha256=each.content_sha256,
        )
        for each in found
    ]


def _answering(
    once: Once, document_id: UUID
) -> Callable[[Callable[[Session], None]], Response[SignedOut]]:
    """Run the ceremony's last step and answer with the document, in one transaction."""

    def within(last: Callable[[Session], None]) -> Response[SignedOut]:
        def work(session: Session) -> SignedOut:
            last(session)
            return _after(session, document_id, once.who)

        return once.answer(work)

    return within


def _after(session: Session, document_id: UUID, who: Principal) -> SignedOut:
    session.flush()  # The query reads what the step has just written.
    found = documents.document(session, document_id, who=who)
    return SignedOut(
        id=found.id,
        state=found.state,
        code=found.code,
        content_sha256=found.latest.content_sha256,
    )


router = Router(
    "/api/v1/documents", route_handlers=[sign, seal, initial, signatures], tags=["signatures"]
)
