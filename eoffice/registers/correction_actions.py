"""A cell of a closed book is corrected: asked for, decided, and told in a version to be sealed.

The class stays bound by the closed book all the while: an approval writes the one cell that was
asked for, and no other mark of the class can change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester
from eoffice.audit import actions as audit
from eoffice.classes import actions, rules, staff_queries
from eoffice.classes.model import ClassSubject, Enrolment, Pupil
from eoffice.db import new_id
from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.marks import columns, entry, mark_cells, mark_rows
from eoffice.marks.mark_rows import MarkCell
from eoffice.objects.sha256 import Sha256
from eoffice.registers import (
    correcting,
    correction_states,
    gradebook_queries,
    gradebooks,
    states,
)
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.correction_states import State, Step
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
    subject_code: str
    semester: Semester
    part: Part
    place: int
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
    """Ask for a correction: the teacher of the subject, or the homeroom teacher of the class.

    Raises GradebookUnknown, NotClosed, NotAllowed, CellUnknown, NotAMark, NoChange, AlreadyAsked,
    Invalid.
    """
    book = _closed(session, gradebook_id)
    class_id = book.of.owned_class
    school_class = actions.locked(session, class_id)
    team = staff_queries.staff(session, class_id)
    if not rules.may_enter_marks(staff_queries.actor(by), team, {wanted.subject_code}):
        raise NotAllowed("Chỉ giáo viên môn học và giáo viên chủ nhiệm của lớp được đề nghị sửa.")
    subject = session.get(ClassSubject, (class_id, wanted.subject_code))
    listed = session.get(Enrolment, (class_id, wanted.pupil_id))
    if subject is None or listed is None:
        raise CellUnknown("Lớp không có học sinh này hoặc không học môn này.")
    _, found = columns.of_list(session, school_class, subject, wanted.semester)
    column = columns.places(found).get((wanted.part, wanted.place))
    if column is None:
        raise CellUnknown(f"Môn {subject.name} không có cột điểm này.")
    cell = _cell(book, wanted)
    old, new = mark_rows.read(session, cell), entry.typed(wanted.text, column.holds)
    if old == new:
        raise NoChange(
            "Ô này đang ghi đúng giá trị đó.", fields={"text": "Ghi giá trị khác giá trị đang có."}
        )
    why = _reason(reason, "Hãy ghi lý do đề nghị sửa, ít nhất 5 ký tự.")
    if session.scalar(
        select(BookCorrection.id).where(
            BookCorrection.class_id == class_id,
            BookCorrection.pupil_id == wanted.pupil_id,
            BookCorrection.subject_code == wanted.subject_code,
            BookCorrection.semester == wanted.semester,
            BookCorrection.part == wanted.part,
            BookCorrection.place == wanted.place,
            BookCorrection.state.in_((State.REQUESTED, State.APPROVED)),
        )
    ):
        raise AlreadyAsked("Ô này đã có một đề nghị sửa chưa xong.")
    row = BookCorrection(
        id=new_id(),
        gradebook_id=book.id,
        school_id=book.school_id,
        class_id=class_id,
        pupil_id=wanted.pupil_id,
        subject_code=wanted.subject_code,
        semester=wanted.semester,
        part=wanted.part,
        place=wanted.place,
        old_value=correcting.text_of(old),
        new_value=correcting.text_of(new),
        reason=why,
        evidence_sha256=str(evidence.sha256),
        evidence_name=evidence.name[-_LONGEST_NAME:],
        evidence_type=evidence.media_type,
        state=State.REQUESTED,
        state_since=at,
        requested_by=by.person_id,
        requested_at=at,
    )
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
            "subject": wanted.subject_code,
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


def _write(session: Session, row: BookCorrection, *, by: Principal, at: datetime) -> None:
    cell = correcting.cell_of(row)
    old = mark_rows.read(session, cell)
    if correcting.text_of(old) != row.old_value:
        raise CellDiffers("Ô này không còn ghi giá trị như khi đề nghị. Hãy đề nghị lại.")
    new = correcting.value_of(row.new_value)
    mark_rows.write(session, cell, old, new, changed_by=by.person_id, at=at)


def _told(session: Session, rows: Sequence[BookCorrection]) -> str:
    """Why the version is made, for its history."""
    first = rows[0]
    name = session.get_one(Pupil, first.pupil_id).name
    subject = correcting.subject_name(session, first)
    old, new = (
        "trống" if value is None else mark_cells.shown(value)
        for value in map(correcting.value_of, (first.old_value, first.new_value))
    )
    more = f" và {len(rows) - 1} điểm khác" if len(rows) > 1 else ""
    return f"Sửa điểm môn {subject} của {name} từ {old} thành {new}{more}: {first.reason}"


def _cell(book: Gradebook, wanted: Wanted) -> MarkCell:
    return MarkCell(
        class_id=book.of.owned_class,
        school_id=book.school_id,
        pupil_id=wanted.pupil_id,
        subject_code=wanted.subject_code,
        semester=wanted.semester,
        part=wanted.part,
        place=wanted.place,
    )


def _reason(text: str, ask: str, *, field: str = "reason") -> str:
    why = " ".join(text.split())
    if not 5 <= len(why) <= LONGEST_REASON:
        raise Invalid(ask, fields={field: ask})
    return why
