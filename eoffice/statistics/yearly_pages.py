"""Số liệu năm học: what is counted of schools, on a day; each number leads to its schools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from litestar import Response, Router, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.people import queries as people
from eoffice.people.kinds import SCHOOL_LEVEL_NAMES
from eoffice.printing import table_files
from eoffice.printing.printed_table import Align, Column, Table
from eoffice.printing.table_files import Format
from eoffice.statistics import asking, queries, yearly_queries, yearly_rules
from eoffice.statistics.asking import Asked
from eoffice.statistics.rules import School
from eoffice.statistics.yearly_rules import GROUP_NAMES, Figure, Group, Line
from eoffice.web.forms import FormState
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal

YEARLY, SCHOOLS = "/registers/yearly", "/registers/yearly/schools"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures as asked for."""

    year: str
    years: tuple[str, ...]
    on: date
    asked: Asked
    schools: Mapping[UUID, School]
    figures: tuple[Figure, ...]

    @property
    def address(self) -> dict[str, str]:
        return {"year": self.year, "on": self.on.isoformat(), **self.asked.narrowing}


class FigureOut(msgspec.Struct, frozen=True, kw_only=True):
    school_id: UUID
    #: Identifier of the school in exchanges; None where it has none.
    organ_id: str | None
    indicator: str
    name: str
    grade: int | None
    value: int


class YearlyOut(msgspec.Struct, frozen=True, kw_only=True):
    school_year: str
    on: date
    figures: list[FigureOut]


@get(YEARLY, sync_to_thread=True)
def yearly(
    request: Request,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the word of the address
) -> Response[bytes]:
    """Indicators by grade, over all schools that are looked at."""
    report = _report(request)
    found = yearly_rules.lines(report.figures)
    if format is Format.XLSX:
        return _file(request, _by_school_table(report), format)
    grades = yearly_rules.grades(report.figures)
    if format is not None:
        return _file(request, _table(report, found, grades), format)
    return page(
        request,
        "statistics/yearly.html",
        section="registers",
        report=report,
        groups=[
            (GROUP_NAMES[group], [line for line in found if line.indicator.group is group])
            for group in Group
            if any(line.indicator.group is group for line in found)
        ],
        grades=grades,
        columns=[(f"Khối {grade}", "num") for grade in grades],
        filter_form=FormState.of(**report.address),
        files=f"{YEARLY}?{urlencode(report.address)}",
        to_schools=lambda line, grade=None: (
            f"{SCHOOLS}?"
            + urlencode(
                {
                    **report.address,
                    "indicator": line.indicator.code,
                    **({} if grade is None else {"grade": grade}),
                }
            )
        ),
    )


@get(SCHOOLS, sync_to_thread=True)
def schools(
    request: Request, indicator: FromQuery[str] = "", grade: FromQuery[int | None] = None
) -> Response[bytes]:
    """The schools behind one number."""
    report = _report(request)
    found = yearly_rules.by_school(report.figures, indicator, grade)
    names = [each.indicator for each in report.figures if each.indicator.code == indicator]
    return page(
        request,
        "statistics/yearly_schools.html",
        section="registers",
        report=report,
        name=names[0].name if names else "",
        group=GROUP_NAMES[names[0].group] if names else "",
        grade=grade,
        lines=sorted(
            ((report.schools[school_id], value) for school_id, value in found.items()),
            key=lambda each: each[0].name,
        ),
        total=sum(found.values()),
        back=f"{YEARLY}?{urlencode(report.address)}",
    )


@get("/yearly", sync_to_thread=True)
def for_programs(request: Request) -> YearlyOut:
    """Every figure of every school that one may see. Query: `year`, `on` (a day), and to narrow
    `level`, `superior`, `school`.
    """
    report = _report(request)
    with db.transaction(principal(request).acting) as session:
        units = people.units(session, set(report.schools))
    return YearlyOut(
        school_year=report.year,
        on=report.on,
        figures=[
            FigureOut(
                school_id=each.school_id,
                organ_id=units[each.school_id].organ_id,
                indicator=each.indicator.code,
                name=each.indicator.name,
                grade=each.grade,
                value=each.value,
            )
            for each in report.figures
        ],
    )


def _report(request: Request) -> Report:
    """Raises NotAReader."""
    who, today = principal(request), clock.civil_date(clock.now())
    asked = asking.read(request)
    with db.transaction(who.acting) as session:
        queries.require_reader(who)
        years = queries.school_years(session)
        year = asked.year if asked.year in years else next(iter(years), "")
        found = {
            school.id: school
            for school in queries.schools(session, who, on=today)
            if asked.covers(school)
        }
        on = today
        figures: tuple[Figure, ...] = ()
        if year:
            on = asking.day(request, "on") or yearly_queries.day_of(session, year, today=today)
            figures = yearly_queries.figures(session, year, on=on)
    return Report(year, years, on, asked, found, yearly_rules.narrowed(figures, found.keys()))


def _table(report: Report, lines: tuple[Line, ...], grades: tuple[int, ...]) -> Table:
    return Table(
        title=f"SỐ LIỆU NĂM HỌC {report.year}",
        notes=(f"Tính đến ngày {report.on:%d/%m/%Y}, {len(report.schools)} trường.",),
        columns=(
            Column("Nhóm", 20),
            Column("Chỉ tiêu", 30),
            Column("Tổng số", 10, Align.RIGHT),
            *(Column(f"Khối {grade}", 7, Align.RIGHT) for grade in grades),
        ),
        rows=tuple(
            (
                GROUP_NAMES[line.indicator.group],
                line.indicator.name,
                line.total,
                *(line.by_grade.get(grade, 0) for grade in grades),
            )
            for line in lines
        ),
    )


def _by_school_table(report: Report) -> Table:
    """A row for each figure, as other programs take it in."""
    return Table(
        title=f"SỐ LIỆU NĂM HỌC {report.year} THEO TRƯỜNG",
        notes=(f"Tính đến ngày {report.on:%d/%m/%Y}.",),
        columns=(
            Column("Cơ quan quản lý", 24),
            Column("Trường", 28),
            Column("Cấp học", 16),
            Column("Nhóm", 20),
            Column("Mã chỉ tiêu", 18),
            Column("Chỉ tiêu", 26),
            Column("Khối", 6, Align.RIGHT),
            Column("Giá trị", 8, Align.RIGHT),
        ),
        rows=tuple(
            (
                school.superior,
                school.name,
                "" if school.level is None else SCHOOL_LEVEL_NAMES[school.level],
                GROUP_NAMES[each.indicator.group],
                each.indicator.code,
                each.indicator.name,
                each.grade,
                each.value,
            )
            for each in report.figures
            for school in [report.schools[each.school_id]]
        ),
    )


def _file(request: Request, table: Table, wanted: Format) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    return table_files.answer(
        table, letterhead, wanted, name="so-lieu-nam-hoc", printed_by=who.full_name, at=at
    )


pages = Router("/", route_handlers=[yearly, schools], include_in_schema=False)
router = Router("/api/v1/statistics", route_handlers=[for_programs], tags=["statistics"])
