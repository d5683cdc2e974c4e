"""Sổ sách: what awaits my signature, my classes, and the routes of the slice's pages."""

from __future__ import annotations

from litestar import Response, Router, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.classes import department_pages, rules
from eoffice.marks import marks_pages
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind, UnitKind
from eoffice.registers import (
    attendance_pages,
    book_pages,
    class_pages,
    class_queries,
    correction_pages,
    correction_queries,
    correction_states,
    gradebook_pages,
    gradebook_queries,
    pupil_pages,
    results_pages,
    states,
    teacher_pages,
    waiting,
)
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal


@get("/registers", sync_to_thread=True)
def listing(request: Request, year: FromQuery[str] = "") -> Response[bytes]:
    """Sổ sách: what awaits my signature, and the classes."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = class_queries.classes(session, who)
        awaited = gradebook_queries.awaiting(session, who)
        decisions = correction_queries.awaiting(session, who)
        answered = correction_queries.answered(session, who, at=clock.now())
        is_school = people.unit(session, who.agency_id).kind is UnitKind.SCHOOL
    years = sorted({row.school_year for row in rows}, reverse=True)
    return page(
        request,
        "registers/list.html",
        awaited=awaited,
        decisions=decisions,
        answered=answered,
        correction_names=correction_states.NAMES,
        may_open=is_school and PositionKind(who.position_kind) in rules.OFFICE,
        may_count=PositionKind(who.position_kind) in rules.SUPERIORS | rules.OFFICE,
        rows=[row for row in rows if year in ("", row.school_year)],
        schools=len({row.school_id for row in rows}),
        chips=[("Tất cả năm học", "/registers", year == "")]
        + [(each, f"/registers?year={each}", each == year) for each in years],
        names=states.NAMES,
        tones=waiting.TONES,
    )


pages = Router(
    "/",
    route_handlers=[
        listing,
        class_pages.show_class,
        *pupil_pages.HANDLERS,
        *department_pages.HANDLERS,
        *teacher_pages.HANDLERS,
        *book_pages.HANDLERS,
        results_pages.upload,
        marks_pages.template,
        marks_pages.show_import,
        marks_pages.accept,
        results_pages.show_results,
        class_pages.show_conduct,
        class_pages.record_conduct,
        class_pages.show_attendance,
        class_pages.record_attendance,
        *attendance_pages.HANDLERS,
        class_pages.write_remark,
        gradebook_pages.request_gradebook,
        gradebook_pages.show_gradebook,
        gradebook_pages.progress,
        gradebook_pages.content,
        gradebook_pages.page_image,
        gradebook_pages.sign,
        gradebook_pages.send_back,
        *correction_pages.HANDLERS,
    ],
    include_in_schema=False,
)
