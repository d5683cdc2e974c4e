"""Marks of a school for programs: files, CSV, JSON come in, faults by cell and changes go out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Part, Semester
from eoffice.classes.import_states import SchoolImportState
from eoffice.errors import Invalid
from eoffice.files.tables import reading as tables
from eoffice.marks import (
    canonical,
    entering,
    entry,
    entry_queries,
    school_import_queries,
    school_importing,
)
from eoffice.marks.canonical import PupilMarks
from eoffice.marks.entering import Typed
from eoffice.marks.school_import_queries import SchoolImportView
from eoffice.marks.sheet_faults import FaultKind, Severity
from eoffice.marks.states import ImportState
from eoffice.objects import configured
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

BODY = tables.LARGEST_BYTES + (1 << 20)
SchoolYear = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{4}$")]


class SentMarks(msgspec.Struct, frozen=True, kw_only=True):
    """Marks of a school year, a row for each pupil, subject and semester."""

    school_year: SchoolYear
    marks: Annotated[list[PupilMarks], msgspec.Meta(min_length=1, max_length=canonical.MOST_ROWS)]


class UnclearOut(msgspec.Struct, frozen=True, kw_only=True):
    sheet: str
    cell: str | None
    sentence: str


class ClassOut(msgspec.Struct, frozen=True, kw_only=True):
    """One class of the file; its faults and changes are at /api/v1/imports/{import_id}."""

    import_id: UUID
    class_id: UUID
    name: str
    state: ImportState
    marks: int
    errors: int
    warnings: int
    added: int
    changed: int
    removed: int
    refused: str | None


class ClassFaultOut(msgspec.Struct, frozen=True, kw_only=True):
    class_name: str
    sheet: str
    row: int
    column: str
    kind: FaultKind
    severity: Severity
    sentence: str


class SchoolImportOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    school_year: str
    file_name: str
    content_sha256: str
    state: SchoolImportState
    failure: str | None
    uploaded_at: datetime
    done: int
    total: int
    unclear: list[UnclearOut]
    classes: list[ClassOut]
    #: The first 500, errors first.
    faults: list[ClassFaultOut]


class NewMark(msgspec.Struct, frozen=True, kw_only=True):
    """One cell; `mark` "" empties it."""

    pupil_id: UUID
    subject: Annotated[str, msgspec.Meta(max_length=20)]
    semester: Semester
    part: Part
    mark: Annotated[str, msgspec.Meta(max_length=20)]
    place: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1


class MarkOut(msgspec.Struct, frozen=True, kw_only=True):
    mark: str
    average: str


class CellOut(msgspec.Struct, frozen=True, kw_only=True):
    part: Part
    place: int
    mark: str
    #: For If-Match.
    tag: str


class RowOut(msgspec.Struct, frozen=True, kw_only=True):
    pupil_id: UUID
    pupil_code: str
    name: str
    cells: list[CellOut]
    average: str


@post("/", sync_to_thread=True, request_max_body_size=BODY)
def bring(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[SchoolImportOut]:
    """Bring a file (part `file`: .xlsx, .xls, .csv) of a school year (field `school_year`)."""
    found = form.file("file")
    if found is None:
        raise Invalid("Chưa chọn tệp.", fields={"file": "Chọn một tệp để tải lên."})
    content = found.file.read(tables.LARGEST_BYTES + 1)
    return _begin(request, form["school_year"], found.filename or "bang-diem", content, once)


@post("/marks", sync_to_thread=True, request_max_body_size=BODY)
def bring_marks(
    request: Request, data: JSONBody[SentMarks], once: NamedDependency[Once]
) -> Response[SchoolImportOut]:
    """Bring marks as JSON; read, shown and accepted like a file."""
    return _begin(request, data.school_year, "API", canonical.table(data.marks), once)


@get("/{import_id:uuid}", sync_to_thread=True)
def show(request: Request, import_id: FromPath[UUID]) -> SchoolImportOut:
    """How far it is, what is unclear, faults, and what each class would change."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(school_import_queries.school_import(session, import_id, who))


@post("/{import_id:uuid}/acceptance", sync_to_thread=True, status_code=202)
def accept(
    request: Request, import_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[SchoolImportOut]:
    """Have the classes without faults written into the register; the worker does it."""
    who = principal(request)

    def work(session: Session) -> SchoolImportOut:
        school_importing.accept(session, import_id, by=who, at=clock.now())
        session.flush()
        return _out(school_import_queries.school_import(session, import_id, who))

    return once.answer(work, status=202)


@get("/{class_id:uuid}/marks", sync_to_thread=True)
def grid(
    request: Request,
    class_id: FromPath[UUID],
    subject: FromQuery[str],
    semester: FromQuery[Semester],
) -> list[RowOut]:
    """The cells of a subject and semester, each with its tag, and the averages as they stand."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = entry_queries.grid(session, class_id, subject, semester, who=who, at=clock.now())
    return [
        RowOut(
            pupil_id=row.pupil_id,
            pupil_code=row.code,
            name=row.name,
            cells=[
                CellOut(part=cell.part, place=cell.place, mark=cell.shown, tag=cell.tag)
                for cell in row.cells
            ],
            average=row.average,
        )
        for row in view.rows
    ]


@put("/{class_id:uuid}/marks", sync_to_thread=True)
def enter(request: Request, class_id: FromPath[UUID], data: JSONBody[NewMark]) -> Response[MarkOut]:
    """Write one cell. If-Match carries the tag of what it held; without, only an empty one."""
    who = principal(request)
    typed = Typed(data.pupil_id, data.part, data.place, data.mark, request.headers.get("if-match"))
    with db.transaction(who.acting) as session:
        (outcome,) = entering.enter(
            session, class_id, data.subject, data.semester, [typed], by=who, at=clock.now()
        )
        if outcome.refused is not None:
            raise outcome.refused
        average = entry_queries.averages(
            session, class_id, data.subject, data.semester, [data.pupil_id]
        )[data.pupil_id]
    return Response(
        MarkOut(mark=entry_queries.shown(outcome.now), average=average),
        headers={"ETag": entry.tag(outcome.now)},
    )


def _begin(
    request: Request, school_year: str, name: str, content: bytes, once: Once
) -> Response[SchoolImportOut]:
    kept = once.kept()
    if kept is not None:
        return kept
    who = principal(request)
    kind = tables.media_type(content)
    sha256 = configured.store().put(content, kind)

    def work(session: Session) -> SchoolImportOut:
        import_id = school_importing.begin(
            session, school_year=school_year, file_name=name, content_sha256=sha256,
            media_type=kind, by=who, at=clock.now(),
        )  # fmt: skip
        session.flush()
        return _out(school_import_queries.school_import(session, import_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/school-imports/{out.id}")


def _out(view: SchoolImportView) -> SchoolImportOut:
    return SchoolImportOut(
        id=view.id,
        school_year=view.school_year,
        file_name=view.file_name,
        content_sha256=view.content_sha256,
        state=view.state,
        failure=view.failure,
        uploaded_at=view.uploaded_at,
        done=view.progress.done,
        total=view.progress.total,
        unclear=[
            UnclearOut(
                sheet=one.name,
                cell=None if one.row is None else f"{one.column}{one.row}",
                sentence=one.unclear or "",
            )
            for one in view.unclear
        ],
        classes=[
            ClassOut(
                import_id=one.mark_import_id,
                class_id=one.class_id,
                name=one.class_name,
                state=one.state,
                marks=one.marks,
                errors=one.errors,
                warnings=one.warnings,
                added=one.changes.added,
                changed=one.changes.changed,
                removed=one.changes.removed,
                refused=one.refused,
            )
            for one in view.parts
        ],
        faults=[
            ClassFaultOut(
                class_name=one.class_name,
                sheet=one.sheet,
                row=one.row,
                column=one.column,
                kind=one.kind,
                severity=one.severity,
                sentence=one.sentence,
            )
            for one in view.faults
        ],
    )
