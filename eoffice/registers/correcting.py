"""What a version that corrects a closed book does: whom it concerns, what comes of its requests.

Who signs it again. The usage text of Circular 22/2021 has the correction signed beside the new
value by whoever entered it, and each page of marks confirmed by the homeroom teacher; the principal
approves after all teachers and the school's seal closes the book (rule of Kiên Giang, 295/QĐ-SGDĐT
of 2025). So the teacher of each subject with a corrected cell signs, then homeroom teacher,
principal and seal, since results of the year follow from the mark. Conduct, qualities, competences
and attendance are the homeroom teacher's: no subject is signed again for them. Nothing changed for
the other subjects: their teachers need not sign; the version names when and in which they did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.audit import actions as audit
from eoffice.classes.model import Pupil
from eoffice.people.model import Person
from eoffice.registers import correction_rows, correction_states
from eoffice.registers.book_kinds import BookKind
from eoffice.registers.correction_states import State, Step
from eoffice.registers.kinds.parts import Citation
from eoffice.registers.model import BookCorrection, Gradebook, GradebookSignature
from eoffice.registers.states import SignatureKind
from eoffice.web.principal import Principal

#: Kept by the slice that shows results to families: they read what is no longer so.
SUPERSEDED_TASK = "families.book_superseded"


@dataclass(frozen=True, slots=True)
class Cited:
    """A signature of an earlier version that stands for this one too."""

    field: str
    subject_code: str
    #: The version in which it was made.
    gradebook_id: UUID
    signature: GradebookSignature


def cited(session: Session, book: Gradebook) -> tuple[Cited, ...]:
    """The subjects that a correcting version leaves as they were, in the order of the book.

    None for a version that corrects nothing: there everybody signs.
    """
    if book.kind is not BookKind.CLASS_BOOK or book.supersedes_id is None:
        return ()
    concerned = set(
        session.scalars(
            select(BookCorrection.subject_code).where(BookCorrection.new_gradebook_id == book.id)
        )
    )
    rows = session.scalars(
        select(GradebookSignature)
        .where(
            GradebookSignature.gradebook_id == book.supersedes_id,
            GradebookSignature.kind == SignatureKind.SUBJECT,
            GradebookSignature.signed_at.is_not(None),
        )
        .order_by(GradebookSignature.ordinal)
    )
    return tuple(
        Cited(row.field, row.subject_code, row.cited_id or row.gradebook_id, row)
        for row in rows
        if row.subject_code is not None and row.subject_code not in concerned
    )


def citations(session: Session, book: Gradebook) -> tuple[Citation, ...]:
    """The same as the version prints it."""
    return tuple(
        Citation(
            subject=one.subject_code,
            version=session.get_one(Gradebook, one.gradebook_id).version,
            signer=session.get_one(Person, one.signature.signed_by).full_name,
            signed_at=one.signature.signed_at,
        )
        for one in cited(session, book)
        if one.signature.signed_at is not None
    )


def finish(session: Session, book: Gradebook, *, by: Principal | str, at: datetime) -> None:
    """The version is sealed: its corrections are in force, and whoever showed results learns it."""
    rows = _told_by(session, book)
    for row in rows:
        take(session, row, Step.FINISH, by=by, at=at)
    if not rows:
        return
    pupil_ids = {row.pupil_id for row in rows}
    codes = session.scalars(select(Pupil.code).where(Pupil.id.in_(pupil_ids)).order_by(Pupil.code))
    outbox.promise(
        session,
        SUPERSEDED_TASK,
        at=at,
        class_id=rows[0].class_id,
        old_gradebook_id=book.supersedes_id,
        new_gradebook_id=book.id,
        pupil_ids=sorted(map(str, pupil_ids)),
        pupil_codes=list(codes),
        semesters=sorted({row.semester.value for row in rows}),
    )


def undo(session: Session, book: Gradebook, *, by: Principal | str, at: datetime) -> None:
    """The version is returned: what stands in the closed book stands in the marks again."""
    for row in _told_by(session, book):
        assert row.decided_by is not None
        changed_by = row.decided_by if isinstance(by, str) else by.person_id
        correction_rows.write(
            session, row, row.new_value, row.old_value, changed_by=changed_by, at=at
        )
        take(session, row, Step.UNDO, by=by, at=at)


def take(
    session: Session,
    row: BookCorrection,
    step: Step,
    *,
    by: Principal | str,
    at: datetime,
    **details: object,
) -> None:
    """Raises correction_states.StepRefused."""
    row.state = correction_states.after(row.state, step)
    row.state_since = at
    audit.record(
        session,
        f"book_correction.{step.value}",
        object_kind="book_correction",
        object_id=row.id,
        by=by,
        at=at,
        details={"gradebook_id": row.gradebook_id, "state": row.state.value, **details},
    )


def _told_by(session: Session, book: Gradebook) -> Sequence[BookCorrection]:
    return session.scalars(
        select(BookCorrection)
        .where(BookCorrection.new_gradebook_id == book.id, BookCorrection.state == State.APPROVED)
        .order_by(BookCorrection.requested_at)
        .with_for_update()
    ).all()
