"""What pages and programs ask about corrections of closed books. Read only; frozen answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from eoffice.assessment.circulars import RuleSet, rule_set
from eoffice.classes import rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person
from eoffice.registers import correction_cells, correction_rows
from eoffice.registers.correction_actions import CellUnknown, CorrectionUnknown
from eoffice.registers.correction_cells import CellKind, MarkPlace, Place
from eoffice.registers.correction_states import State
from eoffice.registers.gradebook_queries import GradebookView
from eoffice.registers.model import BookCorrection, Gradebook
from eoffice.web.principal import Principal

#: Requests of one list.
MOST: int = 200
#: For how long a person is told that a request was refused.
NEWS: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class CorrectionView:
    id: UUID
    gradebook_id: UUID
    class_id: UUID
    class_name: str
    school_year: str
    pupil_id: UUID
    pupil: str
    #: The cell as the book names it: a mark, conduct, a quality or competence, a session.
    at: Place
    kind: CellKind
    #: Name of a mark's subject; empty for other cells.
    subject: str
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
    #: Why nothing came of it: what the leader wrote, or why the version was returned.
    answer: str | None
    #: Whether the person who asks may decide it now, or take it back.
    may_decide: bool
    may_withdraw: bool


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


def answered(session: Session, who: Principal, *, at: datetime) -> tuple[CorrectionView, ...]:
    """My requests of which nothing came, with the reason, for as long as they are news."""
    return _views(
        session,
        who,
        BookCorrection.requested_by == who.person_id,
        BookCorrection.state.in_((State.REFUSED, State.UNDONE)),
        BookCorrection.state_since > at - NEWS,
    )


@dataclass(frozen=True, slots=True)
class CellNow:
    pupil: str
    #: "Toán học · Học kì I · Thường xuyên 1"
    cell: str
    #: As the book prints it; empty for an empty cell.
    value: str
    #: What the cell can hold, where that is chosen and not typed: value and word.
    choices: tuple[tuple[str, str], ...]


def cell_now(session: Session, book: GradebookView, pupil_id: UUID, place: Place) -> CellNow:
    """What stands in a cell of a closed book. Raises CellUnknown."""
    assert book.class_id is not None
    pupil = session.get(Pupil, pupil_id)
    if pupil is None or session.get(Enrolment, (book.class_id, pupil_id)) is None:
        raise CellUnknown("Lớp không có học sinh này.")
    subject = ""
    if isinstance(place, MarkPlace):
        taught = session.get(ClassSubject, (book.class_id, place.subject_code))
        if taught is None:
            raise CellUnknown("Lớp không học môn này.")
        subject = taught.name
    circular = rule_set(session.get_one(SchoolClass, book.class_id).rule_set)
    key = correction_cells.key_of(place)
    row = BookCorrection(
        class_id=book.class_id,
        school_id=book.school_id,
        pupil_id=pupil_id,
        subject_code=key.code,
        semester=key.semester,
        part=key.part,
        place=key.place,
    )
    held = correction_rows.read(session, row)
    return CellNow(
        pupil=pupil.name,
        cell=correction_cells.words(place, circular, subject),
        value=correction_rows.shown(row, held, circular) or "",
        choices=correction_cells.choices(place, held, circular),
    )


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
            SchoolClass.rule_set,
            asker.full_name,
            decider.full_name,
            Gradebook.returned_because,
        )
        .join(Pupil, Pupil.id == BookCorrection.pupil_id)
        .join(SchoolClass, SchoolClass.id == BookCorrection.class_id)
        .outerjoin(
            ClassSubject,
            (ClassSubject.class_id == BookCorrection.class_id)
            & (ClassSubject.code == BookCorrection.subject_code),
        )
        .join(asker, asker.id == BookCorrection.requested_by)
        .outerjoin(decider, decider.id == BookCorrection.decided_by)
        .outerjoin(Gradebook, Gradebook.id == BookCorrection.new_gradebook_id)
        .where(*conditions)
        .order_by(BookCorrection.requested_at.desc(), BookCorrection.id.desc())
        .limit(MOST)
    )
    leads = PositionKind(who.position_kind) in rules.LEADERS
    return tuple(
        _view(
            row,
            pupil=pupil,
            subject=subject or "",
            class_name=class_name,
            school_year=year,
            circular=rule_set(under),
            requested_by=asked_by,
            decided_by=decided_by,
            returned_because=returned_because,
            may_decide=leads and row.school_id == who.agency_id and row.state is State.REQUESTED,
            may_withdraw=row.requested_by == who.person_id and row.state is State.REQUESTED,
        )
        for (
            row,
            pupil,
            subject,
            class_name,
            year,
            under,
            asked_by,
            decided_by,
            returned_because,
        ) in rows
    )


def _view(
    row: BookCorrection,
    *,
    pupil: str,
    subject: str,
    class_name: str,
    school_year: str,
    circular: RuleSet,
    requested_by: str,
    decided_by: str | None,
    returned_because: str | None,
    may_decide: bool,
    may_withdraw: bool,
) -> CorrectionView:
    place = correction_cells.place_of(correction_rows.key_of(row))
    return CorrectionView(
        id=row.id,
        gradebook_id=row.gradebook_id,
        class_id=row.class_id,
        class_name=class_name,
        school_year=school_year,
        pupil_id=row.pupil_id,
        pupil=pupil,
        at=place,
        kind=correction_cells.kind_of(place),
        subject=subject,
        cell=correction_cells.words(place, circular, subject),
        old=correction_rows.shown(row, row.old_value, circular),
        new=correction_rows.shown(row, row.new_value, circular),
        reason=row.reason,
        evidence_name=row.evidence_name,
        evidence_sha256=row.evidence_sha256,
        state=row.state,
        state_since=row.state_since,
        requested_by=requested_by,
        requested_at=row.requested_at,
        decided_by=decided_by,
        decided_at=row.decided_at,
        decided_because=row.decided_because,
        new_gradebook_id=row.new_gradebook_id,
        answer={State.REFUSED: row.decided_because, State.UNDONE: returned_because}.get(row.state),
        may_decide=may_decide,
        may_withdraw=may_withdraw,
    )
