"""What lessons say of attendance, taken over into the attendance of a class by one button.

Diaries and marks do not know one another: this page stands above both.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.diaries import queries as diaries
from eoffice.errors import Invalid
from eoffice.marks import actions
from eoffice.marks.actions import NewAbsence
from eoffice.marks.results import Session as HalfDay
from eoffice.registers import class_queries
from eoffice.registers.class_queries import ClassView
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See
from eoffice.web.principal import Request, principal


class Day(msgspec.Struct, frozen=True, kw_only=True):
    on: date


def offered(session: Session, view: ClassView, on: date) -> list[NewAbsence]:
    """Absences of the diary on a day of which attendance has nothing yet.

    What the homeroom teacher wrote goes before the diary: a letter of the parents may have come.
    """
    there = {(one.pupil_code, one.session) for one in view.absences if one.on == on}
    return [
        NewAbsence(one.pupil_code, on, HalfDay(one.half.value), one.excused)
        for one in diaries.daily_absences(session, view.id, on, on)
        if (one.pupil_code, HalfDay(one.half.value)) not in there
    ]


@post("/registers/classes/{class_id:uuid}/attendance/diary", sync_to_thread=True)
def take_over(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Lấy chuyên cần từ sổ ghi đầu bài."""
    who = principal(request)
    on = form.parse(Day).on

    def work(session: Session) -> See:
        view = class_queries.school_class(session, class_id, who)
        new = offered(session, view, on)
        if not new:
            raise Invalid("Sổ ghi đầu bài không có buổi nghỉ nào chưa ghi của ngày này.")
        kept = [
            NewAbsence(one.pupil_code, one.on, one.session, one.excused)
            for one in view.absences
            if one.on == on
        ]
        actions.record_absences(
            session, class_id, [*kept, *new], first=on, last=on, by=who, at=clock.now()
        )
        return See(
            f"/registers/classes/{class_id}/attendance?on={on}",
            said=f"Đã lấy {len(new)} buổi nghỉ ngày {on:%d/%m/%Y} từ sổ ghi đầu bài.",
        )

    return once.see(work)


HANDLERS = (take_over,)
