"""Locking marks and opening locks again: the head of the school or a deputy, always for a reason.

A lock is never removed: it is lifted, and an opening ends by its time or by hand. What a lock
covers is decided by `lock_rules`; every action that writes marks asks `require_open`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit import actions as audit
from eoffice.classes import rules, staff_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.clock import civil_date
from eoffice.db import new_id
from eoffice.errors import Conflict, NotAllowed, NotFound
from eoffice.marks import lock_rules
from eoffice.marks.keeping_model import MarkLock, MarkUnlock
from eoffice.marks.lock_rules import Lock, LockInvalid, Opening, Place, Scope
from eoffice.web.principal import Principal


class LockUnknown(NotFound):
    """There is no such lock or opening, or the acting unit may not know of it."""


class LockedAlready(Conflict):
    """The same columns are locked already, or the lock was lifted meanwhile."""


def lock(
    session: Session, school_year: str, scope: Scope, *, reason: str, by: Principal, at: datetime
) -> UUID:
    """Lock a column, a semester or the year in the person's school.

    Raises NotAllowed, LockInvalid, LockedAlready where exactly this is locked.
    """
    _require_leader(by)
    lock_rules.checked(scope)
    because = lock_rules.checked_reason(reason)
    covered = select(SchoolClass.id).where(
        SchoolClass.school_id == by.agency_id, SchoolClass.school_year == school_year
    )
    if scope.class_id is not None:
        covered = covered.where(SchoolClass.id == scope.class_id)
    if session.scalar(covered.limit(1)) is None:
        raise LockInvalid("Trường không có lớp này trong năm học đang chọn.")
    same = session.scalar(
        select(MarkLock.id).where(
            MarkLock.school_id == by.agency_id,
            MarkLock.school_year == school_year,
            MarkLock.class_id.is_not_distinct_from(scope.class_id),
            MarkLock.subject_code.is_not_distinct_from(scope.subject_code),
            MarkLock.semester.is_not_distinct_from(scope.semester),
            MarkLock.part.is_not_distinct_from(scope.part),
            MarkLock.place.is_not_distinct_from(scope.place),
            MarkLock.lifted_at.is_(None),
        )
    )
    if same is not None:
        raise LockedAlready("Phần điểm này đã khóa rồi.")
    row = MarkLock(
        id=new_id(),
        school_id=by.agency_id,
        school_year=school_year,
        class_id=scope.class_id,
        subject_code=scope.subject_code,
        semester=scope.semester,
        part=scope.part,
        place=scope.place,
        reason=because,
        locked_by=by.person_id,
        locked_at=at,
    )
    session.add(row)
    _record(session, "marks.locked", row, by=by, at=at, semester=scope.semester, part=scope.part)
    return row.id


def open_for(
    session: Session,
    lock_id: UUID,
    *,
    class_id: UUID | None,
    subject_code: str | None,
    until: datetime,
    reason: str,
    by: Principal,
    at: datetime,
) -> UUID:
    """Let marks that the lock covers be changed until an instant, in one class and subject or all.

    Raises LockUnknown, LockedAlready when it was lifted, LockInvalid, NotAllowed.
    """
    row = _own(session, lock_id, by)
    until = lock_rules.checked_until(until, at=at)
    because = lock_rules.checked_reason(reason)
    if (row.class_id is not None and class_id not in (None, row.class_id)) or (
        row.subject_code is not None and subject_code not in (None, row.subject_code)
    ):
        raise LockInvalid("Khóa này không gồm lớp hoặc môn đã chọn.")
    opening = MarkUnlock(
        id=new_id(),
        lock_id=lock_id,
        school_id=row.school_id,
        class_id=class_id,
        subject_code=subject_code,
        reason=because,
        until=until,
        granted_by=by.person_id,
        granted_at=at,
    )
    session.add(opening)
    _record(
        session, "marks.opened", row, by=by, at=at, opening_id=opening.id, until=until,
        class_id=class_id, subject=subject_code,
    )  # fmt: skip
    return opening.id


def end_opening(session: Session, opening_id: UUID, *, by: Principal, at: datetime) -> None:
    """Close an opening before its time. Idempotent. Raises LockUnknown, NotAllowed."""
    opening = session.get(MarkUnlock, opening_id)
    if opening is None:
        raise LockUnknown("Không có lần mở khóa này.")
    row = _own(session, opening.lock_id, by, is_lifted=True)
    if opening.ended_at is None and at < opening.until:
        opening.ended_by, opening.ended_at = by.person_id, at
        _record(session, "marks.opening_ended", row, by=by, at=at, opening_id=opening_id)


def lift(session: Session, lock_id: UUID, *, reason: str, by: Principal, at: datetime) -> None:
    """Take a lock away for good. Raises LockUnknown, LockedAlready, LockInvalid, NotAllowed."""
    row = _own(session, lock_id, by)
    row.lifted_because = lock_rules.checked_reason(reason)
    row.lifted_by, row.lifted_at = by.person_id, at
    _record(session, "marks.lock_lifted", row, by=by, at=at)


def locks_of(session: Session, school_id: UUID, school_year: str) -> tuple[Lock, ...]:
    """What is locked in a school and year, with the openings that nobody has ended."""
    openings: dict[UUID, list[Opening]] = {}
    rows = session.scalars(
        select(MarkLock)
        .where(
            MarkLock.school_id == school_id,
            MarkLock.school_year == school_year,
            MarkLock.lifted_at.is_(None),
        )
        .order_by(MarkLock.locked_at, MarkLock.id)
    ).all()
    for opening in session.scalars(
        select(MarkUnlock).where(
            MarkUnlock.lock_id.in_([row.id for row in rows]), MarkUnlock.ended_at.is_(None)
        )
    ):
        scope = Scope(opening.class_id, opening.subject_code)
        openings.setdefault(opening.lock_id, []).append(Opening(scope, opening.until))
    return tuple(
        Lock(
            Scope(row.class_id, row.subject_code, row.semester, row.part, row.place),
            row.reason,
            row.locked_at,
            tuple(openings.get(row.id, ())),
        )
        for row in rows
    )


def require_open(
    session: Session, school_class: SchoolClass, cells: Iterable[Place], *, at: datetime
) -> None:
    """Raises MarksLocked, naming the first of these cells that a lock keeps from being changed."""
    locks = locks_of(session, school_class.school_id, school_class.school_year)
    if not locks:
        return
    for cell in cells:
        held = lock_rules.holding(locks, cell, at=at)
        if held is not None:
            raise refused(session, held, cell, school_class)


def refused(
    session: Session, held: Lock, cell: Place, school_class: SchoolClass
) -> lock_rules.MarksLocked:
    """Which column of the class is locked, since when, why, and who opens it."""
    taught = session.get(ClassSubject, (cell.class_id, cell.subject_code))
    return lock_rules.refusal(
        held,
        cell,
        subject=cell.subject_code if taught is None else taught.name,
        class_name=school_class.name,
        locked_on=f"{civil_date(held.locked_at):%d/%m/%Y}",
    )


def _own(session: Session, lock_id: UUID, by: Principal, *, is_lifted: bool = False) -> MarkLock:
    row = session.scalars(
        select(MarkLock).where(MarkLock.id == lock_id).with_for_update()
    ).one_or_none()
    if row is None or row.school_id != by.agency_id:
        raise LockUnknown("Không có khóa điểm này, hoặc đơn vị đang làm việc không được xem.")
    _require_leader(by)
    if row.lifted_at is not None and not is_lifted:
        raise LockedAlready("Khóa này đã được bỏ rồi.")
    return row


def _require_leader(by: Principal) -> None:
    if staff_queries.actor(by).kind not in rules.LEADERS:
        raise NotAllowed("Chỉ hiệu trưởng và phó hiệu trưởng được khóa và mở khóa điểm.")


def _record(
    session: Session, action: str, row: MarkLock, *, by: Principal, at: datetime, **details: object
) -> None:
    audit.record(
        session,
        action,
        object_kind="mark_lock",
        object_id=row.id,
        by=by,
        at=at,
        details={"school_year": row.school_year, **details},
    )
