"""Documents for programs: begin, save, attach, read, compare. Steps are in `step_http.py`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from litestar import Response, Router, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import looks
from eoffice.audit.looks import Thing, Way
from eoffice.documents import actions, queries, shapes
from eoffice.documents.drafts import drafting
from eoffice.documents.form import text as texts
from eoffice.documents.form.stamping import Marks
from eoffice.documents.states import State
from eoffice.errors import Invalid
from eoffice.files import http as files
from eoffice.files import page_images
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Request, principal


@get("/", sync_to_thread=True)
def listing(
    request: Request,
    # `state` as the name of an argument is the framework's.
    in_state: Annotated[list[State] | None, QueryParameter(name="state")] = None,
    q: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[shapes.DocumentLineOut]:
    """Outgoing documents of the acting agency, newest first."""
    who = principal(request)
    limit = bounded(limit)
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(clock.now()))
        rows = queries.listing(
            session,
            who=who,
            states=in_state or (),
            words=q or "",
            after=None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1])),
            limit=limit + 1,
        )
    return Page.of(
        request,
        [shapes.line(row) for row in rows],
        limit=limit,
        key=lambda row: (row.created_at.isoformat(), str(row.id)),
    )


@get("/awaiting", sync_to_thread=True)
def awaiting(request: Request) -> list[shapes.DocumentLineOut]:
    """Documents in which the next step is mine, the longest waiting first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(clock.now()))
        return [shapes.line(row) for row in queries.awaiting(session, who, limit=200)]


@post("/", sync_to_thread=True)
def begin(
    request: Request, data: JSONBody[shapes.NewDocument], once: NamedDependency[Once]
) -> Response[shapes.DocumentOut]:
    """Begin a draft in the unit in which I act."""
    who = principal(request)

    def work(session: Session) -> shapes.DocumentOut:
        document_id = actions.begin(
            session,
            data.type,
            texts.parse(data.text),
            urgency=data.urgency,
            marks=Marks(data.secrecy, data.circulation, data.express_at),
            due_on=data.due_on,
            by=who,
            at=clock.now(),
        )
        return read(session, document_id, request)

    return once.answer(work, status=201, location=lambda out: f"/api/v1/documents/{out.id}")


@get("/{document_id:uuid}", sync_to_thread=True)
def show(request: Request, document_id: FromPath[UUID]) -> shapes.DocumentOut:
    """One document with versions, comments, attachments and recipients."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = read(session, document_id, request)
        looks.look(session, Thing.DOCUMENT, document_id, Way.VIEWED, by=who, at=clock.now())
    return found


@put("/{document_id:uuid}/draft", sync_to_thread=True)
def save(
    request: Request, document_id: FromPath[UUID], data: JSONBody[shapes.DraftIn]
) -> shapes.RevisionOut:
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
            marks=Marks(data.secrecy, data.circulation, data.express_at),
            due_on=data.due_on,
            by=who,
            at=clock.now(),
        )
    return shapes.RevisionOut(revision=revision)


@post("/{document_id:uuid}/content", sync_to_thread=True, request_max_body_size=files.UPLOAD_BODY)
def upload(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[shapes.RevisionOut]:
    """Take a finished .pdf or .docx (part `file`) as the pages of the draft."""
    kept = once.kept()
    if kept is not None:
        return kept
    who = principal(request)
    _, content = files.uploaded(form)
    return drafting.upload_draft(
        document_id,
        content,
        by=who,
        within=lambda last: once.answer(
            lambda session: shapes.RevisionOut(revision=last(session)), status=201
        ),
    )


@put("/{document_id:uuid}/recipients", sync_to_thread=True)
def choose_recipients(
    request: Request, document_id: FromPath[UUID], data: JSONBody[shapes.RecipientsIn]
) -> list[shapes.RecipientOut]:
    """Replace the recipients: units and groups; groups are resolved at issue."""
    who = principal(request)
    chosen = [
        actions.Recipient(unit_id=each.unit_id, group_code=each.group_code)
        for each in data.recipients
    ]
    with db.transaction(who.acting) as session:
        actions.choose_recipients(session, document_id, chosen, by=who, at=clock.now())
        session.flush()  # The answer reads the rows that were just replaced.
        return read(session, document_id, request).recipients


@get("/{document_id:uuid}/distribution", sync_to_thread=True)
def distribution(request: Request, document_id: FromPath[UUID]) -> list[shapes.UnitNamed]:
    """The units to which the document would go if it were issued now."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.recipients_preview(session, document_id, who=who, at=clock.now())
    return [shapes.UnitNamed(unit_id=unit_id, name=name) for unit_id, name in found]


@post(
    "/{document_id:uuid}/attachments", sync_to_thread=True, request_max_body_size=files.UPLOAD_BODY
)
def attach(
    request: Request,
    document_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[shapes.Made]:
    """Add a file (part `file`) that goes with the document."""
    kept = once.kept()
    if kept is not None:
        return kept
    name, content = files.uploaded(form)
    return drafting.attach(
        document_id,
        name,
        content,
        by=principal(request),
        within=lambda last: once.answer(
            lambda session: shapes.Made(id=last(session)),
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
    return files.download(content, found.media_type, found.name)


@delete("/{document_id:uuid}/attachments/{attachment_id:uuid}", sync_to_thread=True)
def detach(request: Request, document_id: FromPath[UUID], attachment_id: FromPath[UUID]) -> None:
    """Take an attachment off a draft."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.detach(session, document_id, attachment_id, by=who, at=clock.now())


@get("/{document_id:uuid}/versions/{ordinal:int}/content", sync_to_thread=True)
def content(
    request: Request, document_id: FromPath[UUID], ordinal: FromPath[int]
) -> Response[bytes]:
    """The PDF of a version; of a draft as it would be printed now."""
    printed = drafting.taken(document_id, ordinal, by=principal(request))
    return files.download(printed.pdf, drafting.PDF, f"van-ban-ban-{ordinal}.pdf")


@get("/{document_id:uuid}/versions/{ordinal:int}/pages/{number:int}", sync_to_thread=True)
def page_of_version(
    request: Request,
    document_id: FromPath[UUID],
    ordinal: FromPath[int],
    number: FromPath[int],
    width: FromQuery[int] = 1240,
) -> Response[bytes]:
    """A page of a version as PNG."""
    return picture_of(request, document_id, ordinal, number, width)


@get("/{document_id:uuid}/comparison", sync_to_thread=True)
def compare(
    request: Request, document_id: FromPath[UUID], older: FromQuery[int], newer: FromQuery[int]
) -> shapes.ComparisonOut:
    """What two versions of the text do not share."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.document(session, document_id, who=who)
    before, after = (drafting.version_of(found, ordinal).text for ordinal in (older, newer))
    if before is None or after is None:
        raise Invalid("Chỉ so sánh được các bản soạn trên hệ thống, không so sánh tệp tải lên.")
    return shapes.ComparisonOut(
        fields=list(texts.changed_fields(before, after)),
        paragraphs=[(each.before, each.after) for each in texts.changed_paragraphs(before, after)],
    )


router = Router(
    "/api/v1/documents",
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
        content,
        page_of_version,
        compare,
    ],
    tags=["documents"],
)


def read(session: Session, document_id: UUID, request: Request) -> shapes.DocumentOut:
    """The document of the acting agency as it is now. Raises NoDocument."""
    found = queries.document(session, document_id, who=principal(request))
    return shapes.document(found)


def picture_of(
    request: Request, document_id: UUID, ordinal: int, number: int, width: int
) -> Response[bytes]:
    """A page as PNG. A frozen version never changes, so its pictures may be kept for good."""
    found = drafting.looked_at(document_id, ordinal, by=principal(request))
    return Response(
        page_images.picture(found.paper, number, width),
        media_type="image/png",
        headers=dict(files.KEPT if found.is_frozen else files.ASKED_ANEW),
    )
