"""A cell of a closed book is corrected: asked for, decided, and told in a version to be sealed.

The class stays bound by the closed book all the while: an approval writes the one cell that was
asked for, and nothing else of the class can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.circulars import rule_set
from eoffice.audit import actions as audit
from eoffice.classes import actions, rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, Pupil, SchoolClass
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.marks import columns, entry
from eoffice.objects.sha256 import Sha256
from eoffice.registers import (
    correcting,
    correction_cells,
    correction_rows,
    correction_states,
    gradebook_queries,
    gradebooks,
    states,
)
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.correction_cells import (
    AbsencePlace,
    ConductPlace,
    MarkPlace,
    Place,
    TraitPlace,
)
from eoffice.registers.correction_states import State, Step
from eoffice.registers.kinds import parts
from eoffice.registers.model import BookCorrection, Gradebook
from eoffice.web.principal import Principal

LONGEST_REASON: Final = 500
_LONGEST_NAME: Final = 200
#: Requests that one version tells.
MOST_AT_ONCE: Final = 200


class CorrectionUnknown(NotFound):
    """There is no such request, or the acting unit may not know of it."""


class NotClosed(Conflict):
    """Only a closed book of a class is corrected; another one is returned."""


class AlreadyAsked(Conflict):
    """Somebody has asked for a correction of this cell already."""


class BeingCorrected(Conflict):
    """A version with earlier corrections is still being signed."""


class NoChange(Invalid):
    """The cell holds this value already."""


class CellUnknown(Invalid):
    """There is no such pupil in the class, or no such column in the subject."""


class CellDiffers(Conflict):
    """The cell no longer holds what it held when the correction was asked for."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The file that shows why, as it lies in the object store: sniffed and bounded."""

    sha256: Sha256
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """The cell, and what it shall hold, as it was typed."""

    pupil_id: UUID
    place: Place
    text: str


def request(
    session: Session,
    gradebook_id: UUID,
    wanted: Wanted,
    reason: str,
    evidence: Evidence,
    *,
    by: Principal,
    at: datetime,
) -> UUID:
    """Ask for a correction: of a mark the teacher of the subject or the homeroom teacher of the
    class, of anything else the homeroom teacher.

    Raises GradebookUnknown, NotClosed, NotAllowed, CellUnknown, NotAMark, NotAValue, NoChange,
    AlreadyAsked, Invalid.
    """
    book = _closed(session, gradebook_id)
    class_id = book.of.owned_class
    school_class = actions.locked(session, class_id)
    may, who = may_ask(
        staff_queries.actor(by), staff_queries.staff(session, class_id), wanted.place
    )
    if not may:
        raise NotAllowed(who)
    if session.get(Enrolment, (class_id, wanted.pupil_id)) is None:
        raise CellUnknown("Lớp không có học sinh này.")
    key = correction_cells.key_of(wanted.place)
    row = BookCorrection(
        id=new_id(),
        gradebook_id=book.id,
        school_id=book.school_id,
        class_id=class_id,
        pupil_id=wanted.pupil_id,
        subject_code=key.code,
        semester=key.semester,
        part=key.part,
        place=key.place,
    )
    new = _typed(session, school_class, wanted)
    old = correction_rows.read(session, row)
    if old is None and isinstance(wanted.place, ConductPlace | TraitPlace):
        raise CellUnknown("Ô này trống trong sổ đã khóa nên không có mức nào để sửa.")
    if old == new:
        raise NoChange(
            "Ô này đang ghi đúng giá trị đó.", fields={"text": "Ghi giá trị khác giá trị đang có."}
        )
    why = _reason(reason, "Hãy ghi lý do đề nghị sửa, ít nhất 5 ký tự.")
    if session.scalar(
        select(BookCorrection.id).where(
            BookCorrection.class_id == class_id,
            BookCorrection.pupil_id == wanted.pupil_id,
            BookCorrection.subject_code == key.code,
            BookCorrection.semester == key.semester,
            BookCorrection.part == key.part,
            BookCorrection.place == key.place,
            BookCorrection.state.in_((State.REQUESTED, State.APPROVED)),
        )
    ):
        raise AlreadyAsked("Ô này đã có một đề nghị sửa chưa xong.")
    row.old_value, row.new_value, row.reason = old, new, why
    row.evidence_sha256 = str(evidence.sha256)
    row.evidence_name = evidence.name[-_LONGEST_NAME:]
    row.evidence_type = evidence.media_type
    row.state, row.state_since = State.REQUESTED, at
    row.requested_by, row.requested_at = by.person_id, at
    session.add(row)
    audit.record(
        session,
        "book_correction.requested",
        object_kind="book_correction",
        object_id=row.id,
        by=by,
        at=at,
        details={
            "gradebook_id": book.id,
            "class_id": class_id,
            "kind": correction_cells.kind_of(wanted.place),
            "subject": key.code,
            "evidence_sha256": row.evidence_sha256,
        },
    )
    return row.id


def approve(
    session: Session, ids: Sequence[UUID], because: str, *, by: Principal, at: datetime
) -> UUID:
    """Let these requests of one book be: the cells are written and one version tells them all.

    Returns the version, which its signers find on their desks. By the head of the school or a
    deputy. Raises CorrectionUnknown, StepRefused, NotAllowed, BeingCorrected, CellDiffers, Invalid,
    and what making a version raises (results that are missing once a cell is emptied).
    """
    rows = [_asked(session, one, Step.APPROVE, by) for one in dict.fromkeys(ids)]
    if not rows or len(rows) > MOST_AT_ONCE or len({row.gradebook_id for row in rows}) > 1:
        raise Invalid(f"Hãy chọn từ 1 đến {MOST_AT_ONCE} đề nghị của cùng một sổ.")
    book = _closed(session, rows[0].gradebook_id)
    actions.locked(session, book.of.owned_class)
    if session.scalar(
        select(Gradebook.id).where(
            *gradebook_queries.of_book(book.of), Gradebook.state.in_(states.MAKING)
        )
    ):
        raise BeingCorrected(
            "Bản sửa trước của sổ này chưa ký, đóng dấu xong. Hãy duyệt sau khi bản đó khóa."
        )
    why = because.strip()[:LONGEST_REASON] or None
    for row in rows:
        _write(session, row, by=by, at=at)
    new_id_ = gradebooks.make_version(
        session, book.of, replacing=(book.id, _told(session, rows)), by=by, at=at
    )
    session.flush()  # The requests point to the version.
    for row in rows:
        row.decided_by, row.decided_at, row.decided_because = by.person_id, at, why
        row.new_gradebook_id = new_id_
        correcting.take(session, row, Step.APPROVE, by=by, at=at, new_gradebook_id=new_id_)
    return new_id_


def refuse(
    session: Session, correction_id: UUID, because: str, *, by: Principal, at: datetime
) -> None:
    """Leave the cell as it is. Raises CorrectionUnknown, StepRefused, NotAllowed, Invalid."""
    row = _asked(session, correction_id, Step.REFUSE, by)
    why = _reason(because, "Hãy ghi lý do không duyệt, ít nhất 5 ký tự.", field="because")
    row.decided_by, row.decided_at, row.decided_because = by.person_id, at, why
    correcting.take(session, row, Step.REFUSE, by=by, at=at)


def withdraw(session: Session, correction_id: UUID, *, by: Principal, at: datetime) -> None:
    """Who asked for it no longer does. Raises CorrectionUnknown, StepRefused, NotAllowed."""
    row = _locked(session, correction_id)
    if row.requested_by != by.person_id or row.school_id != by.agency_id:
        raise NotAllowed("Chỉ người đề nghị rút được đề nghị của mình.")
    correcting.take(session, row, Step.WITHDRAW, by=by, at=at)


def may_ask(actor: rules.Actor, team: rules.ClassStaff, place: Place) -> tuple[bool, str]:
    """Whether this person asks for a correction of such a cell, and who does, as a sentence."""
    if isinstance(place, MarkPlace):
        return (
            rules.may_enter_marks(actor, team, {place.subject_code}),
            "Chỉ giáo viên môn học và giáo viên chủ nhiệm của lớp được đề nghị sửa.",
        )
    return (
        rules.may_keep_homeroom_parts(actor, team),
        "Chỉ giáo viên chủ nhiệm của lớp được đề nghị sửa phần này của sổ.",
    )


def require_correctable(session: Session, gradebook_id: UUID) -> None:
    """Raises GradebookUnknown, NotClosed."""
    _closed(session, gradebook_id)


# --- Parts ---------------------------------------------------------------------------------------


def _closed(session: Session, gradebook_id: UUID) -> Gradebook:
    book = session.get(Gradebook, gradebook_id)
    if book is None:
        raise gradebook_queries.GradebookUnknown(
            "Không có sổ này, hoặc đơn vị đang làm việc không được xem."
        )
    if book.kind is not BookKind.CLASS_BOOK or book.state is not states.State.CLOSED:
        raise NotClosed(
            "Chỉ sổ của lớp đã khóa và đang có hiệu lực mới sửa theo đề nghị. Sổ chưa khóa thì trả "
            "lại để sửa; sổ đã có bản thay thế thì đề nghị ở bản mới."
        )
    return book


def _locked(session: Session, correction_id: UUID) -> BookCorrection:
    row = session.get(BookCorrection, correction_id, with_for_update=True)
    if row is None:
        raise CorrectionUnknown("Không có đề nghị này, hoặc đơn vị đang làm việc không được xem.")
    return row


def _asked(session: Session, correction_id: UUID, step: Step, by: Principal) -> BookCorrection:
    """The request, locked, if this person may decide it now."""
    row = _locked(session, correction_id)
    team = staff_queries.staff(session, row.class_id)
    if not rules.may_lead(staff_queries.actor(by), team):
        raise NotAllowed("Chỉ hiệu trưởng, phó hiệu trưởng quyết định việc sửa sổ đã khóa.")
    correction_states.after(row.state, step)
    return row


def _typed(session: Session, school_class: SchoolClass, wanted: Wanted) -> str | None:
    """What was typed, as the data of books write it. Raises CellUnknown, NotAMark, NotAValue."""
    circular = rule_set(school_class.rule_set)
    match wanted.place:
        case MarkPlace(code, semester, part, place):
            subject = session.get(ClassSubject, (school_class.id, code))
            if subject is None:
                raise CellUnknown("Lớp không học môn này.")
            _, found = columns.of_list(session, school_class, subject, semester)
            column = columns.places(found).get((part, place))
            if column is None:
                raise CellUnknown(f"Môn {subject.name} không có cột điểm này.")
            return correction_rows.text_of(entry.typed(wanted.text, column.holds))
        case ConductPlace():
            if not circular.conduct_levels:
                raise CellUnknown(f"{circular.circular} không đánh giá rèn luyện của học sinh.")
            return correction_cells.conduct_typed(wanted.text, circular)
        case TraitPlace(code):
            if code not in circular.trait_names:
                raise CellUnknown(f"{circular.circular} không đánh giá phẩm chất, năng lực này.")
            return correction_cells.trait_typed(wanted.text)
        case AbsencePlace(on):
            if not _in_year(on, school_class.school_year):
                raise CellUnknown(f"Ngày {on:%d/%m/%Y} nằm ngoài năm học của sổ.")
            return correction_cells.absence_typed(wanted.text)


def _in_year(on: date, school_year: str) -> bool:
    """From the August to the May for which a book has lists of attendance."""
    months = parts.months_of(school_year)
    return on.replace(day=1) in months


def _write(session: Session, row: BookCorrection, *, by: Principal, at: datetime) -> None:
    if correction_rows.read(session, row) != row.old_value:
        raise CellDiffers("Ô này không còn ghi giá trị như khi đề nghị. Hãy đề nghị lại.")
    correction_rows.write(
        session, row, row.old_value, row.new_value, changed_by=by.person_id, at=at
    )


def _told(session: Session, rows: Sequence[BookCorrection]) -> str:
    """Why the version is made, for its history."""
    first = rows[0]
    name = session.get_one(Pupil, first.pupil_id).name
    school_class = session.get_one(SchoolClass, first.class_id)
    circular = rule_set(school_class.rule_set)
    place = correction_cells.place_of(correction_rows.key_of(first))
    if isinstance(place, MarkPlace):
        subject = session.get_one(ClassSubject, (first.class_id, place.subject_code)).name
        what, more = f"điểm môn {subject}", "điểm"
    else:
        what, more = correction_cells.words(place, circular), "ô"
    old, new = (
        correction_rows.shown(first, value, circular) or "trống"
        for value in (first.old_value, first.new_value)
    )
    others = f" và {len(rows) - 1} {more} khác" if len(rows) > 1 else ""
    return f"Sửa {what} của {name} từ {old} thành {new}{others}: {first.reason}"


def _reason(text: str, ask: str, *, field: str = "reason") -> str:
    why = " ".join(text.split())
    if not 5 <= len(why) <= LONGEST_REASON:
        raise Invalid(ask, fields={field: ask})
    return why
