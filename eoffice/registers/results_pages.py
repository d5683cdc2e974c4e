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
from eoffice.assessment.year import ConductTime, PeriodOutcome, Subject, Word, YearOutcome
from eoffice.classes.subjects import BY_CODE
from eoffice.errors import Refusal
from eoffice.marks import uploads, years
from eoffice.marks.marks_http import UPLOAD_BODY, uploaded
from eoffice.marks.marks_pages import shown
from eoffice.marks.years import ClassYear, ListedPupil
from eoffice.registers import class_queries
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
        year = years.of_class(session, class_id)
    here = f"/registers/classes/{class_id}/results"
    is_year = chosen is None
    return page(
        request,
        "registers/results.html",
        school_class=view,
        circular=year.rule_set.circular,
        subjects=[_heading(subject) for subject in year.subjects],
        rows=[
            _row(year, pupil, chosen, year.entered[pupil.code].absences) for pupil in year.pupils
        ],
        is_year=is_year,
        level_names=_LEVEL_NAMES[ConductTime.YEAR in year.rule_set.conduct_times],
        has_average=any(
            one.year.average is not None or _period(one, chosen).average is not None
            for one in year.outcomes.values()
        ),
        has_conduct=bool(year.rule_set.conduct_levels),
        has_summer=is_year and any(one.needs for one in year.outcomes.values()),
        has_titles=is_year or ConductTime.YEAR in year.rule_set.conduct_times,
        chips=[
            ("Học kì I", f"{here}?period=1", chosen is Semester.FIRST),
            ("Học kì II", f"{here}?period=2", chosen is Semester.SECOND),
            ("Cả năm", here, is_year),
        ],
    )


#: Circular 58 has conduct of the year judged, and calls both by other names.
_LEVEL_NAMES = {False: ("Học tập", "Rèn luyện"), True: ("Học lực", "Hạnh kiểm")}


def _heading(subject: Subject) -> Markup:
    known = BY_CODE.get(subject.code)
    return Markup('<abbr title="{}">{}</abbr>').format(
        subject.name, subject.name if known is None else known.short_name
    )


def _row(
    year: ClassYear, pupil: ListedPupil, chosen: Semester | None, absences: int
) -> dict[str, object]:
    one = year.outcomes[pupil.code]
    period = _period(one, chosen)
    by_subject = [one.subjects[subject.code] for subject in year.subjects]
    return {
        "name": pupil.name,
        "subjects": [
            shown(result.year if chosen is None else result.semesters[chosen])
            for result in by_subject
        ],
        "average": shown(period.average),
        "learning": _text(period.learning),
        "is_adjusted": period.learning != period.learning_before_adjustment,
        "conduct": _text(period.conduct),
        "title": _text(period.title),
        "absences": absences,
        "outcome": _text(one.outcome_word),
        "again": [
            f"{subject.name}: {shown(result.after)}"
            for subject, result in zip(year.subjects, by_subject, strict=True)
            if result.after is not None
        ],
        "may_take_again": [
            subject.name for subject in year.subjects if subject.code in one.candidates
        ],
        "outcome_after": _text(one.outcome_after_word),
        "completion": _text(one.completion),
        "gaps": year.gaps(pupil.code),
    }


def _period(one: YearOutcome, chosen: Semester | None) -> PeriodOutcome:
    return one.year if chosen is None else one.semesters[chosen]


def _text(word: Word | None) -> str:
    return "" if word is None else word.text
