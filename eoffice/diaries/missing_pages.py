"""The list of lessons that nobody signed off, of a school or a class, as a page and as .xlsx."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.diaries import missing_queries
from eoffice.diaries.lesson_pages import DIARIES
from eoffice.diaries.missing_queries import Missing
from eoffice.diaries.rules import HALF_DAY_NAMES, LOOK_BACK, WEEKDAY_NAMES
from eoffice.people import queries as people
from eoffice.printing import table_files
from eoffice.printing.printed_table import Align, Column, Table
from eoffice.printing.table_files import Format
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal

COLUMNS: Final = (
    Column("Lớp", 8, Align.CENTER),
    Column("Thứ", 10, Align.CENTER),
    Column("Ngày", 12, Align.CENTER),
    Column("Buổi", 8, Align.CENTER),
    Column("Tiết", 6, Align.CENTER),
    Column("Môn", 24),
    Column("Giáo viên", 26),
    Column("Tình trạng", 12),
)


@get(DIARIES + "/missing", sync_to_thread=True)
def show_missing(
    request: Request,
    first: FromQuery[date | None] = None,
    last: FromQuery[date | None] = None,
    school_class: FromQuery[UUID | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 - the name in the address
) -> Response[bytes]:
    """Các tiết chưa xác nhận, hai tuần qua nếu không chọn ngày."""
    who, at = principal(request), clock.now()
    until = last or clock.civil_date(at)
    since = first or until - LOOK_BACK
    with db.transaction(who.acting) as session:
        found = missing_queries.missing(session, who, since, until, at=at, class_id=school_class)
        weeks = missing_queries.open_weeks(session, who, since, until, at=at, class_id=school_class)
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    if format is not None:
        return table_files.answer(
            _table(found, since, until), letterhead, format, name="tiet-chua-ghi",
            printed_by=who.full_name, at=at,
        )  # fmt: skip
    here = f"{DIARIES}/missing?first={since}&last={until}"
    return page(
        request,
        "diaries/missing.html",
        section="registers",
        first=since,
        last=until,
        school_class=school_class,
        lessons=found,
        weeks=weeks,
        halves=HALF_DAY_NAMES,
        weekdays=WEEKDAY_NAMES,
        workbook=here + (f"&school_class={school_class}" if school_class else "") + "&format=xlsx",
    )


def _table(found: list[Missing], first: date, last: date) -> Table:
    return Table(
        "Các tiết chưa ghi sổ đầu bài",
        COLUMNS,
        tuple(
            (
                one.class_name,
                WEEKDAY_NAMES[one.on.weekday()],
                one.on,
                HALF_DAY_NAMES[one.place.half],
                one.place.number,
                one.subject,
                one.teacher,
                "Đang ghi" if one.is_begun else "Chưa ghi",
            )
            for one in found
        ),
        notes=table_files.period_note(first, last),
    )


HANDLERS = (show_missing,)
