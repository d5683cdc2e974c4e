"""Marks for programs: sheets that are brought, their faults by cell, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Incomplete, Part, Semester, Verdict
from eoffice.errors import Invalid
from eoffice.files.tables import workbook
from eoffice.marks import importing, upload_queries, uploads
from eoffice.marks.record_queries import Value
from eoffice.marks.sheet_faults import FaultKind, Severity
from eoffice.marks.states import ImportState
from eoffice.marks.upload_queries import ImportView
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

#: Room for the parts of a form around the largest workbook.
UPLOAD_BODY = workbook.LARGEST_BYTES + (1 << 20)


class FaultOut(msgspec.Struct, frozen=True, kw_only=True):
    sheet: str
    row: int
    column: str
    cell: str
    kind: FaultKind
    severity: Severity
    sentence: str


class SheetOut(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    subject_code: str | None
    subject: str | None
    semester: Semester | None
    marks: int


class ChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    pupil_code: str
    pupil: str
    subject: str
    semester: Semester
    part: Part
    place: int
    old: str | None
    new: str | None


class ImportLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    file_name: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    errors: int
    warnings: int


class ImportOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    class_id: UUID
    file_name: str
    content_sha256: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    accepted_at: datetime | None
    sheets: list[SheetOut]
    faults: list[FaultOut]
    #: What accepting would change; empty once accepted.
    changes: list[ChangeOut]


class AcceptedOut(msgspec.Struct, frozen=True, kw_only=True):
    added: int
    changed: int
    removed: int


@get("/{class_id:uuid}/marks-template", sync_to_thread=True)
def template(
    request: Request, class_id: FromPath[UUID], subject: FromQuery[str | None] = None
) -> Response[bytes]:
    """Sheets to fill in, with the marks as they stand; of one subject or of all."""
    content = uploads.template(class_id, subject, by=principal(request))
    return file_answer(content, uploads.XLSX, f"bang-diem-{subject or 'tat-ca'}.xlsx")


@get("/{class_id:uuid}/imports", sync_to_thread=True)
def imports(request: Request, class_id: FromPath[UUID]) -> list[ImportLineOut]:
    """Uploads for the class, the newest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = upload_queries.imports(session, class_id, who)
    return [
        ImportLineOut(
            id=row.id,
            file_name=row.file_name,
            state=row.state,
            uploaded_at=row.uploaded_at,
            uploaded_by=row.uploaded_by,
            errors=row.errors,
            warnings=row.warnings,
        )
        for row in found
    ]


@post("/{class_id:uuid}/imports", sync_to_thread=True, request_max_body_size=UPLOAD_BODY)
def upload(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[ImportOut]:
    """Bring an .xlsx workbook (part `file`); its faults are in the answer, by sheet and cell."""
    kept = once.kept()
    if kept is not None:
        return kept
    who = principal(request)
    name, content = uploaded(form)

    def within(last: Callable[[Session], UUID]) -> Response[ImportOut]:
        def work(session: Session) -> ImportOut:
            import_id = last(session)
            session.flush()  # The answer reads what was written.
            return import_out(upload_queries.mark_import(session, import_id, who))

        return once.answer(work, status=201, location=lambda out: f"/api/v1/imports/{out.id}")

    return uploads.upload(class_id, name, content, by=who, at=clock.now(), within=within)


@get("/{import_id:uuid}", sync_to_thread=True)
def show_import(request: Request, import_id: FromPath[UUID]) -> ImportOut:
    """An upload with its faults by sheet, row and column, and what accepting it would change."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return import_out(upload_queries.mark_import(session, import_id, who))


@post("/{import_id:uuid}/acceptance", sync_to_thread=True, status_code=200)
def accept(
    request: Request, import_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[AcceptedOut]:
    """Write the marks of the upload into the register."""
    who = principal(request)

    def work(session: Session) -> AcceptedOut:
        done = importing.accept(session, import_id, by=who, at=clock.now())
        return AcceptedOut(added=done.added, changed=done.changed, removed=done.removed)

    return once.answer(work)


def uploaded(form: Form) -> tuple[str, bytes]:
    """Name and bytes of the part `file`. Raises Invalid."""
    found = form.file("file")
    if found is None:
        raise Invalid("Chưa chọn tệp.", fields={"file": "Chọn một tệp .xlsx để tải lên."})
    return found.filename or "bang-diem.xlsx", found.file.read(workbook.LARGEST_BYTES + 1)


def file_answer(body: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to keep: never shown in the page, whatever it holds."""
    return Response(
        body,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "private, no-cache",
        },
    )


def import_out(view: ImportView) -> ImportOut:
    return ImportOut(
        id=view.id,
        class_id=view.class_id,
        file_name=view.file_name,
        content_sha256=view.content_sha256,
        state=view.state,
        uploaded_at=view.uploaded_at,
        uploaded_by=view.uploaded_by,
        accepted_at=view.accepted_at,
        sheets=[
            SheetOut(
                name=sheet.name,
                subject_code=sheet.subject_code,
                subject=sheet.subject,
                semester=sheet.semester,
                marks=sheet.marks,
            )
            for sheet in view.sheets
        ],
        faults=[
            FaultOut(
                sheet=fault.sheet,
                row=fault.row,
                column=fault.column,
                cell=fault.cell,
                kind=fault.kind,
                severity=fault.severity,
                sentence=fault.sentence,
            )
            for fault in view.faults
        ],
        changes=[
            ChangeOut(
                pupil_code=change.pupil_code,
                pupil=change.pupil,
                subject=change.subject,
                semester=change.semester,
                part=change.part,
                place=change.place,
                old=text_of(change.old),
                new=text_of(change.new),
            )
            for change in view.changes
        ],
    )


def text_of(value: Value | Incomplete | None) -> str | None:
    if isinstance(value, Verdict):
        return value.value
    return str(value) if isinstance(value, Decimal) else None
