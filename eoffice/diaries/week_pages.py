"""A week of a class's diary: read, closed, opened again, inspected; the class's timetable."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.diaries import actions, queries, rules, timetable_actions
from eoffice.diaries.lesson_pages import DIARIES
from eoffice.diaries.rules import HALF_DAY_NAMES, WEEK_STATE_NAMES, WEEKDAY_NAMES
from eoffice.errors import Refusal
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

CLASS = DIARIES + "/{class_id:uuid}"


class CloseForm(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    remark: str = ""
    despite_missing: bool = False


class ReopenForm(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    because: str
    days: int
    as_correction: bool = False


class InspectionForm(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    text: str


class TimetableForm(msgspec.Struct, frozen=True, kw_only=True):
    from_on: date
    grid: str


@get(CLASS, sync_to_thread=True)
def show_week(
    request: Request,
    class_id: FromPath[UUID],
    day: FromQuery[date | None] = None,
    taken_out: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Sổ ghi đầu bài của lớp, một tuần."""
    return week(request, class_id, day or _today(), FormState(), taken_out=taken_out)


@post(CLASS + "/close", sync_to_thread=True)
def close(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Chốt tuần."""
    day = day_of(form)

    def work(session: Session) -> See:
        entered = form.parse(CloseForm)
        actions.close_week(
            session, class_id, entered.day, entered.remark,
            despite_missing=entered.despite_missing, by=principal(request), at=clock.now(),
        )  # fmt: skip
        return See(address(class_id, day), said="Đã chốt tuần.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return week(request, class_id, day, form.refused(refusal), status=refusal.status)


@post(CLASS + "/reopening", sync_to_thread=True)
def reopen(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Mở lại tuần đã chốt."""
    day = day_of(form)

    def work(session: Session) -> See:
        entered = form.parse(ReopenForm)
        actions.reopen_week(
            session, class_id, entered.day, entered.because, days=entered.days,
            as_correction=entered.as_correction, by=principal(request), at=clock.now(),
        )  # fmt: skip
        return See(address(class_id, day), said="Đã mở lại tuần.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return week(request, class_id, day, form.refused(refusal), status=refusal.status)


@post(CLASS + "/inspection", sync_to_thread=True)
def inspect(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ghi kiểm tra tháng."""
    day = day_of(form)

    def work(session: Session) -> See:
        entered = form.parse(InspectionForm)
        actions.inspect_month(
            session, class_id, entered.day, entered.text, by=principal(request), at=clock.now()
        )
        return See(address(class_id, day), said="Đã ghi kiểm tra tháng.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return week(request, class_id, day, form.refused(refusal), status=refusal.status)


@post(CLASS + "/timetable", sync_to_thread=True)
def set_timetable(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ghi thời khóa biểu dán từ bảng tính."""

    def work(session: Session) -> See:
        entered = form.parse(TimetableForm)
        count = timetable_actions.set_timetable(
            session, class_id, entered.from_on, entered.grid, by=principal(request), at=clock.now()
        )
        return See(f"{DIARIES}/{class_id}", said=f"Đã ghi thời khóa biểu, {count} tiết một tuần.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return week(request, class_id, _today(), form.refused(refusal), status=refusal.status)


def _today() -> date:
    return clock.civil_date(clock.now())


def day_of(form: Form) -> date:
    """The week the form stands on; today's where the field is no day."""
    try:
        return date.fromisoformat(form["day"])
    except ValueError:
        return _today()


def address(class_id: UUID, day: date) -> str:
    return f"{DIARIES}/{class_id}?day={day.isoformat()}"


def week(
    request: Request,
    class_id: UUID,
    day: date,
    form: FormState,
    *,
    status: int = 200,
    taken_out: str | None = None,
) -> Response[bytes]:
    """The page; `taken_out` names the line whose deletion is asked for: day-half-number."""
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        seen = queries.week(session, who, class_id, day, at=at)
        team, actor = staff_queries.staff(session, class_id), staff_queries.actor(who)
        months = queries.months(session, class_id)
    may_delete = {
        f"{one.on}-{one.place.half}-{one.place.number}": one
        for one in seen.lessons
        if one.is_written
        and actor.agency_id == team.school_id
        and actor.person_id in (one.teacher_id, team.homeroom_teacher_id)
        and (seen.state, rules.WeekStep.DELETE) in rules.WEEK_STEPS
    }
    steps = {step for state, step in rules.WEEK_STEPS if state is seen.state}
    return page(
        request,
        "diaries/week.html",
        section="registers",
        status=status,
        form=form,
        here=f"{DIARIES}/{class_id}",
        week=seen,
        day=day,
        today=clock.civil_date(at),
        last=seen.monday + timedelta(days=6),
        before=seen.monday - timedelta(days=7),
        after=seen.monday + timedelta(days=7),
        state=WEEK_STATE_NAMES[seen.state],
        halves=HALF_DAY_NAMES,
        weekdays=WEEKDAY_NAMES,
        months=months,
        may_delete=may_delete,
        taken_out=may_delete.get(taken_out or ""),
        may_close=class_rules.may_keep_homeroom_parts(actor, team)
        and rules.WeekStep.CLOSE in steps,
        may_reopen=class_rules.may_lead(actor, team) and rules.WeekStep.REOPEN in steps,
        may_lead=class_rules.may_lead(actor, team),
        may_plan=class_rules.may_open_classes(actor, team.school_id),
        may_read_homeroom=rules.may_read_homeroom_book(actor, team),
    )


HANDLERS = (show_week, close, reopen, inspect, set_timetable)
