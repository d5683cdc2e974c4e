"""Tìm trong mọi văn bản và sổ sách: the page of results, its file to keep, saved searches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive.states import KIND_NAMES as ARCHIVE_NAMES
from eoffice.archive.states import EntryKind
from eoffice.documents import types
from eoffice.documents.types import DocumentType, Urgency
from eoffice.people import queries as people
from eoffice.printing import table_files
from eoffice.printing.printed_table import TooManyRows
from eoffice.printing.table_files import Format
from eoffice.routing import rules as routing_rules
from eoffice.search import actions, asking, queries, result_lines, result_tables, rules
from eoffice.search.asking import Column, Search
from eoffice.search.http import COUNTED, archived, behind, bound
from eoffice.search.result_lines import Line
from eoffice.search.rules import KIND_NAMES, Asked, Fields, Kind
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor
from eoffice.web.principal import Principal, Request, principal

PATH: Final = "/search"
#: Lines of each kind on the page of all kinds, and of one kind on a page of its own.
MOST_OF_A_KIND: Final = 10
MOST_ON_A_PAGE: Final = 50
#: Lines of each kind in a file.
EXPORTED: Final = 5_000


class SaveForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.NAME_LENGTH)]
    query: Annotated[str, msgspec.Meta(max_length=actions.QUERY_LENGTH)] = ""


class ColumnsForm(msgspec.Struct, frozen=True, kw_only=True):
    columns: list[str] = []
    query: Annotated[str, msgspec.Meta(max_length=actions.QUERY_LENGTH)] = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What was found of one kind."""

    kind: Kind
    lines: tuple[Line, ...]
    #: "12", or "hơn 300".
    count: str
    is_more: bool
    is_cut: bool
    #: The same search of this kind alone.
    path: str


@get(PATH, sync_to_thread=True)
def search(request: Request) -> Response[bytes]:
    """Tìm: words and fields of the address; `format=xlsx|pdf` for a file of the result."""
    who = principal(request)
    pairs = [(name, str(value)) for name, value in request.query_params.multi_items()]
    asked = asking.read(pairs)
    wanted = next((value for name, value in pairs if name == "format"), "")
    if wanted in set(Format) and not asked.asked.is_empty:
        return _file(who, asked, Format(wanted))
    text = next((value for name, value in pairs if name == "cursor"), None)
    key = behind(asked, Cursor.read(request, text))
    fields = asked.asked.fields
    sections: list[Section] = []
    years: tuple[str, ...] = ()
    last: tuple[str, str] | None = None
    with db.transaction(who.acting) as session:
        units = _units(session, who)
        saved = queries.saved(session, who=who)
        kept = asking.read_columns(queries.columns(session, who=who))
        if not asked.asked.is_empty:
            for kind in _kinds(fields):
                section, last = _section(session, asked, kind, who=who, after=key)
                sections.append(section)
    if _asks_archive(asked.asked):
        section, years, last = _archived(who, asked, after=key)
        sections.append(section)
    is_last = fields.kind is None or not (sections and sections[-1].is_more) or last is None
    columns = asked.columns or kept or asking.DEFAULT_COLUMNS
    return page(
        request,
        "search/search.html",
        section="",
        q=rules.typed(asked.asked.terms),
        is_asked=not asked.asked.is_empty,
        fields=fields,
        parts=[each for each in sections if each.lines],
        counts=_counts(asked, sections),
        chips=_chips(asked, dict(units)),
        here=_path(asked),
        query=asking.query(asked),
        at_start=key is None,
        next_cursor=None if is_last or last is None else Cursor.write(request, bound(asked, last)),
        saved=saved,
        reads_counts=routing_rules.reads_the_book(who.position_kind),
        columns=columns,
        keeps_columns=bool(asked.columns) and asked.columns != (kept or asking.DEFAULT_COLUMNS),
        order=asked.order.value,
        orders=_orders(asked),
        archive_chips=_archive_chips(asked, years),
        column_names=asking.COLUMN_NAMES,
        fixed_columns=asking.FIXED_COLUMNS,
        all_columns=list(Column),
        type_names=[(each.value, types.name(each)) for each in DocumentType],
        urgency_names=[(each.value, types.URGENCY_NAMES[each]) for each in Urgency],
        state_names=list(asking.STATE_NAMES.items()),
        kind_names=KIND_NAMES,
        units=[(str(unit_id), name) for unit_id, name in units],
        name_length=actions.NAME_LENGTH,
    )


@post(f"{PATH}/saved", sync_to_thread=True)
def save(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Lưu tìm kiếm."""
    entered = form.parse(SaveForm)
    query = asking.query(asking.read_query(entered.query))

    def work(session: Session) -> See:
        actions.save(session, entered.name, query, by=principal(request), at=clock.now())
        return See(f"{PATH}?{query}", said=f"Đã lưu tìm kiếm “{entered.name}”.")

    return once.see(work)


@post(f"{PATH}/saved/{{saved_id:uuid}}/removal", sync_to_thread=True)
def forget(
    request: Request, saved_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Bỏ tìm kiếm đã lưu."""

    def work(session: Session) -> See:
        actions.forget(session, saved_id, by=principal(request), at=clock.now())
        return See(PATH, said="Đã bỏ tìm kiếm đã lưu.")

    return once.see(work)


@post(f"{PATH}/columns", sync_to_thread=True)
def choose_columns(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Nhớ các cột: in which results are shown from now on."""
    entered = form.parse(ColumnsForm)
    columns = asking.read_columns(entered.columns) or asking.DEFAULT_COLUMNS
    again = replace(asking.read_query(entered.query), columns=())

    def work(session: Session) -> See:
        actions.choose_columns(session, columns, by=principal(request), at=clock.now())
        return See(_path(again), said="Từ nay kết quả tìm hiện các cột này.")

    return once.see(work)


def _kinds(fields: Fields) -> tuple[Kind, ...]:
    """Those of the index that are asked for."""
    if not fields.is_of_index:
        return ()
    return rules.INDEXED if fields.kind is None else (fields.kind,)


def _section(
    session: Session,
    asked: Search,
    kind: Kind,
    *,
    who: Principal,
    after: tuple[str, str] | None,
) -> tuple[Section, tuple[str, str] | None]:
    """The lines to show of one kind, and the place of the last of them."""
    most = MOST_OF_A_KIND if asked.asked.fields.kind is None else MOST_ON_A_PAGE
    found = queries.found(
        session,
        asked.asked,
        kind,
        who=who,
        most=COUNTED,
        order=asked.order,
        after=None if after is None else (after[0], UUID(after[1])),
    )
    lines = result_lines.lines(session, kind, found.ids[:most])
    section = Section(
        kind=kind,
        lines=tuple(lines),
        count=_counted(len(found.ids), is_more=found.is_more or found.is_cut),
        is_more=found.is_more or len(found.ids) > most,
        is_cut=found.is_cut,
        path=_path(_of_kind(asked, kind)),
    )
    return section, found.place(most)


def _counted(count: int, *, is_more: bool) -> str:
    shown = f"{count:,}".replace(",", ".")
    return f"hơn {shown}" if is_more else shown


def _asks_archive(asked: Asked) -> bool:
    """The archive is asked for words, and for what it knows; alone also for everything in it."""
    fields = asked.fields
    return (
        fields.is_of_archive
        and fields.kind in (None, Kind.ARCHIVE)
        and (bool(asked.terms) or not fields.is_of_index)
    )


def _archived(
    who: Principal,
    asked: Search,
    *,
    after: tuple[str, str] | None = None,
    most: int | None = None,
) -> tuple[Section, tuple[str, ...], tuple[str, str] | None]:
    """What the archive has, the school years there are, and the place of the last line."""
    fields = asked.asked.fields
    if most is None:
        most = MOST_OF_A_KIND if fields.kind is None else MOST_ON_A_PAGE
    found = archived(who, asked.asked, after=after, most=most)
    lines = tuple(result_lines.archived(each) for each in found.entries)
    section = Section(
        kind=Kind.ARCHIVE,
        lines=lines,
        count=_counted(len(lines), is_more=found.is_more),
        is_more=found.is_more,
        is_cut=False,
        path=_path(_of_kind(asked, Kind.ARCHIVE)),
    )
    return section, found.school_years, found.place


def _file(who: Principal, asked: Search, wanted: Format) -> Response[bytes]:
    """The result as a file, with who made it and when. Raises TooManyRows."""
    at = clock.now()
    lines: list[Line] = []
    with db.transaction(who.acting) as session:
        kept = asking.read_columns(queries.columns(session, who=who))
        for kind in _kinds(asked.asked.fields):
            found = queries.found(
                session, asked.asked, kind, who=who, most=EXPORTED, order=asked.order
            )
            if found.is_more or found.is_cut:
                raise _too_many(kind)
            lines += result_lines.lines(session, kind, found.ids)
        units = dict(_units(session, who))
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    if _asks_archive(asked.asked):
        section, _, _ = _archived(who, asked, most=EXPORTED)
        if section.is_more:
            raise _too_many(Kind.ARCHIVE)
        lines += section.lines
    columns = asked.columns or kept or asking.DEFAULT_COLUMNS
    notes = [text for text, _ in _chips(asked, units)]
    return table_files.answer(
        result_tables.table(lines, asked, columns, notes=tuple(notes)),
        letterhead,
        wanted,
        name=f"ket-qua-tim-{clock.civil_date(at):%Y-%m-%d}",
        printed_by=who.full_name,
        at=at,
    )


def _too_many(kind: Kind) -> TooManyRows:
    return TooManyRows(
        f"Có hơn {EXPORTED} kết quả trong {KIND_NAMES[kind].lower()}, nhiều hơn một tệp chứa được."
        " Hãy thêm từ hoặc chọn khoảng thời gian ngắn hơn rồi xuất lại."
    )


def _units(session: Session, who: Principal) -> list[tuple[UUID, str]]:
    """Units that draft documents of the acting agency: itself and its offices."""
    on = clock.civil_date(clock.now())
    below = people.children(session, who.agency_id, on=on)
    agency = people.unit(session, who.agency_id)
    offices = [(each.id, each.name) for each in below if each.agency_id == who.agency_id]
    return [(agency.id, agency.name), *offices]


def _path(asked: Search) -> str:
    query = asking.query(asked)
    return f"{PATH}?{query}" if query else PATH


def _of_kind(asked: Search, kind: Kind | None) -> Search:
    fields = replace(asked.asked.fields, kind=kind)
    return replace(asked, asked=replace(asked.asked, fields=fields))


def _orders(asked: Search) -> list[tuple[str, str, bool]]:
    """Chips of the orders; the archive knows but one."""
    if asked.asked.is_empty or not asked.asked.fields.is_of_index:
        return []
    return [
        (name, _path(replace(asked, order=order)), order is asked.order)
        for order, name in rules.ORDER_NAMES.items()
    ]


def _archive_chips(asked: Search, years: Sequence[str]) -> list[tuple[str, str, bool]]:
    """Chips of the archive's own conditions, where it alone is asked."""
    fields = asked.asked.fields
    if fields.kind is not Kind.ARCHIVE:
        return []
    return [
        *(
            (ARCHIVE_NAMES[each], _with(asked, archive_kind=each.value), False)
            for each in EntryKind
            if not fields.archive_kind
        ),
        *(
            (f"Năm học {year}", _with(asked, school_year=year), False)
            for year in years
            if not fields.school_year
        ),
    ]


def _with(asked: Search, **narrowed: str) -> str:
    told: dict[str, Any] = {**narrowed}
    fields = replace(asked.asked.fields, **told)
    return _path(replace(asked, asked=replace(asked.asked, fields=fields)))


def _counts(asked: Search, sections: list[Section]) -> list[tuple[str, str, bool]]:
    """Chips of the kinds: text, address, whether it is the chosen one."""
    chosen = asked.asked.fields.kind
    if asked.asked.is_empty:
        return []
    shown = {each.kind: each.count for each in sections if each.lines}
    return [
        ("Tất cả", _path(_of_kind(asked, None)), chosen is None),
        *(
            (
                f"{name} ({shown[kind]})" if kind in shown else name,
                _path(_of_kind(asked, kind)),
                chosen is kind,
            )
            for kind, name in KIND_NAMES.items()
            if kind in shown or chosen is not None
        ),
    ]


def _chips(asked: Search, units: dict[UUID, str]) -> list[tuple[str, str]]:
    """Each narrowing in words, with the address of the same search without it."""
    fields = asked.asked.fields
    unit = units.get(fields.unit_id, "không thuộc cơ quan") if fields.unit_id else ""
    chips = []
    for name in asking.FIELD_NAMES:
        if name != "kind" and getattr(fields, name) not in ("", None):
            left = replace(asked.asked, fields=rules.without(fields, name))
            chips.append((asking.said(name, fields, unit), _path(replace(asked, asked=left))))
    return chips


pages = Router("/", route_handlers=[search, save, forget, choose_columns], include_in_schema=False)
