"""What pages and programs ask about imports of class lists. Read only; frozen answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.classes.import_states import SchoolImportState
from eoffice.classes.lists import record_queries
from eoffice.classes.lists.actions import ListImportUnknown, require_office
from eoffice.classes.lists.model import ListImport, ListImportClass, ListLayout
from eoffice.classes.lists.planning import Cell, Proposed
from eoffice.classes.lists.reading import Fault, Severity
from eoffice.people.model import Person
from eoffice.web.principal import Principal

#: A page that lists more is not read; the file has to be corrected first.
MOST_LINES = 500


@dataclass(frozen=True, slots=True)
class SheetView:
    ordinal: int
    name: str
    is_skipped: bool
    class_name: str
    pupils: int
    unclear: str | None
    row: int | None
    #: Letters and words of the columns that nobody knows.
    unknown: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PartView:
    """One class of the file, and what taking it would do now."""

    ordinal: int
    name: str
    #: None while the class is not open.
    class_id: UUID | None
    homeroom_teacher_id: UUID | None
    pupils: int
    added: int
    entered: int
    cells: int
    proposed: int
    errors: int
    warnings: int
    taken_at: datetime | None
    refused: str | None

    @property
    def changes(self) -> int:
        return self.added + self.entered + self.cells + (self.class_id is None)


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    is_finished: bool


@dataclass(frozen=True, slots=True)
class ListImportRow:
    id: UUID
    school_year: str
    file_name: str
    state: SchoolImportState
    uploaded_by: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class LayoutView:
    id: UUID
    name: str
    explained_by: str
    explained_at: datetime


@dataclass(frozen=True, slots=True)
class ListImportView:
    id: UUID
    school_year: str
    file_name: str
    content_sha256: str
    media_type: str
    state: SchoolImportState
    failure: str | None
    uploaded_by: str
    uploaded_at: datetime
    progress: Progress
    sheets: tuple[SheetView, ...]
    parts: tuple[PartView, ...]
    #: With the name of the class, errors first; the first 500 of each.
    faults: tuple[tuple[str, Fault], ...]
    cells: tuple[tuple[str, Cell], ...]
    proposed: tuple[tuple[str, Proposed], ...]

    @property
    def unclear(self) -> tuple[SheetView, ...]:
        return tuple(one for one in self.sheets if one.unclear and not one.is_skipped)

    @property
    def ready(self) -> int:
        return sum(not one.errors and one.taken_at is None for one in self.parts)

    @property
    def changes(self) -> int:
        return sum(one.changes for one in self.parts)


def imports(session: Session, who: Principal, *, limit: int = 50) -> list[ListImportRow]:
    """Those of the person's school, the newest first. Raises NotAllowed."""
    require_office(who)
    rows = session.execute(
        select(ListImport, Person.full_name)
        .join(Person, Person.id == ListImport.uploaded_by)
        .where(ListImport.school_id == who.agency_id)
        .order_by(ListImport.uploaded_at.desc(), ListImport.id.desc())
        .limit(limit)
    )
    return [
        ListImportRow(row.id, row.school_year, row.file_name, row.state, name, row.uploaded_at)
        for row, name in rows
    ]


def layouts(session: Session, who: Principal) -> list[LayoutView]:
    """The layouts that the person's school explained, by name."""
    rows = session.execute(
        select(ListLayout, Person.full_name)
        .join(Person, Person.id == ListLayout.explained_by)
        .where(ListLayout.school_id == who.agency_id)
        .order_by(ListLayout.name, ListLayout.id)
    )
    return [LayoutView(row.id, row.name, name, row.explained_at) for row, name in rows]


def list_import(session: Session, import_id: UUID, who: Principal) -> ListImportView:
    """Raises ListImportUnknown, NotAllowed."""
    row = _row(session, import_id, who)
    planned = record_queries.planned_of(session, row)
    faults = [(one.row.name, fault) for one in planned for fault in one.faults]
    return ListImportView(
        id=row.id,
        school_year=row.school_year,
        file_name=row.file_name,
        content_sha256=row.content_sha256,
        media_type=row.media_type,
        state=row.state,
        failure=row.failure,
        uploaded_by=session.get_one(Person, row.uploaded_by).full_name,
        uploaded_at=row.uploaded_at,
        progress=_progress(session, row),
        sheets=tuple(
            SheetView(
                sheet["ordinal"], sheet["name"], sheet["is_skipped"], sheet["class_name"],
                sheet["pupils"], sheet["unclear"], sheet["row"],
                tuple((letters, words) for letters, words in sheet["unknown"]),
            )
            for sheet in row.sheets
        ),
        parts=tuple(
            PartView(
                ordinal=one.row.ordinal,
                name=one.row.name,
                class_id=one.plan.class_id,
                homeroom_teacher_id=one.row.homeroom_teacher_id,
                pupils=one.pupils,
                added=len(one.plan.added),
                entered=len(one.plan.entered),
                cells=len(one.plan.cells),
                proposed=len(one.plan.proposed),
                errors=sum(fault.severity is Severity.ERROR for fault in one.faults),
                warnings=sum(fault.severity is Severity.WARNING for fault in one.faults),
                taken_at=one.row.taken_at,
                refused=one.row.refused,
            )
            for one in planned
        ),
        faults=tuple(sorted(faults, key=lambda one: one[1].severity))[:MOST_LINES],
        cells=tuple((one.row.name, cell) for one in planned for cell in one.plan.cells)[
            :MOST_LINES
        ],
        proposed=tuple((one.row.name, p) for one in planned for p in one.plan.proposed)[
            :MOST_LINES
        ],
    )  # fmt: skip


def progress(session: Session, import_id: UUID, who: Principal) -> Progress:
    """How far the worker is. Raises ListImportUnknown, NotAllowed."""
    return _progress(session, _row(session, import_id, who))


def _progress(session: Session, row: ListImport) -> Progress:
    if row.state is SchoolImportState.READING:
        return Progress(0, 0, False)
    done = ListImportClass.taken_at.is_not(None) | ListImportClass.refused.is_not(None)
    counted = dict(
        session.execute(
            select(done, func.count()).where(ListImportClass.import_id == row.id).group_by(done)
        ).all()
    )
    finished, open_ = counted.get(True, 0), counted.get(False, 0)
    return Progress(finished, finished + open_, row.state is not SchoolImportState.ACCEPTING)


def _row(session: Session, import_id: UUID, who: Principal) -> ListImport:
    require_office(who)
    row = session.get(ListImport, import_id)
    if row is None or row.school_id != who.agency_id:
        raise ListImportUnknown("Không có lần nhập này, hoặc đơn vị đang làm việc không được xem.")
    return row
