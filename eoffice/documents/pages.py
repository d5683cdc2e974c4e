"""Pages of outgoing documents: the list, a document with what can be done now, the draft editor,
recipients, issuing, and the book of the year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.documents import (
    actions,
    books,
    drafting,
    form_check,
    issuing,
    numbering,
    queries,
    rules,
    states,
    types,
    waiting,
)
from eoffice.documents import text as texts
from eoffice.documents.http import UPLOAD_BODY, download, picture, uploaded
from eoffice.documents.model import VersionKind
from eoffice.documents.queries import DocumentRead
from eoffice.documents.states import State, Step
from eoffice.documents.text import DispatchText
from eoffice.documents.types import DocumentType, Urgency
from eoffice.errors import Invalid, NotAllowed, Refusal
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import groups
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind, UnitKind
from eoffice.people.rules import Capacity
from eoffice.web import words
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page, see
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal

_ROWS = 50

#: Filters of the list: key, label, states.
_FILTERS: tuple[tuple[str, str, tuple[State, ...]], ...] = (
    ("", "Tất cả", ()),
    ("mine", "Chờ tôi", ()),
    ("drafting", "Đang soạn", (State.DRAFT, State.SUBMITTED, State.CHECKING)),
    ("signing", "Chờ ký", (State.AWAITING_SIGNATURE,)),
    ("registry", "Chờ phát hành", (State.SIGNED, State.NUMBERED, State.SEALED)),
    ("issued", "Đã phát hành", (State.ISSUED,)),
    ("withdrawn", "Đã thu hồi", (State.WITHDRAWN,)),
)

_CAPACITIES = (
    (Capacity.HEAD.value, "Người đứng đầu ký trực tiếp"),
    (Capacity.FOR_HEAD.value, "KT. (cấp phó ký thay)"),
    (Capacity.BY_ORDER.value, "TL. (ký thừa lệnh)"),
    (Capacity.BY_DELEGATION.value, "TUQ. (ký thừa uỷ quyền)"),
    (Capacity.ACTING.value, "Q. (quyền cấp trưởng)"),
    (Capacity.ON_BEHALF.value, "TM. (thay mặt tập thể)"),
)

_KINDS = {
    VersionKind.DRAFT: "Dự thảo",
    VersionKind.SIGNED: "Bản đã ký",
    VersionKind.NUMBERED: "Bản đã ghi số",
    VersionKind.SEALED: "Bản hoàn chỉnh",
}


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    type: DocumentType = DocumentType.DISPATCH
    subject: Annotated[str, msgspec.Meta(min_length=1, max_length=texts.SUBJECT_LENGTH)]
    urgency: Urgency = Urgency.ORDINARY


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """The editor's form; lists are typed one a line."""

    revision: int
    subject: str = ""
    urgency: Urgency = Urgency.ORDINARY
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
    signer_title: str = ""
    signer_name: str = ""
    contact: str = ""

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
                "copies": self.copies,
                "capacity": self.capacity.value,
                "on_behalf_of": self.on_behalf_of,
                "signer_title": self.signer_title,
                "signer_name": self.signer_name,
                "contact": self.contact,
            }
        )


class Said(msgspec.Struct, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.LONGEST_COMMENT)]


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.LONGEST_COMMENT)]


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    opening_number: Annotated[int, msgspec.Meta(ge=0, le=999_999)]


@dataclass(frozen=True, slots=True)
class Choice:
    """A group or a unit in the picker of recipients."""

    value: str
    name: str
    count: int
    is_chosen: bool


@get("/documents", sync_to_thread=True)
def listing(
    request: Request,
    show: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Văn bản đi."""
    who = principal(request)
    chosen = next((each for each in _FILTERS if each[0] == show), _FILTERS[0])
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        if chosen[0] == "mine":
            rows = queries.awaiting(session, who, limit=200)
        else:
            rows = queries.listing(
                session,
                agency_id=who.agency_id,
                states=chosen[2],
                words=q,
                after=None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1])),
                limit=_ROWS + 1,
            )
    part = (
        Page(items=list(rows))
        if chosen[0] == "mine"
        else Page.of(
            request, rows, limit=_ROWS, key=lambda row: (row.created_at.isoformat(), str(row.id))
        )
    )
    return page(
        request,
        "documents/list.html",
        rows=part.items,
        next_cursor=part.next_cursor,
        at_start=after is None,
        here="/documents" + (f"?show={chosen[0]}" if chosen[0] else ""),
        chips=[
            (label, "/documents" + (f"?show={key}" if key else ""), key == chosen[0])
            for key, label, _ in _FILTERS
        ],
        type_name=types.name,
        state_names=states.NAMES,
        tones=waiting.TONES,
        q=q,
        may_write=rules.may_write(PositionKind(who.position_kind)),
        year=clock.civil_date(clock.now()).year,
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


@get("/documents/{document_id:uuid}", sync_to_thread=True)
def show(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """A document, and what I can do with it now."""
    return _show(request, document_id, FormState())


@get("/documents/{document_id:uuid}/draft", sync_to_thread=True)
def draft(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """The editor."""
    found = _read(request, document_id)
    if not states.may_be_edited(found.state):
        return see(f"/documents/{document_id}", said="Văn bản đã trình nên không sửa được nữa.")
    return _editor(request, found, _typed(found))


@post("/documents/{document_id:uuid}/draft", sync_to_thread=True)
def save(
    request: Request, document_id: FromPath[UUID], form: NamedDependency[Form]
) -> Response[bytes]:
    """Save; while it is typed (`Accept: application/json`) only the new revision is answered."""
    who = principal(request)
    as_typed = "application/json" in request.headers.get("accept", "")
    try:
        entered = form.parse(Drafted)
        with db.transaction(who.acting) as session:
            revision = actions.save_draft(
                session,
                document_id,
                entered.text(),
                expected_revision=entered.revision,
                urgency=entered.urgency,
                due_on=entered.due_on,
                by=who,
                at=clock.now(),
            )
    except Refusal as refusal:
        if as_typed:
            return Response(
                msgspec.json.encode({"detail": refusal.detail}),
                status_code=refusal.status,
                media_type="application/problem+json",
            )
        return _editor(
            request, _read(request, document_id), form.refused(refusal), status=refusal.status
        )
    if as_typed:
        return Response(
            msgspec.json.encode({"revision": str(revision)}),
            status_code=200,
            media_type="application/json",
        )
    return see(f"/documents/{document_id}", said="Đã lưu dự thảo.")


@post(
    "/documents/{document_id:uuid}/content", sync_to_thread=True, request_max_body_size=UPLOAD_BODY
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
        _, content = uploaded(form)

        def within(last: Callable[[Session], int]) -> Response[bytes]:
            return _see(
                once, last, f"/documents/{document_id}", "Đã dùng tệp tải lên làm nội dung dự thảo."
            )

        return drafting.upload_draft(document_id, content, by=principal(request), within=within)
    except Refusal as refusal:
        return _show(request, document_id, form.refused(refusal), status=refusal.status)


@post(
    "/documents/{document_id:uuid}/attachments",
    sync_to_thread=True,
    request_max_body_size=UPLOAD_BODY,
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
        name, content = uploaded(form)

        def within(last: Callable[[Session], UUID]) -> Response[bytes]:
            return _see(once, last, f"/documents/{document_id}", "Đã đính kèm tệp.")

        return drafting.attach(document_id, name, content, by=principal(request), within=within)
    except Refusal as refusal:
        return _show(request, document_id, form.refused(refusal), status=refusal.status)


@get("/documents/{document_id:uuid}/attachments/{attachment_id:uuid}", sync_to_thread=True)
def attachment(
    request: Request, document_id: FromPath[UUID], attachment_id: FromPath[UUID]
) -> Response[bytes]:
    """The file as it was brought."""
    found = drafting.attached(document_id, attachment_id, by=principal(request))
    content = configured.store().get(Sha256.parse(found.content_sha256))
    return download(content, found.media_type, found.name)


@post("/documents/{document_id:uuid}/attachments/{attachment_id:uuid}/removal", sync_to_thread=True)
def detach(
    request: Request,
    document_id: FromPath[UUID],
    attachment_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take an attachment off the draft."""
    who = principal(request)
    return _see(
        once,
        lambda session: actions.detach(session, document_id, attachment_id, by=who, at=clock.now()),
        f"/documents/{document_id}",
        "Đã bỏ tệp đính kèm.",
    )


@post("/documents/{document_id:uuid}/comments", sync_to_thread=True)
def comment(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Write a remark."""
    who = principal(request)
    try:
        entered = form.parse(Said)
        return _see(
            once,
            lambda session: actions.comment(
                session, document_id, entered.text, by=who, at=clock.now()
            ),
            f"/documents/{document_id}#comments",
            "Đã gửi ý kiến.",
        )
    except Refusal as refusal:
        return _show(request, document_id, form.refused(refusal), status=refusal.status)


@post("/documents/{document_id:uuid}/submission", sync_to_thread=True)
def submit(
    request: Request,
    document_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Trình duyệt."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], None]) -> Response[bytes]:
        return _see(once, last, f"/documents/{document_id}", "Đã trình lãnh đạo đơn vị duyệt.")

    return drafting.submit(document_id, by=principal(request), within=within)


@post("/documents/{document_id:uuid}/return", sync_to_thread=True)
def send_back(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Trả lại."""
    who = principal(request)
    try:
        entered = form.parse(Because)
        return _see(
            once,
            lambda session: actions.send_back(
                session, document_id, entered.reason, by=who, at=clock.now()
            ),
            f"/documents/{document_id}",
            "Đã trả lại dự thảo kèm ý kiến.",
        )
    except Refusal as refusal:
        return _show(request, document_id, form.refused(refusal), status=refusal.status)


@post("/documents/{document_id:uuid}/approval", sync_to_thread=True)
def approve(
    request: Request,
    document_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Duyệt nội dung."""
    who = principal(request)
    return _see(
        once,
        lambda session: actions.approve(session, document_id, by=who, at=clock.now()),
        f"/documents/{document_id}",
        "Đã duyệt nội dung. Văn thư sẽ kiểm tra thể thức.",
    )


@post("/documents/{document_id:uuid}/form-check", sync_to_thread=True)
def pass_form(
    request: Request,
    document_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Xác nhận thể thức."""
    if (kept := once.kept()) is not None:
        return kept

    def within(last: Callable[[Session], None]) -> Response[bytes]:
        return _see(
            once, last, f"/documents/{document_id}", "Đã xác nhận thể thức. Văn bản chờ ký."
        )

    return drafting.pass_form(document_id, by=principal(request), within=within)


@post("/documents/{document_id:uuid}/number", sync_to_thread=True)
def take_number(
    request: Request,
    document_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Cấp số."""
    if (kept := once.kept()) is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], None]) -> Response[bytes]:
        def work(session: Session) -> See:
            last(session)
            session.flush()  # The sentence names the number that was just given.
            found = queries.document(session, document_id, agency_id=who.agency_id)
            return See(
                f"/documents/{document_id}", said=f"Đã cấp số {found.code} và ghi vào trang."
            )

        return once.see(work)

    return numbering.take_number(document_id, by=who, within=within)


@get("/documents/{document_id:uuid}/issuance", sync_to_thread=True)
def issuance(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """Before issuing: to whom exactly it will go."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, agency_id=who.agency_id)
        states.after(found.state, Step.ISSUE)
        units = queries.recipients_preview(
            session, document_id, agency_id=who.agency_id, at=clock.now()
        )
    return page(
        request,
        "documents/issuance.html",
        document=found,
        units=[name for _, name in units],
        type_name=types.name,
    )


@post("/documents/{document_id:uuid}/issuance", sync_to_thread=True)
def issue(
    request: Request,
    document_id: FromPath[UUID],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Phát hành."""
    who = principal(request)

    def work(session: Session) -> See:
        count = issuing.issue(session, document_id, by=who, at=clock.now())
        return See(
            f"/documents/{document_id}",
            said=f"Đã phát hành đến {words.number(count)} nơi nhận. Văn bản đang được gửi.",
        )

    return once.see(work)


@post("/documents/{document_id:uuid}/withdrawal", sync_to_thread=True)
def withdraw(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Thu hồi."""
    who = principal(request)
    try:
        entered = form.parse(Because)
        return _see(
            once,
            lambda session: issuing.withdraw(
                session, document_id, entered.reason, by=who, at=clock.now()
            ),
            f"/documents/{document_id}",
            "Đã thu hồi văn bản.",
        )
    except Refusal as refusal:
        return _show(request, document_id, form.refused(refusal), status=refusal.status)


@get("/documents/{document_id:uuid}/distribution", sync_to_thread=True)
def distribution(
    request: Request, document_id: FromPath[UUID], q: FromQuery[str] = ""
) -> Response[bytes]:
    """Choose recipients: groups by rule, and units by name."""
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, agency_id=who.agency_id)
        choices = _groups(session, found, at=at)
        units = _units(session, found, q, at=at)
        total = queries.recipients_preview(session, document_id, agency_id=who.agency_id, at=at)
    if not states.may_be_edited(found.state):
        return see(f"/documents/{document_id}", said="Văn bản đã trình nên không đổi nơi nhận.")
    return page(
        request,
        "documents/distribution.html",
        document=found,
        groups=choices,
        units=units,
        total=len(total),
        q=q,
    )


@post("/documents/{document_id:uuid}/distribution", sync_to_thread=True)
def choose_recipients(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Keep the choice; the button "Tìm" keeps it too and shows what was found."""
    who = principal(request)
    try:
        units = [UUID(each) for each in form.all("unit")]
    except ValueError as wrong:
        raise Invalid("Danh sách nơi nhận có mã không đúng. Hãy tải lại trang.") from wrong
    chosen = [actions.Recipient(group_code=each) for each in form.all("group")]
    chosen += [actions.Recipient(unit_id=each) for each in units]
    looking_for = form["q"].strip() if form["find"] else ""

    def work(session: Session) -> See:
        actions.choose_recipients(session, document_id, chosen, by=who, at=clock.now())
        if form["find"]:
            return See(f"/documents/{document_id}/distribution?q={looking_for}")
        return See(f"/documents/{document_id}", said="Đã lưu nơi nhận.")

    return once.see(work)


@get("/documents/{document_id:uuid}/versions/{ordinal:int}", sync_to_thread=True)
def version(
    request: Request, document_id: FromPath[UUID], ordinal: FromPath[int]
) -> Response[bytes]:
    """An earlier version, and what changed in it."""
    found = _read(request, document_id)
    chosen = drafting.version_of(found, ordinal)
    before = next(
        (each for each in found.versions if each.ordinal == ordinal - 1 and each.text), None
    )
    comparable = before is not None and before.text is not None and chosen.text is not None
    return page(
        request,
        "documents/version.html",
        document=found,
        version=chosen,
        kinds=_KINDS,
        fields=texts.changed_fields(before.text, chosen.text)  # type: ignore[arg-type,union-attr]
        if comparable
        else (),
        paragraphs=texts.changed_paragraphs(before.text, chosen.text)  # type: ignore[arg-type,union-attr]
        if comparable
        else (),
        images=_images(found, ordinal, _page_count(request, found, ordinal)),
        comments=[each for each in found.comments if each.version_ordinal == ordinal],
    )


@get("/documents/{document_id:uuid}/versions/{ordinal:int}/content", sync_to_thread=True)
def version_content(
    request: Request, document_id: FromPath[UUID], ordinal: FromPath[int]
) -> Response[bytes]:
    """The PDF of a version."""
    found = _read(request, document_id)
    printed = drafting.preview(document_id, ordinal, by=principal(request))
    name = (found.code or "du-thao").replace("/", "-")
    return download(printed.pdf, drafting.PDF, f"{name}-ban-{ordinal}.pdf")


@get("/documents/{document_id:uuid}/versions/{ordinal:int}/pages/{number:int}", sync_to_thread=True)
def page_picture(
    request: Request,
    document_id: FromPath[UUID],
    ordinal: FromPath[int],
    number: FromPath[int],
    width: FromQuery[int] = 1240,
) -> Response[bytes]:
    """A page of a version as PNG."""
    return picture(request, document_id, ordinal, number, width)


@get("/documents/books/{year:int}", sync_to_thread=True)
def book(
    request: Request, year: FromPath[int], before: FromQuery[int | None] = None
) -> Response[bytes]:
    """Sổ đăng ký văn bản đi."""
    return _book(request, year, before, FormState())


@post("/documents/books/{year:int}", sync_to_thread=True)
def open_book(
    request: Request,
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Begin the book behind the last number of the paper book."""
    who = principal(request)
    try:
        if PositionKind(who.position_kind) is not PositionKind.CLERK:
            raise NotAllowed("Việc mở sổ đăng ký văn bản dành cho văn thư cơ quan.")
        entered = form.parse(Opening)

        def work(session: Session) -> See:
            books.open_book(
                session,
                who.agency_id,
                year=year,
                opening_number=entered.opening_number,
                by=who,
                at=clock.now(),
            )
            following = types.printed_number(entered.opening_number + 1)
            return See(
                f"/documents/books/{year}", said=f"Đã mở sổ năm {year}. Số tiếp theo: {following}."
            )

        return once.see(work)
    except Refusal as refusal:
        return _book(request, year, None, form.refused(refusal), status=refusal.status)


pages = Router(
    "/",
    route_handlers=[
        listing,
        new,
        begin,
        show,
        draft,
        save,
        upload,
        attach,
        attachment,
        detach,
        comment,
        submit,
        send_back,
        approve,
        pass_form,
        take_number,
        issuance,
        issue,
        withdraw,
        distribution,
        choose_recipients,
        version,
        version_content,
        page_picture,
        book,
        open_book,
    ],
    include_in_schema=False,
)


def _see(once: Once, step: Callable[[Session], object], path: str, said: str) -> Response[bytes]:
    def work(session: Session) -> See:
        step(session)
        return See(path, said=said)

    return once.see(work)


def _read(request: Request, document_id: UUID) -> DocumentRead:
    who = principal(request)
    with db.transaction(who.acting) as session:
        return queries.document(session, document_id, agency_id=who.agency_id)


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


def _typed(found: DocumentRead) -> FormState:
    """The editor's fields as the newest draft has them."""
    text = found.latest.text or DispatchText(subject=found.subject)
    return FormState.of(
        revision=found.latest.revision,
        subject=text.subject,
        urgency=found.urgency.value,
        due_on=found.due_on,
        addressees="\n".join(text.addressees),
        authority=text.authority,
        legal_bases="\n".join(text.legal_bases),
        paragraphs="\n\n".join(text.paragraphs),
        recipients="\n".join(text.recipients),
        filing=text.filing,
        copies=text.copies,
        capacity=text.capacity.value,
        on_behalf_of=text.on_behalf_of,
        signer_title=text.signer_title,
        signer_name=text.signer_name,
        contact=text.contact,
    )


def _editor(
    request: Request, found: DocumentRead, form: FormState, *, status: int = 200
) -> Response[bytes]:
    return page(
        request,
        "documents/draft.html",
        status=status,
        document=found,
        form=form,
        type_name=types.name(found.type),
        is_addressed=found.type in types.ADDRESSED,
        is_decision=found.type is DocumentType.DECISION,
        is_composed=found.type in types.COMPOSED,
        capacities=_CAPACITIES,
        urgency_options=[(each.value, types.URGENCY_NAMES[each]) for each in Urgency],
    )


def _show(
    request: Request, document_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    now = clock.now()
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, agency_id=who.agency_id)
        history = audit.history(session, "document", document_id)
        acting = _who_acts(session, found, at=now)
        following = _next_code(session, found, who, at=now)
    steps = tuple(
        step
        for step in states.steps_from(found.state)
        if rules.may(
            step,
            found.state,
            PositionKind(who.position_kind),
            in_drafting_unit=found.drafting_unit_id == who.unit_id,
        )
    )
    findings = (
        drafting.check_form(document_id, by=who)
        if found.state in (State.DRAFT, State.SUBMITTED, State.CHECKING)
        else ()
    )
    return page(
        request,
        "documents/show.html",
        status=status,
        document=found,
        form=form,
        type_name=types.name(found.type),
        urgency_name=types.URGENCY_NAMES[found.urgency],
        state_name=states.NAMES[found.state],
        waits=waiting.sentence(found.state, acting, words.spoken(found.state_since, now)),
        steps=[step.value for step in steps],
        kinds=_KINDS,
        is_numbered_page=found.latest.kind is VersionKind.NUMBERED,
        next_code=following,
        findings=findings,
        passes=form_check.passes(findings),
        images=_images(found, found.latest.ordinal, _page_count(request, found, None)),
        history=history,
    )


def _images(found: DocumentRead, ordinal: int, pages: int) -> list[tuple[str, str]]:
    """Addresses of the pictures; a draft's carry its revision, so that a saved change is seen."""
    chosen = drafting.version_of(found, ordinal)
    return [
        (
            f"/documents/{found.id}/versions/{ordinal}/pages/{number}?width=1240"
            + ("" if chosen.frozen_at else f"&revision={chosen.revision}"),
            chosen.text.subject if chosen.text and number == 1 else "",
        )
        for number in range(1, pages + 1)
    ]


def _page_count(request: Request, found: DocumentRead, ordinal: int | None) -> int:
    """Pages that can be shown; none where the draft cannot be printed yet."""
    try:
        return drafting.preview(found.id, ordinal, by=principal(request)).page_count
    except Invalid:
        return 0
    except drafting.NoContent:
        return 0


def _who_acts(session: Session, found: DocumentRead, *, at: datetime) -> tuple[str, ...]:
    """Who can take the next step, with their titles."""
    if found.state is State.DRAFT:
        return (found.created_by,)
    if found.state in (State.ISSUED, State.WITHDRAWN):
        return ()
    kinds: tuple[PositionKind, ...]
    if found.state is State.SUBMITTED:
        kinds, unit_id = (PositionKind.HEAD, PositionKind.OFFICE_HEAD), found.drafting_unit_id
    elif found.state is State.AWAITING_SIGNATURE:
        kinds, unit_id = (PositionKind.HEAD,), found.agency_id
    else:
        clerks = people.clerks_of(session, found.agency_id, at=at)
        return tuple(f"{each.title} {each.full_name}" for each in clerks)
    text = found.latest.text
    if found.state is State.AWAITING_SIGNATURE and text is not None and text.signer_name:
        return (f"{text.signer_title} {text.signer_name}",)
    held = people.persons_in(session, unit_id, at=at, kinds=kinds)
    return tuple(f"{each.title} {each.full_name}" for each in held if each.unit_id == unit_id)


def _next_code(
    session: Session, found: DocumentRead, who: Principal, *, at: datetime
) -> str | None:
    """The number that the book would give now; somebody else may take it first."""
    if found.state is not State.SIGNED:
        return None
    year = clock.civil_date(at).year
    last = queries.last_number(session, agency_id=who.agency_id, year=year)
    return types.printed_number(last + 1)


def _groups(session: Session, found: DocumentRead, *, at: datetime) -> list[Choice]:
    chosen = {each.group_code for each in found.recipients if each.group_code}
    on = clock.civil_date(at)
    choices = []
    for group in groups.GROUPS:
        units = people.units_of_group(session, group.code, sender_agency_id=found.agency_id, on=on)
        if units or group.code in chosen:
            choices.append(Choice(group.code, group.name, len(units), group.code in chosen))
    known = {choice.value for choice in choices}
    choices += [
        Choice(
            code,
            people.group_name(session, code),
            len(people.units_of_group(session, code, sender_agency_id=found.agency_id, on=on)),
            True,
        )
        for code in sorted(chosen - known)
    ]
    return choices


def _units(session: Session, found: DocumentRead, q: str, *, at: datetime) -> list[Choice]:
    """Chosen units, then those whose name was searched for."""
    chosen = [
        Choice(str(each.unit_id), each.name, 1, True)
        for each in found.recipients
        if each.unit_id is not None
    ]
    if not q.strip():
        return chosen
    known = {choice.value for choice in chosen}
    hits = people.search_units(
        session,
        q,
        on=clock.civil_date(at),
        kinds=[kind for kind in UnitKind if kind is not UnitKind.OFFICE],
        limit=40,
    )
    return chosen + [
        Choice(str(unit.id), unit.name, 1, False)
        for unit in hits
        if str(unit.id) not in known and unit.id != found.agency_id
    ]


def _book(
    request: Request, year: int, before: int | None, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        lines = queries.outgoing_book(
            session, agency_id=who.agency_id, year=year, before=before, limit=_ROWS + 1
        )
        last = queries.last_number(session, agency_id=who.agency_id, year=year)
    shown = lines[:_ROWS]
    return page(
        request,
        "documents/book.html",
        status=status,
        form=form,
        year=year,
        lines=shown,
        before=shown[-1].number if len(lines) > _ROWS else None,
        at_start=before is None,
        last=last,
        may_open=PositionKind(who.position_kind) is PositionKind.CLERK and not lines,
        this_year=clock.civil_date(clock.now()).year,
    )
