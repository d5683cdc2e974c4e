"""The page on which the appendices in the same file are written."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from eoffice import clock, db
from eoffice.documents import actions, document_page, queries, states, types
from eoffice.documents.drafts import writing_form
from eoffice.documents.form import appendices
from eoffice.documents.form import text as texts
from eoffice.documents.form.text import DispatchText
from eoffice.documents.queries import DocumentRead
from eoffice.documents.types import DocumentType
from eoffice.errors import Refusal
from eoffice.web.forms import Form, FormState
from eoffice.web.pages import page, see
from eoffice.web.principal import Request, principal


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    revision: Annotated[int, msgspec.Meta(ge=1)]


@get("/documents/{document_id:uuid}/appendices", sync_to_thread=True)
def show(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Phụ lục trong cùng tệp."""
    found = document_page.read(request, document_id)
    if not states.may_be_edited(found.state):
        return see(f"/documents/{document_id}", said="Văn bản đã trình nên không sửa được nữa.")
    text = found.latest.text or DispatchText()
    form = FormState.of(
        revision=found.latest.revision, **writing_form.appendices_shown(text.appendices)
    )
    return _page(request, found, form)


@post("/documents/{document_id:uuid}/appendices", sync_to_thread=True)
def save(
    request: Request, document_id: FromPath[UUID], form: NamedDependency[Form]
) -> Response[bytes]:
    """Save all of them; the button "thêm" comes back with room for one more."""
    who = principal(request)
    try:
        entered = form.parse(Saved)
        with db.transaction(who.acting) as session:
            found = queries.document(session, document_id, who=who)
            given = texts.parse({"appendices": writing_form.appendices_in(form)})
            actions.save_draft(
                session,
                document_id,
                replace(found.latest.text or DispatchText(), appendices=given.appendices),
                expected_revision=entered.revision,
                due_on=found.due_on,
                by=who,
                at=clock.now(),
            )
    except Refusal as refusal:
        return _page(
            request,
            document_page.read(request, document_id),
            form.refused(refusal),
            status=refusal.status,
        )
    if form["more"]:
        return see(f"/documents/{document_id}/appendices", said="Đã lưu phụ lục.")
    return see(f"/documents/{document_id}/draft", said="Đã lưu phụ lục.")


def _page(
    request: Request, found: DocumentRead, form: FormState, *, status: int = 200
) -> Response[bytes]:
    written = sum(
        bool(
            form.value(f"appendix_{ordinal}_title") or form.value(f"appendix_{ordinal}_paragraphs")
        )
        for ordinal in range(1, appendices.MOST + 1)
    )
    options = [("", "Phụ lục")]
    if found.type is DocumentType.DECISION:
        options += [
            (kind.value, f"Văn bản ban hành kèm theo: {types.name(kind).lower()}")
            for kind in (
                DocumentType.STATUTE,
                DocumentType.RULES,
                DocumentType.PROGRAMME,
                DocumentType.PLAN,
                DocumentType.OPTION_PLAN,
                DocumentType.SCHEME,
                DocumentType.PROJECT,
            )
        ]
    return page(
        request,
        "documents/appendices.html",
        status=status,
        document=found,
        form=form,
        type_name=types.name(found.type),
        count=min(written + 1, appendices.MOST),
        type_options=options,
        section="documents",
    )


routes = [show, save]
