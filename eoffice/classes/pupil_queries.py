"""One pupil: particulars, guardians, classes and movements, here and in other schools.

Read only. Row-level security shows a school its own rows and its superiors those of all schools
below them; so a superior sees a pupil's way through the schools, and a school its own part.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.classes.movement_rules import INTO_A_CLASS, MovementKind, Standing
from eoffice.classes.particulars import Relation
from eoffice.classes.pupil_model import Guardian, Movement, TeachingPeriod
from eoffice.errors import NotFound
from eoffice.people import queries as people
from eoffice.people.model import Person
from eoffice.web.principal import Principal


class NoPupil(NotFound):
    """There is no such pupil, or the acting unit may not know of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pupil stands: in which class, and the day of what happened last."""

    standing: Standing
    #: Of the newest school year in which the pupil sits.
    class_id: UUID | None
    since: date | None


@dataclass(frozen=True, slots=True)
class GuardianView:
    relation: Relation
    name: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class EnrolmentView:
    class_id: UUID
    class_name: str
    school_year: str
    school: str
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class MovementView:
    kind: MovementKind
    on: date
    school: str
    from_class: str
    to_class: str
    other_school: str
    reason: str
    decision: str
    recorded_by: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class PupilView:
    id: UUID
    code: str
    personal_id: str | None
    name: str
    born_on: date
    sex: str
    birthplace: str
    ethnicity: str
    policy_group: str
    address: str
    permanent_address: str
    father: str
    mother: str
    school_id: UUID
    school: str
    standing: Standing
    class_id: UUID | None
    guardians: tuple[GuardianView, ...]
    #: The newest first; of all schools that may be looked at.
    enrolments: tuple[EnrolmentView, ...]
    movements: tuple[MovementView, ...]


@dataclass(frozen=True, slots=True)
class TeachingView:
    """Who taught what; `subject` None for the homeroom."""

    subject: str | None
    teacher: str
    from_on: date
    to_on: date | None


def pupil(session: Session, pupil_id: UUID, who: Principal) -> PupilView:
    """Raises NoPupil, NotOfTheClass."""
    row = _row(session, pupil_id)
    _require_reader(session, row, who)
    same = {
        one.id: one
        for one in session.scalars(select(Pupil).where(Pupil.identity_id == row.identity_id))
    }
    schools = {
        unit.id: unit.name
        for unit in people.units(session, {one.school_id for one in same.values()}).values()
    }
    found = place(session, pupil_id)
    return PupilView(
        id=row.id,
        code=row.code,
        personal_id=row.personal_id,
        name=row.name,
        born_on=row.born_on,
        sex=row.sex,
        birthplace=row.birthplace,
        ethnicity=row.ethnicity,
        policy_group=row.policy_group,
        address=row.address,
        permanent_address=row.permanent_address,
        father=row.father,
        mother=row.mother,
        school_id=row.school_id,
        school=schools[row.school_id],
        standing=found.standing,
        class_id=found.class_id,
        guardians=guardians(session, [pupil_id]).get(pupil_id, ()),
        enrolments=_enrolments(session, same, schools),
        movements=_movements(session, same, schools),
    )


def guardians(
    session: Session, pupil_ids: Collection[UUID]
) -> dict[UUID, tuple[GuardianView, ...]]:
    """By pupil, in their order. Nobody is asked for here."""
    found: dict[UUID, tuple[GuardianView, ...]] = {}
    for row in session.scalars(
        select(Guardian).where(Guardian.pupil_id.in_(pupil_ids)).order_by(Guardian.ordinal)
    ):
        one = GuardianView(row.relation, row.name, row.phone, row.email)
        found[row.pupil_id] = (*found.get(row.pupil_id, ()), one)
    return found


def place(session: Session, pupil_id: UUID) -> Place:
    """Where the pupil stands with the school of this row. Nobody is asked for here."""
    now = session.execute(
        select(Enrolment)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Enrolment.pupil_id == pupil_id, Enrolment.to_on.is_(None))
        .order_by(SchoolClass.school_year.desc(), Enrolment.from_on.desc())
        .limit(1)
    ).scalar_one_or_none()
    last = session.scalars(
        select(Movement)
        .where(Movement.pupil_id == pupil_id)
        .order_by(Movement.on_day.desc(), Movement.id.desc())
        .limit(1)
    ).one_or_none()
    class_id = None if now is None else now.class_id
    days = [day for day in (now and now.from_on, last and last.on_day) if day]
    since = max(days, default=None)
    # A list of a later year begins after the pupil had gone: they came back with it.
    is_later = now is not None and last is not None and now.from_on > last.on_day
    if last is not None and last.kind not in INTO_A_CLASS and not is_later:
        went = last.kind is MovementKind.OUT
        return Place(Standing.MOVED_AWAY if went else Standing.LEFT, class_id, since)
    return Place(Standing.UNKNOWN if now is None else Standing.ATTENDING, class_id, since)


def teaching(session: Session, class_id: UUID, who: Principal) -> tuple[TeachingView, ...]:
    """Who taught the class from when to when: the homeroom first, then by subject and day.

    Raises ClassUnknown, NotOfTheClass.
    """
    staff_queries.require_reader(who, staff_queries.staff(session, class_id))
    rows = session.execute(
        select(TeachingPeriod, ClassSubject.name, Person.full_name)
        .join(Person, Person.id == TeachingPeriod.teacher_id)
        .outerjoin(
            ClassSubject,
            (ClassSubject.class_id == TeachingPeriod.class_id)
            & (ClassSubject.code == TeachingPeriod.subject_code),
        )
        .where(TeachingPeriod.class_id == class_id)
        .order_by(
            TeachingPeriod.subject_code.is_not(None), ClassSubject.ordinal, TeachingPeriod.from_on
        )
    )
    return tuple(
        TeachingView(subject, teacher, row.from_on, row.to_on) for row, subject, teacher in rows
    )


def locked(session: Session, pupil_id: UUID) -> Pupil:
    """The pupil, locked until the transaction ends. Raises NoPupil."""
    row = session.scalars(select(Pupil).where(Pupil.id == pupil_id).with_for_update()).one_or_none()
    if row is None:
        raise NoPupil(_UNKNOWN)
    return row


_UNKNOWN = "Không có học sinh này, hoặc đơn vị đang làm việc không được xem."


def _row(session: Session, pupil_id: UUID) -> Pupil:
    row = session.get(Pupil, pupil_id)
    if row is None:
        raise NoPupil(_UNKNOWN)
    return row


def _require_reader(session: Session, row: Pupil, who: Principal) -> None:
    """The school's office, its superiors, and who teaches a class of the pupil."""
    actor = staff_queries.actor(who)
    if rules.may_open_classes(actor, row.school_id):
        return
    teams = [
        staff_queries.staff(session, class_id)
        for class_id in session.scalars(
            select(Enrolment.class_id).where(Enrolment.pupil_id == row.id)
        )
    ]
    if not any(rules.may_read(actor, team) for team in teams):
        raise staff_queries.NotOfTheClass(
            "Lý lịch học sinh chỉ dành cho giáo viên của lớp, ban giám hiệu, văn thư của trường và "
            "lãnh đạo, chuyên viên của cơ quan quản lý."
        )


def _enrolments(
    session: Session, same: Mapping[UUID, Pupil], schools: Mapping[UUID, str]
) -> tuple[EnrolmentView, ...]:
    rows = session.execute(
        select(Enrolment, SchoolClass)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Enrolment.pupil_id.in_(same))
        .order_by(SchoolClass.school_year.desc(), Enrolment.from_on.desc())
    )
    return tuple(
        EnrolmentView(
            one.id, one.name, one.school_year, schools[one.school_id], row.from_on, row.to_on
        )
        for row, one in rows
    )


def _movements(
    session: Session, same: Mapping[UUID, Pupil], schools: Mapping[UUID, str]
) -> tuple[MovementView, ...]:
    rows = session.execute(
        select(Movement, Person.full_name)
        .join(Person, Person.id == Movement.recorded_by)
        .where(Movement.pupil_id.in_(same))
        .order_by(Movement.on_day.desc(), Movement.id.desc())
    ).all()
    ids = {c for row, _ in rows for c in (row.from_class_id, row.to_class_id) if c is not None}
    names = dict(
        session.execute(
            select(SchoolClass.id, SchoolClass.name).where(SchoolClass.id.in_(ids))
        ).all()
    )
    return tuple(
        MovementView(
            kind=row.kind,
            on=row.on_day,
            school=schools[row.school_id],
            from_class=names.get(row.from_class_id, "") if row.from_class_id else "",
            to_class=names.get(row.to_class_id, "") if row.to_class_id else "",
            other_school=row.other_school,
            reason=row.reason,
            decision=row.decision,
            recorded_by=person,
            recorded_at=row.recorded_at,
        )
        for row, person in rows
    )
