"""What pages and programs ask about corrections of closed books. Read only; frozen answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from eoffice.assessment.marks import Part, Semester
from eoffice.classes import rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.marks import columns, mark_cells, mark_rows
from eoffice.marks.mark_rows import MarkCell
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.registers import class_sources, comparison, correcting
from eoffice.registers.correction_actions import CellUnknown, CorrectionUnknown
from eoffice.registers.correction_states import State
from eoffice.registers.gradebook_queries import GradebookView
from eoffice.registers.model import BookCorrection
from eoffice.web.principal import Principal

#: Requests of one list.
MOST: int = 200


@dataclass(frozen=True, slots=True)
class CorrectionView:
    id: UUID
    gradebook_id: UUID
    class_id: UUID
    class_name: str
    school_year: str
    pupil_id: UUID
    pupil: str
    subject_code: str
    subject: str
    semester: Semester
    part: Part
    place: int
    #: "Toán học · Học kì I · Thường xuyên 1"
    cell: str
    #: As registers print them; None for an empty cell.
    old: str | None
    new: str | None
    reason: str
    evidence_name: str
    evidence_sha256: str
    state: State
    state_since: datetime
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_because: str | None
    new_gradebook_id: UUID | None
    #: Whether the person who asks may decide it now, or take it back.
    may_decide: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class CellOfBook:
    part: Part
    place: int
    value: str
    #: A request that is not decided or not told yet.
    is_asked: bool


@dataclass(frozen=True, slots=True)
class RowOfBook:
    pupil_id: UUID
    ordinal: int
    pupil: str
    cells: tuple[CellOfBook, ...]


@dataclass(frozen=True, slots=True)
class PageOfBook:
    """A subject and semester of a closed book, with the cells for which one may ask."""

    subjects: tuple[tuple[str, str], ...]
    subject_code: str
    semester: Semester
    labels: tuple[str, ...]
    rows: tuple[RowOfBook, ...]


def correction(session: Session, correction_id: UUID, who: Principal) -> CorrectionView:
    """Raises CorrectionUnknown, NotOfTheClass."""
    found = _views(session, who, BookCorrection.id == correction_id)
    if not found:
        raise CorrectionUnknown("Không có đề nghị này, hoặc đơn vị đang làm việc không được xem.")
    staff_queries.require_reader(who, staff_queries.staff(session, found[0].class_id))
    return found[0]


def evidence(session: Session, correction_id: UUID, who: Principal) -> tuple[str, str, str]:
    """Digest, name and media type of the file that shows why. Raises what `correction` raises."""
    view = correction(session, correction_id, who)
    media_type = session.get_one(BookCorrection, correction_id).evidence_type
    return view.evidence_sha256, view.evidence_name, media_type


def corrections(
    session: Session, who: Principal, *, gradebook_id: UUID | None = None, is_open: bool = False
) -> tuple[CorrectionView, ...]:
    """The requests of the classes that this person may read, the newest first.

    Of one book: those that were asked for in it, and those that it tells.
    """
    conditions: list[ColumnElement[bool]] = []
    if gradebook_id is not None:
        conditions.append(
            or_(
                BookCorrection.gradebook_id == gradebook_id,
                BookCorrection.new_gradebook_id == gradebook_id,
            )
        )
    if is_open:
        conditions.append(BookCorrection.state.in_((State.REQUESTED, State.APPROVED)))
    if not _reads_all(who):
        taught = select(ClassSubject.class_id).where(ClassSubject.teacher_id == who.person_id)
        led = select(SchoolClass.id).where(SchoolClass.homeroom_teacher_id == who.person_id)
        conditions.append(
            or_(BookCorrection.class_id.in_(taught), BookCorrection.class_id.in_(led))
        )
    return _views(session, who, *conditions)


def awaiting(session: Session, who: Principal) -> tuple[CorrectionView, ...]:
    """The requests that this person can decide now, those that wait longest first."""
    if PositionKind(who.position_kind) not in rules.LEADERS:
        return ()
    found = _views(
        session,
        who,
        BookCorrection.school_id == who.agency_id,
        BookCorrection.state == State.REQUESTED,
    )
    return tuple(reversed(found))


def page_of_book(
    session: Session, book: GradebookView, subject_code: str | None, semester: Semester
) -> PageOfBook:
    """The marks of a subject as they stand; the first subject where none is named.

    The caller has asked for the book as the person who reads. Raises CellUnknown.
    """
    assert book.class_id is not None
    school_class = session.get_one(SchoolClass, book.class_id)
    taught = session.scalars(
        select(ClassSubject)
        .where(ClassSubject.class_id == book.class_id)
        .order_by(ClassSubject.ordinal)
    ).all()
    subject = next((one for one in taught if subject_code in (None, one.code)), None)
    if subject is None:
        raise CellUnknown("Lớp không học môn này.")
    _, found = columns.of_list(session, school_class, subject, semester)
    marks = class_sources.cells_of_all(session, book.class_id)
    used = {
        (of, place)
        for cells in marks.values()
        for (code, at, of, place) in cells
        if (code, at) == (subject.code, semester)
    }
    # A column has room for more marks than anybody has: those that are there, and its least.
    places = [
        (column, place)
        for (part, place), column in columns.places(found).items()
        if place <= column.least or (part, place) in used
    ]
    asked = {
        (row.pupil_id, row.part, row.place)
        for row in session.scalars(
            select(BookCorrection).where(
                BookCorrection.class_id == book.class_id,
                BookCorrection.subject_code == subject.code,
                BookCorrection.semester == semester,
                BookCorrection.state.in_((State.REQUESTED, State.APPROVED)),
            )
        )
    }
    rows = []
    for pupil, ordinal in session.execute(
        select(Pupil, Enrolment.ordinal)
        .join(Enrolment, Enrolment.pupil_id == Pupil.id)
        .where(Enrolment.class_id == book.class_id)
        .order_by(Enrolment.ordinal)
    ):
        of_pupil = marks.get(pupil.code, {})
        cells = []
        for column, place in places:
            value = of_pupil.get((subject.code, semester, column.part, place))
            shown = "" if value is None else mark_cells.shown(value)
            is_asked = (pupil.id, column.part, place) in asked
            cells.append(CellOfBook(column.part, place, shown, is_asked))
        rows.append(RowOfBook(pupil.id, ordinal, pupil.name, tuple(cells)))
    return PageOfBook(
        subjects=tuple((one.code, one.name) for one in taught),
        subject_code=subject.code,
        semester=semester,
        labels=tuple(part_label(column.part, place) for column, place in places),
        rows=tuple(rows),
    )


def cell_now(
    session: Session,
    book: GradebookView,
    pupil_id: UUID,
    subject_code: str,
    semester: Semester,
    part: Part,
    place: int,
) -> tuple[str, str, str]:
    """Name of the pupil, the cell in words, and what stands in it. Raises CellUnknown."""
    assert book.class_id is not None
    pupil = session.get(Pupil, pupil_id)
    subject = session.get(ClassSubject, (book.class_id, subject_code))
    listed = session.get(Enrolment, (book.class_id, pupil_id))
    if pupil is None or subject is None or listed is None:
        raise CellUnknown("Lớp không có học sinh này hoặc không học môn này.")
    cell = MarkCell(book.class_id, book.school_id, pupil_id, subject_code, semester, part, place)
    value = mark_rows.read(session, cell)
    shown = "" if value is None else mark_cells.shown(value)
    return pupil.name, cell_words(subject.name, semester, part, place), shown


def cell_words(subject: str, semester: Semester, part: Part, place: int) -> str:
    """ "Toán học · Học kì I · Thường xuyên 1" """
    return " · ".join((subject, comparison.WORDS[semester.value], part_label(part, place)))


def part_label(part: Part, place: int) -> str:
    """A column of the book: only those that can have several marks are numbered."""
    word = comparison.WORDS[part.value]
    return f"{word} {place}" if part in comparison.SEVERAL else word


def _reads_all(who: Principal) -> bool:
    return PositionKind(who.position_kind) in rules.OFFICE | rules.SUPERIORS


def _views(
    session: Session, who: Principal, *conditions: ColumnElement[bool]
) -> tuple[CorrectionView, ...]:
    asker, decider = aliased(Person), aliased(Person)
    rows = session.execute(
        select(
            BookCorrection,
            Pupil.name,
            ClassSubject.name,
            SchoolClass.name,
            SchoolClass.school_year,
            asker.full_name,
            decider.full_name,
        )
        .join(Pupil, Pupil.id == BookCorrection.pupil_id)
        .join(SchoolClass, SchoolClass.id == BookCorrection.class_id)
        .join(
            ClassSubject,
            (ClassSubject.class_id == BookCorrection.class_id)
            & (ClassSubject.code == BookCorrection.subject_code),
        )
        .join(asker, asker.id == BookCorrection.requested_by)
        .outerjoin(decider, decider.id == BookCorrection.decided_by)
        .where(*conditions)
        .order_by(BookCorrection.requested_at.desc(), BookCorrection.id.desc())
        .limit(MOST)
    )
    leads = PositionKind(who.position_kind) in rules.LEADERS
    return tuple(
        CorrectionView(
            id=row.id,
            gradebook_id=row.gradebook_id,
            class_id=row.class_id,
            class_name=class_name,
            school_year=year,
            pupil_id=row.pupil_id,
            pupil=pupil,
            subject_code=row.subject_code,
            subject=subject,
            semester=row.semester,
            part=row.part,
            place=row.place,
            cell=cell_words(subject, row.semester, row.part, row.place),
            old=_shown(row.old_value),
            new=_shown(row.new_value),
            reason=row.reason,
            evidence_name=row.evidence_name,
            evidence_sha256=row.evidence_sha256,
            state=row.state,
            state_since=row.state_since,
            requested_by=asked_by,
            requested_at=row.requested_at,
            decided_by=decided_by,
            decided_at=row.decided_at,
            decided_because=row.decided_because,
            new_gradebook_id=row.new_gradebook_id,
            may_decide=leads and row.school_id == who.agency_id and row.state is State.REQUESTED,
            may_withdraw=row.requested_by == who.person_id and row.state is State.REQUESTED,
        )
        for row, pupil, subject, class_name, year, asked_by, decided_by in rows
    )


def _shown(text: str | None) -> str | None:
    value = correcting.value_of(text)
    return None if value is None else mark_cells.shown(value)
