"""Schools below an agency, and how far the books of their classes are. Read only; frozen answers.

Row-level security shows an agency its own classes and those of the schools below it; who within
the agency may look, `require_reader` says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from eoffice.archive.model import ArchiveEntry
from eoffice.archive.states import EntryKind
from eoffice.classes import rules as class_rules
from eoffice.classes import staff_queries
from eoffice.classes.model import SchoolClass
from eoffice.errors import NotAllowed
from eoffice.people import queries as people
from eoffice.people.kinds import UnitKind
from eoffice.people.model import Person
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.statistics.model import CountedBook, ResultCount
from eoffice.statistics.outcome_rules import Counted, Kind
from eoffice.statistics.rules import ClassBook, Keeping, School
from eoffice.web.principal import Principal

#: No province has as many schools.
_MOST_SCHOOLS = 5_000


class NotAReader(NotAllowed):
    """Figures of schools are for those who lead or oversee them."""


def require_reader(who: Principal) -> None:
    """Raises NotAReader."""
    kind = staff_queries.actor(who).kind
    if kind not in class_rules.SUPERIORS | class_rules.OFFICE:
        raise NotAReader(
            "Thống kê sổ sách dành cho lãnh đạo, chuyên viên, văn thư của trường và của cơ quan "
            "quản lý."
        )


def schools(session: Session, who: Principal, *, on: date) -> tuple[School, ...]:
    """The agency itself where it is a school, and the schools below it, by name."""
    own = people.unit(session, who.agency_id)
    below = people.search_units(
        session,
        "",
        on=on,
        kinds=(UnitKind.SCHOOL,),
        below_id=who.agency_id,
        limit=_MOST_SCHOOLS,
    )
    found = (own, *below) if own.kind is UnitKind.SCHOOL else below
    superiors = people.units(session, {each.parent_id for each in found if each.parent_id})
    return tuple(
        School(
            each.id,
            each.name,
            each.level,
            each.parent_id or each.id,
            superiors[each.parent_id].name if each.parent_id else each.name,
        )
        for each in found
    )


def school_years(session: Session) -> tuple[str, ...]:
    """Those of which there are classes, the newest first."""
    return tuple(
        session.scalars(
            select(SchoolClass.school_year).distinct().order_by(SchoolClass.school_year.desc())
        )
    )


def books(session: Session, school_year: str) -> tuple[ClassBook, ...]:
    """Every class of the year that row-level security shows, by school and name."""
    newest = (
        select(Gradebook.class_id, Gradebook.id, Gradebook.state, Gradebook.state_since)
        .where(
            Gradebook.kind == BookKind.CLASS_BOOK,
            Gradebook.state.not_in((State.RETURNED, State.SUPERSEDED)),
        )
        # While a correction is being signed, the version before it is the one in force.
        .ext(distinct_on(Gradebook.class_id))
        .order_by(Gradebook.class_id, (Gradebook.state == State.CLOSED).desc())
        .subquery()
    )
    archived = (
        select(ArchiveEntry.source_id)
        .where(ArchiveEntry.kind == EntryKind.GRADEBOOK, ArchiveEntry.source_id == newest.c.id)
        .exists()
    )
    rows = session.execute(
        select(SchoolClass, Person.full_name, newest.c.state, newest.c.state_since, archived)
        .join(Person, Person.id == SchoolClass.homeroom_teacher_id)
        .outerjoin(newest, newest.c.class_id == SchoolClass.id)
        .where(SchoolClass.school_year == school_year)
        .order_by(SchoolClass.school_id, SchoolClass.grade, SchoolClass.name)
    )
    return tuple(
        ClassBook(
            row.id,
            row.name,
            row.grade,
            row.school_id,
            teacher,
            _keeping(state, is_archived=is_archived),
            since,
        )
        for row, teacher, state, since, is_archived in rows
    )


def narrowed(
    found: Iterable[ClassBook], of: Iterable[School], keepings: frozenset[Keeping]
) -> tuple[ClassBook, ...]:
    """The classes of these schools that are so far; all without a choice."""
    wanted: set[UUID] = {school.id for school in of}
    return tuple(
        book
        for book in found
        if book.school_id in wanted and (not keepings or book.keeping in keepings)
    )


def _keeping(state: State | None, *, is_archived: bool) -> Keeping:
    if state is None:
        return Keeping.NONE
    if state is not State.CLOSED:
        return Keeping.SIGNING
    return Keeping.ARCHIVED if is_archived else Keeping.SEALED


def counted(session: Session, school_year: str) -> tuple[Counted, ...]:
    """Results of all sealed books of the year that row-level security shows."""
    rows = session.execute(
        select(ResultCount, SchoolClass.name, SchoolClass.grade)
        .join(CountedBook, CountedBook.class_id == ResultCount.class_id)
        .join(SchoolClass, SchoolClass.id == ResultCount.class_id)
        .where(CountedBook.school_year == school_year)
        .order_by(ResultCount.school_id, SchoolClass.grade, SchoolClass.name, ResultCount.ordinal)
    )
    return tuple(
        Counted(
            row.class_id,
            name,
            row.school_id,
            grade,
            Kind(row.sex, row.learning, row.conduct, row.outcome, row.title),
            row.pupils,
        )
        for row, name, grade in rows
    )
