"""Metadata of an outgoing document, for people and for programs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, put
from litestar import post as post_to
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import document_page
from eoffice.documents.metadata import actions as metadata_actions
from eoffice.documents.metadata import queries as metadata_queries
from eoffice.documents.metadata import rules as metadata_rules
from eoffice.documents.metadata.model import DescribedKind
from eoffice.documents.metadata.rules import Metadata
from eoffice.documents.queries import DocumentRead
from eoffice.documents.states import State
from eoffice.errors import Refusal
from eoffice.people.kinds import PositionKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal


class Described(msgspec.Struct, frozen=True, kw_only=True):
    language: str = metadata_rules.DEFAULT_LANGUAGE
    description: str = ""
    issued_amount: int | None = None
    because: str = ""

    def metadata(self) -> Metadata:
        return Metadata(self.language, self.description, self.issued_amount)


class MetadataIn(msgspec.Struct, frozen=True, kw_only=True):
    language: Annotated[str, msgspec.Meta(max_length=metadata_rules.LANGUAGE_LENGTH)]
    description: Annotated[str, msgspec.Meta(max_length=metadata_rules.DESCRIPTION_LENGTH)]
    issued_amount: Annotated[int, msgspec.Meta(ge=1, le=metadata_rules.MOST_COPIES)] | None
    #: Needed once the document has its number.
    because: Annotated[str, msgspec.Meta(max_length=metadata_rules.LONGEST_REASON)] = ""


class ChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    before: str
    after: str
    because: str
    changed_by: str
    changed_at: datetime


class MetadataOut(msgspec.Struct, frozen=True, kw_only=True):
    language: str
    description: str
    issued_amount: int | None
    #: The latest first.
    changes: list[ChangeOut]


@get("/documents/{document_id:uuid}/metadata", sync_to_thread=True)
def described(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Siêu dữ liệu của văn bản đi."""
    return _page(request, document_id, None)


@post_to("/documents/{document_id:uuid}/metadata", sync_to_thread=True)
def describe(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Bổ sung hoặc sửa siêu dữ liệu."""
    who = principal(request)
    try:
        entered = form.parse(Described)

        def work(session: Session) -> See:
            count = metadata_actions.describe(
                session,
                document_id,
                entered.metadata(),
                because=entered.because,
                by=who,
                at=clock.now(),
            )
            said = "Đã ghi siêu dữ liệu." if count else "Siêu dữ liệu không có gì thay đổi."
            return See(f"/documents/{document_id}/metadata", said=said)

        return once.see(work)
    except Refusal as refusal:
        return _page(request, document_id, form.refused(refusal), status=refusal.status)


@get("/{document_id:uuid}/metadata", sync_to_thread=True)
def read(request: Request, document_id: FromPath[UUID]) -> MetadataOut:
    """Metadata that stand beside the document, and every change to them."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        document_page.read_in(session, document_id, who)
        return _out(session, document_id)


@put("/{document_id:uuid}/metadata", sync_to_thread=True)
def change(
    request: Request, document_id: FromPath[UUID], data: JSONBody[MetadataIn]
) -> MetadataOut:
    """Set them. Once the document has its number: clerks only, with the reason."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        metadata_actions.describe(
            session,
            document_id,
            Metadata(data.language, data.description, data.issued_amount),
            because=data.because,
            by=who,
            at=clock.now(),
        )
        session.flush()  # The answer reads what was just changed.
        return _out(session, document_id)


def _out(session: Session, document_id: UUID) -> MetadataOut:
    found = metadata_queries.of_document(session, document_id)
    return MetadataOut(
        language=found.language,
        description=found.description,
        issued_amount=found.issued_amount,
        changes=[
            ChangeOut(
                field=each.field,
                before=each.before,
                after=each.after,
                because=each.because,
                changed_by=each.who,
                changed_at=each.at,
            )
            for each in metadata_queries.changes(session, DescribedKind.DOCUMENT, document_id)
        ],
    )


def _page(
    request: Request, document_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = document_page.read_in(session, document_id, who)
        metadata = metadata_queries.of_document(session, document_id)
        changes = metadata_queries.changes(session, DescribedKind.DOCUMENT, document_id)
    return page(
        request,
        "documents/metadata.html",
        section="documents",
        status=status,
        document=found,
        metadata=metadata,
        changes=changes,
        may_change=_may_change(found, who),
        is_registered=found.number is not None,
        names=metadata_rules.NAMES,
        most_copies=metadata_rules.MOST_COPIES,
        form=form
        or FormState.of(
            language=metadata.language,
            description=metadata.description,
            issued_amount=metadata.issued_amount or "",
        ),
    )


def _may_change(found: DocumentRead, who: Principal) -> bool:
    if found.state is State.WITHDRAWN:
        return False
    if found.number is None:
        return document_page.may_answer(found, who)
    return metadata_rules.may_add(PositionKind(who.position_kind))


routes = [described, describe]
router = Router("/api/v1/documents", route_handlers=[read, change], tags=["documents"])
