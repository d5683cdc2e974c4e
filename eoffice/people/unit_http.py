"""Units and groups of units for programs."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Invalid, NotAllowed
from eoffice.people import (
    account_http,
    queries,
    unit_actions,
)
from eoffice.people.account_http import AppointmentOut, Line
from eoffice.people.groups import GROUPS
from eoffice.people.kinds import (
    PositionKind,
    SchoolLevel,
    UnitKind,
)
from eoffice.people.views import UnitView
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page, bounded
from eoffice.web.principal import Request, principal

Short = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class UnitOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    organ_id: str | None
    code: str
    name: str
    notation: str
    kind: UnitKind
    level: SchoolLevel | None
    parent_id: UUID | None
    agency_id: UUID
    place: str
    valid_from: date
    valid_to: date | None


class NewUnit(msgspec.Struct, frozen=True, kw_only=True):
    code: Short
    name: Line
    kind: UnitKind
    place: Line
    valid_from: date
    level: SchoolLevel | None = None
    parent_id: UUID | None = None
    notation: Annotated[str, msgspec.Meta(max_length=64)] = ""
    organ_id: Annotated[str, msgspec.Meta(max_length=35)] | None = None
    letterhead_name: Line | None = None
    superior_name: Line | None = None


class NewName(msgspec.Struct, frozen=True, kw_only=True):
    name: Line
    since: date
    letterhead_name: Line | None = None
    superior_name: Line | None = None
    notation: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    place: Line | None = None


class NewOrganId(msgspec.Struct, frozen=True, kw_only=True):
    #: Null: it has none.
    organ_id: str | None


class NewParent(msgspec.Struct, frozen=True, kw_only=True):
    parent_id: UUID
    since: date


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    last_day: date
    successor_ids: list[UUID] = []


class GroupOut(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str


class Made(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


@get("/units", sync_to_thread=True, tags=["units"])
def units(
    request: Request,
    q: FromQuery[str] = "",
    kind: FromQuery[UnitKind | None] = None,
    below: FromQuery[UUID | None] = None,
    on: FromQuery[date | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[UnitOut]:
    """Units that exist on a day (today), by name; `q` without regard to diacritics."""
    who = principal(request)
    after = Cursor.read(request, cursor)
    limit = bounded(limit)
    with db.transaction(who.acting) as session:
        rows = queries.search_units(
            session,
            q,
            on=on or clock.civil_date(clock.now()),
            kinds=() if kind is None else (kind,),
            below_id=below,
            after=pair(after),
            limit=limit + 1,
        )
        keys = {row.id: queries.name_key(session, row) for row in rows[limit - 1 : limit]}
    found = Page.of(request, rows, limit=limit, key=lambda row: keys[row.id])
    return Page(items=[unit_out(row) for row in found.items], next_cursor=found.next_cursor)


@get("/units/{unit_id:uuid}", sync_to_thread=True, tags=["units"])
def unit(request: Request, unit_id: FromPath[UUID]) -> UnitOut:
    with db.transaction(principal(request).acting) as session:
        return unit_out(queries.unit(session, unit_id))


@get("/units/{unit_id:uuid}/persons", sync_to_thread=True, tags=["units"])
def persons_in(request: Request, unit_id: FromPath[UUID]) -> list[AppointmentOut]:
    """Who holds a position in a unit of one's own agency now."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        if (
            who.position_kind != PositionKind.OPERATOR
            and queries.unit(session, unit_id).agency_id != who.agency_id
        ):
            raise NotAllowed("Chỉ xem được danh sách cán bộ của cơ quan mình.")
        holders = queries.persons_in(session, unit_id, at=at)
    return [account_http.appointment_out(holder) for holder in holders]


@post("/units", sync_to_thread=True, tags=["units"])
def create_unit(
    request: Request, data: JSONBody[NewUnit], once: NamedDependency[Once]
) -> Response[Made]:
    """Enter a unit; operators."""
    who = principal(request)

    def work(session: Session) -> Made:
        unit_id = unit_actions.create_unit(
            session, **msgspec.structs.asdict(data), by=who, at=clock.now()
        )
        return Made(id=unit_id)

    return once.answer(work, status=201, location=lambda made: f"/api/v1/units/{made.id}")


@post("/units/{unit_id:uuid}/names", sync_to_thread=True, tags=["units"])
def rename_unit(
    request: Request,
    unit_id: FromPath[UUID],
    data: JSONBody[NewName],
    once: NamedDependency[Once],
) -> Response[UnitOut]:
    """The unit is called otherwise from a day on; operators."""
    who = principal(request)

    def work(session: Session) -> UnitOut:
        unit_actions.rename_unit(
            session, unit_id, **msgspec.structs.asdict(data), by=who, at=clock.now()
        )
        return unit_out(queries.unit(session, unit_id))

    return once.answer(work, status=201)


@put("/units/{unit_id:uuid}/organ-id", sync_to_thread=True, tags=["units"])
def set_organ_id(
    request: Request,
    unit_id: FromPath[UUID],
    data: JSONBody[NewOrganId],
    once: NamedDependency[Once],
) -> Response[UnitOut]:
    """The identifier under which the national exchange knows the unit; operators."""
    who = principal(request)

    def work(session: Session) -> UnitOut:
        unit_actions.set_organ_id(session, unit_id, data.organ_id or "", by=who, at=clock.now())
        session.flush()  # The answer reads what the step wrote.
        return unit_out(queries.unit(session, unit_id))

    return once.answer(work)


@post("/units/{unit_id:uuid}/parents", sync_to_thread=True, tags=["units"])
def move_unit(
    request: Request,
    unit_id: FromPath[UUID],
    data: JSONBody[NewParent],
    once: NamedDependency[Once],
) -> Response[UnitOut]:
    """The unit stands below another one from a day on; operators."""
    who = principal(request)

    def work(session: Session) -> UnitOut:
        unit_actions.move_unit(
            session, unit_id, parent_id=data.parent_id, since=data.since, by=who, at=clock.now()
        )
        return unit_out(queries.unit(session, unit_id))

    return once.answer(work, status=201)


@post("/units/{unit_id:uuid}/closure", sync_to_thread=True, tags=["units"])
def close_unit(
    request: Request,
    unit_id: FromPath[UUID],
    data: JSONBody[Closure],
    once: NamedDependency[Once],
) -> Response[UnitOut]:
    """The unit ends, and its successors take over; operators."""
    who = principal(request)

    def work(session: Session) -> UnitOut:
        unit_actions.close_unit(
            session,
            unit_id,
            last_day=data.last_day,
            successor_ids=data.successor_ids,
            by=who,
            at=clock.now(),
        )
        return unit_out(queries.unit(session, unit_id))

    return once.answer(work, status=201)


@get("/groups", sync_to_thread=True, tags=["units"])
def groups() -> list[GroupOut]:
    """Groups of recipients: each means the units below one's own agency."""
    return [GroupOut(code=group.code, name=group.name) for group in GROUPS]


@get("/groups/{code:str}/units", sync_to_thread=True, tags=["units"])
def units_of_group(
    request: Request, code: FromPath[str], on: FromQuery[date | None] = None
) -> list[UnitOut]:
    """The units that a group means on a day (today)."""
    who = principal(request)
    day = on or clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        found = queries.units_of_group(session, code, sender_agency_id=who.agency_id, on=day)
    return [unit_out(view) for view in found]


def unit_out(view: UnitView) -> UnitOut:
    return msgspec.convert(view, UnitOut, from_attributes=True)


def pair(key: tuple[str, ...] | None) -> tuple[str, str] | None:
    """Where a list goes on; None at its beginning. Raises Invalid."""
    if key is None:
        return None
    if len(key) != 2:
        raise Invalid("Trang tiếp theo không còn dùng được. Hãy mở lại danh sách từ đầu.")
    return key[0], key[1]
