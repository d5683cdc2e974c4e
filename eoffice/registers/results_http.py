"""What follows from the marks of a class, for programs."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath

from eoffice import clock, db
from eoffice.assessment.marks import Semester
from eoffice.assessment.tt22 import LearningResult, Level, Promotion, Title
from eoffice.marks.marks_http import text_of
from eoffice.marks.results import PupilResults
from eoffice.registers import class_queries
from eoffice.web.principal import Request, principal


class SubjectResultOut(msgspec.Struct, frozen=True, kw_only=True):
    """ĐTBmhk and ĐTBmcn, or passed/failed/exempt; null where marks are missing."""

    first: str | None
    second: str | None
    year: str | None


class PeriodOut(msgspec.Struct, frozen=True, kw_only=True):
    learning: Level | None
    learning_before_adjustment: Level | None
    conduct: Level | None


class PupilResultOut(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    subjects: dict[str, SubjectResultOut]
    first: PeriodOut
    second: PeriodOut
    year: PeriodOut
    excused: int
    unexcused: int
    promotion: Promotion | None
    title: Title | None


@get("/{class_id:uuid}/results", sync_to_thread=True)
def results(request: Request, class_id: FromPath[UUID]) -> list[PupilResultOut]:
    """What follows from the marks as they stand, by the circular of the class."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        source, found = class_queries.results(session, class_id, who, at=clock.now())
    return [_result_out(pupil.code, pupil.name, found[pupil.code]) for pupil in source.pupils]


def _result_out(code: str, name: str, found: PupilResults) -> PupilResultOut:
    def period(semester: Semester | None) -> PeriodOut:
        one = found.year if semester is None else found.semesters[semester]
        learning = one.learning if isinstance(one.learning, LearningResult) else None
        return PeriodOut(
            learning=None if learning is None else learning.level,
            learning_before_adjustment=None if learning is None else learning.base,
            conduct=one.conduct,
        )

    return PupilResultOut(
        code=code,
        name=name,
        subjects={
            subject: SubjectResultOut(
                first=text_of(one.semesters[Semester.FIRST]),
                second=text_of(one.semesters[Semester.SECOND]),
                year=text_of(one.year),
            )
            for subject, one in found.subjects.items()
        },
        first=period(Semester.FIRST),
        second=period(Semester.SECOND),
        year=period(None),
        excused=found.excused,
        unexcused=found.unexcused,
        promotion=found.promotion,
        title=found.title,
    )
