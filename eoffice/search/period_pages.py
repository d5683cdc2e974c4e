"""Thống kê theo thời gian: how many documents and case files there are, and how often looked at."""

from __future__ import annotations

from litestar import Response, Router, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.search import period_queries, rules
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal


@get("/search/counts", sync_to_thread=True)
def counts(
    request: Request, from_day: FromQuery[str] = "", to_day: FromQuery[str] = ""
) -> Response[bytes]:
    """Thống kê; without days, of this year until today."""
    who = principal(request)
    today = clock.civil_date(clock.now())
    until = rules.read_date(to_day) or today
    since = rules.read_date(from_day) or until.replace(month=1, day=1)
    since, until = min(since, until), max(since, until)
    with db.transaction(who.acting) as session:
        found = period_queries.counted(session, since, until, who=who)
    return page(
        request,
        "search/counts.html",
        section="",
        since=since,
        until=until,
        tables=[
            ("Văn bản đi", "Loại", found.outgoing),
            ("Văn bản đến", "Loại", found.incoming),
            ("Hồ sơ", "Tình trạng", found.case_files),
            ("Lượt truy cập", "Cách truy cập", found.looks),
        ],
    )


pages = Router("/", route_handlers=[counts], include_in_schema=False)
