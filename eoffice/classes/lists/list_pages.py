"""Pages on which a school brings in its lists: upload or paste, make clear, look, accept."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes import import_states
from eoffice.classes.import_states import SchoolImportState
from eoffice.classes.lists import actions, queries
from eoffice.classes.lists import columns as list_columns
from eoffice.classes.lists.actions import SaidOfSheet
from eoffice.classes.lists.columns import FIELD_NAMES, Columns, Field
from eoffice.classes.lists.queries import ListImportView, Progress
from eoffice.classes.year_names import years_around
from eoffice.errors import Invalid, NotFound, Refusal
from eoffice.files.tables import headers
from eoffice.files.tables import reading as tables
from eoffice.files.tables.workbook import Grid
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.people import queries as people
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

#: Room for the parts of a form around the largest file.
BODY: Final = tables.LARGEST_BYTES + (1 << 20)
HERE: Final = "/registers/class-lists"
_SHOWN_ROWS: Final = 12


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """What is said beside the file or the pasted table."""

    school_year: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{4}$")]


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Where the header stands and where the pupils begin."""

    header_row: Annotated[int, msgspec.Meta(ge=1, le=100)]
    first_row: Annotated[int, msgspec.Meta(ge=2, le=110)]


@get(HERE, sync_to_thread=True)
def listing(request: Request) -> Response[bytes]:
    """What was brought in, the newest first, and the layouts that the school explained."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = queries.imports(session, who)
        layouts = queries.layouts(session, who)
    return page(
        request,
        "classes/class_lists.html",
        section="registers",
        rows=rows,
        layouts=layouts,
        names=import_states.NAMES,
        tones=import_states.TONES,
    )


@get(HERE + "/new", sync_to_thread=True)
def new(request: Request) -> Response[bytes]:
    """A file to choose, or a table to paste."""
    return _new(request, None)


@post(HERE, sync_to_thread=True, request_max_body_size=BODY)
def bring(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[bytes]:
    """Keep the file and have it read; the next page shows how far that is."""
    if (kept := once.kept()) is not None:
        return kept
    who, at = principal(request), clock.now()
    try:
        entered = form.parse(Brought)
        name, content = _content(form)
        kind = tables.media_type(content)
        sha256 = configured.store().put(content, kind)

        def work(session: Session) -> See:
            import_id = actions.begin(
                session, school_year=entered.school_year, file_name=name, content_sha256=sha256,
                media_type=kind, by=who, at=at,
            )  # fmt: skip
            return See(f"{HERE}/{import_id}")

        return once.see(work)
    except Refusal as refusal:
        return _new(request, form.refused(refusal), status=refusal.status)


@get(HERE + "/{import_id:uuid}", sync_to_thread=True)
def show(request: Request, import_id: FromPath[UUID]) -> Response[bytes]:
    """How far it is; what is unclear; what every class would change, cell by cell."""
    return _show(request, import_id, FormState())


@get(HERE + "/{import_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, import_id: FromPath[UUID]) -> Response[bytes]:
    """How far the worker is, for the page that waits."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.progress(session, import_id, who)
    body = {
        "done": found.done,
        "total": found.total,
        "failed": 0,
        "text": _how_far(found),
        "finished": found.is_finished,
        "next": f"{HERE}/{import_id}",
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@post(HERE + "/{import_id:uuid}/sheets", sync_to_thread=True)
def explain_sheets(
    request: Request,
    import_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Say of sheets which class they list, or that they are no lists."""
    who = principal(request)

    def work(session: Session) -> See:
        view = queries.list_import(session, import_id, who)
        said = {
            sheet.name: SaidOfSheet(
                form[f"class-{sheet.ordinal}"], bool(form[f"skip-{sheet.ordinal}"])
            )
            for sheet in view.unclear
        }
        actions.explain_sheets(session, import_id, said, by=who, at=clock.now())
        return See(f"{HERE}/{import_id}")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _show(request, import_id, form.refused(refusal), status=refusal.status)


@get(HERE + "/{import_id:uuid}/sheets/{ordinal:int}", sync_to_thread=True)
def columns(
    request: Request,
    import_id: FromPath[UUID],
    ordinal: FromPath[int],
    header_row: FromQuery[int | None] = None,
) -> Response[bytes]:
    """The first rows of a sheet, with a choice above each column of what it holds."""
    return _columns(request, import_id, ordinal, FormState(), header_row=header_row)


@post(HERE + "/{import_id:uuid}/sheets/{ordinal:int}/columns", sync_to_thread=True)
def explain_columns(
    request: Request,
    import_id: FromPath[UUID],
    ordinal: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Keep what the columns hold, for this school and this header, and read the file again."""
    who = principal(request)
    try:
        rows = form.parse(Rows)
        with db.transaction(who.acting) as session:
            view = queries.list_import(session, import_id, who)
        grid = _grid(view, ordinal)
        meant = list_columns.checked(Columns(rows.header_row, rows.first_row, _meant(form, grid)))
        signature = headers.signature(grid.rows, meant.header_row, meant.height)

        def work(session: Session) -> See:
            actions.explain_layout(
                session, import_id, signature=signature, name=form["name"], columns=meant, by=who,
                at=clock.now(),
            )  # fmt: skip
            return See(f"{HERE}/{import_id}", said="Đã nhớ mẫu cột này cho trường.")

        return once.see(work)
    except Refusal as refusal:
        row = int(form["header_row"]) if form["header_row"].isdigit() else None
        return _columns(
            request, import_id, ordinal, form.refused(refusal), header_row=row, form=form,
            status=refusal.status,
        )  # fmt: skip


@post(HERE + "/{import_id:uuid}/acceptance", sync_to_thread=True)
def accept(
    request: Request,
    import_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Have the classes without faults taken."""
    who = principal(request)

    def work(session: Session) -> See:
        view = queries.list_import(session, import_id, who)
        homerooms = {
            part.ordinal: chosen
            for part in view.parts
            if (chosen := _uuid(form[f"homeroom-{part.ordinal}"])) is not None
        }
        actions.accept(session, import_id, homerooms, by=who, at=clock.now())
        return See(f"{HERE}/{import_id}")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _show(request, import_id, form.refused(refusal), status=refusal.status)


@post("/registers/list-layouts/{layout_id:uuid}/removal", sync_to_thread=True)
def forget_layout(
    request: Request, layout_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """A layout was explained wrongly: it is asked for again next time."""
    who = principal(request)

    def work(session: Session) -> See:
        actions.forget_layout(session, layout_id, by=who, at=clock.now())
        return See(HERE, said="Đã bỏ mẫu cột.")

    return once.see(work)


def _new(request: Request, form: FormState | None, *, status: int = 200) -> Response[bytes]:
    actions.require_office(principal(request))
    years = years_around(clock.civil_date(clock.now()))
    return page(
        request,
        "classes/class_list_new.html",
        section="registers",
        status=status,
        form=form or FormState.of(school_year=years[1]),
        years=[(one, one) for one in years],
    )


def _show(
    request: Request, import_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.list_import(session, import_id, who)
        employed = people.persons_in(session, who.agency_id, at=clock.now())
    return page(
        request,
        "classes/class_list.html",
        section="registers",
        status=status,
        upload=view,
        form=form,
        here=f"{HERE}/{import_id}",
        state_name=import_states.NAMES[view.state],
        tone=import_states.TONES[view.state],
        is_going=view.state in (SchoolImportState.READING, SchoolImportState.ACCEPTING),
        may_accept=view.state in (SchoolImportState.READY, SchoolImportState.FAULTY)
        and bool(view.ready),
        how_far=_how_far(view.progress),
        teachers=[(str(one.person_id), one.full_name) for one in employed],
        most=queries.MOST_LINES,
    )


def _columns(
    request: Request,
    import_id: UUID,
    ordinal: int,
    state: FormState,
    *,
    header_row: int | None,
    form: Form | None = None,
    status: int = 200,
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = queries.list_import(session, import_id, who)
    grid = _grid(view, ordinal)
    row = header_row or headers.likely_header(grid.rows)
    width = max((len(cells) for cells in grid.rows), default=0)
    begun = _begun(grid, row)
    return page(
        request,
        "classes/list_columns.html",
        section="registers",
        status=status,
        upload=view,
        sheet=grid.name,
        here=f"{HERE}/{import_id}",
        door=f"{HERE}/{import_id}/sheets/{ordinal}",
        form=state,
        fields=[(field.value, name) for field, name in FIELD_NAMES.items()],
        header_row=row,
        width=width,
        chosen={
            column: form[f"field-{column}"] if form is not None else begun.get(column, "")
            for column in range(1, width + 1)
        },
        rows=[
            (number, [_shown(cells, column) for column in range(width)])
            for number, cells in enumerate(grid.rows[: row + _SHOWN_ROWS], start=1)
        ],
    )


def _begun(grid: Grid, header_row: int) -> dict[int, str]:
    """What the columns probably hold, by the words of the header; each only once."""
    found: dict[int, str] = {}
    cells = grid.rows[header_row - 1] if len(grid.rows) >= header_row else ()
    for column, cell in enumerate(cells, start=1):
        meaning = list_columns.meaning_of(headers.text_of(cell))
        if meaning is not None and meaning.value not in found.values():
            found[column] = meaning.value
    return found


def _meant(form: Form, grid: Grid) -> tuple[tuple[int, Field], ...]:
    """Raises Invalid for a choice that the page does not offer."""
    width = max((len(row) for row in grid.rows), default=0)
    chosen = {column: form[f"field-{column}"] for column in range(1, width + 1)}
    try:
        return tuple(
            (column, Field(one))
            for column, one in chosen.items()
            if one not in ("", Field.NOTHING.value)
        )
    except ValueError as error:
        raise Invalid("Có cột được chọn nghĩa không có trong danh sách.") from error


def _grid(view: ListImportView, ordinal: int) -> Grid:
    """The worksheet with this number. Raises NotFound, and what reading the file raises."""
    name = next((one.name for one in view.sheets if one.ordinal == ordinal), None)
    content = configured.store().get(Sha256.parse(view.content_sha256))
    for grid in tables.grids(content, view.media_type, name=view.file_name):
        if grid.name == name:
            return grid
    raise NotFound("Tệp không có trang này.")


def _content(form: Form) -> tuple[str, bytes]:
    """The file, or else what was pasted. Raises Invalid."""
    found = form.file("file")
    if found is not None:
        return found.filename or "danh-sach", found.file.read(tables.LARGEST_BYTES + 1)
    pasted = form["pasted"]
    if not pasted.strip():
        message = "Hãy chọn một tệp, hoặc dán bảng vào ô bên dưới."
        raise Invalid(message, fields={"file": message})
    return "Bảng dán", pasted.encode()


def _shown(cells: tuple[object, ...], column: int) -> str:
    value = cells[column] if column < len(cells) else None
    return headers.text_of(value)[:60]  # type: ignore[arg-type]


def _how_far(found: Progress) -> str:
    return f"Đã xong {found.done} trên {found.total} lớp." if found.total else "Đang đọc tệp…"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid("Giáo viên được chọn không có trong danh sách.") from error


HANDLERS = (
    listing,
    new,
    bring,
    show,
    progress,
    explain_sheets,
    columns,
    explain_columns,
    accept,
    forget_layout,
)
