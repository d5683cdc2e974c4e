"""Pages on which marks come in: an upload with its faults and changes."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Incomplete, Part
from eoffice.errors import Refusal
from eoffice.marks import importing, mark_cells, results, states, upload_queries, uploads
from eoffice.marks.marks_http import file_answer
from eoffice.marks.record_queries import Value
from eoffice.web.forms import FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_PART_NAMES = {Part.REGULAR: "ĐĐGtx", Part.MIDTERM: "ĐĐGgk", Part.FINAL: "ĐĐGck"}


@get("/registers/classes/{class_id:uuid}/template", sync_to_thread=True)
def template(
    request: Request, class_id: FromPath[UUID], subject: FromQuery[str | None] = None
) -> Response[bytes]:
    """Sheets to fill in."""
    content = uploads.template(class_id, subject, by=principal(request))
    return file_answer(content, uploads.XLSX, f"bang-diem-{subject or 'tat-ca'}.xlsx")


@get("/registers/imports/{import_id:uuid}", sync_to_thread=True)
def show_import(request: Request, import_id: FromPath[UUID]) -> Response[bytes]:
    """An upload: its faults by sheet, row and column; or what accepting it changes."""
    return _import(request, import_id, FormState())


@post("/registers/imports/{import_id:uuid}/acceptance", sync_to_thread=True)
def accept(
    request: Request, import_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Write the marks into the register."""
    who = principal(request)

    def work(session: Session) -> See:
        done = importing.accept(session, import_id, by=who, at=clock.now())
        class_id = upload_queries.import_class(session, import_id)
        return See(
            f"/registers/classes/{class_id}",
            said=f"Đã ghi vào sổ: {done.added} điểm mới, {done.changed} điểm sửa, "
            f"{done.removed} điểm bỏ.",
        )

    try:
        return once.see(work)
    except Refusal as refusal:
        shown = FormState(detail=refusal.detail)
        return _import(request, import_id, shown, status=refusal.status)


def _import(
    request: Request, import_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = upload_queries.mark_import(session, import_id, who)
    return page(
        request,
        "marks/import.html",
        status=status,
        upload=view,
        form=form,
        state_name=states.IMPORT_NAMES[view.state],
        tone=states.IMPORT_TONES[view.state],
        roman=results.roman,
        changes=[
            {
                "pupil": change.pupil,
                "where": f"{change.subject}, học kì {results.roman(change.semester)}, "
                + _PART_NAMES[change.part]
                + (str(change.place) if change.part is Part.REGULAR else ""),
                "old": shown(change.old),
                "new": shown(change.new),
            }
            for change in view.changes
        ],
    )


def shown(value: Value | Incomplete | None) -> str:
    if value is None or isinstance(value, Incomplete):
        return ""
    return mark_cells.shown(value)
