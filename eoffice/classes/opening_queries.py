"""What the pages ask on which a school sets up its year. Read only; frozen answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import binding, opening_rules, rules, staff_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.classes.opening_actions import HOMEROOM, has_traits
from eoffice.classes.opening_rules import SubjectSettings
from eoffice.errors import NotAllowed
from eoffice.people import queries as people
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    class_id: UUID
    name: str
    #: By code of the subject, HOMEROOM for the class itself; what the class does not learn is
    #: not there.
    teachers: dict[str, UUID]
    is_bound: bool
    #: Codes of the subjects for which the homeroom teacher only stands in.
    unassigned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """Who teaches what in the classes of a grade."""

    #: Code and name, in the order of the books.
    subjects: tuple[tuple[str, str], ...]
    rows: tuple[AssignmentRow, ...]


@dataclass(frozen=True, slots=True)
class SettingsView:
    class_id: UUID
    name: str
    grade: int
    school_year: str
    specialised: str | None
    has_traits: bool
    subjects: tuple[SubjectSettings, ...]
    may_write: bool


def require_office(who: Principal) -> None:
    """Raises NotAllowed."""
    if not rules.may_open_classes(staff_queries.actor(who), who.agency_id):
        raise NotAllowed("Chỉ ban giám hiệu và văn thư của trường mở lớp và phân công giáo viên.")


def school_years(session: Session, who: Principal) -> list[str]:
    """The years in which the person's school has classes, the newest first."""
    return list(
        session.scalars(
            select(SchoolClass.school_year)
            .where(SchoolClass.school_id == who.agency_id)
            .distinct()
            .order_by(SchoolClass.school_year.desc())
        )
    )


def grades(session: Session, school_year: str, who: Principal) -> list[int]:
    """The grades in which the person's school has classes in a year."""
    return list(
        session.scalars(
            select(SchoolClass.grade)
            .where(SchoolClass.school_id == who.agency_id, SchoolClass.school_year == school_year)
            .distinct()
            .order_by(SchoolClass.grade)
        )
    )


def teachers(session: Session, who: Principal, *, at: datetime) -> dict[str, UUID]:
    """Who can be given a class or a subject, by the name by which they are chosen."""
    employed = people.persons_in(session, who.agency_id, at=at)
    return opening_rules.labels({one.person_id: one.full_name for one in employed})


def assignments(session: Session, school_year: str, grade: int, who: Principal) -> AssignmentView:
    """Raises NotAllowed."""
    require_office(who)
    classes = session.scalars(
        select(SchoolClass)
        .where(
            SchoolClass.school_id == who.agency_id,
            SchoolClass.school_year == school_year,
            SchoolClass.grade == grade,
        )
        .order_by(SchoolClass.name)
    ).all()
    taught = session.scalars(
        select(ClassSubject)
        .where(ClassSubject.class_id.in_([one.id for one in classes]))
        .order_by(ClassSubject.ordinal)
    ).all()
    return AssignmentView(
        tuple({one.code: one.name for one in taught}.items()),
        tuple(
            AssignmentRow(
                one.id,
                one.name,
                {
                    HOMEROOM: one.homeroom_teacher_id,
                    **{row.code: row.teacher_id for row in taught if row.class_id == one.id},
                },
                binding.binding_book(session, one.id) is not None,
                frozenset(
                    row.code for row in taught if row.class_id == one.id and not row.is_assigned
                ),
            )
            for one in classes
        ),
    )


def settings(session: Session, class_id: UUID, who: Principal) -> SettingsView:
    """Raises ClassUnknown, NotOfTheClass."""
    row = staff_queries.class_row(session, class_id)
    staff_queries.require_reader(who, staff_queries.staff(session, class_id))
    return SettingsView(
        row.id,
        row.name,
        row.grade,
        row.school_year,
        row.specialised,
        has_traits(row),
        tuple(
            SubjectSettings(one.code, one.name, one.kind, one.has_topics, one.regular_marks)
            for one in session.scalars(
                select(ClassSubject)
                .where(ClassSubject.class_id == class_id)
                .order_by(ClassSubject.ordinal)
            )
        ),
        rules.may_open_classes(staff_queries.actor(who), row.school_id)
        and binding.binding_book(session, class_id) is None,
    )
