"""The figures for programs, in the shape of the pages."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from litestar import Router, get

from eoffice import clock, db
from eoffice.statistics import asking, rules
from eoffice.statistics.rules import Grouping, Keeping
from eoffice.web.principal import Request, principal


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    #: A level or the identifier of a unit; "" for schools without a level, and for the total.
    key: str
    name: str
    schools: int
    keeping: int
    through: int
    classes: dict[Keeping, int]


class CoverageOut(msgspec.Struct, frozen=True, kw_only=True):
    school_year: str
    by: Grouping
    lines: list[LineOut]
    total: LineOut


class ClassOut(msgspec.Struct, frozen=True, kw_only=True):
    class_id: UUID
    name: str
    grade: int
    school_id: UUID
    keeping: Keeping
    since: datetime | None


@get("/coverage", sync_to_thread=True)
def coverage(request: Request) -> CoverageOut:
    """How many schools keep their registers here. Query: `year`, `by` (level, superior, school),
    and to narrow `level`, `superior`, `school`.
    """
    who = principal(request)
    asked = asking.read(request)
    with db.transaction(who.acting) as session:
        found = asking.found(session, asked, who=who, on=clock.civil_date(clock.now()))
    lines = rules.coverage(found.schools, found.books, asked.grouping)
    return CoverageOut(
        school_year=found.year,
        by=asked.grouping,
        lines=[_line(each) for each in lines],
        total=_line(rules.total(lines)),
    )


@get("/coverage/classes", sync_to_thread=True)
def classes(request: Request) -> list[ClassOut]:
    """The classes behind a number; `keeping` names states, separated by commas."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = asking.found(
            session, asking.read(request), who=who, on=clock.civil_date(clock.now())
        )
    return [
        ClassOut(
            class_id=each.class_id,
            name=each.class_name,
            grade=each.grade,
            school_id=each.school_id,
            keeping=each.keeping,
            since=each.since,
        )
        for each in found.books
    ]


def _line(line: rules.Coverage) -> LineOut:
    return LineOut(
        key=line.key,
        name=line.name,
        schools=line.schools,
        keeping=line.keeping,
        through=line.through,
        classes=dict(line.classes),
    )


router = Router("/api/v1/statistics", route_handlers=[coverage, classes], tags=["statistics"])
