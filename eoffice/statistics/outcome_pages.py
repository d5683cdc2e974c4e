"""Kết quả năm học: pupils by learning, conduct, outcome and title; each number with its classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.people import queries as people
from eoffice.people.kinds import SCHOOL_LEVEL_NAMES, SchoolLevel
from eoffice.printing import table_files
from eoffice.printing.printed_table import Align, Column, Table
from eoffice.printing.table_files import Format
from eoffice.statistics import asking, outcome_rules, queries
from eoffice.statistics.outcome_rules import BY, MEASURES, By, Counted, Measure, Row
from eoffice.statistics.rules import School
from eoffice.web.forms import FormState
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal

OUTCOMES, CLASSES = "/registers/outcomes", "/registers/outcomes/classes"
_LAST = 99


@dataclass(frozen=True, slots=True)
class Report:
    """The figures as asked for."""

    year: str
    years: tuple[str, ...]
    measure: Measure
    by: By
    words: tuple[str, ...]
    rows: tuple[Row, ...]
    total: Row
    counted: tuple[Counted, ...]
    schools: Mapping[UUID, School]
    #: What the list is narrowed to: the key of a row and a word.
    key: str
    word: str


class RowOut(msgspec.Struct, frozen=True, kw_only=True):
    key: str
    name: str
    pupils: int
    counts: dict[str, int]


class OutcomesOut(msgspec.Struct, frozen=True, kw_only=True):
    school_year: str
    measure: Measure
    by: By
    words: list[str]
    rows: list[RowOut]
    total: RowOut


@get(OUTCOMES, sync_to_thread=True)
def outcomes(
    request: Request,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the word of the address
) -> Response[bytes]:
    """The table: rows by school, superior, level, grade or sex; columns the words of the books."""
    report = _report(request)
    if format is not None:
        return _file(request, _table(report), format, "ket-qua-nam-hoc")
    asked = {"year": report.year, "measure": report.measure.value, "by": report.by.value}
    return page(
        request,
        "statistics/outcomes.html",
        section="registers",
        report=report,
        measures=[(each.value, MEASURES[each]) for each in Measure],
        groupings=[(each.value, BY[each]) for each in By],
        head=BY[report.by],
        columns=[(word, "num") for word in report.words],
        filter_form=FormState.of(**asked),
        files=f"{OUTCOMES}?{urlencode(asked)}",
        shown=(*report.rows, report.total) if len(report.rows) > 1 else report.rows,
        to_classes=lambda row, word: (
            f"{CLASSES}?"
            + urlencode({**asked, **({"key": row.key} if row.key else {}), "word": word})
        ),
    )


@get(CLASSES, sync_to_thread=True)
def classes(request: Request) -> Response[bytes]:
    """The classes behind a number, and how many pupils in each."""
    report = _report(request)
    found: dict[UUID, tuple[Counted, int]] = {}
    for each in report.counted:
        if report.word in ("", each.kind.word(report.measure)):
            _, pupils = found.get(each.class_id, (each, 0))
            found[each.class_id] = (each, pupils + each.pupils)
    asked = {"year": report.year, "measure": report.measure.value, "by": report.by.value}
    return page(
        request,
        "statistics/outcome_classes.html",
        section="registers",
        report=report,
        name=f"{MEASURES[report.measure]}: {report.word}" if report.word else "Tất cả học sinh",
        lines=list(found.values()),
        pupils=sum(pupils for _, pupils in found.values()),
        back=f"{OUTCOMES}?{urlencode(asked)}",
    )


@get("/outcomes", sync_to_thread=True)
def outcomes_for_programs(request: Request) -> OutcomesOut:
    """Pupils of sealed books by result. Query: `year`, `measure` (learning, conduct, outcome,
    title), `by` (school, superior, level, grade, sex).
    """
    report = _report(request)
    return OutcomesOut(
        school_year=report.year,
        measure=report.measure,
        by=report.by,
        words=list(report.words),
        rows=[_out(row) for row in report.rows],
        total=_out(report.total),
    )


def _report(request: Request) -> Report:
    """Raises NotAReader."""
    who, at = principal(request), clock.now()
    given: Mapping[str, str] = request.query_params
    measure = asking.member(Measure, given.get("measure", "")) or Measure.LEARNING
    by = asking.member(By, given.get("by", "")) or By.SCHOOL
    with db.transaction(who.acting) as session:
        queries.require_reader(who)
        years = queries.school_years(session)
        year = given["year"] if given.get("year") in years else next(iter(years), "")
        schools = {
            school.id: school for school in queries.schools(session, who, on=clock.civil_date(at))
        }
        everything = [each for each in queries.counted(session, year) if each.school_id in schools]
    group = _GROUPS[by]
    key = given.get("key", "")
    counted = tuple(each for each in everything if key in ("", group(schools, each)[1]))
    rows = outcome_rules.tabled(counted, measure, lambda each: group(schools, each))
    return Report(
        year=year,
        years=years,
        measure=measure,
        by=by,
        words=outcome_rules.words(counted, measure),
        rows=rows,
        total=outcome_rules.total(rows),
        counted=counted,
        schools=schools,
        key=key,
        word=given.get("word", ""),
    )


def _level(schools: Mapping[UUID, School], each: Counted) -> tuple[object, str, str]:
    level = schools[each.school_id].level
    if level is None:
        return _LAST, "none", "Chưa ghi cấp học"
    return list(SchoolLevel).index(level), level.value, SCHOOL_LEVEL_NAMES[level]


def _school(schools: Mapping[UUID, School], each: Counted) -> tuple[object, str, str]:
    school = schools[each.school_id]
    return school.name, str(school.id), school.name


def _superior(schools: Mapping[UUID, School], each: Counted) -> tuple[object, str, str]:
    school = schools[each.school_id]
    return school.superior, str(school.superior_id), school.superior


_GROUPS: dict[By, Callable[[Mapping[UUID, School], Counted], tuple[object, str, str]]] = {
    By.SCHOOL: _school,
    By.SUPERIOR: _superior,
    By.LEVEL: _level,
    By.GRADE: lambda _, each: (f"{each.grade:02}", str(each.grade), f"Khối {each.grade}"),
    By.SEX: lambda _, each: (each.kind.sex, each.kind.sex, each.kind.sex),
}


def _table(report: Report) -> Table:
    rows: Sequence[Row] = (*report.rows, report.total)
    return Table(
        title=f"{MEASURES[report.measure].upper()}, NĂM HỌC {report.year}",
        columns=(
            Column(BY[report.by], 34),
            Column("Số học sinh", 12, Align.RIGHT),
            *(Column(word, 12, Align.RIGHT) for word in report.words),
        ),
        rows=tuple(
            (row.name, row.total, *(row.counts.get(word, 0) for word in report.words))
            for row in rows
        ),
    )


def _file(request: Request, table: Table, wanted: Format, name: str) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    return table_files.answer(table, letterhead, wanted, name=name, printed_by=who.full_name, at=at)


def _out(row: Row) -> RowOut:
    return RowOut(key=row.key, name=row.name, pupils=row.total, counts=dict(row.counts))


pages = Router("/", route_handlers=[outcomes, classes], include_in_schema=False)
router = Router("/api/v1/statistics", route_handlers=[outcomes_for_programs], tags=["statistics"])
