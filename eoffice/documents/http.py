"""Documents and books for programs: `/api/v1/documents`, `/api/v1/books`. A step is a noun."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import (
    actions,
    books,
    drafting,
    form_check,
    intake,
    issuing,
    numbering,
    page_images,
    queries,
    types,
)
from eoffice.documents import text as texts
from eoffice.documents.states import State
from eoffice.documents.types import DocumentType, Urgency
from eoffice.errors import Invalid, NotAllowed
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Request, principal

#: Room for the parts of a form around the largest file.
UPLOAD_BODY = intake.LARGEST_UPLOAD + (1 << 20)
#: Content under a digest never changes.
IMMUTABLE = "private, max-age=31536000, immutable"

T = TypeVar("T")


class NewDocument(msgspec.Struct, frozen=True, kw_only=True):
    type: DocumentType = DocumentType.DISPATCH
    #: The parts of the text, as in the answer's `versions[].text`.
    text: dict[str, Any] = {}
    urgency: Urgency = Urgency.ORDINARY
    due_on: date | None = None


class DraftIn(msgspec.Struct, frozen=True, kw_only=True):
    text: dict[str, Any]
    #: The revision that the writer saw.
    expected_revision: int
    urgency: Urgency | None = None
    due_on: date | None = None


class RevisionOut(msgspec.Struct, frozen=True, kw_only=True):
    revision: int


class RecipientIn(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly one of the two."""

    unit_id: UUID | None = None
    group_code: str | None = None

    def __post_init__(self) -> None:
        if (self.unit_id is None) == (self.group_code is None):
            raise ValueError("Mỗi nơi nhận là một đơn vị hoặc một nhóm đơn vị.")


class RecipientsIn(msgspec.Struct, frozen=True, kw_only=True):
    recipients: Annotated[list[RecipientIn], msgspec.Meta(max_length=1000)]


class Words(msgspec.Struct, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.LONGEST_COMMENT)]


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.LONGEST_COMMENT)]


class Made(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


class DocumentLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    code: str | None
    issued_on: date | None
    type: DocumentType
    type_name: str
    subject: str
    urgency: Urgency
    state: State
    state_since: datetime
    created_at: datetime
    drafting_unit: str
    drafted_by: str


class VersionOut(msgspec.Struct, frozen=True, kw_only=True):
    ordinal: int
    kind: str
    text: dict[str, Any] | None
    revision: int
    content_sha256: str | None
    size_bytes: int | None
    page_count: int | None
    created_by: str
    created_at: datetime
    saved_at: datetime
    frozen_at: datetime | None


class CommentOut(msgspec.Struct, frozen=True, kw_only=True):
    version_ordinal: int
    text: str
    is_return_reason: bool
    written_by: str
    written_at: datetime


class AttachmentOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    media_type: str
    content_sha256: str
    size_bytes: int


class RecipientOut(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: UUID | None
    group_code: str | None
    name: str


class IssuanceOut(msgspec.Struct, frozen=True, kw_only=True):
    issued_at: datetime
    issued_by: str
    content_sha256: str
    recipients: int


class DocumentOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    type: DocumentType
    subject: str
    urgency: Urgency
    state: State
    state_since: datetime
    due_on: date | None
    agency_id: UUID
    drafting_unit: str
    created_by: str
    created_at: datetime
    code: str | None
    number: int | None
    notation: str | None
    issued_on: date | None
    signer: str | None
    signer_capacity: str | None
    versions: list[VersionOut]
    comments: list[CommentOut]
    attachments: list[AttachmentOut]
    recipients: list[RecipientOut]
    issuance: IssuanceOut | None
    withdrawn_because: str | None


class FindingOut(msgspec.Struct, frozen=True, kw_only=True):
    rule: str
    source: str
    severity: form_check.Severity
    message: str
    field: str


class FormCheckOut(msgspec.Struct, frozen=True, kw_only=True):
    passes: bool
    findings: list[FindingOut]


class ComparisonOut(msgspec.Struct, frozen=True, kw_only=True):
    #: Names of the parts that differ.
    fields: list[str]
    #: Pairs of the paragraphs taken out and put in, either may be null.
    paragraphs: list[tuple[str | None, str | None]]


class UnitNamed(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: UUID
    name: str


class BookOpening(msgspec.Struct, frozen=True, kw_only=True):
    #: The last number that the paper book gave; 0 when there was none.
    opening_number: Annotated[int, msgspec.Meta(ge=0, le=999_999)]


class BookLineOut(msgspec.Struct, frozen=True, kw_only=True):
    number: int
    document_id: UUID
    code: str
    issued_on: date
    type_and_subject: str
    signer: str
    recipients: str
    filed_by: str
    copies: int
    annulled_because: str | None


class BookPage(msgspec.Struct, frozen=True, kw_only=True):
    lines: list[BookLineOut]
    #: Ask again with `before` this number; null at the first line of the book.
    before: int | None


@get("/", sync_to_thread=True)
def listing(
    request: Request,
    in_state: FromQuery[list[State] | None] = None,
    q: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[DocumentLineOut]:
    """Outgoing documents of the acting agency, newest first."""
    who = principal(request)
    limit = bounded(limit)
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        rows = queries.listing(
            session,
            agency_id=who.agency_id,
            states=in_state or (),
            words=q or "",
            after=None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1])),
            limit=limit + 1,
        )
    return Page.of(
        request,
        [line_out(row) for row in rows],
        limit=limit,
        key=lambda row: (row.created_at.isoformat(), str(row.id)),
    )


@get("/awaiting", sync_to_thread=True)
def awaiting(request: Request) -> list[DocumentLineOut]:
    """Documents in which the next step is mine, the longest waiting first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return [line_out(row) for row in queries.awaiting(session, who, limit=200)]


@post("/", sync_to_thread=True)
def begin(
    request: Request, data: JSONBody[NewDocument], once: NamedDependency[Once]
) -> Response[DocumentOut]:
    """Begin a draft in the unit in which I act."""
    who = principal(request)

    def work(session: Session) -> DocumentOut:
        document_id = actions.begin(
            session,
            data.type,
            texts.parse(data.text),
            urgency=data.urgency,
            due_on=data.due_on,
            by=who,
            at=clock.now(),
        )
        return _document(session, document_id, request)

    return once.answer(work, status=201, location=lambda out: f"/api/v1/documents/{out.id}")


@get("/{document_id:uuid}", sync_to_thread=True)
def show(request: Request, document_id: FromPath[UUID]) -> DocumentOut:
    """One document with versions, comments, attachments and recipients."""
    with db.transaction(principal(request).acting) as session:
        return _document(session, document_id, request)


@put("/{document_id:uuid}/draft", sync_to_thread=True)
def save(request: Request, document_id: FromPath[UUID], data: JSONBody[DraftIn]) -> RevisionOut:
    """Save the draft as it is typed; refused where somebody else saved meanwhile."""
    who = principal(request)
    text = texts.parse(data.text)
    with db.transaction(who.acting) as session:
        revision = actions.save_draft(
            session,
            document_id,
            text,
            expected_revision=data.expected_revision,
            urgency=data.urgency,
            due_on=data.due_on,
            by=who,
            at=clock.now(),
        )
    return RevisionOut(revision=revision)


@post("/{document_id:uuid}/content", sync_to_thread=True, request_max_body_size=UPLOAD_BODY)
def upload(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[RevisionOut]:
    """Take a finished .pdf or .docx (part `file`) as the pages of the draft."""
    kept = once.kept()
    if kept is not None:
        return kept
    who = principal(request)
    _, content = uploaded(form)
    return drafting.upload_draft(
        document_id,
        content,
        by=who,
        within=lambda last: once.answer(
            lambda session: RevisionOut(revision=last(session)), status=201
        ),
    )


@put("/{document_id:uuid}/recipients", sync_to_thread=True)
def choose_recipients(
    request: Request, document_id: FromPath[UUID], data: JSONBody[RecipientsIn]
) -> list[RecipientOut]:
    """Replace the recipients: units and groups; groups are resolved at issue."""
    who = principal(request)
    chosen = [
        actions.Recipient(unit_id=each.unit_id, group_code=each.group_code)
        for each in data.recipients
    ]
    with db.transaction(who.acting) as session:
        actions.choose_recipients(session, document_id, chosen, by=who, at=clock.now())
        session.flush()  # The answer reads the rows that were just replaced.
        return _document(session, document_id, request).recipients


@get("/{document_id:uuid}/distribution", sync_to_thread=True)
def distribution(request: Request, document_id: FromPath[UUID]) -> list[UnitNamed]:
    """The units to which the document would go if it were issued now."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.recipients_preview(
            session, document_id, agency_id=who.agency_id, at=clock.now()
        )
    return [UnitNamed(unit_id=unit_id, name=name) for unit_id, name in found]


@post("/{document_id:uuid}/attachments", sync_to_thread=True, request_max_body_size=UPLOAD_BODY)
def attach(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[Made]:
    """Add a file (part `file`) that goes with the document."""
    kept = once.kept()
    if kept is not None:
        return kept
    name, content = uploaded(form)
    return drafting.attach(
        document_id,
        name,
        content,
        by=principal(request),
        within=lambda last: once.answer(
            lambda session: Made(id=last(session)),
            status=201,
            location=lambda out: f"/api/v1/documents/{document_id}/attachments/{out.id}",
        ),
    )


@get("/{document_id:uuid}/attachments/{attachment_id:uuid}", sync_to_thread=True)
def attachment(
    request: Request, document_id: FromPath[UUID], attachment_id: FromPath[UUID]
) -> Response[bytes]:
    """The bytes of an attachment, as they were brought."""
    found = drafting.attached(document_id, attachment_id, by=principal(request))
    content = configured.store().get(Sha256.parse(found.content_sha256))
    return download(content, found.media_type, found.name)


@delete("/{document_id:uuid}/attachments/{attachment_id:uuid}", sync_to_thread=True)
def detach(request: Request, document_id: FromPath[UUID], attachment_id: FromPath[UUID]) -> None:
    """Take an attachment off a draft."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.detach(session, document_id, attachment_id, by=who, at=clock.now())


@post("/{document_id:uuid}/comments", sync_to_thread=True)
def comment(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[Words],
    once: NamedDependency[Once],
) -> Response[Made]:
    """Write a remark about the newest version."""
    who = principal(request)
    return once.answer(
        lambda session: Made(
            id=actions.comment(session, document_id, data.text, by=who, at=clock.now())
        ),
        status=201,
    )


@post("/{document_id:uuid}/submission", sync_to_thread=True, status_code=200)
def submit(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[DocumentOut]:
    """trình duyệt: print the draft, freeze it, hand it to the head of the drafting unit."""
    kept = once.kept()
    if kept is not None:
        return kept
    return drafting.submit(
        document_id, by=principal(request), within=_then_show(once, document_id, request)
    )


@post("/{document_id:uuid}/return", sync_to_thread=True, status_code=200)
def send_back(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[Reason],
    once: NamedDependency[Once],
) -> Response[DocumentOut]:
    """trả lại: with a reason; a new version begins."""
    who = principal(request)
    return _then_show(once, document_id, request)(
        lambda session: actions.send_back(session, document_id, data.reason, by=who, at=clock.now())
    )


@post("/{document_id:uuid}/approval", sync_to_thread=True, status_code=200)
def approve(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[DocumentOut]:
    """duyệt nội dung."""
    who = principal(request)
    return _then_show(once, document_id, request)(
        lambda session: actions.approve(session, document_id, by=who, at=clock.now())
    )


@get("/{document_id:uuid}/form-check", sync_to_thread=True)
def check_form(request: Request, document_id: FromPath[UUID]) -> FormCheckOut:
    """What the form check of Decree 30/2020 finds in the newest version."""
    findings = drafting.check_form(document_id, by=principal(request))
    return FormCheckOut(
        passes=form_check.passes(findings),
        findings=[msgspec.convert(each, FindingOut, from_attributes=True) for each in findings],
    )


@post("/{document_id:uuid}/form-check", sync_to_thread=True, status_code=200)
def pass_form(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[DocumentOut]:
    """xác nhận thể thức: refused while the check finds an error."""
    kept = once.kept()
    if kept is not None:
        return kept
    return drafting.pass_form(
        document_id, by=principal(request), within=_then_show(once, document_id, request)
    )


@post("/{document_id:uuid}/number", sync_to_thread=True, status_code=200)
def take_number(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[DocumentOut]:
    """cấp số: number and date from the book, written onto the signed page.

    Sent again after an interruption, it finishes with the number that was given.
    """
    kept = once.kept()
    if kept is not None:
        return kept
    return numbering.take_number(
        document_id, by=principal(request), within=_then_show(once, document_id, request)
    )


@post("/{document_id:uuid}/issuance", sync_to_thread=True, status_code=200)
def issue(
    request: Request, document_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[DocumentOut]:
    """phát hành: to all recipients; deliveries follow at once in the background."""
    who = principal(request)

    def work(session: Session) -> None:
        issuing.issue(session, document_id, by=who, at=clock.now())

    return _then_show(once, document_id, request)(work)


@post("/{document_id:uuid}/withdrawal", sync_to_thread=True, status_code=200)
def withdraw(
    request: Request,
    document_id: FromPath[UUID],
    data: JSONBody[Reason],
    once: NamedDependency[Once],
) -> Response[DocumentOut]:
    """thu hồi: with a reason."""
    who = principal(request)
    return _then_show(once, document_id, request)(
        lambda session: issuing.withdraw(session, document_id, data.reason, by=who, at=clock.now())
    )


@get("/{document_id:uuid}/versions/{ordinal:int}/content", sync_to_thread=True)
def content(
    request: Request, document_id: FromPath[UUID], ordinal: FromPath[int]
) -> Response[bytes]:
    """The PDF of a version; of a draft as it would be printed now."""
    printed = drafting.preview(document_id, ordinal, by=principal(request))
    return download(printed.pdf, drafting.PDF, f"van-ban-ban-{ordinal}.pdf")


@get("/{document_id:uuid}/versions/{ordinal:int}/pages/{number:int}", sync_to_thread=True)
def page_of_version(
    request: Request,
    document_id: FromPath[UUID],
    ordinal: FromPath[int],
    number: FromPath[int],
    width: FromQuery[int] = 1240,
) -> Response[bytes]:
    """A page of a version as PNG."""
    return picture(request, document_id, ordinal, number, width)


@get("/{document_id:uuid}/comparison", sync_to_thread=True)
def compare(
    request: Request, document_id: FromPath[UUID], older: FromQuery[int], newer: FromQuery[int]
) -> ComparisonOut:
    """What two versions of the text do not share."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, agency_id=who.agency_id)
    before, after = (drafting.version_of(found, ordinal).text for ordinal in (older, newer))
    if before is None or after is None:
        raise Invalid("Chỉ so sánh được các bản soạn trên hệ thống, không so sánh tệp tải lên.")
    return ComparisonOut(
        fields=list(texts.changed_fields(before, after)),
        paragraphs=[(each.before, each.after) for each in texts.changed_paragraphs(before, after)],
    )


@get("/outgoing/{year:int}", sync_to_thread=True)
def book(
    request: Request,
    year: FromPath[int],
    before: FromQuery[int | None] = None,
    limit: FromQuery[int] = 100,
) -> BookPage:
    """sổ đăng ký văn bản đi of a year, the highest number first."""
    who = principal(request)
    limit = bounded(limit)
    with db.transaction(who.acting) as session:
        lines = queries.outgoing_book(
            session, agency_id=who.agency_id, year=year, before=before, limit=limit + 1
        )
    shown = lines[:limit]
    return BookPage(
        lines=[msgspec.convert(each, BookLineOut, from_attributes=True) for each in shown],
        before=shown[-1].number if len(lines) > limit else None,
    )


@put("/outgoing/{year:int}", sync_to_thread=True)
def open_book(request: Request, year: FromPath[int], data: JSONBody[BookOpening]) -> Made:
    """Begin the book behind the last number of the paper book; for the records clerk."""
    who = principal(request)
    if PositionKind(who.position_kind) is not PositionKind.CLERK:
        raise NotAllowed("Việc mở sổ đăng ký văn bản dành cho văn thư cơ quan.")
    with db.transaction(who.acting) as session:
        book_id = books.open_book(
            session,
            who.agency_id,
            year=year,
            opening_number=data.opening_number,
            by=who,
            at=clock.now(),
        )
    return Made(id=book_id)


router = Router(
    "/api/v1",
    route_handlers=[
        Router(
            "/documents",
            route_handlers=[
                listing,
                awaiting,
                begin,
                show,
                save,
                upload,
                choose_recipients,
                distribution,
                attach,
                attachment,
                detach,
                comment,
                submit,
                send_back,
                approve,
                check_form,
                pass_form,
                take_number,
                issue,
                withdraw,
                content,
                page_of_version,
                compare,
            ],
            tags=["documents"],
        ),
        Router("/books", route_handlers=[book, open_book], tags=["books"]),
    ],
)


def uploaded(form: Form) -> tuple[str, bytes]:
    """Name and bytes of the part `file`. Raises Invalid, UploadTooLarge."""
    found = form.file("file")
    if found is None:
        raise Invalid("Chưa chọn tệp.", fields={"file": "Chọn một tệp để tải lên."})
    content = found.file.read(intake.LARGEST_UPLOAD + 1)
    intake.sniff(content)
    return found.filename or "", content


def download(content: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to keep: never shown in the page, whatever it holds."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "private, no-cache",
        },
    )


def picture(
    request: Request, document_id: UUID, ordinal: int, number: int, width: int
) -> Response[bytes]:
    """A page as PNG. A frozen version never changes, so its pictures may be kept for good."""
    printed = drafting.preview(document_id, ordinal, by=principal(request))
    return Response(
        page_images.page_image(printed.pdf, number, width),
        media_type="image/png",
        headers={"Cache-Control": IMMUTABLE if printed.is_frozen else "private, no-cache"},
    )


def line_out(row: queries.DocumentLine) -> DocumentLineOut:
    return DocumentLineOut(
        id=row.id,
        code=row.code,
        issued_on=row.issued_on,
        type=row.type,
        type_name=types.name(row.type),
        subject=row.subject,
        urgency=row.urgency,
        state=row.state,
        state_since=row.state_since,
        created_at=row.created_at,
        drafting_unit=row.drafting_unit,
        drafted_by=row.drafted_by,
    )


def _then_show(
    once: Once, document_id: UUID, request: Request
) -> Callable[[Callable[[Session], None]], Response[DocumentOut]]:
    """Take the step once and answer with the document as it is then."""

    def within(step: Callable[[Session], None]) -> Response[DocumentOut]:
        def work(session: Session) -> DocumentOut:
            step(session)
            session.flush()  # The answer reads what the step wrote.
            return _document(session, document_id, request)

        return once.answer(work)

    return within


def _document(session: Session, document_id: UUID, request: Request) -> DocumentOut:
    found = queries.document(session, document_id, agency_id=principal(request).agency_id)
    return DocumentOut(
        id=found.id,
        type=found.type,
        subject=found.subject,
        urgency=found.urgency,
        state=found.state,
        state_since=found.state_since,
        due_on=found.due_on,
        agency_id=found.agency_id,
        drafting_unit=found.drafting_unit,
        created_by=found.created_by,
        created_at=found.created_at,
        code=found.code,
        number=found.number,
        notation=found.notation,
        issued_on=found.issued_on,
        signer=found.signer,
        signer_capacity=found.signer_capacity,
        versions=[_version(each) for each in found.versions],
        comments=_all(found.comments, CommentOut),
        attachments=_all(found.attachments, AttachmentOut),
        recipients=_all(found.recipients, RecipientOut),
        issuance=None
        if found.issuance is None
        else msgspec.convert(found.issuance, IssuanceOut, from_attributes=True),
        withdrawn_because=found.withdrawn_because,
    )


def _version(found: queries.Version) -> VersionOut:
    return VersionOut(
        ordinal=found.ordinal,
        kind=found.kind.value,
        text=None if found.text is None else texts.serialise(found.text),
        revision=found.revision,
        content_sha256=found.content_sha256,
        size_bytes=found.size_bytes,
        page_count=found.page_count,
        created_by=found.created_by,
        created_at=found.created_at,
        saved_at=found.saved_at,
        frozen_at=found.frozen_at,
    )


def _all(found: tuple[Any, ...], kind: type[T]) -> list[T]:
    return [msgspec.convert(each, kind, from_attributes=True) for each in found]
