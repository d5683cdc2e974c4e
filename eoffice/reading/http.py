"""The reader for programs: pages, words with their places, a print, who looked."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.params import FromPath, FromQuery

from eoffice import clock
from eoffice.audit.looks import Way
from eoffice.files import page_images
from eoffice.files.page_images import PAGE_PX
from eoffice.reading import looking, pages, things
from eoffice.reading.bonds import Direction
from eoffice.reading.pages import position
from eoffice.reading.things import Kind
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal


class SizeOut(msgspec.Struct, frozen=True, kw_only=True):
    """In points, as the page is seen."""

    width: float
    height: float


class ReadingOut(msgspec.Struct, frozen=True, kw_only=True):
    title: str
    subject: str
    page_count: int
    sizes: list[SizeOut]
    #: SHA-256 of the file that is shown.
    digest: str


class PlaceOut(msgspec.Struct, frozen=True, kw_only=True):
    """In ten-thousandths of the page, from its upper left corner."""

    x: int
    y: int
    width: int
    height: int


class MatchOut(msgspec.Struct, frozen=True, kw_only=True):
    page: int
    before: str
    words: str
    after: str
    places: list[PlaceOut]


class MatchesOut(msgspec.Struct, frozen=True, kw_only=True):
    #: All of them; the first 200 are in `items`.
    total: int
    #: Pages that are pictures without words: nothing can be found there.
    pages_without_words: int
    items: list[MatchOut]


class LookOut(msgspec.Struct, frozen=True, kw_only=True):
    at: datetime
    who: str
    unit: str
    what: str
    action: str
    person_id: UUID | None


class RelatedOut(msgspec.Struct, frozen=True, kw_only=True):
    direction: Direction
    id: UUID
    #: How it belongs to what; empty for the document that was asked about.
    said: str
    type_name: str
    code: str
    sender: str
    at: datetime | None
    subject: str
    state: str
    is_open: bool


@get("/{kind:str}/{thing_id:uuid}", sync_to_thread=True)
def reading(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    version: FromQuery[int | None] = None,
) -> ReadingOut:
    """A thing with pages: `kind` is `documents`, `deliveries`, `scans` or `archive`."""
    thing = things.read(
        principal(request), kind, thing_id, Way.VIEWED, at=clock.now(), version=version
    )
    sizes = page_images.sizes(thing.paper)
    return ReadingOut(
        title=thing.title,
        subject=thing.subject,
        page_count=len(sizes),
        sizes=[SizeOut(width=each.width, height=each.height) for each in sizes],
        digest=thing.paper.digest,
    )


@get("/{kind:str}/{thing_id:uuid}/pages/{number:int}", sync_to_thread=True, media_type="image/png")
def page_picture(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = PAGE_PX,
    version: FromQuery[int | None] = None,
) -> Response[bytes]:
    """A page as PNG, 100 to 2000 pixels wide."""
    return pages.drawn(principal(request), kind, thing_id, number, width, version)


@get("/{kind:str}/{thing_id:uuid}/matches", sync_to_thread=True)
def matches(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    q: FromQuery[str],
    version: FromQuery[int | None] = None,
) -> MatchesOut:
    """Where words stand, with or without diacritics: page, what is around, place on the page."""
    thing = things.read(
        principal(request), kind, thing_id, Way.VIEWED, at=clock.now(), version=version
    )
    found = looking.found_in(thing, q)
    if found is None:
        return MatchesOut(total=0, pages_without_words=0, items=[])
    return MatchesOut(
        total=found.total,
        pages_without_words=found.pages_without_words,
        items=[
            MatchOut(
                page=hit.page,
                before=hit.before,
                words=hit.words,
                after=hit.after,
                places=[
                    PlaceOut(x=box.x, y=box.y, width=box.width, height=box.height) for box in boxes
                ],
            )
            for hit, boxes in looking.places_of(thing, found)
        ],
    )


@get("/{kind:str}/{thing_id:uuid}/print-copy", sync_to_thread=True, media_type="application/pdf")
def print_copy(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    version: FromQuery[int | None] = None,
) -> Response[bytes]:
    """Every page with who printed it and when; signatures are not kept in it."""
    return pages.printed(principal(request), kind, thing_id, version)


@get("/{kind:str}/{thing_id:uuid}/accesses", sync_to_thread=True)
def accesses(
    request: Request,
    kind: FromPath[Kind],
    thing_id: FromPath[UUID],
    cursor: FromQuery[str | None] = None,
) -> Page[LookOut]:
    """Who looked at it, took its file or printed it, newest first."""
    after = position(Cursor.read(request, cursor))
    _, found = things.looked_at(principal(request), kind, thing_id, at=clock.now(), after=after)
    part = Page.of(
        request, found, limit=things.MOST_LOOKS, key=lambda row: (row.at.isoformat(), str(row.id))
    )
    return Page(
        items=[
            LookOut(
                at=each.at,
                who=each.who,
                unit=each.unit_name,
                what=each.what,
                action=each.action,
                person_id=each.person_id,
            )
            for each in part.items
        ],
        next_cursor=part.next_cursor,
    )


@get("/{kind:str}/{thing_id:uuid}/related", sync_to_thread=True)
def related(request: Request, kind: FromPath[Kind], thing_id: FromPath[UUID]) -> list[RelatedOut]:
    """The thread of a document, oldest first: what it answers, what answers or changes it, copies,
    legal bases, case files; as far as this person may read them."""
    return [
        RelatedOut(
            direction=each.direction,
            id=each.id,
            said=each.said,
            type_name=each.type_name,
            code=each.code,
            sender=each.sender,
            at=each.at,
            subject=each.subject,
            state=each.state,
            is_open=each.is_open,
        )
        for each in things.related(principal(request), kind, thing_id, at=clock.now())
    ]


router = Router(
    "/api/v1/reading",
    route_handlers=[reading, page_picture, matches, print_copy, accesses, related],
    tags=["reading"],
)
