"""The grid of a subject and semester: cells with their tags, what is locked, averages.

Read only; frozen answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import Rules
from eoffice.assessment.marks import Incomplete, Part, Semester, SubjectKind, Value
from eoffice.assessment.year import Column, Holds
from eoffice.classes import actions, opening_actions, rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.errors import NotFound, Refusal
from eoffice.marks import columns, entry, lock_actions, lock_rules, mark_cells, years
from eoffice.marks.lock_rules import Place
from eoffice.marks.model import Mark
from eoffice.marks.record_queries import value_of
from eoffice.people.model import Person
from eoffice.web.principal import Principal

#: Places of a part that has no fixed number, in an empty grid.
_FEWEST = 3


class NotTaught(NotFound):
    """The class is not taught this subject."""


@dataclass(frozen=True, slots=True)
class GridColumn:
    part: Part
    place: int
    label: str
    holds: Holds
    #: Why nothing can be written here now; None where it can.
    locked: str | None


@dataclass(frozen=True, slots=True)
class GridCell:
    part: Part
    place: int
    shown: str
    tag: str


@dataclass(frozen=True, slots=True)
class GridRow:
    pupil_id: UUID
    ordinal: int
    code: str
    name: str
    cells: tuple[GridCell, ...]
    #: As it stands; "" while something is missing.
    average: str


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    name: str
    teacher: str
    may_enter: bool


@dataclass(frozen=True, slots=True)
class GridView:
    class_id: UUID
    class_name: str
    school_year: str
    subject: Choice
    kind: SubjectKind
    semester: Semester
    columns: tuple[GridColumn, ...]
    rows: tuple[GridRow, ...]
    #: The subjects of the class, those that this person may enter first.
    subjects: tuple[Choice, ...]
    #: Why nothing can be changed now: a book of the class is being signed or is closed, or nobody
    #: was assigned to the subject.
    bound: str | None

    @property
    def may_write(self) -> bool:
        return self.subject.may_enter and self.bound is None


def grid(
    session: Session,
    class_id: UUID,
    subject_code: str | None,
    semester: Semester,
    *,
    who: Principal,
    at: datetime,
) -> GridView:
    """The cells of a subject; of the first that this person may enter where None.

    Raises ClassUnknown, NotOfTheClass, NotTaught.
    """
    school_class = staff_queries.class_row(session, class_id)
    team = staff_queries.staff(session, class_id)
    staff_queries.require_reader(who, team)
    actor = staff_queries.actor(who)
    rows = session.execute(
        select(ClassSubject, Person.full_name)
        .join(Person, Person.id == ClassSubject.teacher_id)
        .where(ClassSubject.class_id == class_id)
        .order_by(ClassSubject.ordinal)
    ).all()
    by_code = {row.code: row for row, _ in rows}
    subjects = [
        Choice(row.code, row.name, teacher, rules.may_enter_marks(actor, team, {row.code}))
        for row, teacher in rows
    ]
    subjects.sort(key=lambda one: not one.may_enter)
    chosen = next((one for one in subjects if subject_code in (None, one.code)), None)
    if chosen is None:
        raise NotTaught(f"Lớp {school_class.name} không học môn này. Hãy chọn môn trong danh sách.")
    subject = by_code[chosen.code]
    circular, wanted = columns.of_list(session, school_class, subject, semester)
    marks = _marks(session, class_id, subject.code, semester)
    places = _shown_places(wanted, marks)
    locks = lock_actions.locks_of(session, school_class.school_id, school_class.school_year)
    made = []
    for (part, place), column in places.items():
        held = lock_rules.holding(
            locks, Place(class_id, subject.code, semester, part, place), at=at
        )
        made.append(
            GridColumn(
                part,
                place,
                column.label_of(place),
                column.holds,
                None if held is None else held.reason,
            )
        )
    return GridView(
        class_id=class_id,
        class_name=school_class.name,
        school_year=school_class.school_year,
        subject=chosen,
        kind=subject.kind,
        semester=semester,
        columns=tuple(made),
        rows=tuple(
            GridRow(
                pupil_id=pupil.id,
                ordinal=ordinal,
                code=pupil.code,
                name=pupil.name,
                cells=tuple(
                    GridCell(part, place, shown(value), entry.tag(value))
                    for part, place in places
                    for value in [marks.get((pupil.id, part, place))]
                ),
                average=_average(circular, subject, semester, marks, pupil.id),
            )
            for ordinal, pupil in session.execute(
                select(Enrolment.ordinal, Pupil)
                .join(Pupil, Pupil.id == Enrolment.pupil_id)
                .where(Enrolment.class_id == class_id)
                .order_by(Enrolment.ordinal)
            )
        ),
        subjects=tuple(subjects),
        bound=_bound(session, school_class, subject),
    )


def averages(
    session: Session,
    class_id: UUID,
    subject_code: str,
    semester: Semester,
    pupil_ids: Iterable[UUID],
) -> dict[UUID, str]:
    """The averages of some pupils as they stand, after cells were written."""
    subject = session.get_one(ClassSubject, (class_id, subject_code))
    circular = years.in_force(session, session.get_one(SchoolClass, class_id))
    marks = _marks(session, class_id, subject_code, semester)
    return {one: _average(circular, subject, semester, marks, one) for one in pupil_ids}


def shown(value: Value | None) -> str:
    """As the register prints it; "" for no mark."""
    return "" if value is None else mark_cells.shown(value)


def _shown_places(
    wanted: tuple[Column, ...], marks: Mapping[tuple[UUID, Part, int], Value]
) -> dict[tuple[Part, int], Column]:
    """All places that must be filled; of those that may be, one more than were used."""
    used = Counter({part: 0 for _, part, _ in marks})
    for _, part, place in marks:
        used[part] = max(used[part], place)
    return {
        (part, place): column
        for (part, place), column in columns.places(wanted).items()
        if place <= max(column.least, used[part] + 1, _FEWEST)
    }


def _bound(session: Session, school_class: SchoolClass, subject: ClassSubject) -> str | None:
    try:
        actions.require_unbound(session, school_class)
        opening_actions.require_assigned(subject, school_class.name)
    except Refusal as refusal:
        return refusal.detail
    return None


def _marks(
    session: Session, class_id: UUID, subject_code: str, semester: Semester
) -> dict[tuple[UUID, Part, int], Value]:
    rows = session.scalars(
        select(Mark)
        .where(
            Mark.class_id == class_id,
            Mark.subject_code == subject_code,
            Mark.semester == semester,
        )
        .execution_options(populate_existing=True)
    )
    return {(row.pupil_id, row.part, row.place): value_of(row) for row in rows}


def _average(
    circular: Rules,
    subject: ClassSubject,
    semester: Semester,
    marks: dict[tuple[UUID, Part, int], Value],
    pupil_id: UUID,
) -> str:
    own = {
        (subject.code, semester, part, place): value
        for (pupil, part, place), value in marks.items()
        if pupil == pupil_id
    }
    found = circular.of_semester(years.assessed(subject), semester, own)
    return "" if isinstance(found, Incomplete) else shown(found)
