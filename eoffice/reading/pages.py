"""The reader: pages as pictures, a strip of small ones, words looked for, prints, who looked."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery

from eoffice import clock
from eoffice.audit.looks import Way
from eoffice.documents.drafts import drafting
from eoffice.files import http as files
from eoffice.files.page_images import PAGE_PX, SMALL_PX, picture
from eoffice.printing import print_copies
from eoffice.printing.print_copies import Mark
from eoffice.reading import looking, things, thread
from eoffice.reading.things import Kind, Readable
from eoffice.web.pages import page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Principal, Request, principal

#: A copy may be recalled, a draft saved again: a browser asks before it shows what it kept.
_ANEW = {"Cache-Control": "private, no-cache", "Vary": "Cookie, Authorization"}

_HOMES = {
    Kind.DOCUMENT: ("Văn bản đi", "/documents"),
    Kind.DELIVERY: ("Văn bản đến", "/incoming"),
}


@get("/reading/{kind:str}/{thing_id:uuid}", sync_to_thread=True)
def show(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    number: FromQuery[str] = "",
    q: FromQuery[str] = "",
    version: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Pages from `number` on, or from the first place of the words that are looked for."""
    thing = things.read(
        principal(request), kind, thing_id, Way.VIEWED, at=clock.now(), version=version
    )
    found = looking.found_in(thing, q)
    chosen = int(number) if number.strip().isdecimal() and len(number) < 7 else 0
    if not chosen:
        chosen = found.hits[0].page if found and found.hits else 1
    part = looking.part_of(thing, chosen, found)

    def here(first: int) -> str:
        asked = {"number": str(first), "q": q, "version": "" if version is None else str(version)}
        return f"{thing.address}?{urlencode({k: v for k, v in asked.items() if v})}"

    return page(
        request,
        "reading/reader.html",
        section=thing.section,
        thing=thing,
        part=part,
        found=found,
        q=q,
        version=version,
        here=here,
        has_thread=kind in (Kind.DOCUMENT, Kind.DELIVERY),
    )


@get("/reading/{kind:str}/{thing_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_picture(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = PAGE_PX,
    version: FromQuery[int | None] = None,
) -> Response[bytes]:
    """One page as PNG."""
    return drawn(principal(request), kind, thing_id, number, width, version)


@get("/reading/{kind:str}/{thing_id:uuid}/print-copy", sync_to_thread=True)
def print_copy(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    version: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Bản in: every page with who printed it and when."""
    return printed(principal(request), kind, thing_id, version)


@get("/reading/{kind:str}/{thing_id:uuid}/original", sync_to_thread=True)
def original(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    version: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Bản gốc: the bytes as they were signed or received, with their signatures."""
    who = principal(request)
    thing = things.read(who, kind, thing_id, Way.DOWNLOADED, at=clock.now(), version=version)
    return files.download(thing.paper.fetch(), drafting.PDF, f"{thing.file_name}.pdf")


@get("/reading/{kind:str}/{thing_id:uuid}/accesses", sync_to_thread=True)
def accesses(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Lịch sử truy cập."""
    after = Cursor.read(request, cursor)
    thing, found = things.looked_at(
        principal(request), kind, thing_id, at=clock.now(), after=position(after)
    )
    part = Page.of(
        request,
        found,
        limit=things.MOST_LOOKS,
        key=lambda row: (row.at.isoformat(), str(row.id)),
    )
    return page(
        request,
        "reading/accesses.html",
        section=thing.section,
        thing=thing,
        looks=part.items,
        next_cursor=part.next_cursor,
        at_start=after is None,
    )


@get("/reading/{kind:str}/{thing_id:uuid}/related", sync_to_thread=True)
def related(request: Request, kind: FromPath[Kind], thing_id: FromPath[UUID]) -> Response[bytes]:
    """Văn bản liên quan, in the order of time."""
    found = things.related(principal(request), kind, thing_id, at=clock.now())
    here = next(each for each in found if each.is_open)
    return page(
        request,
        "reading/related.html",
        section="documents" if kind is Kind.DOCUMENT else "incoming",
        home=("Văn bản đi", "/documents")
        if kind is Kind.DOCUMENT
        else ("Văn bản đến", "/incoming"),
        here=here,
        address=f"/reading/{kind}/{thing_id}",
        thread=found,
        directions=thread.DIRECTION_NAMES,
    )


pages = Router(
    "/",
    route_handlers=[show, page_picture, print_copy, original, accesses, related],
    include_in_schema=False,
)


def drawn(
    who: Principal, kind: Kind, thing_id: UUID, number: int, width: int, version: int | None
) -> Response[bytes]:
    """A page for somebody to read; of small ones nothing can be read, so none leaves a trace."""
    is_small = width <= SMALL_PX
    traced = None if is_small and kind is Kind.ENTRY else Way.VIEWED
    thing = things.read(who, kind, thing_id, traced, at=clock.now(), version=version, page=number)
    return Response(
        picture(thing.paper, number, width),
        media_type="image/png",
        headers=dict(files.KEPT if thing.is_final else _ANEW),
    )


def printed(who: Principal, kind: Kind, thing_id: UUID, version: int | None) -> Response[bytes]:
    at = clock.now()
    thing: Readable = things.read(who, kind, thing_id, Way.PRINTED, at=at, version=version)
    made = print_copies.make(thing.paper.fetch(), Mark.of(who, thing.said, at))
    return files.download(made, drafting.PDF, f"{thing.file_name} (bản in).pdf")


def position(after: tuple[str, ...] | None) -> tuple[datetime, UUID] | None:
    """Where the next part of a list of looks begins."""
    return None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1]))
