"""Locks of marks for programs: what is locked, for whom it was opened, and the same steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester
from eoffice.classes.year_names import year_of
from eoffice.marks import lock_actions, lock_queries, lock_rules
from eoffice.marks.lock_pages import end_of
from eoffice.marks.lock_queries import LockView
from eoffice.marks.lock_rules import Scope
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=lock_rules.LONGEST_REASON)]
SchoolYear = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{4}$")]
Place = Annotated[int, msgspec.Meta(ge=1, le=lock_rules.MOST_PLACES)]


class NewMarkLock(msgspec.Struct, frozen=True, kw_only=True):
    """What is left out covers everything of its kind; a part needs its semester."""

    school_year: SchoolYear
    reason: Reason
    class_id: UUID | None = None
    subject: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    semester: Semester | None = None
    part: Part | None = None
    #: Which of several columns of the part, from 1.
    place: Place | None = None


class NewMarkOpening(msgspec.Struct, frozen=True, kw_only=True):
    #: The last day on which marks may be changed.
    until: date
    reason: Reason
    class_id: UUID | None = None
    subject: Annotated[str, msgspec.Meta(max_length=20)] | None = None


class LiftedBecause(msgspec.Struct, frozen=True, kw_only=True):
    reason: Reason


class MarkOpeningOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    covers: str
    reason: str
    until: datetime
    granted_by: str
    granted_at: datetime
    is_open: bool


class MarkLockOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    school_year: str
    class_id: UUID | None
    subject: str | None
    semester: Semester | None
    part: Part | None
    place: int | None
    #: In words: "Cột ĐĐGtx1, học kì I, môn Toán học, lớp 7A1".
    covers: str
    reason: str
    locked_by: str
    locked_at: datetime
    lifted_at: datetime | None
    lifted_because: str | None
    openings: list[MarkOpeningOut]


class LockableOut(msgspec.Struct, frozen=True, kw_only=True):
    part: Part
    #: None for all columns of the part.
    place: int | None
    label: str


class MarkLocksOut(msgspec.Struct, frozen=True, kw_only=True):
    school_year: str
    #: Those in force first.
    locks: list[MarkLockOut]
    #: The columns that the circulars of the school's classes ask for.
    columns: list[LockableOut]


@get("/", sync_to_thread=True)
def locks(request: Request, school_year: FromQuery[str | None] = None) -> MarkLocksOut:
    """What is locked in the school in a year (this one unless named), and what can be."""
    who, at = principal(request), clock.now()
    year = school_year or year_of(clock.civil_date(at))
    with db.transaction(who.acting) as session:
        found = lock_queries.locks(session, who, school_year=year, at=at)
        columns = lock_queries.lockable(session, who.agency_id, year)
    return MarkLocksOut(
        school_year=year,
        locks=[_out(one) for one in found],
        columns=[LockableOut(part=c.part, place=c.place, label=c.label) for c in columns],
    )


@post("/", sync_to_thread=True)
def lock(
    request: Request, data: JSONBody[NewMarkLock], once: NamedDependency[Once]
) -> Response[MarkLockOut]:
    """Lock a column, a semester or a year, in a class and subject or in all."""
    who, at = principal(request), clock.now()
    scope = Scope(data.class_id, data.subject, data.semester, data.part, data.place)

    def work(session: Session) -> MarkLockOut:
        made = lock_actions.lock(
            session, data.school_year, scope, reason=data.reason, by=who, at=at
        )
        session.flush()  # The answer reads what was written.
        found = lock_queries.locks(session, who, school_year=data.school_year, at=at)
        return next(_out(one) for one in found if one.id == made)

    return once.answer(work, status=201)


@post("/{lock_id:uuid}/openings", sync_to_thread=True, status_code=204)
def open_for(
    request: Request,
    lock_id: FromPath[UUID],
    data: JSONBody[NewMarkOpening],
    once: NamedDependency[Once],
) -> Response[None]:
    """Let marks be changed until the end of a day, in what the lock covers or some of it."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> None:
        lock_actions.open_for(
            session, lock_id, class_id=data.class_id, subject_code=data.subject,
            until=end_of(data.until), reason=data.reason, by=who, at=at,
        )  # fmt: skip

    return once.answer(work, status=204)


@post("/openings/{opening_id:uuid}/ending", sync_to_thread=True, status_code=204)
def end_opening(
    request: Request, opening_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[None]:
    """Close an opening before its time."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> None:
        lock_actions.end_opening(session, opening_id, by=who, at=at)

    return once.answer(work, status=204)


@post("/{lock_id:uuid}/lifting", sync_to_thread=True, status_code=204)
def lift(
    request: Request,
    lock_id: FromPath[UUID],
    data: JSONBody[LiftedBecause],
    once: NamedDependency[Once],
) -> Response[None]:
    """Take a lock away for good."""
    who, at = principal(request), clock.now()

    def work(session: Session) -> None:
        lock_actions.lift(session, lock_id, reason=data.reason, by=who, at=at)

    return once.answer(work, status=204)


def _out(view: LockView) -> MarkLockOut:
    scope = view.scope
    return MarkLockOut(
        id=view.id,
        school_year=view.school_year,
        class_id=scope.class_id,
        subject=scope.subject_code,
        semester=scope.semester,
        part=scope.part,
        place=scope.place,
        covers=view.covers,
        reason=view.reason,
        locked_by=view.locked_by,
        locked_at=view.locked_at,
        lifted_at=view.lifted_at,
        lifted_because=view.lifted_because,
        openings=[
            MarkOpeningOut(
                id=one.id,
                covers=one.covers,
                reason=one.reason,
                until=one.until,
                granted_by=one.granted_by,
                granted_at=one.granted_at,
                is_open=one.is_open,
            )
            for one in view.openings
        ],
    )


HANDLERS = (locks, lock, open_for, end_opening, lift)
