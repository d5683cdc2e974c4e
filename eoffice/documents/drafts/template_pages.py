"""Templates of drafts for people: the list, keeping one, beginning a draft from one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import actions, types
from eoffice.documents.drafts import template_actions as keeping
from eoffice.documents.drafts import template_rules as draft_templates
from eoffice.documents.drafts.template_actions import TemplateRead
from eoffice.documents.form import body
from eoffice.documents.form import text as texts
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.errors import Invalid, Refusal
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a template; lists are typed one a line."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=draft_templates.NAME_LENGTH)]
    type: DocumentType = DocumentType.DISPATCH
    revision: int = 0
    subject: str = ""
    addressees: str = ""
    authority: str = ""
    legal_bases: str = ""
    paragraphs: str = ""
    recipients: str = ""
    filing: str = ""

    def text(self) -> DispatchText:
        """Raises TextRefused."""
        return texts.parse(
            {
                "subject": self.subject,
                "addressees": self.addressees.split("\n"),
                "authority": self.authority,
                "legal_bases": self.legal_bases.split("\n"),
                "paragraphs": self.paragraphs.split("\n"),
                "recipients": self.recipients.split("\n"),
                "filing": self.filing,
            }
        )


@get("/documents/templates", sync_to_thread=True)
def listing(request: Request) -> Response[bytes]:
    """Mẫu soạn thảo."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = keeping.templates(session, who=who)
    return page(
        request,
        "documents/draft_templates.html",
        rows=rows,
        type_name=types.name,
        may_keep=draft_templates.keeps(PositionKind(who.position_kind)) is not None,
    )


@get("/documents/templates/new", sync_to_thread=True)
def new(request: Request) -> Response[bytes]:
    """Lập mẫu."""
    draft_templates.require_keeper(PositionKind(principal(request).position_kind))
    return _form(request, None, FormState.of(type=DocumentType.INVITATION.value, revision=0))


@post("/documents/templates", sync_to_thread=True)
def keep(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Keep a new template."""
    who = principal(request)
    try:
        entered = form.parse(Kept)
        text = entered.text()

        def work(session: Session) -> See:
            keeping.keep(session, entered.name, entered.type, text, by=who, at=clock.now())
            return See("/documents/templates", said=f"Đã lập mẫu “{entered.name}”.")

        return once.see(work)
    except Refusal as refusal:
        return _form(request, None, form.refused(refusal), status=refusal.status)


@get("/documents/templates/{template_id:uuid}", sync_to_thread=True)
def edit(request: Request, template_id: FromPath[UUID]) -> Response[bytes]:
    """Sửa mẫu."""
    found = _found(request, template_id)
    text = found.text
    return _form(
        request,
        found,
        FormState.of(
            name=found.name,
            type=found.type.value,
            revision=found.revision,
            subject=text.subject,
            addressees="\n".join(text.addressees),
            authority=text.authority,
            legal_bases="\n".join(text.legal_bases),
            paragraphs=body.typed(text.paragraphs),
            recipients="\n".join(text.recipients),
            filing=text.filing,
        ),
    )


@post("/documents/templates/{template_id:uuid}", sync_to_thread=True)
def change(
    request: Request,
    template_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Change a template."""
    who = principal(request)
    try:
        entered = form.parse(Kept)
        text = entered.text()

        def work(session: Session) -> See:
            keeping.change(
                session,
                template_id,
                entered.name,
                entered.type,
                text,
                expected_revision=entered.revision,
                by=who,
                at=clock.now(),
            )
            return See("/documents/templates", said=f"Đã sửa mẫu “{entered.name}”.")

        return once.see(work)
    except Refusal as refusal:
        found = _found(request, template_id)
        return _form(request, found, form.refused(refusal), status=refusal.status)


@post("/documents/templates/{template_id:uuid}/retirement", sync_to_thread=True)
def retire(
    request: Request, template_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Take a template out of use."""

    def work(session: Session) -> See:
        keeping.retire(session, template_id, by=principal(request), at=clock.now())
        return See("/documents/templates", said="Đã bỏ mẫu.")

    return once.see(work)


@get("/documents/templates/{template_id:uuid}/draft", sync_to_thread=True)
def fill(request: Request, template_id: FromPath[UUID]) -> Response[bytes]:
    """Soạn từ mẫu: all fields on one page."""
    return _filling(request, _found(request, template_id), FormState())


@post("/documents/templates/{template_id:uuid}/draft", sync_to_thread=True)
def begin(
    request: Request,
    template_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Begin a draft with the fields filled in."""
    who = principal(request)
    found = _found(request, template_id)
    values = {name: form[f"field-{place}"] for place, name in enumerate(found.fields)}
    try:

        def work(session: Session) -> See:
            document_id = from_template(session, found, values, by=who, at=clock.now())
            return See(f"/documents/{document_id}/draft", said=f"Đã soạn từ mẫu “{found.name}”.")

        return once.see(work)
    except Refusal as refusal:
        return _filling(
            request, found, form.refused(_placed(refusal, found)), status=refusal.status
        )


def from_template(
    session: Session,
    found: TemplateRead,
    values: dict[str, str],
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """A draft with the words of the template, signed by the head, filed by the own office."""
    text = draft_templates.filled(found.text, values)
    head = people.head_of(session, by.agency_id, at=at)
    unit = people.unit(session, by.unit_id)
    letters = unit.notation if unit.id != by.agency_id else ""
    begun = texts.parse(
        {
            **texts.serialise(text),
            "filing": text.filing or ", ".join(each for each in ("VT", letters) if each),
            "signer_title": "" if head is None else head.title,
            "signer_name": "" if head is None else head.full_name,
        }
    )
    return actions.begin(session, found.type, begun, by=by, at=at)


def _placed(refusal: Refusal, found: TemplateRead) -> Refusal:
    """The refusal with the names of the form's fields, which hold any name of a template."""
    places = {name: f"field-{place}" for place, name in enumerate(found.fields)}
    if not isinstance(refusal, draft_templates.FieldsOpen):
        return refusal
    return Invalid(
        refusal.detail, fields={places[name]: said for name, said in refusal.fields.items()}
    )


def _found(request: Request, template_id: UUID) -> TemplateRead:
    who = principal(request)
    with db.transaction(who.acting) as session:
        return keeping.template(session, template_id, who=who)


def _filling(
    request: Request, found: TemplateRead, form: FormState, *, status: int = 200
) -> Response[bytes]:
    return page(
        request,
        "documents/draft_template_fill.html",
        status=status,
        kept=found,
        type_name=types.name(found.type),
        form=form,
        labels={f"field-{place}": name for place, name in enumerate(found.fields)},
    )


def _form(
    request: Request, found: TemplateRead | None, form: FormState, *, status: int = 200
) -> Response[bytes]:
    return page(
        request,
        "documents/draft_template.html",
        status=status,
        kept=found,
        form=form,
        type_options=[
            (kind.value, types.name(kind)) for kind in DocumentType if kind not in types.COPIES
        ],
    )


routes = [listing, new, keep, edit, change, retire, fill, begin]
