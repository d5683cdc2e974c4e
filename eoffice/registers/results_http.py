"""What follows from the marks of a class, for programs."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from eoffice import db
from eoffice.assessment.marks import Semester
from eoffice.assessment.year import Outcome, PeriodOutcome, Word
from eoffice.marks import years
from eoffice.marks.marks_http import text_of
from eoffice.marks.years import ClassYear, ListedPupil
from eoffice.registers import class_queries
from eoffice.web.principal import Request, principal


class SubjectResultOut(msgspec.Struct, frozen=True, kw_only=True):
    """ĐTBmhk and ĐTBmcn, or a word such as passed or well_done; null where marks are missing."""

    first: str | None
    second: str | None
    year: str | None
    #: The year's result after the subject was assessed again.
    after: str | None


class PeriodOut(msgspec.Struct, frozen=True, kw_only=True):
    """Levels by their codes; which codes there are, is a matter of the circular of the class."""

    #: ĐTBhk, ĐTBcn: only under Circular 58.
    average: str | None
    learning: str | None
    learning_before_adjustment: str | None
    conduct: str | None
    title: str | None
    #: As the books of the circular print them.
    learning_word: str | None
    conduct_word: str | None


class PupilResultOut(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    #: "TT22/2021"
    rule_set: str
    subjects: dict[str, SubjectResultOut]
    first: PeriodOut
    second: PeriodOut
    year: PeriodOut
    #: With what was made good in summer; null where nothing was.
    after: PeriodOut | None
    excused: int
    unexcused: int
    #: promoted, summer, not_promoted; at the end of the year, and when summer is over.
    promotion: str | None
    promotion_after: str | None
    #: What has to be made good in summer, and the subjects that may be taken again.
    needs: list[str]
    may_take_again: list[str]
    title: str | None
    completion: str | None
    #: What keeps the year from being closed, as sentences.
    gaps: list[str]


@get("/{class_id:uuid}/results", sync_to_thread=True)
def results(request: Request, class_id: FromPath[UUID]) -> list[PupilResultOut]:
    """What follows from the marks as they stand, by the circular of the class."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = class_queries.school_class(session, class_id, who)
        year = years.of_class(session, class_id)
    excused = Counter(one.pupil_code for one in view.absences if one.excused)
    return [_result_out(year, pupil, excused[pupil.code]) for pupil in year.pupils]


#: The door has always called it so.
_PROMOTIONS = {Outcome.HELD_BACK: "not_promoted"}


def _result_out(year: ClassYear, pupil: ListedPupil, excused: int) -> PupilResultOut:
    found = year.outcomes[pupil.code]
    return PupilResultOut(
        code=pupil.code,
        name=pupil.name,
        rule_set=found.rule_set,
        subjects={
            subject: SubjectResultOut(
                first=text_of(one.semesters[Semester.FIRST]),
                second=text_of(one.semesters[Semester.SECOND]),
                year=text_of(one.year),
                after=text_of(one.after),
            )
            for subject, one in found.subjects.items()
        },
        first=_period_out(found.semesters[Semester.FIRST]),
        second=_period_out(found.semesters[Semester.SECOND]),
        year=_period_out(found.year),
        after=None if found.after is None else _period_out(found.after),
        excused=excused,
        unexcused=year.entered[pupil.code].absences - excused,
        promotion=_promotion(found.outcome),
        promotion_after=_promotion(found.outcome_after),
        needs=[need.value for need in found.needs],
        may_take_again=list(found.candidates),
        title=_code(found.title),
        completion=_code(found.completion),
        gaps=list(year.gaps(pupil.code)),
    )


def _period_out(one: PeriodOutcome) -> PeriodOut:
    return PeriodOut(
        average=text_of(one.average),
        learning=_code(one.learning),
        learning_before_adjustment=_code(one.learning_before_adjustment),
        conduct=_code(one.conduct),
        title=_code(one.title),
        learning_word=_text(one.learning),
        conduct_word=_text(one.conduct),
    )


def _code(word: Word | None) -> str | None:
    return None if word is None else word.code


def _text(word: Word | None) -> str | None:
    return None if word is None else word.text


def _promotion(outcome: Outcome | None) -> str | None:
    return None if outcome is None else _PROMOTIONS.get(outcome, outcome.value)
