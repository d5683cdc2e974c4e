"""Tìm trong mọi văn bản và sổ sách: the page of results, its file to keep, saved searches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.archive import reading
from eoffice.archive.queries import Narrowed
from eoffice.documents import printed_table, table_files, types
from eoffice.documents.table_files import Format
from eoffice.documents.types import DocumentType, Urgency
from eoffice.people import queries as people
from eoffice.search import actions, asking, queries, result_tables, rules
from eoffice.search.asking import Column, Search
from eoffice.search.queries import Line
from eoffice.search.rules import KIND_NAMES, Asked, Kind
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.paging import Cursor
from eoffice.web.principal import Principal, Request, principal

PATH: Final = "/search"
#: Lines of each kind on the page of all kinds, and of one kind on a page of its own.
MOST_OF_A_KIND: Final = 10
MOST_ON_A_PAGE: Final = 50
#: Further ones are said to be more than that.
COUNTED: Final = 300
#: Lines of each kind in a file.
EXPORTED: Final = 5_000


class SaveForm(msgspec.Struct, frozen=True, kw_only=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=actions.NAME_LENGTH)]
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
    key = Cursor.read(request, next((value for name, value in pairs if name == "cursor"), None))
    after = None if key is None else (date.fromisoformat(key[0]), UUID(key[1]))
    fields = asked.asked.fields
    sections: list[Section] = []
    next_cursor = None
    with db.transaction(who.acting) as session:
        units = _units(session, who)
        saved = queries.saved(session, who=who)
        if not asked.asked.is_empty:
            for kind in _kinds(fields.kind):
                section, last = _section(session, asked, kind, who=who, after=after)
                sections.append(section)
                if fields.kind is not None and section.is_more and last is not None:
                    next_cursor = Cursor.write(request, last)
    if _asks_archive(asked.asked):
        sections.append(_archived(who, asked))
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
        at_start=after is None,
        next_cursor=next_cursor,
        saved=saved,
        columns=asked.columns,
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


def _kinds(wanted: Kind | None) -> tuple[Kind, ...]:
    """Those that the index knows."""
    indexed = (Kind.OUTGOING, Kind.INCOMING, Kind.CASE_FILE)
    return indexed if wanted is None else tuple(each for each in indexed if each is wanted)


def _section(
    session: Session,
    asked: Search,
    kind: Kind,
    *,
    who: Principal,
    after: tuple[date, UUID] | None,
) -> tuple[Section, tuple[str, str] | None]:
    """The lines to show of one kind, and the place of the last of them."""
    most = MOST_OF_A_KIND if asked.asked.fields.kind is None else MOST_ON_A_PAGE
    found = queries.found(session, asked.asked, kind, who=who, most=COUNTED, after=after)
    lines = queries.lines(session, kind, found.ids[:most])
    count = f"hơn {COUNTED}" if found.is_more or found.is_cut else str(len(found.ids))
    section = Section(
        kind=kind,
        lines=tuple(lines),
        count=count,
        is_more=found.is_more or len(found.ids) > most,
        is_cut=found.is_cut,
        path=_path(_of_kind(asked, kind)),
    )
    return section, found.place(most)


def _asks_archive(asked: Asked) -> bool:
    """The archive is searched by words alone; it has a page of its own with its own filters."""
    return bool(asked.terms) and asked.fields.is_open and asked.fields.kind in (None, Kind.ARCHIVE)


def _archived(who: Principal, asked: Search) -> Section:
    most = MOST_OF_A_KIND if asked.asked.fields.kind is None else MOST_ON_A_PAGE
    words = rules.typed(asked.asked.terms)
    kept, _ = reading.search(
        who, words, at=clock.now(), narrowed=Narrowed(), after=None, limit=most + 1
    )
    lines = tuple(queries.archived(each) for each in kept[:most])
    return Section(
        kind=Kind.ARCHIVE,
        lines=lines,
        count=f"hơn {most}" if len(kept) > most else str(len(lines)),
        is_more=len(kept) > most,
        is_cut=False,
        path=f"/archive?{asking.query(Search(Asked(asked.asked.terms)))}",
    )


def _file(who: Principal, asked: Search, wanted: Format) -> Response[bytes]:
    """The result as a file, with who made it and when. Raises TooManyRows."""
    at = clock.now()
    lines: list[Line] = []
    with db.transaction(who.acting) as session:
        for kind in _kinds(asked.asked.fields.kind):
            found = queries.found(session, asked.asked, kind, who=who, most=EXPORTED)
            if found.is_more or found.is_cut:
                raise printed_table.TooManyRows(
                    f"Có hơn {EXPORTED} kết quả trong {KIND_NAMES[kind].lower()}, nhiều hơn một "
                    "tệp chứa được. Hãy thêm từ hoặc chọn khoảng thời gian ngắn hơn rồi xuất lại."
                )
            lines += queries.lines(session, kind, found.ids)
        units = dict(_units(session, who))
        letterhead = people.letterhead(session, who.agency_id, on=clock.civil_date(at))
    if _asks_archive(asked.asked):
        lines += _archived(who, asked).lines
    notes = [text for text, _ in _chips(asked, units)]
    return table_files.answer(
        result_tables.table(lines, asked, notes=tuple(notes)),
        letterhead,
        wanted,
        name=f"ket-qua-tim-{clock.civil_date(at):%Y-%m-%d}",
        printed_by=who.full_name,
        at=at,
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
        if name != "kind" and getattr(fields, name):
            left = replace(asked.asked, fields=rules.without(fields, name))
            chips.append((asking.said(name, fields, unit), _path(replace(asked, asked=left))))
    return chips


pages = Router("/", route_handlers=[search, save, forget], include_in_schema=False)
