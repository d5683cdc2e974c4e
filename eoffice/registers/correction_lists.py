"""The lists of a closed book as they stand, to choose the cell that is to be corrected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import rule_set
from eoffice.assessment.marks import Semester
from eoffice.assessment.year import ConductTime, TraitLevel, TraitTime
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.marks import columns, mark_cells, record_queries, year_queries, years
from eoffice.marks.results import Session as HalfDay
from eoffice.registers import class_sources, comparison, correction_cells, correction_rows
from eoffice.registers.correction_actions import CellUnknown
from eoffice.registers.correction_cells import (
    EXCUSED,
    UNEXCUSED,
    AbsencePlace,
    ConductPlace,
    Key,
    MarkPlace,
    Place,
    TraitPlace,
)
from eoffice.registers.correction_states import State
from eoffice.registers.gradebook_queries import GradebookView
from eoffice.registers.kinds import parts
from eoffice.registers.model import BookCorrection

_Asked: TypeAlias = set[tuple[UUID, Key]]


class ListKind(StrEnum):
    """Beside the lists of subjects, which go by the code of the subject."""

    CONDUCT = "conduct"
    TRAITS = "traits"
    ABSENCES = "absences"


@dataclass(frozen=True, slots=True)
class CellOfBook:
    place: Place
    value: str
    #: A request that is not decided or not told yet.
    is_asked: bool
    #: What the cell is called beside its column; empty where the column says it all.
    label: str = ""

    @property
    def query(self) -> str:
        """How the page of a new request is told the cell."""
        return urlencode(fields(self.place))


@dataclass(frozen=True, slots=True)
class RowOfBook:
    pupil_id: UUID
    ordinal: int
    pupil: str
    cells: tuple[CellOfBook, ...]


@dataclass(frozen=True, slots=True)
class PageOfBook:
    """A list of a closed book with the cells for which one may ask."""

    #: Code of a subject, or kind of list, with its name.
    lists: tuple[tuple[str, str], ...]
    chosen: str
    semester: Semester
    #: Of a cell in this list: for who may ask.
    sample: Place
    labels: tuple[str, ...]
    rows: tuple[RowOfBook, ...]


def fields(place: Place) -> dict[str, str]:
    """A cell as forms and addresses say it."""
    kind = correction_cells.kind_of(place).value
    match place:
        case MarkPlace(code, semester, part, number):
            return {
                "kind": kind,
                "subject": code,
                "semester": semester.value,
                "part": part.value,
                "place": str(number),
            }
        case ConductPlace(time):
            return {"kind": kind, "time": time.value}
        case TraitPlace(code, judged_at):
            return {"kind": kind, "trait": code, "time": judged_at.value}
        case AbsencePlace(on, half):
            return {"kind": kind, "on": on.isoformat(), "half": half.value}


def list_of(place: Place) -> str:
    """The query of the list in which a cell stands."""
    match place:
        case MarkPlace(code, semester):
            return urlencode({"subject": code, "semester": semester.value})
        case ConductPlace():
            return urlencode({"subject": ListKind.CONDUCT.value})
        case TraitPlace():
            semester = correction_cells.key_of(place).semester
            return urlencode({"subject": ListKind.TRAITS.value, "semester": semester.value})
        case AbsencePlace(on):
            semester = correction_cells.half_year(on)
            return urlencode({"subject": ListKind.ABSENCES.value, "semester": semester.value})


def page_of_book(
    session: Session, book: GradebookView, chosen: str | None, semester: Semester
) -> PageOfBook:
    """One list as it stands; the first subject where none is named.

    The caller has asked for the book as the person who reads. Raises CellUnknown.
    """
    assert book.class_id is not None
    school_class = session.get_one(SchoolClass, book.class_id)
    circular = rule_set(school_class.rule_set)
    taught = session.scalars(
        select(ClassSubject)
        .where(ClassSubject.class_id == book.class_id)
        .order_by(ClassSubject.ordinal)
    ).all()
    lists = [(one.code, one.name) for one in taught]
    if circular.conduct_levels:
        lists.append((ListKind.CONDUCT.value, circular.conduct_name))
    if circular.trait_names:
        lists.append((ListKind.TRAITS.value, "Phẩm chất, năng lực"))
    lists.append((ListKind.ABSENCES.value, "Chuyên cần"))
    wanted = lists[0][0] if chosen is None else chosen
    if wanted not in dict(lists):
        raise CellUnknown("Lớp không học môn này.")
    asked = _asked(session, book.class_id)
    if wanted == ListKind.CONDUCT:
        made = _conduct(session, school_class, asked)
    elif wanted == ListKind.TRAITS:
        made = _traits(session, school_class, semester, asked)
    elif wanted == ListKind.ABSENCES:
        made = _absences(session, school_class, semester, asked)
    else:
        (subject,) = [one for one in taught if one.code == wanted]
        made = _marks(session, school_class, subject, semester, asked)
    sample, labels, rows = made
    return PageOfBook(tuple(lists), wanted, semester, sample, labels, rows)


_List: TypeAlias = tuple[Place, tuple[str, ...], tuple[RowOfBook, ...]]


def _marks(
    session: Session,
    school_class: SchoolClass,
    subject: ClassSubject,
    semester: Semester,
    asked: _Asked,
) -> _List:
    _, found = columns.of_list(session, school_class, subject, semester)
    marks = class_sources.cells_of_all(session, school_class.id)
    used = {
        (of, place)
        for cells in marks.values()
        for (code, at, of, place) in cells
        if (code, at) == (subject.code, semester)
    }
    # A column has room for more marks than anybody has: those that are there, and its least.
    places = [
        MarkPlace(subject.code, semester, part, place)
        for (part, place), column in columns.places(found).items()
        if place <= column.least or (part, place) in used
    ]
    rows = []
    for pupil, ordinal in _pupils(session, school_class.id):
        held = marks.get(pupil.code, {})
        cells = []
        for at in places:
            value = held.get((at.subject_code, at.semester, at.part, at.place))
            cells.append(_cell(pupil, at, "" if value is None else mark_cells.shown(value), asked))
        rows.append(RowOfBook(pupil.id, ordinal, pupil.name, tuple(cells)))
    labels = tuple(comparison.part_label(at.part, at.place) for at in places)
    return places[0], labels, tuple(rows)


def _conduct(session: Session, school_class: SchoolClass, asked: _Asked) -> _List:
    circular = rule_set(school_class.rule_set)
    levels = record_queries.conduct(session, school_class.id)
    times = [
        *circular.conduct_times,
        *([ConductTime.SUMMER] if levels.get(ConductTime.SUMMER) else []),
    ]
    words = {word.code: word.text for word in circular.conduct_levels}
    rows = []
    for pupil, ordinal in _pupils(session, school_class.id):
        cells = []
        for time in times:
            level = levels.get(time, {}).get(pupil.code)
            cells.append(
                _cell(pupil, ConductPlace(time), "" if level is None else words[level.value], asked)
            )
        rows.append(RowOfBook(pupil.id, ordinal, pupil.name, tuple(cells)))
    labels = tuple(correction_cells.CONDUCT_TIMES[time] for time in times)
    return ConductPlace(times[0]), labels, tuple(rows)


def _traits(
    session: Session, school_class: SchoolClass, semester: Semester, asked: _Asked
) -> _List:
    names = rule_set(school_class.rule_set).trait_names
    judged = years.in_force(session, school_class).traits(school_class.grade)
    of_semester = {
        Semester.FIRST: (TraitTime.MIDDLE_OF_FIRST, TraitTime.END_OF_FIRST),
        Semester.SECOND: (TraitTime.MIDDLE_OF_SECOND, TraitTime.END_OF_YEAR),
    }
    places = [
        TraitPlace(code, time) for time in of_semester[semester] for code in names if code in judged
    ]
    levels = {
        time: year_queries.traits(session, school_class.id, time) for time in of_semester[semester]
    }
    rows = []
    for pupil, ordinal in _pupils(session, school_class.id):
        cells = []
        for at in places:
            level = levels[at.time].get((pupil.id, at.code))
            value = correction_cells.shown_level(
                at,
                None if level is None else TraitLevel(level).value,
                rule_set(school_class.rule_set),
            )
            cells.append(_cell(pupil, at, value or "", asked))
        rows.append(RowOfBook(pupil.id, ordinal, pupil.name, tuple(cells)))
    labels = tuple(
        f"{names[at.code]}, {correction_cells.TRAIT_TIMES[at.time].lower()}" for at in places
    )
    return places[0], labels, tuple(rows)


def _absences(
    session: Session, school_class: SchoolClass, semester: Semester, asked: _Asked
) -> _List:
    """The sessions missed in a half of the year; one that is not there is asked for by its day."""
    found: dict[str, list[AbsencePlace]] = {}
    excused: dict[tuple[str, AbsencePlace], str] = {}
    for one in record_queries.absences(session, school_class.id):
        at = AbsencePlace(one.on, one.session)
        if correction_cells.half_year(one.on) is semester:
            found.setdefault(one.pupil_code, []).append(at)
            excused[one.pupil_code, at] = EXCUSED if one.excused else UNEXCUSED
    rows = []
    for pupil, ordinal in _pupils(session, school_class.id):
        cells = []
        for at in found.get(pupil.code, ()):
            letter = "P" if excused[pupil.code, at] == EXCUSED else "K"
            label = f"{at.on:%d/%m}, {correction_cells.HALF_NAMES[at.half]}"
            cells.append(_cell(pupil, at, letter, asked, label))
        rows.append(RowOfBook(pupil.id, ordinal, pupil.name, tuple(cells)))
    first = parts.months_of(school_class.school_year)[0]
    sample = AbsencePlace(first, HalfDay.MORNING)
    return sample, (), tuple(rows)


def _cell(pupil: Pupil, place: Place, value: str, asked: _Asked, label: str = "") -> CellOfBook:
    is_asked = (pupil.id, correction_cells.key_of(place)) in asked
    return CellOfBook(place, value, is_asked, label)


def _asked(session: Session, class_id: UUID) -> _Asked:
    return {
        (row.pupil_id, correction_rows.key_of(row))
        for row in session.scalars(
            select(BookCorrection).where(
                BookCorrection.class_id == class_id,
                BookCorrection.state.in_((State.REQUESTED, State.APPROVED)),
            )
        )
    }


def _pupils(session: Session, class_id: UUID) -> Sequence[tuple[Pupil, int]]:
    return [
        (pupil, ordinal)
        for pupil, ordinal in session.execute(
            select(Pupil, Enrolment.ordinal)
            .join(Enrolment, Enrolment.pupil_id == Pupil.id)
            .where(Enrolment.class_id == class_id)
            .order_by(Enrolment.ordinal)
        )
    ]
