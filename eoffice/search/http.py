"""The search for programs: one kind after the other, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import msgspec
from litestar import Router, get
from litestar.params import FromPath, FromQuery

from eoffice import clock, db
from eoffice.archive import reading
from eoffice.archive.queries import Line as ArchiveLine
from eoffice.archive.queries import Narrowed
from eoffice.archive.states import EntryKind
from eoffice.documents.types import DocumentType, Urgency
from eoffice.search import asking, queries, result_lines, rules
from eoffice.search.asking import Search
from eoffice.search.result_lines import Line
from eoffice.search.rules import Asked, Fields, Kind, Order
from eoffice.web.paging import Cursor, CursorInvalid, Page, bounded
from eoffice.web.principal import Principal, Request, principal

#: Further ones are said to be more than that.
COUNTED: Final = 1_000


class ResultOut(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    #: Of the document, delivery, case file or entry of the archive.
    id: UUID
    #: Its page.
    path: str
    code: str
    day: date
    type_name: str
    subject: str
    organ: str
    signer: str
    urgency: str
    state: str
    arrival_number: int | None
    due_on: date | None
    page_count: int | None
    language: str


class ResultPage(Page[ResultOut], frozen=True, kw_only=True):
    #: From here on, up to 1,000 on the first page; as many as on the page on any other.
    count: int
    #: False: there are more than `count`.
    count_is_exact: bool


@dataclass(frozen=True, slots=True)
class Archived:
    """What the archive has of a search, and what its page needs to narrow it further."""

    entries: tuple[ArchiveLine, ...]
    school_years: tuple[str, ...]
    is_more: bool

    @property
    def place(self) -> tuple[str, str] | None:
        """Of the last entry, to go on behind it."""
        if not self.entries:
            return None
        return self.entries[-1].archived_at.isoformat(), str(self.entries[-1].id)


@get("/{kind:str}", sync_to_thread=True)
def results(
    request: Request,
    kind: FromPath[Kind],
    q: FromQuery[str] = "",
    document_type: FromQuery[DocumentType | None] = None,
    from_day: FromQuery[date | None] = None,
    to_day: FromQuery[date | None] = None,
    sender: FromQuery[str] = "",
    signer: FromQuery[str] = "",
    recipient: FromQuery[str] = "",
    language: FromQuery[str] = "",
    unit_id: FromQuery[UUID | None] = None,
    urgency: FromQuery[Urgency | None] = None,
    stage: FromQuery[str] = "",
    due_from: FromQuery[date | None] = None,
    due_to: FromQuery[date | None] = None,
    pages_from: FromQuery[int | None] = None,
    pages_to: FromQuery[int | None] = None,
    case_file: FromQuery[str] = "",
    archive_kind: FromQuery[EntryKind | None] = None,
    school_year: FromQuery[str] = "",
    order: FromQuery[Order] = Order.NEWEST,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> ResultPage:
    """What matches of one kind: outgoing, incoming, case_file or archive; all without words."""
    fields = Fields(
        kind=kind,
        type=document_type or "",
        from_day=from_day,
        to_day=to_day,
        sender=asking.words(sender),
        signer=asking.words(signer),
        recipient=asking.words(recipient),
        language=asking.words(language),
        unit_id=unit_id,
        urgency=urgency or "",
        state=asking.words(stage),
        due_from=due_from,
        due_to=due_to,
        pages_from=_pages(pages_from),
        pages_to=_pages(pages_to),
        case_file=asking.words(case_file),
        archive_kind=archive_kind or "",
        school_year=asking.words(school_year),
    )
    asked = Search(rules.parse(q, fields), order=order)
    after = behind(asked, Cursor.read(request, cursor))
    who = principal(request)
    if kind is Kind.ARCHIVE:
        return _of_archive(request, asked, who=who, after=after, most=bounded(limit))
    return _of_index(request, asked, kind, who=who, after=after, most=bounded(limit))


def archived(who: Principal, asked: Asked, *, after: tuple[str, str] | None, most: int) -> Archived:
    """What matches in the archive, newest first; an inspector's search is put on record."""
    fields = asked.fields
    kept, years = reading.search(
        who,
        rules.typed(asked.terms),
        at=clock.now(),
        narrowed=Narrowed(
            kinds=(EntryKind(fields.archive_kind),) if fields.archive_kind else (),
            school_years=(fields.school_year,) if fields.school_year else (),
        ),
        after=None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1])),
        limit=most + 1,
    )
    return Archived(tuple(kept[:most]), tuple(years), len(kept) > most)


def bound(asked: Search, place: tuple[str, str]) -> tuple[str, ...]:
    """A place in the result that only a search of the same kind and order goes on from."""
    return (asked.asked.fields.kind or "", asked.order, *place)


def behind(asked: Search, key: tuple[str, ...] | None) -> tuple[str, str] | None:
    """The place that was bound. Raises CursorInvalid for one of another kind or order."""
    if key is None:
        return None
    if len(key) != 4 or key[:2] != bound(asked, ("", ""))[:2]:
        raise CursorInvalid("Kết quả đã được xếp hoặc lọc lại. Hãy mở lại danh sách từ đầu.")
    return key[2], key[3]


def _pages(count: int | None) -> int | None:
    return None if count is None else max(0, min(count, asking.MOST_PAGES))


def _of_index(
    request: Request,
    asked: Search,
    kind: Kind,
    *,
    who: Principal,
    after: tuple[str, str] | None,
    most: int,
) -> ResultPage:
    if not asked.asked.fields.is_of_index:
        return ResultPage(items=[], count=0, count_is_exact=True)
    with db.transaction(who.acting) as session:
        found = queries.found(
            session,
            asked.asked,
            kind,
            who=who,
            most=COUNTED if after is None else most,
            order=asked.order,
            after=None if after is None else (after[0], UUID(after[1])),
        )
        lines = result_lines.lines(session, kind, found.ids[:most])
    is_more = found.is_more or found.is_cut
    place = found.place(most) if found.is_more or len(found.ids) > most else None
    return ResultPage(
        items=[_out(each) for each in lines],
        next_cursor=None if place is None else Cursor.write(request, bound(asked, place)),
        count=len(found.ids),
        count_is_exact=not is_more,
    )


def _of_archive(
    request: Request, asked: Search, *, who: Principal, after: tuple[str, str] | None, most: int
) -> ResultPage:
    if not asked.asked.fields.is_of_archive:
        return ResultPage(items=[], count=0, count_is_exact=True)
    found = archived(who, asked.asked, after=after, most=most)
    place = found.place if found.is_more else None
    return ResultPage(
        items=[_out(result_lines.archived(each)) for each in found.entries],
        next_cursor=None if place is None else Cursor.write(request, bound(asked, place)),
        count=len(found.entries),
        count_is_exact=not found.is_more,
    )


def _out(line: Line) -> ResultOut:
    return ResultOut(
        kind=line.kind,
        id=line.id,
        path=line.path,
        code=line.code,
        day=line.day,
        type_name=line.type_name,
        subject=line.subject,
        organ=line.organ,
        signer=line.signer,
        urgency=line.urgency,
        state=line.state,
        arrival_number=line.arrival_number,
        due_on=line.due_on,
        page_count=line.pages,
        language=line.language,
    )


router = Router("/api/v1/search", route_handlers=[results], tags=["search"])
