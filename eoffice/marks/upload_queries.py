"""What pages, programs and other actions ask about uploads of marks: faults, sheets, changes.

Read only; frozen answers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester
from eoffice.classes import queries, staff_queries, subjects
from eoffice.errors import NotFound
from eoffice.marks import record_queries
from eoffice.marks.model import ImportedMark, ImportedSheet, ImportFault, MarkImport
from eoffice.marks.record_queries import Cell, Value
from eoffice.marks.sheet_faults import FaultKind, Severity
from eoffice.marks.states import ImportState
from eoffice.people import queries as people
from eoffice.people.model import Person
from eoffice.web.principal import Principal


class ImportUnknown(NotFound):
    """There is no such upload of marks, or the acting unit may not know of it."""


@dataclass(frozen=True, slots=True)
class FaultView:
    sheet: str
    row: int
    column: str
    kind: FaultKind
    severity: Severity
    sentence: str

    @property
    def cell(self) -> str:
        return f"{self.column}{self.row}"


@dataclass(frozen=True, slots=True)
class SheetView:
    ordinal: int
    name: str
    subject_code: str | None
    subject: str | None
    semester: Semester | None
    marks: int


@dataclass(frozen=True, slots=True)
class Change:
    """One cell that accepting the upload would write; `old` or `new` None for no mark."""

    pupil: str
    pupil_code: str
    subject: str
    semester: Semester
    part: Part
    place: int
    old: Value | None
    new: Value | None


@dataclass(frozen=True, slots=True)
class ImportRow:
    id: UUID
    file_name: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    errors: int
    warnings: int


@dataclass(frozen=True, slots=True)
class ImportView:
    id: UUID
    class_id: UUID
    class_name: str
    file_name: str
    content_sha256: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    accepted_at: datetime | None
    sheets: tuple[SheetView, ...]
    faults: tuple[FaultView, ...]
    #: Against the marks as they stand now; empty once accepted.
    changes: tuple[Change, ...]

    @property
    def errors(self) -> int:
        return sum(fault.severity is Severity.ERROR for fault in self.faults)


def import_class(session: Session, import_id: UUID) -> UUID:
    """The class for which a workbook was uploaded. Raises ImportUnknown."""
    return _import(session, import_id).class_id


def mark_import(session: Session, import_id: UUID, who: Principal) -> ImportView:
    """Raises ImportUnknown, NotOfTheClass."""
    row = _import(session, import_id)
    staff_queries.require_reader(who, staff_queries.staff(session, row.class_id))
    sheets = _sheets(session, import_id)
    return ImportView(
        id=row.id,
        class_id=row.class_id,
        class_name=staff_queries.class_row(session, row.class_id).name,
        file_name=row.file_name,
        content_sha256=row.content_sha256,
        state=row.state,
        uploaded_at=row.uploaded_at,
        uploaded_by=people.person(session, row.uploaded_by).full_name,
        accepted_at=row.accepted_at,
        sheets=sheets,
        faults=tuple(
            FaultView(f.sheet, f.row_number, f.column_letters, f.kind, f.severity, f.sentence)
            for f in session.scalars(
                select(ImportFault)
                .where(ImportFault.import_id == import_id)
                .order_by(ImportFault.ordinal)
            )
        ),
        changes=()
        if row.state is ImportState.ACCEPTED
        else _changes(session, row.class_id, import_id, sheets),
    )


def imports(session: Session, class_id: UUID, who: Principal) -> tuple[ImportRow, ...]:
    """The uploads for a class, the newest first. Raises ClassUnknown, NotOfTheClass."""
    staff_queries.require_reader(who, staff_queries.staff(session, class_id))
    counted = {
        (import_id, severity): count
        for import_id, severity, count in session.execute(
            select(ImportFault.import_id, ImportFault.severity, func.count())
            .join(MarkImport, MarkImport.id == ImportFault.import_id)
            .where(MarkImport.class_id == class_id)
            .group_by(ImportFault.import_id, ImportFault.severity)
        )
    }
    rows = session.execute(
        select(MarkImport, Person.full_name)
        .join(Person, Person.id == MarkImport.uploaded_by)
        .where(MarkImport.class_id == class_id)
        .order_by(MarkImport.uploaded_at.desc(), MarkImport.id.desc())
    )
    return tuple(
        ImportRow(
            id=row.id,
            file_name=row.file_name,
            state=row.state,
            uploaded_at=row.uploaded_at,
            uploaded_by=name,
            errors=counted.get((row.id, Severity.ERROR), 0),
            warnings=counted.get((row.id, Severity.WARNING), 0),
        )
        for row, name in rows
    )


def _import(session: Session, import_id: UUID) -> MarkImport:
    row = session.get(MarkImport, import_id)
    if row is None:
        raise ImportUnknown("Không có lần nhập điểm này, hoặc đơn vị đang làm việc không được xem.")
    return row


def _sheets(session: Session, import_id: UUID) -> tuple[SheetView, ...]:
    counted = dict(
        session.execute(
            select(ImportedMark.sheet_ordinal, func.count())
            .where(ImportedMark.import_id == import_id)
            .group_by(ImportedMark.sheet_ordinal)
        ).all()
    )
    rows = session.scalars(
        select(ImportedSheet)
        .where(ImportedSheet.import_id == import_id)
        .order_by(ImportedSheet.ordinal)
    )
    return tuple(
        SheetView(
            ordinal=row.ordinal,
            name=row.name,
            subject_code=row.subject_code,
            subject=None if row.subject_code is None else subjects.BY_CODE[row.subject_code].name,
            semester=row.semester,
            marks=counted.get(row.ordinal, 0),
        )
        for row in rows
    )


def imported_cells(session: Session, import_id: UUID) -> dict[tuple[str, Cell], Value]:
    """The marks of an upload by code of the pupil and cell."""
    meant = {
        sheet.ordinal: (sheet.subject_code, sheet.semester) for sheet in _sheets(session, import_id)
    }
    found: dict[tuple[str, Cell], Value] = {}
    for row in session.scalars(select(ImportedMark).where(ImportedMark.import_id == import_id)):
        subject, semester = meant[row.sheet_ordinal]
        if subject is not None and semester is not None:
            found[row.pupil_code, (subject, semester, row.part, row.place)] = (
                record_queries.value_of(row)
            )
    return found


def _changes(
    session: Session, class_id: UUID, import_id: UUID, sheets: Iterable[SheetView]
) -> tuple[Change, ...]:
    covered = {
        (sheet.subject_code, sheet.semester)
        for sheet in sheets
        if sheet.subject_code is not None and sheet.semester is not None
    }
    old = record_queries.cells(session, class_id, only=covered)
    new = imported_cells(session, import_id)
    names = {pupil.code: pupil.name for pupil in queries.pupils_of(session, class_id)}
    order = {code: place for place, code in enumerate(names)}
    changed = [key for key in old.keys() | new.keys() if old.get(key) != new.get(key)]
    changed.sort(key=lambda key: (key[1][:2], order.get(key[0], 0), key[1]))
    return tuple(
        Change(
            pupil=names.get(code, code),
            pupil_code=code,
            subject=subjects.BY_CODE[cell[0]].name,
            semester=cell[1],
            part=cell[2],
            place=cell[3],
            old=old.get((code, cell)),
            new=new.get((code, cell)),
        )
        for code, cell in changed
    )
