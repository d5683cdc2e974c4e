"""Pages of the enrolment register: the list, a line, entering, and who finished school."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.audit import queries as audit
from eoffice.classes import queries as classes
from eoffice.classes import staff_queries
from eoffice.errors import Refusal
from eoffice.people import queries as people
from eoffice.printing import table_files
from eoffice.printing.table_files import Format
from eoffice.rolls import (
    enrolment_actions,
    enrolment_queries,
    graduation_actions,
    rules,
    schools,
    tables,
)
from eoffice.rolls.graduation_actions import NewGraduation
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor, Page
from eoffice.web.principal import Request, principal

ROLLS: Final = "/registers/rolls"
_LINES: Final = 50


class OpenForm(msgspec.Struct, frozen=True, kw_only=True):
    first_number: int
    suffix: str = ""


class EnterForm(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID | None = None


class WhyForm(msgspec.Struct, frozen=True, kw_only=True):
    why: str = ""


class GraduationForm(msgspec.Struct, frozen=True, kw_only=True):
    on: date
    decision: str
    pupils: tuple[UUID, ...] = ()


@get(ROLLS, sync_to_thread=True)
def show_roll(
    request: Request,
    q: FromQuery[str] = "",
    year: FromQuery[str] = "",
    school: FromQuery[UUID | None] = None,
    cursor: FromQuery[str | None] = None,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the name in the address
) -> Response[bytes]:
    """Sổ đăng bộ of a school; with `format` the printed list."""
    if format is None:
        return _roll(request, FormState(), q=q, year=year, school=school, cursor=cursor)
    who, at = principal(request), clock.now()
    school_id = school or who.agency_id
    with db.transaction(who.acting) as session:
        laid_out = tables.of_enrolment if format is Format.XLSX else tables.enrolment_on_paper
        table = laid_out(
            enrolment_queries.lines(session, who, school_id, text=q, school_year=year),
            school_year=year,
        )
        letterhead = people.letterhead(session, school_id, on=clock.civil_date(at))
    return table_files.answer(
        table, letterhead, format, name="so-dang-bo", printed_by=who.full_name, at=at
    )


@post(ROLLS, sync_to_thread=True)
def open_roll(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Mở sổ đăng bộ với số mở đầu."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(OpenForm)
        enrolment_actions.open_roll(
            session, entered.first_number, entered.suffix, by=who, at=clock.now()
        )
        return See(ROLLS, said=f"Đã mở sổ đăng bộ từ số {entered.first_number}.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _roll(request, form.refused(refusal), status=refusal.status)


@post(ROLLS + "/entries", sync_to_thread=True)
def enter(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Cấp số đăng bộ cho học sinh chưa có số."""
    who = principal(request)

    def work(session: Session) -> See:
        given = enrolment_actions.enter_all(
            session, form.parse(EnterForm).class_id, by=who, at=clock.now()
        )
        said = "Mọi học sinh được chọn đã có số đăng bộ."
        if given.count:
            said = f"Đã cấp {given.count} số đăng bộ, từ {given.first} đến {given.last}."
        return See(ROLLS, said=said)

    return once.see(work)


@get(ROLLS + "/{line_id:uuid}", sync_to_thread=True)
def show_line(request: Request, line_id: FromPath[UUID]) -> Response[bytes]:
    """A line with what changed after it was written."""
    return _line(request, line_id, FormState())


@post(ROLLS + "/{line_id:uuid}/annulment", sync_to_thread=True)
def annul(
    request: Request,
    line_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Hủy một số đăng bộ cấp nhầm."""
    who = principal(request)

    def work(session: Session) -> See:
        enrolment_actions.annul(session, line_id, form.parse(WhyForm).why, by=who, at=clock.now())
        return See(f"{ROLLS}/{line_id}", said="Đã hủy số đăng bộ; số này không cấp lại.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _line(request, line_id, form.refused(refusal), status=refusal.status)


@post(ROLLS + "/{line_id:uuid}/supplement", sync_to_thread=True)
def supplement(
    request: Request,
    line_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Bổ sung mục mà danh sách học sinh không có."""
    who = principal(request)

    def work(session: Session) -> See:
        given = {name: form[name] for name in enrolment_actions.SUPPLEMENTED}
        enrolment_actions.supplement(
            session, line_id, given, form["reason"], by=who, at=clock.now()
        )
        return See(f"{ROLLS}/{line_id}", said="Đã ghi.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _line(request, line_id, form.refused(refusal), status=refusal.status)


@get("/registers/classes/{class_id:uuid}/graduation", sync_to_thread=True)
def show_graduation(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """Who of a class of the last grade finished, by one decision."""
    return _graduation(request, class_id, None)


@post("/registers/classes/{class_id:uuid}/graduation", sync_to_thread=True)
def graduate(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Ghi quyết định công nhận tốt nghiệp, hoàn thành cấp học."""
    who = principal(request)

    def work(session: Session) -> See:
        entered = form.parse(GraduationForm)
        gradings = {pupil_id: form[f"grading_{pupil_id}"] for pupil_id in entered.pupils}
        count = graduation_actions.graduate(
            session,
            class_id,
            NewGraduation(entered.on, entered.decision, gradings),
            by=who,
            at=clock.now(),
        )
        return See(f"/registers/classes/{class_id}/graduation", said=f"Đã ghi {count} học sinh.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _graduation(request, class_id, form.refused(refusal), status=refusal.status)


def _roll(
    request: Request,
    form: FormState,
    *,
    q: str = "",
    year: str = "",
    school: UUID | None = None,
    cursor: str | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    school_id = school or who.agency_id
    after = Cursor.read(request, cursor)
    with db.transaction(who.acting) as session:
        roll = enrolment_queries.roll(session, who, school_id)
        rows = enrolment_queries.lines(
            session,
            who,
            school_id,
            text=q,
            school_year=year,
            after=int(after[0]) if after else 0,
            limit=_LINES + 1,
        )
        years = enrolment_queries.years(session, school_id)
        classes_ = schools.classes_of(session, school_id)
        others = schools.with_rolls(session)
        name = people.unit(session, school_id).name
    listed = Page.of(request, rows, limit=_LINES, key=lambda line: (str(line.number),))
    return page(
        request,
        "rolls/roll.html",
        section="registers",
        status=status,
        form=form,
        roll=roll,
        school=name,
        school_id=school_id,
        is_own=school_id == who.agency_id,
        others=[each for each in others if each[0] != school_id],
        lines=listed.items,
        next_cursor=listed.next_cursor,
        at_start=after is None,
        q=q,
        year=year,
        years=years,
        classes=[(str(each[0]), f"Lớp {each[1]}, năm học {each[2]}") for each in classes_],
        may_keep=rules.may_keep(staff_queries.actor(who), school_id),
        may_print=bool(listed.items),
    )


def _line(
    request: Request, line_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        line = enrolment_queries.line(session, who, line_id)
        history = audit.history(session, "enrolment_line", line_id)
    if not form.detail:
        kept = {name: getattr(line, name) for name in enrolment_actions.SUPPLEMENTED}
        form = FormState.of(**kept)
    return page(
        request,
        "rolls/line.html",
        section="registers",
        status=status,
        form=form,
        line=line,
        supplemented=enrolment_actions.SUPPLEMENTED,
        history=history,
        may_keep=rules.may_keep(staff_queries.actor(who), line.school_id)
        and line.annulled_because is None,
    )


def _graduation(
    request: Request, class_id: UUID, form: FormState | None, *, status: int = 200
) -> Response[bytes]:
    who, today = principal(request), clock.civil_date(clock.now())
    with db.transaction(who.acting) as session:
        row = staff_queries.class_row(session, class_id)
        rules.require_keeper(staff_queries.actor(who), row.school_id)
        stage = rules.LAST_GRADES.get(row.grade)
        pupils = classes.pupils_of(session, class_id)
        ended = enrolment_queries.endings(session, [pupil.id for pupil in pupils])
        listed = [
            (str(pupil.id), pupil.name, pupil.born_on, ended.get(pupil.id, ())) for pupil in pupils
        ]
        about = (row.name, row.school_year)
    if form is None:
        form = FormState.of(on=today.isoformat(), pupils=[each[0] for each in listed])
    return page(
        request,
        "rolls/graduation.html",
        section="registers",
        status=status,
        form=form,
        class_id=class_id,
        class_name=about[0],
        school_year=about[1],
        stage=None if stage is None else rules.STAGE_NAMES[stage],
        pupils=listed,
        today=today,
    )


HANDLERS = (
    show_roll,
    open_roll,
    enter,
    show_line,
    annul,
    supplement,
    show_graduation,
    graduate,
)
