"""Notes on a closed book in the browser; they stand on the book's own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.files import http as files
from eoffice.filing import closing_http, closing_pages
from eoffice.filing.notes import actions, paper, queries, rules
from eoffice.filing.notes.queries import NoteSeen
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.signing.pin import Pin
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See
from eoffice.web.principal import Request, principal

HERE: Final = f"{closing_pages.LIST}/{{kind:str}}/{{year:int}}/notes"


class NoteForm(msgspec.Struct, frozen=True, kw_only=True):
    place: str = ""
    words: str = ""
    reason: str = ""


class PinForm(msgspec.Struct, frozen=True, kw_only=True):
    pin: Pin = ""


@post(HERE, sync_to_thread=True)
def write(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Đính chính sổ đã khóa."""
    if (kept := once.kept()) is not None:
        return kept
    who, wanted, at = principal(request), closing_http.kind_of(kind), clock.now()
    try:
        entered = form.parse(NoteForm)
        wording = rules.checked(entered.place, entered.words, entered.reason)
        made = paper.make(wanted, year, wording, by=who, at=at)

        def work(session: Session) -> See:
            actions.write(
                session,
                made.closing_id,
                made.ordinal,
                wording,
                made.content,
                made.page_count,
                by=who,
                at=at,
            )
            return See(
                closing_pages.address(wanted, year),
                said="Đã lập bản đính chính, đang chờ người đứng đầu cơ quan ký.",
            )

        return once.see(work)
    except Refusal as refusal:
        return closing_pages.shown(
            request, wanted, year, form.refused(refusal), status=refusal.status
        )


@post(f"{HERE}/{{ordinal:int}}/signature", sync_to_thread=True, opt={"scope": "sign"})
def sign(
    request: Request,
    kind: FromPath[str],
    year: FromPath[int],
    ordinal: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ký bản đính chính."""
    if (kept := once.kept()) is not None:
        return kept
    who, wanted = principal(request), closing_http.kind_of(kind)
    try:
        entered = form.parse(PinForm)

        def within(last: Callable[[Session], None]) -> Response[bytes]:
            def work(session: Session) -> See:
                last(session)
                return See(closing_pages.address(wanted, year), said="Đã ký bản đính chính.")

            return once.see(work)

        note = _note(request, kind, year, ordinal)
        return paper.sign(note.id, entered.pin, by=who, within=within)
    except Refusal as refusal:
        return closing_pages.shown(
            request, wanted, year, form.refused(refusal), status=refusal.status
        )


@get(f"{HERE}/{{ordinal:int}}/content", sync_to_thread=True)
def content(
    request: Request, kind: FromPath[str], year: FromPath[int], ordinal: FromPath[int]
) -> Response[bytes]:
    """The page of a note, with its signature once it is signed."""
    note = _note(request, kind, year, ordinal)
    pdf = configured.store().get(Sha256.parse(note.content_sha256))
    return files.download(pdf, paper.PDF, f"dinh-chinh-so-{ordinal:02d}-{year}.pdf")


def _note(request: Request, kind: str, year: int, ordinal: int) -> NoteSeen:
    who = principal(request)
    with db.transaction(who.acting) as session:
        return queries.note(
            session,
            ordinal,
            kind=closing_http.kind_of(kind),
            year=year,
            who=who,
            at=clock.now(),
        )


HANDLERS = (write, sign, content)
