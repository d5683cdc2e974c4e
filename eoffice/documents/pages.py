"""Pages of outgoing documents: the list, a document with what can be done now, its versions."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery

from eoffice import clock, db
from eoffice.documents import (
    document_page,
    list_steps,
    queries,
    rules,
    states,
    step_pages,
    types,
    waiting,
)
from eoffice.documents.books import entry_pages as book_entry_pages
from eoffice.documents.books import pages as book_pages
from eoffice.documents.copies import pages as copy_pages
from eoffice.documents.drafts import appendix_pages, difference_pages, drafting
from eoffice.documents.drafts import http as draft_http
from eoffice.documents.drafts import pages as draft_pages
from eoffice.documents.drafts import template_pages as draft_template_pages
from eoffice.documents.flows import comment_pages
from eoffice.documents.flows import pages as flow_pages
from eoffice.documents.flows import setting as flows
from eoffice.documents.form import text as texts
from eoffice.documents.issue import pages as issuing_pages
from eoffice.documents.metadata import pages as metadata_pages
from eoffice.documents.recipients import pages as recipient_pages
from eoffice.documents.states import State
from eoffice.documents.tracking import pages as tracking_pages
from eoffice.files import http as files
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people.kinds import PositionKind
from eoffice.web import bulk
from eoffice.web.forms import FormState
from eoffice.web.pages import page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal

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


@get("/documents", sync_to_thread=True)
def listing(
    request: Request,
    show: FromQuery[str] = "",
    q: FromQuery[str] = "",
    cursor: FromQuery[str | None] = None,
    ticked: FromQuery[bool] = False,
) -> Response[bytes]:
    """Văn bản đi; `ticked` has every line ticked of which several can be done at once."""
    who = principal(request)
    chosen = next((each for each in _FILTERS if each[0] == show), _FILTERS[0])
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(clock.now()))
        if chosen[0] == "mine":
            rows = queries.awaiting(session, who, limit=200)
        else:
            rows = queries.listing(
                session,
                who=who,
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
    position = PositionKind(who.position_kind)
    of_line = {row.id: list_steps.offered(row.state, position) for row in part.items}
    asked = {"show": chosen[0], "q": q, "cursor": cursor or ""}
    here = {name: value for name, value in asked.items() if value}
    return page(
        request,
        "documents/list.html",
        rows=part.items,
        of_line=of_line,
        offers=bulk.together(of_line.values()),
        ticked=ticked,
        this_part=f"/documents?{urlencode(here)}",
        all_ticked=f"/documents?{urlencode(here | {'ticked': 'true'})}",
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
        may_set_flows=flows.may_set(who),
        may_write=rules.may_write(position),
        year=clock.civil_date(clock.now()).year,
    )


@get("/documents/{document_id:uuid}", sync_to_thread=True)
def show(request: Request, document_id: FromPath[UUID]) -> Response[bytes]:
    """A document, and what I can do with it now."""
    return document_page.show(request, document_id, FormState())


@get("/documents/{document_id:uuid}/attachments/{attachment_id:uuid}", sync_to_thread=True)
def attachment(
    request: Request, document_id: FromPath[UUID], attachment_id: FromPath[UUID]
) -> Response[bytes]:
    """The file as it was brought."""
    found = drafting.attached(document_id, attachment_id, by=principal(request))
    content = configured.store().get(Sha256.parse(found.content_sha256))
    return files.download(content, found.media_type, found.name)


@get("/documents/{document_id:uuid}/versions/{ordinal:int}", sync_to_thread=True)
def version(
    request: Request, document_id: FromPath[UUID], ordinal: FromPath[int]
) -> Response[bytes]:
    """An earlier version, and what changed in it."""
    found = document_page.read(request, document_id)
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
        kinds=document_page.KINDS,
        fields=texts.changed_fields(before.text, chosen.text)  # type: ignore[arg-type,union-attr]
        if comparable
        else (),
        paragraphs=texts.changed_paragraphs(before.text, chosen.text)  # type: ignore[arg-type,union-attr]
        if comparable
        else (),
        images=document_page.images(
            found, ordinal, document_page.page_count(request, found, ordinal)
        ),
        comments=[each for each in found.comments if each.version_ordinal == ordinal],
    )


@get("/documents/{document_id:uuid}/versions/{ordinal:int}/content", sync_to_thread=True)
def version_content(
    request: Request, document_id: FromPath[UUID], ordinal: FromPath[int]
) -> Response[bytes]:
    """The PDF of a version."""
    found = document_page.read(request, document_id)
    printed = drafting.taken(document_id, ordinal, by=principal(request))
    name = (found.code or "du-thao").replace("/", "-")
    return files.download(printed.pdf, drafting.PDF, f"{name}-ban-{ordinal}.pdf")


@get("/documents/{document_id:uuid}/versions/{ordinal:int}/pages/{number:int}", sync_to_thread=True)
def page_picture(
    request: Request,
    document_id: FromPath[UUID],
    ordinal: FromPath[int],
    number: FromPath[int],
    width: FromQuery[int] = 1240,
) -> Response[bytes]:
    """A page of a version as PNG."""
    return draft_http.picture_of(request, document_id, ordinal, number, width)


pages = Router(
    "/",
    route_handlers=[
        listing,
        show,
        attachment,
        version,
        version_content,
        page_picture,
        difference_pages.differing,
        *draft_template_pages.routes,
        *draft_pages.routes,
        *appendix_pages.routes,
        *copy_pages.routes,
        *metadata_pages.routes,
        *step_pages.routes,
        *comment_pages.routes,
        *flow_pages.routes,
        *recipient_pages.routes,
        *issuing_pages.routes,
        *book_pages.routes,
        *tracking_pages.routes,
        *book_entry_pages.routes,
    ],
    include_in_schema=False,
)
