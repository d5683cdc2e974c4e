"""The calendar of working days for programs."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.people import working_days_actions, working_days_queries
from eoffice.people.working_days import DayKind
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


class DayOut(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    kind: DayKind
    name: str
    decision: str
    recorded_by: str
    recorded_at: datetime


class NewDays(msgspec.Struct, frozen=True, kw_only=True):
    first_day: date
    #: Null: one day only.
    last_day: date | None = None
    kind: DayKind
    name: str
    decision: str


class TakenOut(msgspec.Struct, frozen=True, kw_only=True):
    day: date


@get("/working-days", sync_to_thread=True, tags=["working-days"])
def working_days_of(request: Request, year: FromQuery[int | None] = None) -> list[DayOut]:
    """Days off and days made up of a year (this one), as decisions set them."""
    who = principal(request)
    chosen = year or clock.civil_date(clock.now()).year
    with db.transaction(who.acting) as session:
        return _days(session, chosen)


@post("/working-days", sync_to_thread=True, tags=["working-days"])
def set_days(
    request: Request, data: JSONBody[NewDays], once: NamedDependency[Once]
) -> Response[list[DayOut]]:
    """Enter the days of a decision: all or none."""
    who = principal(request)

    def work(session: Session) -> list[DayOut]:
        days = working_days_actions.set_days(
            session,
            data.first_day,
            data.last_day,
            kind=data.kind,
            name=data.name,
            decision=data.decision,
            by=who,
            at=clock.now(),
        )
        years = sorted({day.year for day in days})
        return [each for year in years for each in _days(session, year) if each.day in days]

    return once.answer(work, status=201)


@delete("/working-days/{day:date}", sync_to_thread=True, status_code=200, tags=["working-days"])
def take_out(
    request: Request, day: FromPath[date], once: NamedDependency[Once]
) -> Response[TakenOut]:
    """Take a day out of the calendar."""
    who = principal(request)

    def work(session: Session) -> TakenOut:
        working_days_actions.take_out(session, day, by=who, at=clock.now())
        return TakenOut(day=day)

    return once.answer(work, status=200)


def _days(session: Session, year: int) -> list[DayOut]:
    return [
        msgspec.convert(each, DayOut, from_attributes=True)
        for each in working_days_queries.days_of(session, year)
    ]
