"""Notes of a class as teachers write them and report books print them. Read only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.classes.model import ClassSubject, Pupil
from eoffice.classes.queries import pupils_of
from eoffice.registers.kinds.report_part import Notes
from eoffice.reports import note_rules
from eoffice.reports.note_model import ReportNote
from eoffice.reports.note_rules import Column, NoteKind


@dataclass(frozen=True, slots=True)
class ListedPupil:
    id: UUID
    code: str
    name: str


def listed(session: Session, class_id: UUID) -> tuple[ListedPupil, ...]:
    """In the order of the class list."""
    return tuple(_listed(pupil) for pupil in pupils_of(session, class_id))


def columns(session: Session, class_id: UUID, grade: int) -> tuple[Column, ...]:
    """What can be noted in a class, in the order of the report book."""
    rows = session.execute(
        select(ClassSubject.code, ClassSubject.name)
        .where(ClassSubject.class_id == class_id)
        .order_by(ClassSubject.ordinal)
    )
    return note_rules.columns(dict(rows.all()), grade)


def texts(session: Session, class_id: UUID, column: Column) -> Mapping[UUID, str]:
    """One note, by pupil; of those who have it."""
    rows = session.execute(
        select(ReportNote.pupil_id, ReportNote.text).where(
            ReportNote.class_id == class_id,
            ReportNote.kind == column.kind,
            ReportNote.subject_code == column.subject_code,
        )
    )
    return dict(rows.all())


def counted(session: Session, class_id: UUID) -> Mapping[str, int]:
    """How many pupils have each note, by the key of its column."""
    rows = session.execute(
        select(ReportNote.kind, ReportNote.subject_code, func.count())
        .where(ReportNote.class_id == class_id)
        .group_by(ReportNote.kind, ReportNote.subject_code)
    )
    return {Column(kind, code, "").key: count for kind, code, count in rows}


def of_class(session: Session, class_id: UUID) -> Mapping[UUID, Notes]:
    """Everything that is noted of the pupils of a class, by pupil; for those with any note."""
    rows = session.execute(
        select(
            ReportNote.pupil_id, ReportNote.kind, ReportNote.subject_code, ReportNote.text
        ).where(ReportNote.class_id == class_id)
    )
    subjects: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    others: defaultdict[UUID, dict[str, str]] = defaultdict(dict)
    for pupil_id, kind, code, text in rows:
        if kind is NoteKind.SUBJECT:
            subjects[pupil_id][code] = text
        else:
            others[pupil_id][kind.value] = text
    return {
        pupil_id: Notes(subjects=subjects[pupil_id], **others[pupil_id])
        for pupil_id in {*subjects, *others}
    }


def _listed(pupil: Pupil) -> ListedPupil:
    return ListedPupil(pupil.id, pupil.code, pupil.name)
