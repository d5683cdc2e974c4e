"""What pages ask about locks of marks: those in force and those of before, with their openings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import Rules
from eoffice.assessment.marks import Semester
from eoffice.assessment.year import Column
from eoffice.classes import rules, staff_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.classes.terms import TermsMissing
from eoffice.marks import lock_rules, years
from eoffice.marks.keeping_model import MarkLock, MarkUnlock
from eoffice.marks.lock_rules import Lockable, Scope
from eoffice.people.model import Person
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class OpeningView:
    id: UUID
    covers: str
    reason: str
    until: datetime
    granted_by: str
    granted_at: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class LockView:
    id: UUID
    school_year: str
    scope: Scope
    covers: str
    reason: str
    locked_by: str
    locked_at: datetime
    lifted_at: datetime | None
    lifted_because: str | None
    openings: tuple[OpeningView, ...]


def locks(
    session: Session, who: Principal, *, school_year: str, at: datetime
) -> tuple[LockView, ...]:
    """The locks of the person's school in a year: those in force first, the newest first."""
    rows = session.scalars(
        select(MarkLock)
        .where(MarkLock.school_id == who.agency_id, MarkLock.school_year == school_year)
        .order_by(MarkLock.lifted_at.is_not(None), MarkLock.locked_at.desc(), MarkLock.id)
    ).all()
    openings: dict[UUID, list[MarkUnlock]] = {}
    for one in session.scalars(
        select(MarkUnlock)
        .where(MarkUnlock.lock_id.in_([row.id for row in rows]))
        .order_by(MarkUnlock.granted_at.desc())
    ):
        openings.setdefault(one.lock_id, []).append(one)
    every = [one for many in openings.values() for one in many]
    names = _names(session, {row.locked_by for row in rows} | {one.granted_by for one in every})
    classes = _class_names(session, who.agency_id, school_year)
    subjects = _subject_names(session, who.agency_id, school_year)

    def covers(scope: Scope) -> str:
        return lock_rules.described(
            scope,
            subject=subjects.get(scope.subject_code or ""),
            class_name=None if scope.class_id is None else classes.get(scope.class_id, ""),
        )

    return tuple(
        LockView(
            id=row.id,
            school_year=row.school_year,
            scope=(
                scope := Scope(row.class_id, row.subject_code, row.semester, row.part, row.place)
            ),
            covers=covers(scope),
            reason=row.reason,
            locked_by=names[row.locked_by],
            locked_at=row.locked_at,
            lifted_at=row.lifted_at,
            lifted_because=row.lifted_because,
            openings=tuple(
                OpeningView(
                    id=one.id,
                    covers=_opened(one, subjects, classes),
                    reason=one.reason,
                    until=one.until,
                    granted_by=names[one.granted_by],
                    granted_at=one.granted_at,
                    is_open=row.lifted_at is None and one.ended_at is None and at < one.until,
                )
                for one in openings.get(row.id, ())
            ),
        )
        for row in rows
    )


def may_lock(who: Principal) -> bool:
    return staff_queries.actor(who).kind in rules.LEADERS


def _opened(opening: MarkUnlock, subjects: dict[str, str], classes: dict[UUID, str]) -> str:
    subject = "mọi môn" if opening.subject_code is None else (
        f"môn {subjects.get(opening.subject_code, opening.subject_code)}"
    )  # fmt: skip
    school_class = (
        "mọi lớp" if opening.class_id is None else f"lớp {classes.get(opening.class_id, '')}"
    )
    return f"{subject[0].upper()}{subject[1:]}, {school_class}"


def lockable(session: Session, school_id: UUID, school_year: str) -> tuple[Lockable, ...]:
    """The columns that the circulars of the school's classes ask for in a year.

    A class of which the department keeps no terms has none.
    """
    circulars: dict[str, Rules | None] = {}
    found: list[Column] = []
    for row in session.scalars(
        select(SchoolClass)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year == school_year)
        .order_by(SchoolClass.grade.desc(), SchoolClass.name)
    ):
        if row.rule_set not in circulars:
            circulars[row.rule_set] = _in_force(session, row)
        circular = circulars[row.rule_set]
        if circular is None:
            continue
        subjects = years.subjects_of(session, row.id)
        taught = [subject.code for subject in subjects]
        for subject in subjects:
            for semester in Semester:
                found += circular.columns(subject, semester, row.grade, taught)
    return lock_rules.lockable(found)


def _in_force(session: Session, row: SchoolClass) -> Rules | None:
    try:
        return years.in_force(session, row)
    except TermsMissing:
        return None


def _names(session: Session, person_ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(select(Person.id, Person.full_name).where(Person.id.in_(person_ids)))
    return dict(rows.all())


def _class_names(session: Session, school_id: UUID, school_year: str) -> dict[UUID, str]:
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.name)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year == school_year)
        .order_by(SchoolClass.grade, SchoolClass.name)
    )
    return dict(rows.all())


def _subject_names(session: Session, school_id: UUID, school_year: str) -> dict[str, str]:
    rows = session.execute(
        select(ClassSubject.code, ClassSubject.name)
        .join(SchoolClass, SchoolClass.id == ClassSubject.class_id)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year == school_year)
        .distinct()
    )
    return dict(rows.all())
