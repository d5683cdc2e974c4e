"""Pages on which the head of a school locks marks and opens locks again, each with a reason."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester
from eoffice.errors import Refusal
from eoffice.marks import lock_actions, lock_queries, lock_rules, school_import_queries
from eoffice.marks.lock_rules import Lockable, Scope
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_HERE = "/registers/locks"
_SEMESTERS = [("1", "Học kì I"), ("2", "Học kì II")]


class NewLock(msgspec.Struct, frozen=True, kw_only=True):
    school_year: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{4}$")]
    reason: Annotated[str, msgspec.Meta(max_length=500)]
    semester: Semester | None = None
    column: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]+(-[1-9])?$")] | None = None
    class_id: UUID | None = None
    subject: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class NewOpening(msgspec.Struct, frozen=True, kw_only=True):
    #: The last day on which marks may be changed.
    until: date
    reason: Annotated[str, msgspec.Meta(max_length=500)]
    class_id: UUID | None = None
    subject: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class Lifting(msgspec.Struct, frozen=True, kw_only=True):
    reason: Annotated[str, msgspec.Meta(max_length=500)]


@get(_HERE, sync_to_thread=True)
def listing(request: Request, school_year: FromQuery[str | None] = None) -> Response[bytes]:
    """What is locked in a year, and for whom it was opened."""
    return _page(request, school_year, FormState())


@post(_HERE, sync_to_thread=True)
def lock(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Lock a column, a semester or the year."""
    who = principal(request)
    try:
        entered = form.parse(NewLock)
        part, place = _column(entered.column)
        scope = Scope(entered.class_id, entered.subject, entered.semester, part, place)

        def work(session: Session) -> See:
            lock_actions.lock(
                session, entered.school_year, scope, reason=entered.reason, by=who, at=clock.now()
            )
            return See(f"{_HERE}?school_year={entered.school_year}", said="Đã khóa điểm.")

        return once.see(work)
    except Refusal as refusal:
        state = form.refused(refusal)
        return _page(request, form["school_year"] or None, state, status=refusal.status)


@post(_HERE + "/{lock_id:uuid}/openings", sync_to_thread=True)
def open_for(
    request: Request,
    lock_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Open a lock until the end of a day, for some of what it covers."""
    who, at = principal(request), clock.now()
    try:
        entered = form.parse(NewOpening)

        def work(session: Session) -> See:
            lock_actions.open_for(
                session, lock_id, class_id=entered.class_id, subject_code=entered.subject,
                until=end_of(entered.until), reason=entered.reason, by=who, at=at,
            )  # fmt: skip
            return See(_HERE, said=f"Đã mở khóa đến hết ngày {entered.until:%d/%m/%Y}.")

        return once.see(work)
    except Refusal as refusal:
        return _page(request, None, form.refused(refusal), status=refusal.status)


@post(_HERE + "/openings/{opening_id:uuid}/end", sync_to_thread=True)
def end_opening(
    request: Request, opening_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Close an opening before its time."""
    who = principal(request)

    def work(session: Session) -> See:
        lock_actions.end_opening(session, opening_id, by=who, at=clock.now())
        return See(_HERE, said="Đã đóng lại.")

    return once.see(work)


@post(_HERE + "/{lock_id:uuid}/lifting", sync_to_thread=True)
def lift(
    request: Request,
    lock_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Take a lock away for good."""
    who = principal(request)
    try:
        entered = form.parse(Lifting)

        def work(session: Session) -> See:
            lock_actions.lift(session, lock_id, reason=entered.reason, by=who, at=clock.now())
            return See(_HERE, said="Đã bỏ khóa.")

        return once.see(work)
    except Refusal as refusal:
        return _page(request, None, form.refused(refusal), status=refusal.status)


def _page(
    request: Request, school_year: str | None, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        years = school_import_queries.school_years(session, who)
        year = school_year if school_year in years else next(iter(years), None)
        found = () if year is None else lock_queries.locks(session, who, school_year=year, at=at)
        classes, subjects = (
            ([], [])
            if year is None
            else school_import_queries.choices(session, who.agency_id, year)
        )
        offered = () if year is None else lock_queries.lockable(session, who.agency_id, year)
    today = clock.civil_date(at)
    return page(
        request,
        "marks/locks.html",
        status=status,
        form=form,
        locks=[one for one in found if one.lifted_at is None],
        lifted=[one for one in found if one.lifted_at is not None],
        year=year,
        chips=[(one, f"{_HERE}?school_year={one}", one == year) for one in years],
        may_lock=lock_queries.may_lock(who),
        classes=classes,
        subjects=subjects,
        semesters=_SEMESTERS,
        columns=[(_sent(one), one.label) for one in offered],
        soonest=today,
        latest=today + lock_rules.LONGEST_OPENING - timedelta(days=1),
    )


def _sent(one: Lockable) -> str:
    """As a form sends it: "regular-2" is ĐĐGtx2, "regular" all of them."""
    return one.part.value if one.place is None else f"{one.part.value}-{one.place}"


def _column(chosen: str | None) -> tuple[Part | None, int | None]:
    """Raises LockInvalid."""
    if chosen is None:
        return None, None
    word, _, place = chosen.partition("-")
    try:
        return Part(word), int(place) if place else None
    except ValueError as error:
        raise lock_rules.LockInvalid("Không có cột điểm này.") from error


def end_of(day: date) -> datetime:
    """The end of a day in Vietnam."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=clock.VIETNAM)
