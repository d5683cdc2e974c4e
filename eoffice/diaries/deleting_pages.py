"""The step that takes a line out of the diary: its form stands on the page of the week."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.diaries import deleting_actions, week_pages
from eoffice.diaries.rules import HalfDay, Place
from eoffice.errors import Refusal
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See
from eoffice.web.principal import Request, principal


class DeletionForm(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    half: HalfDay
    number: int
    because: str = ""


@post(week_pages.CLASS + "/lessons/deletion", sync_to_thread=True)
def delete(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Xóa tiết ghi nhầm."""
    day = week_pages.day_of(form)

    def work(session: Session) -> See:
        entered = form.parse(DeletionForm)
        deleting_actions.delete_lesson(
            session, class_id, entered.day, Place(entered.half, entered.number), entered.because,
            by=principal(request), at=clock.now(),
        )  # fmt: skip
        return See(week_pages.address(class_id, day), said="Đã xóa tiết ghi nhầm.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return week_pages.week(
            request, class_id, day, form.refused(refusal), status=refusal.status,
            taken_out=f"{form['day']}-{form['half']}-{form['number']}",
        )  # fmt: skip


HANDLERS = (delete,)
