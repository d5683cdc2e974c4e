"""Report books by class and by school: how many stand where, what waits for me, what is late.

Read only; frozen answers. Each question is one or two queries, however many parts there are.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select, tuple_
from sqlalchemy.orm import Session

from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.classes.collation import name_key
from eoffice.classes.model import ClassSubject, Enrolment, SchoolClass
from eoffice.clock import VIETNAM
from eoffice.errors import NotAllowed
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.reports import department_queries, part_queries, rules, states
from eoffice.reports.model import ReportPart, ReportPartSignature
from eoffice.reports.part_queries import PartLine
from eoffice.reports.rules import Due
from eoffice.reports.states import PartState, Place
from eoffice.web.principal import Principal

#: Classes of one list.
MOST_CLASSES = 2_000
_CLOSED = (PartState.CLOSED, PartState.WITHDRAWAL_REQUESTED, PartState.WITHDRAWAL_GRANTED)


@dataclass(frozen=True, slots=True)
class AwaitedClass:
    """Parts of one class that this person can sign now, with one key."""

    class_id: UUID
    class_name: str
    school_year: str
    state: PartState
    count: int
    since: datetime


@dataclass(frozen=True, slots=True)
class ClassRow:
    id: UUID
    name: str
    grade: int
    school_year: str
    school_id: UUID
    homeroom_teacher: str
    pupils: int
    #: Of the newest version of each pupil.
    counts: Mapping[PartState, int]
    due: Due | None

    @property
    def closed(self) -> int:
        return sum(self.counts.get(state, 0) for state in _CLOSED)

    @property
    def missing(self) -> int:
        """Pupils of whom no part is live."""
        return max(self.pupils - sum(self.counts.values()), 0)

    @property
    def left(self) -> int:
        """Pupils whose part is not closed."""
        return max(self.pupils - self.closed, 0)


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class with the newest version of each pupil's part."""

    row: ClassRow
    school: str
    parts: tuple[PartLine, ...]
    #: Pupils without a live part: identifier, code, name.
    without: tuple[tuple[UUID, str, str], ...]
    may_ask: bool
    may_close: bool


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """How far the report books of a school are, for whoever stands above it."""

    id: UUID
    name: str
    classes: int
    #: Classes of which every part that was made is closed, and none of their pupils is without.
    classes_closed: int
    parts: int
    closed: int
    #: Closed after the deadline, or not closed when it had passed.
    late: int


@dataclass(frozen=True, slots=True)
class Group:
    """The parts of a class that one person signs with one key, as a whole."""

    class_id: UUID
    class_name: str
    school_year: str
    count: int
    page_count: int
    #: Fingerprint of which parts they are, and of what is printed in each.
    seen: str


def awaiting(session: Session, who: Principal) -> tuple[AwaitedClass, ...]:
    """By class and state, those that wait longest first."""
    rows = session.execute(
        _waiting(session, who)
        .with_only_columns(
            ReportPart.class_id,
            ReportPart.class_name,
            ReportPart.school_year,
            ReportPart.state,
            func.count(ReportPart.id.distinct()),
            func.min(ReportPart.state_since),
        )
        .group_by(
            ReportPart.class_id, ReportPart.class_name, ReportPart.school_year, ReportPart.state
        )
        .order_by(func.min(ReportPart.state_since), ReportPart.class_name)
    )
    return tuple(AwaitedClass(*row) for row in rows)


def waiting_parts(
    session: Session,
    who: Principal,
    in_states: Collection[PartState],
    *,
    ids: Collection[UUID] | None = None,
    class_ids: Collection[UUID] | None = None,
) -> list[ReportPart]:
    """The parts that this person can sign now, by class and list; of these, or these classes."""
    query = (
        _waiting(session, who)
        .where(ReportPart.state.in_(in_states))
        .distinct()
        .order_by(ReportPart.class_name, ReportPart.class_id, ReportPart.ordinal, ReportPart.id)
    )
    if ids is not None:
        query = query.where(ReportPart.id.in_(ids))
    if class_ids is not None:
        query = query.where(ReportPart.class_id.in_(class_ids))
    return list(session.scalars(query))


def groups(parts: Collection[ReportPart]) -> tuple[Group, ...]:
    """The parts by class, in their order."""
    of_class: defaultdict[UUID, list[ReportPart]] = defaultdict(list)
    for part in parts:
        of_class[part.class_id].append(part)
    return tuple(
        Group(
            class_id=class_id,
            class_name=own[0].class_name,
            school_year=own[0].school_year,
            count=len(own),
            page_count=sum(part.page_count or 0 for part in own),
            seen=hashlib.sha256(
                "\n".join(sorted(f"{part.id} {part.data_sha256}" for part in own)).encode()
            ).hexdigest(),
        )
        for class_id, own in of_class.items()
    )


def years(session: Session) -> tuple[str, ...]:
    """School years in which there are classes to be seen, the newest first."""
    query = select(SchoolClass.school_year).distinct().order_by(SchoolClass.school_year.desc())
    return tuple(session.scalars(query))


def classes(
    session: Session, who: Principal, school_year: str, school_id: UUID
) -> tuple[ClassRow, ...]:
    """The classes of a school that this person may look at, by name."""
    return _classes(
        session,
        school_year,
        SchoolClass.school_id == school_id,
        SchoolClass.school_year == school_year,
        _readable(who),
    )


def of_class(session: Session, class_id: UUID, who: Principal, *, today: date) -> ClassView:
    """Raises ClassUnknown, NotOfTheClass."""
    staff = staff_queries.staff(session, class_id)
    staff_queries.require_reader(who, staff)
    school_class = staff_queries.class_row(session, class_id)
    (row,) = _classes(session, school_class.school_year, SchoolClass.id == class_id)
    versions = session.scalars(
        select(ReportPart).where(ReportPart.class_id == class_id).order_by(ReportPart.version)
    )
    newest = {part.pupil_id: part for part in versions}
    parts = sorted(newest.values(), key=lambda part: part.ordinal)
    live = {part.pupil_id for part in parts if part.state in states.LIVE}
    actor = staff_queries.actor(who)
    return ClassView(
        row=row,
        school=people.unit(session, school_class.school_id).name,
        parts=part_queries.lines(session, parts, today=today),
        without=tuple(
            each for each in part_queries.in_class(session, class_id) if each[0] not in live
        ),
        may_ask=rules.may_ask(actor, staff),
        may_close=rules.may_close(actor, staff.school_id),
    )


def require_reader(session: Session, class_id: UUID, who: Principal) -> None:
    """Raises ClassUnknown, NotOfTheClass."""
    staff_queries.require_reader(who, staff_queries.staff(session, class_id))


def require_counter(who: Principal) -> None:
    """Raises NotAllowed."""
    if PositionKind(who.position_kind) not in class_rules.SUPERIORS | class_rules.OFFICE:
        raise NotAllowed(
            "Tình hình chốt học bạ chỉ dành cho ban giám hiệu, văn thư của trường và lãnh đạo, "
            "chuyên viên của cơ quan quản lý."
        )


def has_closed_book(session: Session, class_id: UUID) -> bool:
    """Whether the book of the class is closed, so that parts can be made of it."""
    return bool(
        session.scalar(
            select(Gradebook.id).where(
                Gradebook.class_id == class_id,
                Gradebook.kind == BookKind.CLASS_BOOK,
                Gradebook.state == State.CLOSED,
            )
        )
    )


def progress(session: Session, class_id: UUID) -> tuple[int, int]:
    """How many live parts of the class are made, and how many there are."""
    made, total = session.execute(
        select(func.count().filter(ReportPart.state != PartState.PREPARING), func.count()).where(
            ReportPart.class_id == class_id, ReportPart.state.in_(states.LIVE)
        )
    ).one()
    return made, total


def coverage(session: Session, school_year: str, *, today: date) -> tuple[SchoolRow, ...]:
    """Every school that may be seen, with how far its report books are; by name."""
    of_school = Counter[UUID]()
    schools_of: dict[UUID, UUID] = {}
    for class_id, school_id in session.execute(
        select(SchoolClass.id, SchoolClass.school_id).where(SchoolClass.school_year == school_year)
    ):
        of_school[school_id] += 1
        schools_of[class_id] = school_id
    due = department_queries.due(session, school_year)
    is_closed = ReportPart.state.in_(_CLOSED)
    rows = session.execute(
        select(
            ReportPart.class_id,
            func.count(),
            func.count().filter(is_closed),
            func.count().filter(_is_late(due, today)),
        )
        .where(ReportPart.school_year == school_year, ReportPart.state.in_(states.LIVE))
        .group_by(ReportPart.class_id)
    )
    parts, closed, late, whole = (Counter[UUID]() for _ in range(4))
    for class_id, count, done, behind in rows:
        if class_id in schools_of:
            of = schools_of[class_id]
            parts[of] += count
            closed[of] += done
            late[of] += behind
            whole[of] += count == done
    named = people.units(session, of_school.keys())
    return tuple(
        SchoolRow(
            id=school_id,
            name=named[school_id].name,
            classes=count,
            classes_closed=whole[school_id],
            parts=parts[school_id],
            closed=closed[school_id],
            late=late[school_id],
        )
        for school_id, count in sorted(of_school.items(), key=lambda each: named[each[0]].name)
    )


def near_or_late(
    session: Session, who: Principal, *, today: date
) -> tuple[tuple[ClassRow, int], ...]:
    """Classes of the own school that are not closed though the day is near or has passed.

    With the calendar days past it. Of the school year whose day comes next, for whoever closes
    and for the homeroom teacher.
    """
    kind = PositionKind(who.position_kind)
    if kind not in class_rules.OFFICE | {PositionKind.TEACHER}:
        return ()
    year = _ending(today)
    deadline = department_queries.due(session, year).get(rules.Deadline.SCHOOL)
    if deadline is None or not deadline.is_near(today) or today > deadline.on + timedelta(days=120):
        return ()
    own = (
        SchoolClass.homeroom_teacher_id == who.person_id
        if kind is PositionKind.TEACHER
        else SchoolClass.school_id == who.agency_id
    )
    found = _classes(
        session, year, own, SchoolClass.school_id == who.agency_id, SchoolClass.school_year == year
    )
    return tuple((row, deadline.days_late(None, today)) for row in found if row.left)


def _ending(today: date) -> str:
    """The school year that ended last, or ends next: from February on, the one of this year."""
    year = today.year if today.month >= 2 else today.year - 1
    return f"{year - 1}-{year}"


def _is_late(due: Mapping[rules.Deadline, Due], today: date) -> ColumnElement[bool]:
    kinds = []
    for is_reassessed in (False, True):
        day = due.get(rules.school_deadline(is_reassessed=is_reassessed))
        if day is not None:
            after = datetime.combine(day.on + timedelta(days=1), time(), VIETNAM)
            behind = ReportPart.closed_at >= after
            if today > day.on:
                behind = or_(behind, ReportPart.closed_at.is_(None))
            kinds.append(and_(ReportPart.is_reassessed.is_(is_reassessed), behind))
    return or_(*kinds) if kinds else false()


def _classes(
    session: Session, school_year: str, *conditions: ColumnElement[bool]
) -> tuple[ClassRow, ...]:
    enrolled = (
        select(func.count())
        .where(Enrolment.class_id == SchoolClass.id, Enrolment.to_on.is_(None))
        .scalar_subquery()
    )
    found = session.execute(
        select(SchoolClass, Person.full_name, enrolled)
        .join(Person, Person.id == SchoolClass.homeroom_teacher_id)
        .where(*conditions)
        .limit(MOST_CLASSES)
    ).all()
    counts: defaultdict[UUID, dict[PartState, int]] = defaultdict(dict)
    for class_id, state, count in session.execute(
        select(ReportPart.class_id, ReportPart.state, func.count())
        .where(
            ReportPart.class_id.in_([row.id for row, _, _ in found]),
            ReportPart.state.in_(states.LIVE),
        )
        .group_by(ReportPart.class_id, ReportPart.state)
    ):
        counts[class_id][state] = count
    due = department_queries.due(session, school_year).get(rules.Deadline.SCHOOL)
    return tuple(
        ClassRow(
            id=row.id,
            name=row.name,
            grade=row.grade,
            school_year=row.school_year,
            school_id=row.school_id,
            homeroom_teacher=teacher,
            pupils=pupils,
            counts=counts[row.id],
            due=due,
        )
        for row, teacher, pupils in sorted(
            found, key=lambda each: (each[0].grade, name_key(each[0].name))
        )
    )


def _readable(who: Principal) -> ColumnElement[bool]:
    """Row-level security has shown the school's classes; a teacher looks at the own ones."""
    kind = PositionKind(who.position_kind)
    if kind in class_rules.OFFICE:
        return SchoolClass.id.is_not(None)
    above = and_(SchoolClass.school_id != who.agency_id, SchoolClass.id.is_not(None))
    taught = select(ClassSubject.class_id).where(ClassSubject.teacher_id == who.person_id)
    own = or_(SchoolClass.homeroom_teacher_id == who.person_id, SchoolClass.id.in_(taught))
    return or_(own, above) if kind in class_rules.SUPERIORS else own


def _waiting(session: Session, who: Principal) -> Select[Any]:
    """Parts with a place that this person can sign now."""
    kind = PositionKind(who.position_kind)
    turns = [(state, place) for state, place in states.TURNS.items()]
    mine = [
        and_(
            ReportPartSignature.place.in_((Place.SUBJECT, Place.HOMEROOM)),
            ReportPartSignature.signer_id == who.person_id,
        )
    ]
    if kind is PositionKind.CLERK:
        mine.append(ReportPartSignature.place == Place.SEAL)
    if kind is PositionKind.HEAD:
        mine.append(ReportPartSignature.place == Place.PRINCIPAL)
    if kind is PositionKind.DEPUTY_HEAD:
        years_open = [
            year
            for year in session.scalars(
                select(ReportPart.school_year)
                .where(
                    ReportPart.school_id == who.agency_id,
                    ReportPart.state == PartState.AWAITING_PRINCIPAL,
                )
                .distinct()
            )
            if department_queries.signing(session, year).deputy_may_sign
        ]
        mine.append(
            and_(
                ReportPartSignature.place == Place.PRINCIPAL,
                ReportPart.school_year.in_(years_open),
            )
        )
    return (
        select(ReportPart)
        .join(ReportPartSignature, ReportPartSignature.part_id == ReportPart.id)
        .where(
            ReportPart.school_id == who.agency_id,
            ReportPartSignature.signed_at.is_(None),
            tuple_(ReportPart.state, ReportPartSignature.place).in_(turns),
            or_(*mine),
        )
    )
