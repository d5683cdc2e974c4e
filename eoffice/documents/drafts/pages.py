"""Pages on which a draft is begun, written, given files and recipients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import actions, document_page, queries, states, types
from eoffice.documents.drafts import drafting, writing_form
from eoffice.documents.form import body, particulars
from eoffice.documents.form import text as texts
from eoffice.documents.form.appendices import Appendix, serialise
from eoffice.documents.form.stamping import Marks
from eoffice.documents.form.text import DispatchText
from eoffice.documents.queries import DocumentRead
from eoffice.documents.types import DocumentType, Secrecy, Urgency
from eoffice.errors import Refusal
from eoffice.files import http as files
from eoffice.people import queries as people
from eoffice.people.rules import Capacity
from eoffice.people.signers import Signer
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page, see
from eoffice.web.principal import Principal, Request, principal


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    type: DocumentType = DocumentType.DISPATCH
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=texts.SUBJECT_LENGTH)]
    urgency: Urgency = Urgency.ORDINARY


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """The editor's form; lists are typed one a line."""

    revision: int
    subject: str = ""
    urgency: Urgency = Urgency.ORDINARY
    #: "14/8/2018 10:00", in Vietnam.
    express_at: str = ""
    secrecy: Secrecy = Secrecy.NONE
    circulation: str = ""
    due_on: date | None = None
    addressees: str = ""
    authority: str = ""
    legal_bases: str = ""
    paragraphs: str = ""
    recipients: str = ""
    filing: str = ""
    copies: str = ""
    capacity: Capacity = Capacity.HEAD
    on_behalf_of: str = ""
    #: TM.: also above KT. and Q.
    collective: str = ""
    signer_title: str = ""
    signer_name: str = ""
    contact: str = ""

    def marks(self) -> Marks:
        """Raises Invalid."""
        return Marks(
            self.secrecy, self.circulation, writing_form.instant("express_at", self.express_at)
        )

    def text(
        self, form: Form, chosen: Signer | None, appendices: Sequence[Appendix]
    ) -> DispatchText:
        """What was typed, with the signer who was chosen and the appendices of their own page.

        Raises TextRefused.
        """
        return texts.parse(
            {
                "subject": self.subject,
                "addressees": self.addressees.split("\n"),
                "authority": self.authority,
                "legal_bases": self.legal_bases.split("\n"),
                "paragraphs": self.paragraphs.split("\n"),
                "recipients": self.recipients.split("\n"),
                "filing": self.filing,
                "copies": self.copies,
                "contact": self.contact,
                "particulars": writing_form.particulars_in(form),
                "appendices": serialise(appendices),
                **writing_form.signing(self, chosen),
            }
        )


@get("/documents/new", sync_to_thread=True)
def new(request: Request) -> Response[bytes]:
    """Soạn văn bản."""
    return _new(request, FormState.of(type=DocumentType.DISPATCH.value, urgency="ordinary"))


@post("/documents", sync_to_thread=True)
def begin(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Begin a draft that already names the head as signer and the unit that files it."""
    who = principal(request)
    try:
        entered = form.parse(Begun)

        def work(session: Session) -> See:
            at = clock.now()
            text = _begun_text(session, entered.subject, who, at=at)
            document_id = actions.begin(
                session, entered.type, text, urgency=entered.urgency, by=who, at=at
            )
            return See(f"/documents/{document_id}/draft", said="Đã tạo dự thảo.")

        return once.see(work)
    except Refusal as refusal:
        return _new(request, form.refused(refusal), status=refusal.status)


@get("/documents/{document_id:uuid}/draft", sync_to_thread=True)
def draft(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """The editor."""
    found = document_page.read(request, document_id)
    if not states.may_be_edited(found.state):
        return see(f"/documents/{document_id}", said="Văn bản đã trình nên không sửa được nữa.")
    text = found.latest.text or DispatchText()
    with db.transaction(principal(request).acting) as session:
        signer = writing_form.signer_of(session, text, found.agency_id, at=clock.now())
    return _editor(request, found, _typed(found, signer))


@post("/documents/{document_id:uuid}/draft", sync_to_thread=True)
def save(
    request: Request, document_id: FromPath[UUID], form: NamedDependency[Form]
) -> Response[bytes]:
    """Save; while it is typed (`Accept: application/json`) only the new revision is answered."""
    who = principal(request)
    as_typed = "application/json" in request.headers.get("accept", "")
    try:
        entered = form.parse(Drafted)
        at = clock.now()
        with db.transaction(who.acting) as session:
            written = queries.document(session, document_id, who=who).latest.text
            chosen = writing_form.chosen_signer(session, form["signer"], who.agency_id, at=at)
            revision = actions.save_draft(
                session,
                document_id,
                entered.text(form, chosen, () if written is None else written.appendices),
                expected_revision=entered.revision,
                urgency=entered.urgency,
                marks=entered.marks(),
                due_on=entered.due_on,
                by=who,
                at=at,
            )
    except Refusal as refusal:
        if as_typed:
            told = {"detail": refusal.detail}
            if isinstance(refusal, actions.SavedByAnother):
                # What the writer would have to replace, once they have seen it.
                told["revision"] = str(document_page.read(request, document_id).latest.revision)
            return Response(
                msgspec.json.encode(told),
                status_code=refusal.status,
                media_type="application/problem+json",
            )
        return _editor(
            request,
            document_page.read(request, document_id),
            form.refused(refusal),
            status=refusal.status,
        )
    if as_typed:
        return Response(
            msgspec.json.encode(
                {
                    "revision": str(revision),
                    "saved_at": f"{clock.vietnam_time(clock.now()):%H:%M:%S}",
                }
            ),
            status_code=200,
            media_type="application/json",
        )
    return see(f"/documents/{document_id}", said="Đã lưu dự thảo.")


@post(
    "/documents/{document_id:uuid}/content",
    sync_to_thread=True,
    request_max_body_size=files.UPLOAD_BODY,
)
def upload(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take a finished .pdf or .docx as the pages of the draft."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        _, content = files.uploaded(form)

        def within(last: Callable[[Session], int]) -> Response[bytes]:
            return document_page.see_after(
                once, last, f"/documents/{document_id}", "Đã dùng tệp tải lên làm nội dung dự thảo."
            )

        return drafting.upload_draft(document_id, content, by=principal(request), within=within)
    except Refusal as refusal:
        return document_page.show(
            request, document_id, form.refused(refusal), status=refusal.status
        )


@post(
    "/documents/{document_id:uuid}/attachments",
    sync_to_thread=True,
    request_max_body_size=files.UPLOAD_BODY,
)
def attach(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Add a file that goes with the document."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        name, content = files.uploaded(form)

        def within(last: Callable[[Session], UUID]) -> Response[bytes]:
            return document_page.see_after(
                once, last, f"/documents/{document_id}", "Đã đính kèm tệp."
            )

        return drafting.attach(document_id, name, content, by=principal(request), within=within)
    except Refusal as refusal:
        return document_page.show(
            request, document_id, form.refused(refusal), status=refusal.status
        )


@post("/documents/{document_id:uuid}/attachments/{attachment_id:uuid}/removal", sync_to_thread=True)
def detach(
    request: Request,
    document_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take an attachment off the draft."""
    who = principal(request)
    return document_page.see_after(
        once,
        lambda session: actions.detach(session, document_id, attachment_id, by=who, at=clock.now()),
        f"/documents/{document_id}",
        "Đã bỏ tệp đính kèm.",
    )


def _new(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    return page(
        request,
        "documents/new.html",
        status=status,
        form=form,
        type_options=[
            (kind.value, types.name(kind)) for kind in DocumentType if kind not in types.COPIES
        ],
        urgency_options=[(each.value, types.URGENCY_NAMES[each]) for each in Urgency],
    )


def _begun_text(session: Session, subject: str, who: Principal, *, at: datetime) -> DispatchText:
    """A draft with what is always the same: signer and file copy."""
    head = people.head_of(session, who.agency_id, at=at)
    unit = people.unit(session, who.unit_id)
    letters = unit.notation if unit.id != who.agency_id else ""
    return texts.parse(
        {
            "subject": subject,
            "recipients": ["Như trên"],
            "filing": ", ".join(each for each in ("VT", letters) if each),
            "signer_title": "" if head is None else head.title,
            "signer_name": "" if head is None else head.full_name,
        }
    )


def _typed(found: DocumentRead, signer: str) -> FormState:
    """The editor's fields as the newest draft has them; `signer` as the list of signers has it."""
    text = found.latest.text or DispatchText(subject=found.subject)
    return FormState.of(
        revision=found.latest.revision,
        subject=text.subject,
        urgency=found.urgency.value,
        due_on=found.due_on,
        addressees="\n".join(text.addressees),
        authority=text.authority,
        legal_bases="\n".join(text.legal_bases),
        paragraphs=body.typed(text.paragraphs),
        recipients="\n".join(text.recipients),
        filing=text.filing,
        copies=text.copies,
        capacity=text.capacity.value,
        on_behalf_of=text.on_behalf_of,
        collective=writing_form.collective_of(text),
        signer_title=text.signer_title,
        signer_name=text.signer_name,
        contact=text.contact,
        express_at=writing_form.shown_instant(found.express_at),
        secrecy=found.secrecy.value,
        circulation=found.circulation,
        signer=signer,
        **writing_form.blanks_shown(found.type, text),
    )


def _editor(
    request: Request, found: DocumentRead, form: FormState, *, status: int = 200
) -> Response[bytes]:
    with db.transaction(principal(request).acting) as session:
        signers = writing_form.signer_options(session, found.agency_id, at=clock.now())
    text = found.latest.text or DispatchText()
    return page(
        request,
        "documents/draft.html",
        status=status,
        document=found,
        form=form,
        type_name=types.name(found.type),
        is_addressed=found.type in types.ADDRESSED,
        is_ruling=found.type in types.RULING,
        is_telegram=found.type is DocumentType.TELEGRAM,
        blanks=particulars.of(found.type),
        is_composed=found.type in types.COMPOSED,
        signers=signers,
        signs_as=", ".join(texts.capacity_lines(text)),
        appendices=len(text.appendices),
        secrecy_options=[(each.value, types.SECRECY_NAMES[each]) for each in Secrecy],
        urgency_options=[(each.value, types.URGENCY_NAMES[each]) for each in Urgency],
    )


routes = [
    new,
    begin,
    draft,
    save,
    upload,
    attach,
    detach,
]
