"""The page of what follows from the marks of a class, and a workbook that is brought from it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from markupsafe import Markup
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Semester
from eoffice.assessment.tt22 import LearningResult
from eoffice.classes.subjects import BY_CODE
from eoffice.errors import Refusal
from eoffice.marks import results, uploads
from eoffice.marks.marks_http import UPLOAD_BODY, uploaded
from eoffice.marks.marks_pages import shown
from eoffice.registers import class_queries, printed
from eoffice.registers.class_pages import class_page
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal


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
                    shown(
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
