"""What happens to a draft outside of transactions: it is printed, uploaded, put into the store.

Between the edges (`http.py`, `pages.py`) and the actions: each function opens short transactions of
its own to read, does its slow work with none open, and leaves the last step to the edge, which
takes it together with the record that the request was answered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import looks
from eoffice.audit.looks import Thing, Way
from eoffice.documents import actions, queries, steps, types
from eoffice.documents.actions import Content
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import facts as flow_facts
from eoffice.documents.flows import initials_places
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.form import check as form_check
from eoffice.documents.form import placing, rendering
from eoffice.documents.form.findings import Draft, Finding, Severity
from eoffice.documents.form.letterhead import Letterhead
from eoffice.documents.form.text import DispatchText
from eoffice.documents.model import VersionKind
from eoffice.documents.queries import DocumentRead, Version
from eoffice.documents.states import Step
from eoffice.documents.steps import NoDocument
from eoffice.errors import Invalid
from eoffice.files import intake
from eoffice.files.intake import MediaType
from eoffice.files.page_images import Paper
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.printing import conversion
from eoffice.printing.page_code_model import Coded, page_code
from eoffice.printing.page_codes import PageCode
from eoffice.web.principal import Principal

PDF = MediaType.PDF.value

R = TypeVar("R")


class FormBroken(Invalid):
    """The document does not have the form that the decree prescribes."""


class NoContent(NoDocument):
    """The version has no finished page yet."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A version as pages."""

    pdf: bytes
    page_count: int
    #: It will never change, so its pictures can be kept.
    is_frozen: bool = False


@dataclass(frozen=True, slots=True)
class LookedAt:
    """A version whose pages are shown one at a time."""

    paper: Paper
    is_frozen: bool


def submit(
    document_id: UUID,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """trình: print the draft, keep the page, hand it to the first stage of its approval flow.

    The page has a field for each of the initials that the flow asks for; it goes into the store
    before the transaction that names it. `within` runs the last step in the edge's transaction.
    Raises what `flow_actions.submit` raises, and CannotBePrinted.
    """
    at = clock.now()
    with db.transaction(by.acting) as session:
        steps.locked_for(session, document_id, Step.SUBMIT, by=by)
        found = queries.document(session, document_id, who=by)
        head, drafting_notation = _printed_facts(session, found, at=at)
        flow = flow_facts.plan(
            session,
            agency_id=found.agency_id,
            drafting_unit_id=found.drafting_unit_id,
            kind=found.type,
        )
        code = _code(session, found, at=at)
    printed = _print(found, found.latest, head, drafting_notation, code, at=at)
    content = _keep(_with_initials(printed, flow, found.latest.text))

    def last(session: Session) -> None:
        flow_actions.submit(
            session,
            document_id,
            content,
            of_revision=found.latest.revision,
            flow=flow,
            by=by,
            at=clock.now(),
        )

    return within(last)


def looked_at(document_id: UUID, ordinal: int, *, by: Principal) -> LookedAt:
    """The version for who reads its pages, on record; its bytes are asked for when one is made."""
    at = clock.now()
    with db.transaction(by.acting) as session:
        found = queries.document(session, document_id, who=by)
        looks.look(session, Thing.DOCUMENT, document_id, Way.VIEWED, by=by, at=at)
    chosen = version_of(found, ordinal)
    if chosen.content_sha256 is None:
        return LookedAt(Paper.of(preview(document_id, ordinal, by=by).pdf), is_frozen=False)
    paper = Paper.stored(chosen.content_sha256, lambda digest: configured.store().get(digest))
    return LookedAt(paper, chosen.frozen_at is not None)


def taken(document_id: UUID, ordinal: int, *, by: Principal) -> Printed:
    """The pages of a version as a file that leaves the office, on record."""
    return preview(document_id, ordinal, by=by, way=Way.DOWNLOADED)


def preview(
    document_id: UUID, ordinal: int | None, *, by: Principal, way: Way | None = None
) -> Printed:
    """The pages of a version, the newest unless `ordinal` is given; a draft is printed for it."""
    at = clock.now()
    with db.transaction(by.acting) as session:
        found = queries.document(session, document_id, who=by)
        head, drafting_notation = _printed_facts(session, found, at=at)
        if way is not None:
            looks.look(
                session,
                Thing.DOCUMENT,
                document_id,
                way,
                by=by,
                at=at,
                details={} if ordinal is None else {"version": ordinal},
            )
    chosen = version_of(found, ordinal)
    if chosen.content_sha256 is not None:
        pdf = configured.store().get(Sha256.parse(chosen.content_sha256))
        return Printed(pdf, chosen.page_count or 1, chosen.frozen_at is not None)
    return _print(found, chosen, head, drafting_notation, at=chosen.saved_at)


def check_form(document_id: UUID, *, by: Principal) -> tuple[Finding, ...]:
    """kiểm tra thể thức of the newest version; a file that came finished is for the clerk's eye."""
    with db.transaction(by.acting) as session:
        found = queries.document(session, document_id, who=by)
        head, drafting_notation = _printed_facts(session, found, at=clock.now())
    text = found.latest.text
    if text is None or found.type in types.COPIES:
        return ()
    return form_check.check(
        Draft(
            found.type,
            text,
            head,
            drafting_notation,
            len(found.attachments),
            found.urgency,
            found.express_at,
        )
    )


def pass_form(
    document_id: UUID,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], None]], R],
) -> R:
    """xác nhận thể thức: only where the check finds no error. Raises FormBroken."""
    findings = require_form(document_id, by=by)

    def last(session: Session) -> None:
        flow_actions.pass_form(session, document_id, by=by, at=clock.now(), warnings=len(findings))

    return within(last)


def require_form(document_id: UUID, *, by: Principal) -> tuple[Finding, ...]:
    """The warnings of the form check. Raises FormBroken where it finds an error."""
    findings = check_form(document_id, by=by)
    if not form_check.passes(findings):
        errors = [each for each in findings if each.severity is Severity.ERROR]
        raise FormBroken(
            "Văn bản chưa đúng thể thức nên chưa thể trình ký. "
            + " ".join(each.message for each in errors),
            fields={each.field: each.message for each in errors},
        )
    return findings


def upload_draft(
    document_id: UUID,
    content: bytes,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], int]], R],
) -> R:
    """Take a finished PDF or Word file as the draft's pages, with fields for number and signatures.

    Raises what `intake.receive_draft` and `conversion.docx_to_pdf` raise.
    """
    with db.transaction(by.acting) as session:
        found = queries.document(session, document_id, who=by)
    if found.type in types.COPIES:
        raise steps.Frozen("Trang của bản sao được lập từ văn bản được sao, không tải lên được.")
    pdf = conversion.docx_to_pdf(content) if intake.sniff(content) is MediaType.DOCX else content
    received = intake.receive_draft(pdf)
    assert received.page_count is not None
    text = found.latest.text or DispatchText()
    pages = placing.with_fields(pdf, signer_name=text.signer_name, page_count=received.page_count)
    kept = _keep(Printed(pages, received.page_count))

    def last(session: Session) -> int:
        return actions.upload_draft(session, document_id, kept, by=by, at=clock.now())

    return within(last)


def attach(
    document_id: UUID,
    name: str,
    content: bytes,
    *,
    by: Principal,
    within: Callable[[Callable[[Session], UUID]], R],
) -> R:
    """Keep a file that goes with the document. Raises what `intake.receive` raises."""
    received = intake.receive(content)
    sha256 = configured.store().put(content, received.media_type.value)
    shown = _file_name(name)

    def last(session: Session) -> UUID:
        return actions.attach(
            session,
            document_id,
            shown,
            received.media_type.value,
            sha256,
            len(content),
            by=by,
            at=clock.now(),
        )

    return within(last)


def attached(document_id: UUID, attachment_id: UUID, *, by: Principal) -> queries.AttachedFile:
    """One attachment of the agency's document. Raises NoDocument."""
    with db.transaction(by.acting) as session:
        found = queries.document(session, document_id, who=by)
        wanted = next((each for each in found.attachments if each.id == attachment_id), None)
        if wanted is None:
            raise NoDocument("Văn bản không có tệp đính kèm này.")
        looks.look(
            session,
            Thing.DOCUMENT,
            document_id,
            Way.DOWNLOADED,
            by=by,
            at=clock.now(),
            details={"attachment_id": attachment_id},
        )
    return wanted


def version_of(found: DocumentRead, ordinal: int | None) -> Version:
    """Raises NoContent."""
    if ordinal is None:
        return found.latest
    for each in found.versions:
        if each.ordinal == ordinal:
            return each
    raise NoContent(f"Văn bản không có bản thứ {ordinal}.")


def _print(
    found: DocumentRead,
    version: Version,
    head: Letterhead,
    drafting_notation: str | None,
    code: PageCode | None = None,
    *,
    at: datetime,
) -> Printed:
    if version.content_sha256 is not None:
        return Printed(
            configured.store().get(Sha256.parse(version.content_sha256)), version.page_count or 1
        )
    if version.text is None or version.kind is not VersionKind.DRAFT:
        raise NoContent("Bản này chưa có nội dung để hiển thị.")
    if found.type not in types.COMPOSED:
        raise NoContent(
            f"{types.name(found.type)} được lập từ văn bản được sao nên không soạn thảo tại đây."
        )
    pdf = rendering.render(
        found.type,
        version.text,
        head,
        notation=types.notation(found.type, head.agency_notation, drafting_notation),
        stamps=rendering.Stamps(found.urgency, found.express_at, found.secrecy, found.circulation),
        page_code=code,
        at=at,
    )
    return Printed(pdf, rendering.page_count(pdf))


def _code(session: Session, found: DocumentRead, *, at: datetime) -> PageCode | None:
    """What is secret has none: whoever held one could tell that there is something."""
    if found.secrecy is not types.Secrecy.NONE:
        return None
    return page_code(session, Coded.DOCUMENT, found.id, agency_id=found.agency_id, at=at)


def _with_initials(
    printed: Printed, flow: Sequence[flow_rules.Planned], text: DispatchText | None
) -> Printed:
    """The pages with fields for the initials that the flow asks for."""
    last = text.paragraphs[-1] if text is not None and text.paragraphs else ""
    pdf = initials_places.with_places(
        printed.pdf,
        [each.task for each in flow if each.task in flow_rules.INITIALS],
        page_count=printed.page_count,
        prefix=flow_actions.INITIALS_FIELD,
        last_words=" ".join(last.split()[-3:]),
        filing_line=""
        if text is None
        else ", ".join(part for part in (text.filing, text.copies) if part) + ".",
    )
    return Printed(pdf, printed.page_count)


def _keep(printed: Printed) -> Content:
    sha256 = configured.store().put(printed.pdf, PDF)
    return Content(sha256, len(printed.pdf), printed.page_count)


def _printed_facts(
    session: Session, found: DocumentRead, *, at: datetime
) -> tuple[Letterhead, str | None]:
    """The letterhead of the agency, and the letters of the office that drafts, if it is one."""
    head = people.letterhead(session, found.agency_id, on=clock.civil_date(at))
    drafting = people.unit(session, found.drafting_unit_id)
    is_office = found.drafting_unit_id != found.agency_id
    return (
        Letterhead(
            parent_name=head.superior,
            agency_name=head.own,
            agency_notation=head.notation,
            place=head.place,
        ),
        drafting.notation if is_office else None,
    )


def _file_name(name: str) -> str:
    """The last part of what a browser sends, without what file systems and headers read wrongly."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(each for each in last if each.isprintable() and each not in '<>:"|?*').strip(
        ". "
    )
    if not kept:
        raise Invalid("Tệp chưa có tên.", fields={"file": "Đặt tên tệp rồi tải lên lại."})
    return kept[:200]
