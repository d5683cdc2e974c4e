"""Pages of a class: pupils and progress of marks, conduct, attendance, remarks."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.circulars import rule_set
from eoffice.assessment.year import ConductLevel, ConductTime, Need
from eoffice.audit import queries as audit
from eoffice.classes import opening_actions, rules, staff_queries
from eoffice.errors import Invalid, Refusal
from eoffice.marks import actions, upload_queries, years
from eoffice.marks import states as mark_states
from eoffice.marks.actions import NewAbsence
from eoffice.marks.results import Session as HalfDay
from eoffice.registers import attendance_pages, book_queries, class_queries, states, waiting
from eoffice.registers.book_kinds import BookKind, BookOf
from eoffice.registers.class_queries import ClassView
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Principal, Request, principal

CONDUCT_TIMES = {
    ConductTime.FIRST: "Học kì I",
    ConductTime.SECOND: "Học kì II",
    ConductTime.YEAR: "Cả năm",
    ConductTime.SUMMER: "Sau rèn luyện hè",
}
#: What can be chosen for a pupil in half a day: nothing, with leave, without.
_PRESENCE = (("", "Có mặt"), ("P", "Nghỉ có phép (P)"), ("K", "Nghỉ không phép (K)"))


class Remarked(msgspec.Struct, frozen=True, kw_only=True):
    month: date
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.LONGEST_REMARK)]


class Day(msgspec.Struct, frozen=True, kw_only=True):
    on: date


@get("/registers/classes/{class_id:uuid}", sync_to_thread=True)
def show_class(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """A class: pupils, subjects, progress of marks, and what I can do."""
    return class_page(request, class_id, FormState())


@get("/registers/classes/{class_id:uuid}/conduct", sync_to_thread=True)
def show_conduct(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """Kết quả rèn luyện, hạnh kiểm, at the times at which the circular has them judged."""
    return _conduct(request, class_id, None)


@post("/registers/classes/{class_id:uuid}/conduct", sync_to_thread=True)
def record_conduct(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Record the levels that were chosen; a blank leaves what there is."""
    who = principal(request)

    def work(session: Session) -> See:
        view = class_queries.school_class(session, class_id, who)
        for time in ConductTime:
            levels = {
                pupil.code: _level(form[f"{pupil.code}-{time.value}"])
                for pupil in view.pupils
                if form[f"{pupil.code}-{time.value}"]
            }
            if levels:
                actions.record_conduct(session, class_id, time, levels, by=who, at=clock.now())
        return See(f"/registers/classes/{class_id}", said="Đã ghi kết quả rèn luyện.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _conduct(request, class_id, form.refused(refusal), status=refusal.status)


@get("/registers/classes/{class_id:uuid}/attendance", sync_to_thread=True)
def show_attendance(
    request: Request, class_id: FromPath[UUID], on: FromQuery[date | None] = None
) -> Response[bytes]:
    """Who missed a day; today unless another is chosen."""
    return _attendance(request, class_id, on or clock.civil_date(clock.now()), None)


@post("/registers/classes/{class_id:uuid}/attendance", sync_to_thread=True)
def record_attendance(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Record the absences of one day, in place of what was there."""
    who = principal(request)
    on = form.parse(Day).on

    def work(session: Session) -> See:
        view = class_queries.school_class(session, class_id, who)
        chosen = [
            NewAbsence(pupil.code, on, half, excused=form[f"{pupil.code}-{half.value}"] == "P")
            for pupil in view.pupils
            for half in HalfDay
            if form[f"{pupil.code}-{half.value}"] in ("P", "K")
        ]
        actions.record_absences(
            session, class_id, chosen, first=on, last=on, by=who, at=clock.now()
        )
        return See(
            f"/registers/classes/{class_id}/attendance?on={on}",
            said=f"Đã ghi chuyên cần ngày {on:%d/%m/%Y}: {len(chosen)} buổi nghỉ.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        return _attendance(request, class_id, on, form.refused(refusal), status=refusal.status)


@post("/registers/classes/{class_id:uuid}/remarks", sync_to_thread=True)
def write_remark(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """The principal's remark for a month."""
    who = principal(request)
    try:
        entered = form.parse(Remarked)

        def work(session: Session) -> See:
            actions.write_remark(
                session, class_id, entered.month, entered.text, by=who, at=clock.now()
            )
            return See(f"/registers/classes/{class_id}", said="Đã ghi nhận xét vào sổ.")

        return once.see(work)
    except Refusal as refusal:
        return class_page(request, class_id, form.refused(refusal), status=refusal.status)


def class_page(
    request: Request, class_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    """The page of a class, with a form on it that was refused or that nobody has sent yet."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = class_queries.school_class(session, class_id, who)
        brought = upload_queries.imports(session, class_id, who)
        history = audit.history(session, "class", class_id)
        of = BookOf(BookKind.CLASS_BOOK, view.school_id, view.school_year, class_id=class_id)
        title = book_queries.name(session, of).title if view.gradebooks else ""
        unassigned = opening_actions.unassigned(session, class_id)
    actor = staff_queries.actor(who)
    return page(
        request,
        "registers/class.html",
        status=status,
        school_class=view,
        imports=brought,
        import_names=mark_states.IMPORT_NAMES,
        import_tones=mark_states.IMPORT_TONES,
        names=states.NAMES,
        tones=waiting.TONES,
        book_title=title,
        form=form,
        unassigned=list(unassigned.values()),
        may_assign=rules.may_open_classes(actor, view.school_id),
        has_traits=bool(rule_set(view.rule_set).trait_names),
        conduct_counts=[(CONDUCT_TIMES[time], len(view.conduct[time])) for time in view.conduct],
        may_upload=_may_upload(view, who) and not view.is_bound,
        keeps_homeroom=rules.may_keep_homeroom_parts(actor, view.staff) and not view.is_bound,
        may_request=(
            rules.may_keep_homeroom_parts(actor, view.staff) or rules.may_lead(actor, view.staff)
        )
        and not view.is_bound,
        may_hand_out=rules.may_keep_homeroom_parts(actor, view.staff)
        or rules.may_open_classes(actor, view.school_id),
        may_remark=rules.may_lead(actor, view.staff) and not view.is_bound,
        this_month=clock.civil_date(clock.now()).replace(day=1),
        history=history,
    )


def _conduct(
    request: Request, class_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = class_queries.school_class(session, class_id, who)
        year = years.of_class(session, class_id)
    if form is None:
        form = FormState.of(
            **{
                f"{code}-{time.value}": level.value
                for time, levels in view.conduct.items()
                for code, level in levels.items()
            }
        )
    trained = {
        code for code, outcome in year.outcomes.items() if Need.CONDUCT_TRAINING in outcome.needs
    }
    return page(
        request,
        "registers/conduct.html",
        status=status,
        school_class=view,
        form=form,
        circular=year.rule_set.circular,
        is_computed=ConductTime.YEAR not in year.rule_set.conduct_times,
        times=[(time.value, CONDUCT_TIMES[time]) for time in year.rule_set.conduct_times],
        trained=trained,
        levels=[(word.code, word.text) for word in year.rule_set.conduct_levels],
        may_write=rules.may_keep_homeroom_parts(staff_queries.actor(who), view.staff)
        and not view.is_bound,
    )


def _attendance(
    request: Request, class_id: UUID, on: date, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = class_queries.school_class(session, class_id, who)
        offered = attendance_pages.offered(session, view, on)
    if form is None:
        form = FormState.of(
            on=on,
            **{
                f"{absence.pupil_code}-{absence.session.value}": "P" if absence.excused else "K"
                for absence in view.absences
                if absence.on == on
            },
        )
    counted = {pupil.code: 0 for pupil in view.pupils}
    for absence in view.absences:
        counted[absence.pupil_code] += 1
    return page(
        request,
        "registers/attendance.html",
        status=status,
        school_class=view,
        on=on,
        form=form,
        presence=_PRESENCE,
        halves=[(HalfDay.MORNING.value, "Sáng"), (HalfDay.AFTERNOON.value, "Chiều")],
        counted=counted,
        offered=offered,
        names={pupil.code: pupil.name for pupil in view.pupils},
        may_write=rules.may_keep_homeroom_parts(staff_queries.actor(who), view.staff)
        and not view.is_bound,
    )


def _may_upload(view: ClassView, who: Principal) -> bool:
    actor = staff_queries.actor(who)
    return any(
        rules.may_enter_marks(actor, view.staff, {subject.code}) for subject in view.subjects
    )


def _level(value: str) -> ConductLevel:
    try:
        return ConductLevel(value)
    except ValueError as error:
        raise Invalid("Hãy chọn mức rèn luyện trong danh sách.") from error
