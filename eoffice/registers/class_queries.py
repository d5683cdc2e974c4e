"""What pages and programs ask about classes: the list, one class, and the results of its pupils.

Read only; frozen answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import rule_set
from eoffice.assessment.marks import Part, Semester, SubjectKind
from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.classes import queries, rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, SchoolClass
from eoffice.classes.rules import ClassStaff
from eoffice.marks import record_queries, years
from eoffice.marks.model import Mark
from eoffice.marks.results import Absence, TaughtSubject
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.registers import states
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.model import Gradebook
from eoffice.registers.states import State
from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject of a class and how many of its marks are in, by semester."""

    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    regular_marks: int
    teacher_id: UUID
    teacher: str
    entered: dict[Semester, int]
    #: Marks that each semester needs: of all pupils together.
    expected: int


@dataclass(frozen=True, slots=True)
class PupilRow:
    id: UUID
    ordinal: int
    code: str
    name: str
    born_on: date
    sex: str


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class in a list."""

    id: UUID
    name: str
    grade: int
    school_year: str
    school_id: UUID
    school_name: str
    homeroom_teacher: str
    pupils: int
    #: Of the newest version; None before the first.
    gradebook_id: UUID | None
    gradebook_state: State | None


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class with everything but marks."""

    id: UUID
    name: str
    grade: int
    school_year: str
    rule_set: str
    school_id: UUID
    school_name: str
    homeroom_teacher_id: UUID
    homeroom_teacher: str
    subjects: tuple[SubjectRow, ...]
    pupils: tuple[PupilRow, ...]
    #: By time and code of the pupil: when the circular has it judged, and after summer.
    conduct: dict[ConductTime, dict[str, ConductLevel]]
    absences: tuple[Absence, ...]
    remarks: tuple[tuple[date, str], ...]
    gradebooks: tuple[GradebookRow, ...]
    staff: ClassStaff

    @property
    def is_bound(self) -> bool:
        """Whether a book is being signed or is closed, so that nothing may change."""
        return any(book.state in states.BINDING for book in self.gradebooks)


@dataclass(frozen=True, slots=True)
class GradebookRow:
    id: UUID
    version: int
    state: State
    state_since: datetime
    returned_because: str | None


def classes(
    session: Session, who: Principal, *, school_year: str | None = None, limit: int = 200
) -> tuple[ClassRow, ...]:
    """The classes that this person may read (`rules.may_read`): taught, or all for the office and
    the superiors of the school.

    The newest school year first, then by school and name.
    """
    query = (
        select(SchoolClass, Person.full_name)
        .join(Person, Person.id == SchoolClass.homeroom_teacher_id)
        .order_by(SchoolClass.school_year.desc(), SchoolClass.school_id, SchoolClass.name)
        .limit(limit)
    )
    if school_year is not None:
        query = query.where(SchoolClass.school_year == school_year)
    kind = PositionKind(who.position_kind)
    own = SchoolClass.school_id == who.agency_id
    teaches = select(ClassSubject.class_id).where(ClassSubject.teacher_id == who.person_id)
    taught = or_(SchoolClass.homeroom_teacher_id == who.person_id, SchoolClass.id.in_(teaches))
    query = query.where(
        or_(
            and_(own, true() if kind in rules.OFFICE else taught),
            and_(~own, true() if kind in rules.SUPERIORS else false()),
        )
    )
    rows = session.execute(query).all()
    ids = [row.id for row, _ in rows]
    sizes = dict(
        session.execute(
            select(Enrolment.class_id, func.count())
            .where(Enrolment.class_id.in_(ids))
            .group_by(Enrolment.class_id)
        ).all()
    )
    books = {
        class_id: (book_id, state)
        for class_id, book_id, state in session.execute(
            select(Gradebook.class_id, Gradebook.id, Gradebook.state)
            .where(Gradebook.class_id.in_(ids), Gradebook.kind == BookKind.CLASS_BOOK)
            .order_by(Gradebook.version)
        )
    }
    schools = people.units(session, {row.school_id for row, _ in rows})
    return tuple(
        ClassRow(
            id=row.id,
            name=row.name,
            grade=row.grade,
            school_year=row.school_year,
            school_id=row.school_id,
            school_name=schools[row.school_id].name,
            homeroom_teacher=teacher,
            pupils=sizes.get(row.id, 0),
            gradebook_id=books.get(row.id, (None, None))[0],
            gradebook_state=books.get(row.id, (None, None))[1],
        )
        for row, teacher in rows
    )


def school_class(session: Session, class_id: UUID, who: Principal) -> ClassView:
    """Raises ClassUnknown, NotOfTheClass."""
    row = staff_queries.class_row(session, class_id)
    team = staff_queries.staff(session, class_id)
    staff_queries.require_reader(who, team)
    pupils = queries.pupils_of(session, class_id)
    return ClassView(
        id=row.id,
        name=row.name,
        grade=row.grade,
        school_year=row.school_year,
        rule_set=row.rule_set,
        school_id=row.school_id,
        school_name=people.unit(session, row.school_id).name,
        homeroom_teacher_id=row.homeroom_teacher_id,
        homeroom_teacher=people.person(session, row.homeroom_teacher_id).full_name,
        subjects=_subject_rows(session, class_id, len(pupils)),
        pupils=tuple(
            PupilRow(pupil.id, ordinal, pupil.code, pupil.name, pupil.born_on, pupil.sex)
            for ordinal, pupil in enumerate(pupils, start=1)
        ),
        conduct=_conduct(session, row),
        absences=record_queries.absences(session, class_id),
        remarks=record_queries.remarks(session, class_id),
        gradebooks=tuple(
            GradebookRow(book.id, book.version, book.state, book.state_since, book.returned_because)
            for book in session.scalars(
                select(Gradebook)
                .where(Gradebook.class_id == class_id, Gradebook.kind == BookKind.CLASS_BOOK)
                .order_by(Gradebook.version.desc())
            )
        ),
        staff=team,
    )


def _conduct(session: Session, row: SchoolClass) -> dict[ConductTime, dict[str, ConductLevel]]:
    judged = rule_set(row.rule_set).conduct_times
    found = record_queries.conduct(session, row.id)
    return {time: levels for time, levels in found.items() if levels or time in judged}


#: Marks that not every pupil has.
_BESIDE = (Part.TOPIC, Part.STATED, Part.REASSESSED, Part.REASSESSED_TEST)


def _subject_rows(session: Session, class_id: UUID, pupils: int) -> tuple[SubjectRow, ...]:
    counted = {
        (code, semester): count
        for code, semester, count in session.execute(
            select(Mark.subject_code, Mark.semester, func.count())
            .where(Mark.class_id == class_id, Mark.part.not_in(_BESIDE))
            .group_by(Mark.subject_code, Mark.semester)
        )
    }
    school_class = session.get_one(SchoolClass, class_id)
    circular = years.in_force(session, school_class)
    codes = [one.code for one in years.subjects_of(session, class_id)]
    rows = []
    for row, teacher in session.execute(queries.subjects_with_teachers(class_id)):
        taught = TaughtSubject(row.code, row.name, row.kind, row.periods_per_year, teacher)
        rows.append(
            SubjectRow(
                code=row.code,
                name=row.name,
                kind=row.kind,
                periods_per_year=row.periods_per_year,
                regular_marks=taught.regular_marks,
                teacher_id=row.teacher_id,
                teacher=teacher,
                entered={s: counted.get((row.code, s), 0) for s in Semester},
                expected=pupils
                * circular.required(years.assessed(row), Semester.FIRST, school_class.grade, codes),
            )
        )
    return tuple(rows)
