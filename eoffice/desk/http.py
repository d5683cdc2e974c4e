"""The desk for programs: what I gave away, what is late, several things at once."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.desk import batches, queries, rules, signature_http
from eoffice.desk.batch_rules import BulkStep, Item, ItemState, Particulars, Thing
from eoffice.desk.lines import Line
from eoffice.desk.queries import Counts, Place
from eoffice.desk.rules import Kind, Of
from eoffice.people.kinds import PositionKind
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Request, principal


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is not finished."""

    kind: Kind
    #: Of the assignment, delivery, arrival or document, by the kind.
    id: UUID
    path: str
    arrival_id: UUID | None
    code: str | None
    subject: str
    holder: str
    last_step: str
    since: datetime
    due_on: date | None
    #: In working days.
    days_late: int


class KindCount(msgspec.Struct, frozen=True, kw_only=True):
    kind: Kind
    count: int


class CountsOut(msgspec.Struct, frozen=True, kw_only=True):
    """Of each kind no more than `most` are counted."""

    most: int
    given: list[KindCount]
    late_mine: list[KindCount]
    late_given: list[KindCount]
    #: Empty for who leads no unit.
    late_unit: list[KindCount]


@get("/given", sync_to_thread=True)
def given(
    request: Request,
    kind: FromQuery[Kind | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[LineOut]:
    """What the person assigned, forwarded, submitted or asked of others, by deadline."""
    who = principal(request)
    at = clock.now()
    most = bounded(limit)
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        rows = queries.given(
            session,
            who=who,
            at=at,
            kind=kind,
            after=Place.read(Cursor.read(request, cursor)),
            limit=most + 1,
        )
    return _page(request, rows, most)


@get("/late", sync_to_thread=True)
def late(
    request: Request,
    of: FromQuery[Of] = Of.MINE,
    kind: FromQuery[Kind | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[LineOut]:
    """What is behind its deadline, in working days; `of=unit` is for leaders."""
    who = principal(request)
    at = clock.now()
    most = bounded(limit)
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        rows = queries.late(
            session,
            of,
            who=who,
            at=at,
            kind=kind,
            after=Place.read(Cursor.read(request, cursor)),
            limit=most + 1,
        )
    return _page(request, rows, most)


@get("/counts", sync_to_thread=True)
def counts(request: Request) -> CountsOut:
    """How many lines of each kind the lists have."""
    who = principal(request)
    at = clock.now()
    with db.transaction(who.acting) as session:
        db.tell_today(session, clock.civil_date(at))
        found = {
            of: queries.count_late(session, of, who=who, at=at)
            for of in rules.views_for(PositionKind(who.position_kind))
        }
        gave = queries.count_given(session, who=who)
    return CountsOut(
        most=rules.MOST_COUNTED,
        given=_counts(gave),
        late_mine=_counts(found[Of.MINE]),
        late_given=_counts(found[Of.GIVEN]),
        late_unit=_counts(found[Of.UNIT]) if Of.UNIT in found else [],
    )


class ItemIn(msgspec.Struct, frozen=True, kw_only=True):
    kind: Thing
    id: UUID


class NewBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A step on up to 200 things; the particulars are those that the step needs."""

    step: BulkStep
    items: list[ItemIn]
    particulars: Particulars = Particulars()


class OutcomeOut(msgspec.Struct, frozen=True, kw_only=True):
    kind: Thing
    id: UUID
    state: ItemState
    #: What was done, or why it was refused.
    said: str


class BatchOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    step: BulkStep
    begun_at: datetime
    items: list[OutcomeOut]


class BatchBegun(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


@post("/batches", sync_to_thread=True)
def begin(
    request: Request, data: JSONBody[NewBatch], once: NamedDependency[Once]
) -> Response[BatchBegun]:
    """Take a step on several things, one by one; each has its own outcome."""
    who = principal(request)
    at = clock.now()
    begun: list[UUID] = []

    def work(session: Session) -> BatchBegun:
        items = [Item(each.kind, each.id) for each in data.items]
        begun.append(batches.begin(session, data.step, items, data.particulars, by=who, at=at))
        return BatchBegun(id=begun[0])

    answer = once.answer(work, status=201, location=lambda out: f"/api/v1/desk/batches/{out.id}")
    for batch_id in begun:
        batches.run(batch_id, who=who, at=at)
    return answer


@get("/batches/{batch_id:uuid}", sync_to_thread=True)
def outcomes(request: Request, batch_id: FromPath[UUID]) -> BatchOut:
    """What became of each thing; `waiting` where the step was interrupted."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        batch = batches.seen(session, batch_id, who=who)
    return BatchOut(
        id=batch.id,
        step=batch.step,
        begun_at=batch.begun_at,
        items=[
            OutcomeOut(kind=each.item.kind, id=each.item.id, state=each.state, said=each.said)
            for each in batch.items
        ],
    )


def _page(request: Request, rows: list[Line], most: int) -> Page[LineOut]:
    shown = Page.of(request, rows, limit=most, key=lambda line: line.place)
    return Page(
        items=[
            LineOut(
                kind=each.kind,
                id=each.id,
                path=each.path,
                arrival_id=each.arrival_id,
                code=each.code,
                subject=each.subject,
                holder=each.holder,
                last_step=each.last_step,
                since=each.since,
                due_on=each.due_on,
                days_late=each.days_late,
            )
            for each in shown.items
        ],
        next_cursor=shown.next_cursor,
    )


def _counts(counts: Counts) -> list[KindCount]:
    return [KindCount(kind=kind, count=number) for kind, number in counts.of.items()]


router = Router(
    "/api/v1/desk",
    route_handlers=[given, late, counts, begin, outcomes, *signature_http.HANDLERS],
    tags=["desk"],
)
