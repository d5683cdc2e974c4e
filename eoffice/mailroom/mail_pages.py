"""Pages of the tray of e-mail: what came, made into documents or put aside."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.files import http as files
from eoffice.mailroom import entry_pages, mail_actions, mail_queries, proposals, states
from eoffice.mailroom.entering import Entry
from eoffice.mailroom.mail_queries import MessageSeen
from eoffice.mailroom.states import MailState
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.routing import outside_queries
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

TONES: Final = {
    MailState.NEW: "waiting",
    MailState.TAKEN: "done",
    MailState.PUT_ASIDE: "quiet",
}


class Taking(Entry, frozen=True, kw_only=True):
    #: Position of the attachment that is the document; null: the message has none.
    document: Annotated[int, msgspec.Meta(ge=1)] | None = None


class PuttingAside(msgspec.Struct, frozen=True, kw_only=True):
    reason: str = ""


@get("/incoming/mail", sync_to_thread=True)
def tray(request: Request, show: FromQuery[MailState] = MailState.NEW) -> Response[bytes]:
    """Messages that wait for the clerk, or those that were dealt with."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = mail_queries.tray(session, who=who, state=show)
        has_mailbox = mail_queries.has_mailbox(session, who.agency_id)
    return page(
        request,
        "mailroom/mail.html",
        messages=found,
        has_mailbox=has_mailbox,
        show=show,
        chips=[
            (states.MAIL_NAMES[each], f"/incoming/mail?show={each.value}", each is show)
            for each in MailState
        ],
        names=states.MAIL_NAMES,
        tones=TONES,
    )


@get("/incoming/mail/{message_id:uuid}", sync_to_thread=True)
def message(request: Request, message_id: FromPath[UUID]) -> Response[bytes]:
    """One message, and the form with what was proposed."""
    return _page(request, message_id, None)


@post("/incoming/mail/{message_id:uuid}/document", sync_to_thread=True)
def take(
    request: Request,
    message_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Make an incoming document of it."""
    who = principal(request)
    try:
        entered = form.parse(Taking)

        def work(session: Session) -> See:
            done = mail_actions.take(
                session, message_id, entered, entered.document, by=who, at=clock.now()
            )
            return See(done.path, said=done.said)

        return once.see(work)
    except Refusal as refusal:
        return _page(request, message_id, form.refused(refusal), status=refusal.status)


@post("/incoming/mail/{message_id:uuid}/putting-aside", sync_to_thread=True)
def put_aside(
    request: Request,
    message_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """It is no document."""
    who = principal(request)
    try:
        entered = form.parse(PuttingAside)

        def work(session: Session) -> See:
            mail_actions.put_aside(session, message_id, entered.reason, by=who, at=clock.now())
            return See("/incoming/mail", said="Đã để thư ra ngoài.")

        return once.see(work)
    except Refusal as refusal:
        return _page(request, message_id, form.refused(refusal), status=refusal.status)


@get("/incoming/mail/{message_id:uuid}/files/{position:int}", sync_to_thread=True)
def file(request: Request, message_id: FromPath[UUID], position: FromPath[int]) -> Response[bytes]:
    """A file of the message, to keep."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        seen = mail_queries.message(session, message_id, who=who)
    found = next((each for each in seen.attachments if each.position == position), None)
    if found is None:
        raise mail_actions.MessageUnknown
    content = configured.store().get(Sha256.parse(found.sha256))
    return files.download(content, found.media_type, found.name)


def _page(
    request: Request, message_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        seen = mail_queries.message(session, message_id, who=who)
        known = outside_queries.sender_names(session, who=who, on=today)
    return page(
        request,
        "mailroom/message.html",
        status=status,
        message=seen,
        word=states.MAIL_NAMES[seen.state],
        tone=TONES[seen.state],
        documents=[
            (str(each.position), f"{each.name} ({each.page_count} trang)")
            for each in seen.documents
        ],
        **entry_pages.form_context(request, form or _beginning(seen, known)),
    )


def _beginning(seen: MessageSeen, known: tuple[str, ...]) -> FormState:
    """What the first PDF says of itself; where it says nothing, what the message says."""
    first = next(iter(seen.documents), None)
    found = proposals.proposed("" if first is None else first.text, known_senders=known)
    arrived = clock.civil_date(seen.fetched_at)
    return entry_pages.beginning(
        arrived,
        sender_name=seen.agency_name or found.sender_name or seen.sender,
        subject=found.subject or seen.subject,
        number=found.number,
        notation=found.notation,
        issued_on=None if found.issued_on is None else found.issued_on.isoformat(),
        type_name=found.type_name,
        page_count=None if first is None else first.page_count,
        document=None if first is None else str(first.position),
    )
