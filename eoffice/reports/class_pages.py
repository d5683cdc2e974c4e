"""Học bạ by class: what waits for me, how far each class is, asking, closing, a pupil's book."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.errors import Refusal
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind, UnitKind
from eoffice.reports import (
    actions,
    asking_actions,
    class_queries,
    department_queries,
    part_queries,
    rules,
    states,
    waiting,
    withdrawal_queries,
)
from eoffice.reports.asking_actions import PartsIncomplete
from eoffice.reports.rules import Deadline
from eoffice.reports.states import PartState
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

HERE: Final = "/registers/reports"


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    school_year: str
    class_id: UUID | None = None
    part_id: UUID | None = None


class Asking(msgspec.Struct, frozen=True, kw_only=True):
    only_complete: str = ""


@get(HERE, sync_to_thread=True)
def listing(
    request: Request, year: FromQuery[str] = "", school: FromQuery[UUID | None] = None
) -> Response[bytes]:
    """The classes of my school, or of the schools below me, with how far their books are."""
    return _listing(request, year, school, FormState())


@get(HERE + "/classes/{class_id:uuid}", sync_to_thread=True)
def show_class(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """Each pupil's part, and what can be done with the class as a whole."""
    return _class(request, class_id, FormState())


@get(HERE + "/classes/{class_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, class_id: FromPath[UUID]) -> Response[bytes]:
    """How many parts of the class are made, for the page that waits for it."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        class_queries.require_reader(session, class_id, who)
        made, total = class_queries.progress(session, class_id)
    body = {
        "done": made,
        "total": total,
        "failed": 0,
        "text": f"Đã lập {made} trên {total} học bạ.",
        "finished": made == total,
        "next": f"{HERE}/classes/{class_id}",
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@post(HERE + "/classes/{class_id:uuid}/parts", sync_to_thread=True)
def ask(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Have the parts made of all who have none; what is missing is told for each pupil."""
    who = principal(request)

    def work(session: Session) -> See:
        count = asking_actions.ask(
            session,
            class_id,
            None,
            by=who,
            at=clock.now(),
            only_complete=bool(form.parse(Asking).only_complete),
        )
        return See(f"{HERE}/classes/{class_id}", said=f"Đang lập {count} học bạ.")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _class(
            request,
            class_id,
            form.refused(refusal),
            status=refusal.status,
            gaps=refusal.gaps if isinstance(refusal, PartsIncomplete) else (),
        )


@post(HERE + "/closing", sync_to_thread=True)
def close(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Close what is sealed: one part, a class, or the whole school."""
    who = principal(request)
    entered = form.parse(Closing)

    def work(session: Session) -> See:
        count = actions.close(
            session,
            entered.school_year,
            entered.class_id,
            part_ids=None if entered.part_id is None else (entered.part_id,),
            by=who,
            at=clock.now(),
        )
        there = (
            f"{HERE}/parts/{entered.part_id}"
            if entered.part_id is not None
            else f"{HERE}?year={entered.school_year}"
            if entered.class_id is None
            else f"{HERE}/classes/{entered.class_id}"
        )
        return See(there, said=f"Đã chốt {count} học bạ và đang nộp vào kho lưu trữ.")

    try:
        return once.see(work)
    except Refusal as refusal:
        shown = FormState(detail=refusal.detail)
        if entered.class_id is not None:
            return _class(request, entered.class_id, shown, status=refusal.status)
        return _listing(request, entered.school_year, None, shown, status=refusal.status)


@get(HERE + "/pupils/{pupil_id:uuid}", sync_to_thread=True)
def show_book(request: Request, pupil_id: FromPath[UUID]) -> Response[bytes]:
    """A pupil's book over all years and schools, with every version."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        book = part_queries.book(session, pupil_id, who, today=_today())
    return page(
        request,
        "reports/book.html",
        book=book,
        here=HERE,
        names=states.NAMES,
        tones=waiting.TONES,
    )


def _listing(
    request: Request, year: str, school: UUID | None, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    kind = PositionKind(who.position_kind)
    today = _today()
    with db.transaction(who.acting) as session:
        years = class_queries.years(session)
        chosen = year if year in years else (years[0] if years else "")
        is_school = people.unit(session, who.agency_id).kind is UnitKind.SCHOOL
        school_id = who.agency_id if is_school else school
        above = not is_school and kind in class_rules.SUPERIORS
        rows = () if school_id is None else class_queries.classes(session, who, chosen, school_id)
        schools = (
            class_queries.coverage(session, chosen, today=today)
            if above and school_id is None and chosen
            else ()
        )
        due = department_queries.due(session, chosen) if chosen else {}
        awaited = class_queries.awaiting(session, who)
        near = class_queries.near_or_late(session, who, today=today)
        to_decide = withdrawal_queries.to_decide(session, who)
        school_name = people.unit(session, school_id).name if school_id is not None else ""
    return page(
        request,
        "reports/list.html",
        status=status,
        form=form,
        here=HERE,
        year=chosen,
        chips=[(each, f"{HERE}?year={each}", each == chosen) for each in years],
        is_school=is_school,
        school_name=school_name,
        may_see_requests=kind in class_rules.OFFICE | class_rules.SUPERIORS,
        may_close=is_school and rules.may_close(staff_queries.actor(who), who.agency_id),
        to_close=sum(row.counts.get(PartState.SEALED, 0) for row in rows),
        rows=rows,
        schools=schools,
        total=_total(schools),
        due=due.get(Deadline.SCHOOL),
        due_reassessed=due.get(Deadline.SCHOOL_REASSESSED),
        today=today,
        awaited=awaited,
        near=near,
        to_decide=to_decide,
        names=states.NAMES,
        states=PartState,
        signing=_signing(awaited),
    )


def _signing(awaited: tuple[class_queries.AwaitedClass, ...]) -> list[tuple[str, str, int]]:
    """What is signed, or sealed, of whole classes in one action: label, address, how many."""
    found = []
    for label, is_seal in (("Ký", False), ("Đóng dấu", True)):
        own = [each for each in awaited if (each.state is PartState.AWAITING_SEAL) is is_seal]
        kind = "report-seal" if is_seal else "report-signature"
        if own:
            classes = dict.fromkeys(each.class_id for each in own)
            query = "&".join(f"group={kind}:{each}" for each in classes)
            count = sum(each.count for each in own)
            words = f"{label} {count} học bạ của {len(classes)} lớp"
            found.append((words, f"/desk/signatures/new?{query}", count))
    return found


def _total(schools: tuple[class_queries.SchoolRow, ...]) -> dict[str, int]:
    return {
        name: sum(getattr(row, name) for row in schools)
        for name in ("classes", "classes_closed", "parts", "closed", "late")
    }


def _class(
    request: Request,
    class_id: UUID,
    form: FormState,
    *,
    status: int = 200,
    gaps: tuple[asking_actions.Gap, ...] = (),
) -> Response[bytes]:
    who = principal(request)
    today = _today()
    with db.transaction(who.acting) as session:
        view = class_queries.of_class(session, class_id, who, today=today)
        awaited = tuple(
            each for each in class_queries.awaiting(session, who) if each.class_id == class_id
        )
        has_book = class_queries.has_closed_book(session, class_id)
    made = sum(view.row.counts.values()) - view.row.counts.get(PartState.PREPARING, 0)
    context: dict[str, Any] = {
        "view": view,
        "row": view.row,
        "parts": {part.pupil_id: part for part in view.parts},
        "gaps": gaps,
        "has_book": has_book,
        "preparing": view.row.counts.get(PartState.PREPARING, 0),
        "made": made,
        "sealed": view.row.counts.get(PartState.SEALED, 0),
        "signing": _signing(awaited),
        "is_own": view.row.school_id == who.agency_id,
        "days_late": 0 if view.row.due is None else view.row.due.days_late(None, today),
        "names": states.NAMES,
        "tones": waiting.TONES,
    }
    return page(request, "reports/class.html", status=status, form=form, here=HERE, **context)


def _today() -> date:
    return clock.civil_date(clock.now())


HANDLERS: Final = (listing, show_class, progress, ask, close, show_book)
