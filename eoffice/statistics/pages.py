"""Thống kê sổ sách: how many schools keep their registers here, and the classes behind a number."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from litestar import Response, Router, get
from litestar.params import FromQuery

from eoffice import clock, db
from eoffice.people import queries as people
from eoffice.people.kinds import SCHOOL_LEVEL_NAMES
from eoffice.printing import table_files
from eoffice.printing.printed_table import Table
from eoffice.printing.table_files import Format
from eoffice.statistics import asking, rules, tables
from eoffice.statistics.asking import Asked
from eoffice.statistics.rules import Coverage, Grouping, Keeping
from eoffice.web.forms import FormState
from eoffice.web.pages import page
from eoffice.web.principal import Request, principal

COVERAGE, CLASSES = "/registers/coverage", "/registers/coverage/classes"
#: How wide the picture of the whole is, in its own units.
_WIDTH = 400


@get(COVERAGE, sync_to_thread=True)
def coverage(
    request: Request,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the word of the address
) -> Response[bytes]:
    """Shares of schools by level, superior or school."""
    who, at = principal(request), clock.now()
    asked = asking.read(request)
    with db.transaction(who.acting) as session:
        found = asking.found(session, asked, who=who, on=clock.civil_date(at))
    lines = rules.coverage(found.schools, found.books, asked.grouping)
    total = rules.total(lines)
    if format is not None:
        table = tables.coverage(lines, total, asked.grouping, found.year)
        return _file(request, table, format, "lap-so-dien-tu")
    return page(
        request,
        "statistics/coverage.html",
        section="registers",
        asked=asked,
        found=found,
        lines=lines,
        rows=(*lines, total) if len(lines) > 1 else lines,
        total=total,
        keepings=list(Keeping),
        names=rules.NAMES,
        head=tables.HEADS[asked.grouping],
        columns=[(rules.NAMES[each], "num") for each in Keeping],
        bars=[(line, round(_WIDTH * line.share)) for line in lines],
        width=_WIDTH,
        groupings=[(each.value, tables.HEADS[each]) for each in Grouping],
        filter_form=FormState.of(year=found.year, by=asked.grouping.value, **asked.narrowing),
        files=f"{COVERAGE}?{_address(asked, found.year, by=asked.grouping.value)}",
        to_classes=lambda line, keepings=(): _to_classes(asked, found.year, line, keepings),
    )


@get(CLASSES, sync_to_thread=True)
def classes(
    request: Request,
    format: FromQuery[Format | None] = None,  # noqa: A002 -- the word of the address
) -> Response[bytes]:
    """The classes behind a number."""
    who, at = principal(request), clock.now()
    asked = asking.read(request)
    with db.transaction(who.acting) as session:
        found = asking.found(session, asked, who=who, on=clock.civil_date(at))
    if format is not None:
        table = tables.classes(found.books, found.schools, found.year)
        return _file(request, table, format, "so-cua-cac-lop")
    keepings = ",".join(sorted(each.value for each in asked.keepings))
    return page(
        request,
        "statistics/classes.html",
        section="registers",
        found=found,
        schools={school.id: school for school in found.schools},
        names=rules.NAMES,
        tones=rules.TONES,
        chips=list(_chips(asked)),
        files=f"{CLASSES}?{_address(asked, found.year, keeping=keepings)}",
        back=f"{COVERAGE}?{_address(asked, found.year)}",
    )


def _file(request: Request, table: Table, wanted: Format, name: str) -> Response[bytes]:
    who, at = principal(request), clock.now()
    with db.transaction(who.acting) as session:
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    return table_files.answer(table, letterhead, wanted, name=name, printed_by=who.full_name, at=at)


def _address(asked: Asked, year: str, **more: str) -> str:
    return urlencode({"year": year, **asked.narrowing, **{k: v for k, v in more.items() if v}})


def _to_classes(asked: Asked, year: str, line: Coverage, keepings: Iterable[Keeping]) -> str:
    own = {asked.grouping.value: line.key} if line.key else {}
    said = {"keeping": ",".join(each.value for each in keepings)}
    narrowed = {"year": year, **asked.narrowing, **own, **said}
    return f"{CLASSES}?{urlencode({name: value for name, value in narrowed.items() if value})}"


def _chips(asked: Asked) -> Iterable[str]:
    if asked.level is not None:
        yield SCHOOL_LEVEL_NAMES[asked.level]
    for keeping in Keeping:
        if keeping in asked.keepings:
            yield rules.NAMES[keeping]


pages = Router("/", route_handlers=[coverage, classes], include_in_schema=False)
