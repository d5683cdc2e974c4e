"""The page on which operators keep the calendar of working days."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Refusal
from eoffice.people import working_days_actions, working_days_queries
from eoffice.people.kinds import PositionKind
from eoffice.people.working_days import DAY_KIND_NAMES, DayKind
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

WEEKDAYS: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
KINDS: Final = tuple((kind.value, name) for kind, name in DAY_KIND_NAMES.items())


class DaysForm(msgspec.Struct, frozen=True, kw_only=True):
    first_day: date
    last_day: date | None = None
    kind: DayKind
    name: str
    decision: str


@get("/admin/working-days", sync_to_thread=True)
def calendar(request: Request, year: FromQuery[int | None] = None) -> Response[bytes]:
    """The days of a year that decisions set; operators change them."""
    chosen = year or clock.civil_date(clock.now()).year
    return _calendar_page(request, chosen, FormState.of(kind=DayKind.DAY_OFF.value))


@post("/admin/working-days", sync_to_thread=True)
def set_days(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Enter the days of a decision."""
    who = principal(request)
    try:
        entered = form.parse(DaysForm)

        def work(session: Session) -> See:
            days = working_days_actions.set_days(
                session,
                entered.first_day,
                entered.last_day,
                kind=entered.kind,
                name=entered.name,
                decision=entered.decision,
                by=who,
                at=clock.now(),
            )
            return See(
                f"/admin/working-days?year={days[0].year}",
                said=f"Đã ghi {len(days)} ngày vào lịch làm việc.",
            )

        return once.see(work)
    except Refusal as refusal:
        year = clock.civil_date(clock.now()).year
        return _calendar_page(request, year, form.refused(refusal), status=refusal.status)


@post("/admin/working-days/{day:date}/removal", sync_to_thread=True)
def take_out(request: Request, day: FromPath[date], once: NamedDependency[Once]) -> Response[bytes]:
    """Take one day out again."""
    who = principal(request)

    def work(session: Session) -> See:
        working_days_actions.take_out(session, day, by=who, at=clock.now())
        return See(
            f"/admin/working-days?year={day.year}", said=f"Đã bỏ ngày {day:%d/%m/%Y} khỏi lịch."
        )

    return once.see(work)


def _calendar_page(
    request: Request, year: int, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    today = clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        days = working_days_queries.days_of(session, year)
        known = working_days_queries.years(session)
    return page(
        request,
        "people/working_days.html",
        section="admin",
        status=status,
        form=form,
        year=year,
        years=sorted({*known, today.year, today.year + 1, year}, reverse=True),
        days=[(each, WEEKDAYS[each.day.weekday()]) for each in days],
        kinds=KINDS,
        kind_names=DAY_KIND_NAMES,
        may_change=who.position_kind == PositionKind.OPERATOR,
    )


HANDLERS = (calendar, set_days, take_out)
