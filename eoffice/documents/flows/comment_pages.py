"""Remarks on a place of the text: the page with its marks, a form beside it, and answers.

A page is divided into bands, each a link, so that a place can be chosen without script and mouse.
"""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.documents import document_page
from eoffice.documents.drafts import drafting
from eoffice.documents.flows import comment_actions
from eoffice.documents.flows import queries as flow_queries
from eoffice.documents.flows.comment_actions import LONGEST_COMMENT, LONGEST_QUOTE, Place
from eoffice.documents.queries import DocumentRead
from eoffice.documents.states import State
from eoffice.errors import Refusal
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_BANDS: Final = 20
#: Height of a page whose width is 1000.
_HEIGHT: Final = 1414
#: Left and width of a band, as parts of the page: within the margins of A4.
_LEFT, _WIDTH = 0.1, 0.85


class PlacedRemark(msgspec.Struct, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_COMMENT)]
    page: Annotated[int, msgspec.Meta(ge=1)]
    band: Annotated[int, msgspec.Meta(ge=1, le=_BANDS)] | None = None
    to: Annotated[int, msgspec.Meta(ge=1, le=_BANDS)] | None = None
    block: Annotated[int, msgspec.Meta(ge=1)] | None = None
    quote: Annotated[str, msgspec.Meta(max_length=LONGEST_QUOTE)] = ""

    def place(self) -> Place:
        area = None
        if self.band is not None:
            last = max(self.band, self.to or self.band)
            area = (_LEFT, (self.band - 1) / _BANDS, _WIDTH, (last - self.band + 1) / _BANDS)
        return Place(self.page, area, self.block, self.quote)


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    text: Annotated[str, msgspec.Meta(max_length=500)] = ""


@get("/documents/{document_id:uuid}/versions/{ordinal:int}/remarks", sync_to_thread=True)
def placed(
    request: Request,
    document_id: FromPath[UUID],
    ordinal: FromPath[int],
    # The name is the address's.
    page: FromQuery[int] = 1,
    band: FromQuery[int | None] = None,
) -> Response[bytes]:
    """A page of a version with the remarks on it."""
    return _show(request, document_id, ordinal, page, FormState.of(band=band), chosen=band)


@post("/documents/{document_id:uuid}/versions/{ordinal:int}/remarks", sync_to_thread=True)
def remark(
    request: Request,
    document_id: FromPath[UUID],
    ordinal: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Write a remark on a place of the newest version."""
    who = principal(request)
    try:
        entered = form.parse(PlacedRemark)

        def work(session: Session) -> See:
            comment_actions.comment(
                session, document_id, entered.text, place=entered.place(), by=who, at=clock.now()
            )
            return See(
                f"/documents/{document_id}/versions/{ordinal}/remarks?page={entered.page}",
                said="Đã gửi ý kiến.",
            )

        return once.see(work)
    except Refusal as refusal:
        number = int(form["page"]) if form["page"].isdigit() else 1
        return _show(
            request, document_id, ordinal, number, form.refused(refusal), status=refusal.status
        )


@post("/documents/{document_id:uuid}/remarks/{comment_id:uuid}/answer", sync_to_thread=True)
def answer(
    request: Request,
    document_id: FromPath[UUID],
    comment_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The writer settles a remark."""
    who = principal(request)
    entered = form.parse(Answered)
    return document_page.see_after(
        once,
        lambda session: comment_actions.answer(
            session, document_id, comment_id, entered.text, by=who, at=clock.now()
        ),
        f"/documents/{document_id}#comments",
        "Đã trả lời ý kiến.",
    )


def _show(
    request: Request,
    document_id: UUID,
    ordinal: int,
    number: int,
    form: FormState,
    *,
    chosen: int | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = document_page.read_in(session, document_id, who)
        marks = flow_queries.marks(session, document_id)
    version = drafting.version_of(found, ordinal)
    pages = document_page.page_count(request, found, ordinal)
    number = min(max(number, 1), max(pages, 1))
    here = f"/documents/{document_id}/versions/{ordinal}/remarks"
    of_version = [each for each in marks if each.version_ordinal == ordinal]
    images = document_page.images(found, ordinal, pages)
    return page(
        request,
        "documents/place.html",
        status=status,
        section="documents",
        document=found,
        version=version,
        number=number,
        pages=pages,
        picture=images[number - 1][0] if images else "",
        chips=[(f"{each}", f"{here}?page={each}", each == number) for each in range(1, pages + 1)],
        bands=_BANDS,
        height=_HEIGHT / _BANDS,
        chosen=chosen,
        band_options=[(str(each), f"Dải {each}") for each in range(1, _BANDS + 1)],
        blocks=_blocks(found, ordinal),
        here_marked=[each for each in of_version if each.area and each.page == number],
        remarks=of_version,
        may_write=ordinal == found.latest.ordinal
        and found.state not in (State.ISSUED, State.WITHDRAWN),
        may_answer=document_page.may_answer(found, who),
        form=form,
    )


def _blocks(found: DocumentRead, ordinal: int) -> list[tuple[str, str]]:
    text = drafting.version_of(found, ordinal).text
    if text is None:
        return []
    return [
        (str(number), f"{number}. {' '.join(paragraph.split()[:10])}")
        for number, paragraph in enumerate(text.paragraphs, start=1)
    ]


routes = [placed, remark, answer]
