"""Pages on which marks come in: an upload with its faults and changes, and the results."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from markupsafe import Markup
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Incomplete, Part, Semester
from eoffice.assessment.tt22 import LearningResult
from eoffice.errors import Refusal
from eoffice.registers import (
    class_queries,
    importing,
    mark_cells,
    printed,
    results,
    states,
    upload_queries,
    uploads,
    waiting,
)
from eoffice.registers.class_pages import class_page
from eoffice.registers.marks_http import UPLOAD_BODY, file_answer, uploaded
from eoffice.registers.record_queries import Value
from eoffice.registers.subjects import BY_CODE
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

_PART_NAMES = {Part.REGULAR: "ĐĐGtx", Part.MIDTERM: "ĐĐGgk", Part.FINAL: "ĐĐGck"}


@post(
    "/registers/classes/{class_id:uuid}/imports",
    sync_to_thread=True,
    request_max_body_size=UPLOAD_BODY,
)
def upload(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Bring in a workbook; the next page lists its faults or what it would change."""
    if (kept := once.kept()) is not None:
        return kept
    try:
        name, content = uploaded(form)

        def within(last: Callable[[Session], UUID]) -> Response[bytes]:
            return once.see(lambda session: See(f"/registers/imports/{last(session)}"))

        return uploads.upload(
            class_id, name, content, by=principal(request), at=clock.now(), within=within
        )
    except Refusal as refusal:
        return class_page(request, class_id, form.refused(refusal), status=refusal.status)


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


@get("/registers/classes/{class_id:uuid}/results", sync_to_thread=True)
def show_results(
    request: Request, class_id: FromPath[UUID], period: FromQuery[str] = "year"
) -> Response[bytes]:
    """What follows from the marks as they stand, for a semester or the year."""
    who = principal(request)
    chosen = next((semester for semester in Semester if semester.value == period), None)
    with db.transaction(who.acting) as session:
        view = class_queries.school_class(session, class_id, who)
        source, found = class_queries.results(session, class_id, who, at=clock.now())
    here = f"/registers/classes/{class_id}/results"
    rows = []
    for pupil in source.pupils:
        one = found[pupil.code]
        summary = one.year if chosen is None else one.semesters[chosen]
        learning = summary.learning
        rows.append(
            {
                "name": pupil.name,
                "subjects": [
                    _shown(
                        one.subjects[subject.code].year
                        if chosen is None
                        else one.subjects[subject.code].semesters[chosen]
                    )
                    for subject in source.subjects
                ],
                "learning": printed.word(learning.level.value)
                if isinstance(learning, LearningResult)
                else "",
                "is_adjusted": isinstance(learning, LearningResult) and learning.is_adjusted,
                "conduct": printed.word(summary.conduct),
                "absences": one.excused + one.unexcused,
                "promotion": printed.word(one.promotion) if chosen is None else "",
                "title": printed.word(one.title) if chosen is None else "",
                "gaps": list(results.gaps(source.subjects, one)),
            }
        )
    return page(
        request,
        "registers/results.html",
        school_class=view,
        subjects=[
            Markup('<abbr title="{}">{}</abbr>').format(
                subject.name, BY_CODE[subject.code].short_name
            )
            for subject in source.subjects
        ],
        rows=rows,
        is_year=chosen is None,
        chips=[
            ("Học kì I", f"{here}?period=1", chosen is Semester.FIRST),
            ("Học kì II", f"{here}?period=2", chosen is Semester.SECOND),
            ("Cả năm", here, chosen is None),
        ],
    )


def _import(
    request: Request, import_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = upload_queries.mark_import(session, import_id, who)
    return page(
        request,
        "registers/import.html",
        status=status,
        upload=view,
        form=form,
        state_name=states.IMPORT_NAMES[view.state],
        tone=waiting.IMPORT_TONES[view.state],
        roman=results.roman,
        changes=[
            {
                "pupil": change.pupil,
                "where": f"{change.subject}, học kì {results.roman(change.semester)}, "
                + _PART_NAMES[change.part]
                + (str(change.place) if change.part is Part.REGULAR else ""),
                "old": _shown(change.old),
                "new": _shown(change.new),
            }
            for change in view.changes
        ],
    )


def _shown(value: Value | Incomplete | None) -> str:
    if value is None or isinstance(value, Incomplete):
        return ""
    return mark_cells.shown(value)
