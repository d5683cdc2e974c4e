"""Templates of drafts for programs: `/api/v1/document-templates`."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import shapes
from eoffice.documents.drafts import template_actions as keeping
from eoffice.documents.drafts import template_pages as draft_template_pages
from eoffice.documents.drafts import template_rules as draft_templates
from eoffice.documents.drafts.template_actions import TemplateRead
from eoffice.documents.form import text as texts
from eoffice.documents.types import DocumentType
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class TemplateIn(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=draft_templates.NAME_LENGTH)]
    type: DocumentType
    #: As the text of a document; fields between doubled braces.
    text: dict[str, Any]
    #: The revision that the keeper saw; not needed for a new one.
    expected_revision: int = 0


class TemplateOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    type: DocumentType
    text: dict[str, Any]
    fields: list[str]
    unit: str
    is_of_agency: bool
    revision: int


class Values(msgspec.Struct, frozen=True, kw_only=True):
    #: Name of the field to its words.
    values: dict[str, str] = {}


@get("/", sync_to_thread=True)
def listing(request: Request) -> list[TemplateOut]:
    """Templates of my unit and of the whole agency."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [_out(each) for each in keeping.templates(session, who=who)]


@post("/", sync_to_thread=True)
def keep(
    request: Request, data: JSONBody[TemplateIn], once: NamedDependency[Once]
) -> Response[TemplateOut]:
    """Keep a new template for my office, or for the agency where my position keeps those."""
    who = principal(request)

    def work(session: Session) -> TemplateOut:
        kept = keeping.keep(
            session, data.name, data.type, texts.parse(data.text), by=who, at=clock.now()
        )
        session.flush()  # The answer reads the row.
        return _out(keeping.template(session, kept, who=who))

    return once.answer(
        work, status=201, location=lambda out: f"/api/v1/document-templates/{out.id}"
    )


@get("/{template_id:uuid}", sync_to_thread=True)
def show(request: Request, template_id: FromPath[UUID]) -> TemplateOut:
    """One template."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(keeping.template(session, template_id, who=who))


@put("/{template_id:uuid}", sync_to_thread=True)
def change(
    request: Request, template_id: FromPath[UUID], data: JSONBody[TemplateIn]
) -> shapes.RevisionOut:
    """Change a template; refused where somebody else changed it meanwhile."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        revision = keeping.change(
            session,
            template_id,
            data.name,
            data.type,
            texts.parse(data.text),
            expected_revision=data.expected_revision,
            by=who,
            at=clock.now(),
        )
    return shapes.RevisionOut(revision=revision)


@delete("/{template_id:uuid}", sync_to_thread=True)
def retire(request: Request, template_id: FromPath[UUID]) -> None:
    """Take a template out of use."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        keeping.retire(session, template_id, by=who, at=clock.now())


@post("/{template_id:uuid}/drafts", sync_to_thread=True)
def begin(
    request: Request,
    template_id: FromPath[UUID],
    data: JSONBody[Values],
    once: NamedDependency[Once],
) -> Response[shapes.Made]:
    """Begin a draft from a template with all of its fields filled in."""
    who = principal(request)

    def work(session: Session) -> shapes.Made:
        found = keeping.template(session, template_id, who=who)
        return shapes.Made(
            id=draft_template_pages.from_template(
                session, found, data.values, by=who, at=clock.now()
            )
        )

    return once.answer(work, status=201, location=lambda out: f"/api/v1/documents/{out.id}")


router = Router(
    "/api/v1/document-templates",
    route_handlers=[listing, keep, show, change, retire, begin],
    tags=["documents"],
)


def _out(found: TemplateRead) -> TemplateOut:
    return TemplateOut(
        id=found.id,
        name=found.name,
        type=found.type,
        text=texts.serialise(found.text),
        fields=list(found.fields),
        unit=found.unit,
        is_of_agency=found.is_of_agency,
        revision=found.revision,
    )
