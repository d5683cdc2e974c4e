"""A teacher's own lessons of a day: one form for each, kept while it is typed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import queries as classes
from eoffice.diaries import actions, bell_queries, keeping, queries
from eoffice.diaries.actions import NewLesson
from eoffice.diaries.queries import LessonSeen
from eoffice.diaries.rules import HALF_DAY_NAMES, LOOK_BACK, WEEKDAY_NAMES, HalfDay, Place
from eoffice.errors import Refusal
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

DIARIES: Final = "/registers/diaries"
MINE: Final = DIARIES + "/mine"
#: What a teacher types for a lesson, by field.
TYPED: Final = {
    "plan_number": "Tiết PPCT",
    "title": "Tên bài, nội dung",
    "remark": "Nhận xét",
    "rating": "Xếp loại tiết học",
}


class LessonForm(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    half: HalfDay
    number: int
    subject: str
    title: str = ""
    plan_number: int | None = None
    remark: str = ""
    rating: str = ""
    as_substitute: bool = False


@get(MINE, sync_to_thread=True)
def show_mine(
    request: Request,
    day: FromQuery[date | None] = None,
    instead: FromQuery[UUID | None] = None,
) -> Response[bytes]:
    """Tiết dạy của tôi trong một ngày, và các tiết chưa ghi."""
    return _mine(request, day or clock.civil_date(clock.now()), FormState(), instead=instead)


@post(DIARIES + "/{class_id:uuid}/lessons", sync_to_thread=True)
def confirm(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Xác nhận tiết dạy."""
    day = clock.civil_date(clock.now())

    def work(session: Session) -> See:
        new = _read(form, is_confirmed=True)
        actions.write_lesson(session, class_id, new, by=principal(request), at=clock.now())
        return See(f"{MINE}?day={new.on.isoformat()}", said="Đã xác nhận tiết dạy.")

    try:
        day = form.parse(LessonForm).on
        return once.see(work)
    except Refusal as refusal:
        taken_over = class_id if form["as_substitute"] else None
        return _mine(request, day, form.refused(refusal), instead=taken_over, status=refusal.status)


@post(DIARIES + "/{class_id:uuid}/drafts", sync_to_thread=True)
def keep(
    request: Request, class_id: FromPath[UUID], form: NamedDependency[Form]
) -> Response[bytes]:
    """Keep what is being typed; it is not signed off by this."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.write_lesson(
            session, class_id, _read(form, is_confirmed=False), by=who, at=clock.now()
        )
    return Response(b"", status_code=204)


def _read(form: Form, *, is_confirmed: bool) -> NewLesson:
    entered = form.parse(LessonForm)
    return NewLesson(
        on=entered.on,
        place=Place(entered.half, entered.number),
        subject=entered.subject,
        title=entered.title,
        plan_number=entered.plan_number,
        remark=entered.remark,
        rating=entered.rating,
        absent=dict.fromkeys(form.all("with_leave"), True)
        | dict.fromkeys(form.all("without_leave"), False),
        as_substitute=entered.as_substitute,
        is_confirmed=is_confirmed,
    )


def _mine(
    request: Request,
    day: date,
    form: FormState,
    *,
    instead: UUID | None = None,
    status: int = 200,
) -> Response[bytes]:
    who, now = principal(request), clock.now()
    today = clock.civil_date(now)
    with db.transaction(who.acting) as session:
        rows = queries.mine(session, who, day, day)
        planned = queries.planned_classes(session, who, day)
        if instead is not None:
            rows += queries.instead(session, who, instead, day)
        late = [
            one
            for one in queries.mine(session, who, today - LOOK_BACK, today - timedelta(days=1))
            if one.confirmed_at is None
        ]
        pupils = {
            class_id: [(one.code, one.name) for one in classes.pupils_of(session, class_id)]
            for class_id in {one.class_id for one in rows}
        }
        numbers = {
            (one.class_id, one.subject): queries.next_plan_number(
                session, one.class_id, one.subject
            )
            for one in rows
        }
        settings = keeping.settings_on(session, who.agency_id, day)
        times = bell_queries.times_on(session, who, day)
        ratings = [one["name"] for one in settings.ratings] if settings else []
    return page(
        request,
        "diaries/mine.html",
        section="registers",
        status=status,
        form=form,
        day=day,
        today=today,
        weekday=WEEKDAY_NAMES[day.weekday()],
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        lessons=rows,
        lost=_lost(form, rows),
        late=late,
        pupils=pupils,
        numbers=numbers,
        ratings=ratings,
        times=times,
        halves=HALF_DAY_NAMES,
        planned=planned,
        instead=instead,
    )


def _lost(form: FormState, rows: list[LessonSeen]) -> list[tuple[str, str]]:
    """What was typed for a lesson that the page does not show: somebody else wrote it by now."""
    shown = {f"{one.class_id}-{one.place.half}-{one.place.number}" for one in rows}
    if not form.value("lesson") or form.value("lesson") in shown:
        return []
    pupils = ", ".join([*form.all("with_leave"), *form.all("without_leave")])
    typed = [(label, form.value(name)) for name, label in TYPED.items()]
    return [one for one in [*typed, ("Học sinh vắng", pupils)] if one[1]]


HANDLERS = (show_mine, confirm, keep)
