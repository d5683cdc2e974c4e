"""The JSON interface of rolls: enrolment register, moves, graduations; and that of certificates."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.rolls import (
    certificate_http,
    enrolment_actions,
    enrolment_queries,
    graduation_actions,
    move_actions,
    move_queries,
)
from eoffice.rolls.certificate_http import Counted, Text
from eoffice.rolls.graduation_actions import NewGraduation
from eoffice.rolls.rules import Direction
from eoffice.web import paging
from eoffice.web.idempotency import Once
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal


class NewRoll(msgspec.Struct, frozen=True, kw_only=True):
    first_number: int
    suffix: Text = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID | None = None


class EnteredOut(msgspec.Struct, frozen=True, kw_only=True):
    first: int
    last: int
    count: int


class Why(msgspec.Struct, frozen=True, kw_only=True):
    why: Text


class EnrolmentLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    number: int
    shown: str
    pupil_id: UUID | None
    admitted_on: date | None
    class_name: str
    code: str
    personal_id: str
    name: str
    born_on: date | None
    sex: str
    birthplace: str
    hometown: str
    ethnicity: str
    religion: str
    nationality: str
    address: str
    permanent_address: str
    father: str
    mother: str
    came_from: str
    note: str
    annulled_because: str | None
    changes: tuple[str, ...]
    endings: tuple[str, ...]


class MoveOut(msgspec.Struct, frozen=True, kw_only=True):
    movement_id: UUID
    pupil_id: UUID
    direction: Direction
    number: int
    on: date
    enrolment_number: str
    code: str
    name: str
    born_on: date
    class_name: str
    other_school: str
    reason: str
    decision: str
    papers: str
    papers_on: date | None
    papers_with: str
    note: str


class Papers(msgspec.Struct, frozen=True, kw_only=True):
    papers: Text
    papers_on: date | None = None
    papers_with: Text = ""
    note: Text = ""


class GraduationIn(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    decision: Text
    #: Pupil -> grading, "" where there is none.
    gradings: dict[UUID, Text]


@get("/enrolment-lines", sync_to_thread=True)
def enrolment_lines(
    request: Request,
    q: FromQuery[str] = "",
    school_year: FromQuery[str] = "",
    school_id: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Page[EnrolmentLineOut]:
    """The enrolment register of the school, or of one below the agency, by number."""
    who, after, limit = principal(request), Cursor.read(request, cursor), paging.bounded(limit)
    with db.transaction(who.acting) as session:
        rows = enrolment_queries.lines(
            session,
            who,
            school_id or who.agency_id,
            text=q,
            school_year=school_year,
            after=int(after[0]) if after else 0,
            limit=limit + 1,
        )
    return Page.of(
        request, [_line(row) for row in rows], limit=limit, key=lambda one: (str(one.number),)
    )


@post("/enrolment-roll", sync_to_thread=True)
def open_roll(
    request: Request, data: JSONBody[NewRoll], once: NamedDependency[Once]
) -> Response[None]:
    """Open the register with its first number."""

    def work(session: Session) -> None:
        enrolment_actions.open_roll(
            session, data.first_number, data.suffix, by=principal(request), at=clock.now()
        )

    return once.answer(work, status=200)


@post("/enrolment-roll/entries", sync_to_thread=True)
def enter(
    request: Request, data: JSONBody[Entry], once: NamedDependency[Once]
) -> Response[EnteredOut]:
    """Give numbers to everybody of the school or class who has none."""

    def work(session: Session) -> EnteredOut:
        given = enrolment_actions.enter_all(
            session, data.class_id, by=principal(request), at=clock.now()
        )
        return EnteredOut(first=given.first, last=given.last, count=given.count)

    return once.answer(work, status=200)


@post("/enrolment-lines/{line_id:uuid}/annulment", sync_to_thread=True)
def annul(
    request: Request, line_id: FromPath[UUID], data: JSONBody[Why], once: NamedDependency[Once]
) -> Response[None]:
    """Annul a number that was given by mistake; it is not given again."""

    def work(session: Session) -> None:
        enrolment_actions.annul(session, line_id, data.why, by=principal(request), at=clock.now())

    return once.answer(work, status=200)


@post("/classes/{class_id:uuid}/graduation", sync_to_thread=True)
def graduate(
    request: Request,
    class_id: FromPath[UUID],
    data: JSONBody[GraduationIn],
    once: NamedDependency[Once],
) -> Response[Counted]:
    """Note who of a class of the last grade finished, by a decision."""

    def work(session: Session) -> Counted:
        new = NewGraduation(data.on, data.decision, data.gradings)
        count = graduation_actions.graduate(
            session, class_id, new, by=principal(request), at=clock.now()
        )
        return Counted(count=count)

    return once.answer(work, status=200)


@get("/moves", sync_to_thread=True)
def moves(
    request: Request,
    school_year: FromQuery[str],
    direction: FromQuery[Direction | None] = None,
    school_id: FromQuery[UUID | None] = None,
) -> list[MoveOut]:
    """The book of pupils who came from and went to other schools, of a school year."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = move_queries.moves(
            session, who, school_id or who.agency_id, school_year, direction=direction
        )
    return [MoveOut(**{f: getattr(row, f) for f in MoveOut.__struct_fields__}) for row in rows]


@post("/moves/entries", sync_to_thread=True)
def enter_moves(request: Request, once: NamedDependency[Once]) -> Response[Counted]:
    """Give every movement between schools that has none its number in the year."""

    def work(session: Session) -> Counted:
        count = move_actions.enter_missing(session, by=principal(request), at=clock.now())
        return Counted(count=count)

    return once.answer(work, status=200)


@post("/moves/{movement_id:uuid}/papers", sync_to_thread=True)
def papers(
    request: Request,
    movement_id: FromPath[UUID],
    data: JSONBody[Papers],
    once: NamedDependency[Once],
) -> Response[None]:
    """Which papers were handed over or came."""

    def work(session: Session) -> None:
        move_actions.papers(
            session,
            movement_id,
            what=data.papers,
            on=data.papers_on,
            with_whom=data.papers_with,
            note=data.note,
            by=principal(request),
            at=clock.now(),
        )

    return once.answer(work, status=200)


def _line(row: enrolment_queries.Line) -> EnrolmentLineOut:
    beside = ("changes", "endings")
    kept = [name for name in EnrolmentLineOut.__struct_fields__ if name not in beside]
    return EnrolmentLineOut(
        **{name: getattr(row, name) for name in kept},
        changes=tuple(each.text for each in row.changes),
        endings=tuple(each.text for each in row.endings),
    )


router = Router(
    "/api/v1",
    route_handlers=[
        enrolment_lines,
        open_roll,
        enter,
        annul,
        graduate,
        moves,
        enter_moves,
        papers,
        *certificate_http.HANDLERS,
    ],
    tags=["rolls"],
)
