"""What pages and programs ask about imports of a whole school. Read only; frozen answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Semester
from eoffice.classes import rules, staff_queries
from eoffice.classes.import_states import SchoolImportState
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.errors import NotAllowed
from eoffice.marks import differences
from eoffice.marks.differences import Count
from eoffice.marks.import_model import MarkLayout, SchoolImport, SchoolImportSheet
from eoffice.marks.model import ImportedMark, ImportedSheet, ImportFault, MarkImport
from eoffice.marks.school_importing import SchoolImportUnknown
from eoffice.marks.sheet_faults import FaultKind, Severity
from eoffice.marks.states import ImportState
from eoffice.people.model import Person
from eoffice.web.principal import Principal

#: A page that lists more is not read; the file has to be corrected first.
MOST_FAULTS = 500


@dataclass(frozen=True, slots=True)
class SheetView:
    ordinal: int
    name: str
    is_skipped: bool
    class_id: UUID | None
    subject_code: str | None
    semester: Semester | None
    unclear: str | None
    row: int | None
    column: str | None


@dataclass(frozen=True, slots=True)
class PartView:
    """One class of the file."""

    mark_import_id: UUID
    class_id: UUID
    class_name: str
    state: ImportState
    sheets: int
    marks: int
    errors: int
    warnings: int
    #: What accepting changes; nothing once accepted.
    changes: Count
    #: Why it could not be written though it has no faults.
    refused: str | None


@dataclass(frozen=True, slots=True)
class PartFault:
    class_name: str
    sheet: str
    row: int
    column: str
    kind: FaultKind
    severity: Severity
    sentence: str


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    is_finished: bool


@dataclass(frozen=True, slots=True)
class MarkLayoutView:
    id: UUID
    name: str
    explained_by: str
    explained_at: datetime


@dataclass(frozen=True, slots=True)
class SchoolImportRow:
    id: UUID
    school_year: str
    file_name: str
    state: SchoolImportState
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class SchoolImportView:
    id: UUID
    school_year: str
    file_name: str
    content_sha256: str
    media_type: str
    state: SchoolImportState
    failure: str | None
    uploaded_by: str
    uploaded_at: datetime
    accepted_at: datetime | None
    progress: Progress
    sheets: tuple[SheetView, ...]
    parts: tuple[PartView, ...]
    faults: tuple[PartFault, ...]

    @property
    def unclear(self) -> tuple[SheetView, ...]:
        return tuple(one for one in self.sheets if one.unclear and not one.is_skipped)

    @property
    def ready(self) -> int:
        return sum(one.state is ImportState.READY and not one.refused for one in self.parts)


def school_imports(session: Session, who: Principal, *, limit: int = 50) -> list[SchoolImportRow]:
    """Those of the person's school that the person may look at, the newest first."""
    query = (
        select(SchoolImport, Person.full_name)
        .join(Person, Person.id == SchoolImport.uploaded_by)
        .where(SchoolImport.school_id == who.agency_id)
        .order_by(SchoolImport.uploaded_at.desc(), SchoolImport.id.desc())
        .limit(limit)
    )
    if staff_queries.actor(who).kind not in rules.OFFICE:
        query = query.where(SchoolImport.uploaded_by == who.person_id)
    return [
        SchoolImportRow(row.id, row.school_year, row.file_name, row.state, name, row.uploaded_at)
        for row, name in session.execute(query)
    ]


def school_years(session: Session, who: Principal) -> list[str]:
    """The years in which the person's school has classes, the newest first."""
    return list(
        session.scalars(
            select(SchoolClass.school_year)
            .where(SchoolClass.school_id == who.agency_id)
            .distinct()
            .order_by(SchoolClass.school_year.desc())
        )
    )


def school_import(session: Session, import_id: UUID, who: Principal) -> SchoolImportView:
    """Raises SchoolImportUnknown, NotAllowed."""
    row = _row(session, import_id, who)
    parts = _parts(session, import_id)
    return SchoolImportView(
        id=row.id,
        school_year=row.school_year,
        file_name=row.file_name,
        content_sha256=row.content_sha256,
        media_type=row.media_type,
        state=row.state,
        failure=row.failure,
        uploaded_by=session.get_one(Person, row.uploaded_by).full_name,
        uploaded_at=row.uploaded_at,
        accepted_at=row.accepted_at,
        progress=_progress(session, row),
        sheets=tuple(
            SheetView(
                one.ordinal, one.name, one.is_skipped, one.class_id, one.subject_code, one.semester,
                one.unclear, one.row_number, one.column_letters,
            )
            for one in session.scalars(
                select(SchoolImportSheet)
                .where(SchoolImportSheet.import_id == import_id)
                .order_by(SchoolImportSheet.ordinal)
            )
        ),
        parts=parts,
        faults=_faults(session, [part.mark_import_id for part in parts]),
    )  # fmt: skip


def progress(session: Session, import_id: UUID, who: Principal) -> Progress:
    """How far the worker is. Raises SchoolImportUnknown, NotAllowed."""
    return _progress(session, _row(session, import_id, who))


def layouts(session: Session, who: Principal) -> list[MarkLayoutView]:
    """The layouts that the person's school explained, by name."""
    rows = session.execute(
        select(MarkLayout, Person.full_name)
        .join(Person, Person.id == MarkLayout.explained_by)
        .where(MarkLayout.school_id == who.agency_id)
        .order_by(MarkLayout.name, MarkLayout.id)
    )
    return [MarkLayoutView(row.id, row.name, name, row.explained_at) for row, name in rows]


def choices(
    session: Session, school_id: UUID, school_year: str
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Classes and subjects of a school and year, as (value, label) for forms."""
    classes = session.execute(
        select(SchoolClass.id, SchoolClass.name)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year == school_year)
        .order_by(SchoolClass.grade, SchoolClass.name)
    )
    taught = session.execute(
        select(ClassSubject.code, func.min(ClassSubject.name), func.min(ClassSubject.ordinal))
        .join(SchoolClass, SchoolClass.id == ClassSubject.class_id)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year == school_year)
        .group_by(ClassSubject.code)
        .order_by(func.min(ClassSubject.ordinal))
    )
    return [(str(one), name) for one, name in classes], [(code, name) for code, name, _ in taught]


def _row(session: Session, import_id: UUID, who: Principal) -> SchoolImport:
    row = session.get(SchoolImport, import_id)
    if row is None or row.school_id != who.agency_id:
        raise SchoolImportUnknown(
            "Không có lần nhập này, hoặc đơn vị đang làm việc không được xem."
        )
    if row.uploaded_by != who.person_id and staff_queries.actor(who).kind not in rules.OFFICE:
        raise NotAllowed("Chỉ người đã tải tệp lên, ban giám hiệu và văn thư xem được.")
    return row


def _progress(session: Session, row: SchoolImport) -> Progress:
    if row.state is SchoolImportState.READING:
        return Progress(row.sheets_read, row.sheets, False)
    is_done = (MarkImport.state == ImportState.ACCEPTED) | MarkImport.refused.is_not(None)
    counted = dict(
        session.execute(
            select(is_done, func.count())
            .where(
                MarkImport.school_import_id == row.id,
                MarkImport.state.in_((ImportState.READY, ImportState.ACCEPTED)),
            )
            .group_by(is_done)
        ).all()
    )
    done, open_ = counted.get(True, 0), counted.get(False, 0)
    return Progress(done, done + open_, row.state is not SchoolImportState.ACCEPTING)


def _parts(session: Session, import_id: UUID) -> tuple[PartView, ...]:
    rows = session.execute(
        select(MarkImport, SchoolClass.name)
        .join(SchoolClass, SchoolClass.id == MarkImport.class_id)
        .where(MarkImport.school_import_id == import_id, MarkImport.state != ImportState.SUPERSEDED)
        .order_by(SchoolClass.grade, SchoolClass.name)
    ).all()
    ids = [row.id for row, _ in rows]

    sheets = dict(
        session.execute(
            select(ImportedSheet.import_id, func.count())
            .where(ImportedSheet.import_id.in_(ids))
            .group_by(ImportedSheet.import_id)
        ).all()
    )
    marks = dict(
        session.execute(
            select(ImportedMark.import_id, func.count())
            .where(ImportedMark.import_id.in_(ids))
            .group_by(ImportedMark.import_id)
        ).all()
    )
    faults = {
        (one, severity): count
        for one, severity, count in session.execute(
            select(ImportFault.import_id, ImportFault.severity, func.count())
            .where(ImportFault.import_id.in_(ids))
            .group_by(ImportFault.import_id, ImportFault.severity)
        )
    }
    changes = differences.counts(
        session, [row.id for row, _ in rows if row.state is not ImportState.ACCEPTED]
    )
    return tuple(
        PartView(
            mark_import_id=row.id,
            class_id=row.class_id,
            class_name=name,
            state=row.state,
            sheets=sheets.get(row.id, 0),
            marks=marks.get(row.id, 0),
            errors=faults.get((row.id, Severity.ERROR), 0),
            warnings=faults.get((row.id, Severity.WARNING), 0),
            changes=changes.get(row.id, Count()),
            refused=row.refused,
        )
        for row, name in rows
    )


def _faults(session: Session, ids: list[UUID]) -> tuple[PartFault, ...]:
    """Errors first, then by class and sheet."""
    rows = session.execute(
        select(ImportFault, SchoolClass.name)
        .join(MarkImport, MarkImport.id == ImportFault.import_id)
        .join(SchoolClass, SchoolClass.id == MarkImport.class_id)
        .where(ImportFault.import_id.in_(ids))
        .order_by(ImportFault.severity, SchoolClass.name, ImportFault.ordinal)
        .limit(MOST_FAULTS)
    )
    return tuple(
        PartFault(
            name, one.sheet, one.row_number, one.column_letters, one.kind, one.severity,
            one.sentence,
        )
        for one, name in rows
    )  # fmt: skip
