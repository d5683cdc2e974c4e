"""Pages on which a school brings in a whole file: upload or paste, make clear, look, accept."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import Semester
from eoffice.classes import import_states
from eoffice.classes.import_states import SchoolImportState
from eoffice.errors import Invalid, NotFound, Refusal
from eoffice.files.tables import headers
from eoffice.files.tables import reading as tables
from eoffice.files.tables.words import folded
from eoffice.files.tables.workbook import Grid
from eoffice.marks import mapping, school_import_queries, school_importing
from eoffice.marks import states as part_states
from eoffice.marks.mapping import FIELD_NAMES, Field, MappedColumn, Mapping
from eoffice.marks.school_import_queries import Progress, SchoolImportView
from eoffice.marks.sections import Said
from eoffice.marks.sheet_layout import Meaning, meaning_of
from eoffice.objects import configured
from eoffice.objects.sha256 import Sha256
from eoffice.web.forms import Form, FormState
from eoffice.web.idempotency import Once
from eoffice.web.pages import See, page
from eoffice.web.principal import Request, principal

#: Room for the parts of a form around the largest file.
BODY = tables.LARGEST_BYTES + (1 << 20)
_SHOWN_ROWS = 12
_NEW = "/registers/school-imports/new"
_HERE = "/registers/school-imports"
_SEMESTERS = [("1", "Học kì I"), ("2", "Học kì II")]
#: What the words of a header usually mean, to begin with.
_USUAL: dict[Meaning, Field] = {
    Meaning.ORDINAL: Field.ORDINAL,
    Meaning.CODE: Field.CODE,
    Meaning.NAME: Field.NAME,
    Meaning.FAMILY_NAME: Field.FAMILY_NAME,
    Meaning.GIVEN_NAME: Field.GIVEN_NAME,
    Meaning.BORN_ON: Field.BORN_ON,
    Meaning.REGULAR: Field.REGULAR,
    Meaning.MIDTERM: Field.MIDTERM,
    Meaning.FINAL: Field.FINAL,
    Meaning.ORAL: Field.ORAL,
    Meaning.WRITTEN: Field.WRITTEN,
    Meaning.PERIODIC: Field.PERIODIC,
    Meaning.MIDTERM_TEST: Field.MIDTERM_TEST,
    Meaning.FINAL_TEST: Field.FINAL_TEST,
    Meaning.AVERAGE: Field.AVERAGE,
}


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """What is said beside the file or the pasted table."""

    school_year: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{4}$")]


class Rows(msgspec.Struct, frozen=True, kw_only=True):
    """Where the header stands and where the pupils begin."""

    header_row: Annotated[int, msgspec.Meta(ge=1, le=100)]
    first_row: Annotated[int, msgspec.Meta(ge=2, le=110)]


@get(_HERE, sync_to_thread=True)
def listing(request: Request) -> Response[bytes]:
    """What was brought in, the newest first, and the layouts that the school explained."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        rows = school_import_queries.school_imports(session, who)
        layouts = school_import_queries.layouts(session, who)
    return page(
        request,
        "marks/school_imports.html",
        rows=rows,
        layouts=layouts,
        names=import_states.NAMES,
        tones=import_states.TONES,
    )


@get(_NEW, sync_to_thread=True)
def new(request: Request) -> Response[bytes]:
    """A file to choose, or a table to paste."""
    return _new(request, FormState())


@post(_HERE, sync_to_thread=True, request_max_body_size=BODY)
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
            import_id = school_importing.begin(
                session, school_year=entered.school_year, file_name=name, content_sha256=sha256,
                media_type=kind, by=who, at=at,
            )  # fmt: skip
            return See(f"{_HERE}/{import_id}")

        return once.see(work)
    except Refusal as refusal:
        return _new(request, form.refused(refusal), status=refusal.status)


@get(_HERE + "/{import_id:uuid}", sync_to_thread=True)
def show(request: Request, import_id: FromPath[UUID]) -> Response[bytes]:
    """How far it is; what is unclear; what every class would change."""
    return _show(request, import_id, FormState())


@get(_HERE + "/{import_id:uuid}/progress", sync_to_thread=True)
def progress(request: Request, import_id: FromPath[UUID]) -> Response[bytes]:
    """How far the worker is, for the page that waits."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = school_import_queries.progress(session, import_id, who)
    body = {
        "done": found.done,
        "total": found.total,
        "failed": 0,
        "text": _how_far(found),
        "finished": found.is_finished,
        "next": f"{_HERE}/{import_id}",
    }
    return Response(msgspec.json.encode(body), media_type="application/json")


@post(_HERE + "/{import_id:uuid}/sheets", sync_to_thread=True)
def explain_sheets(
    request: Request,
    import_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Say of sheets which class, subject and semester they are about."""
    who = principal(request)

    def work(session: Session) -> See:
        view = school_import_queries.school_import(session, import_id, who)
        said = {
            sheet.ordinal: Said(
                class_id=_uuid(form[f"class-{sheet.ordinal}"]),
                subject_code=form[f"subject-{sheet.ordinal}"] or None,
                semester=_semester(form[f"semester-{sheet.ordinal}"]),
                is_skipped=bool(form[f"skip-{sheet.ordinal}"]),
            )
            for sheet in view.unclear
        }
        school_importing.explain_sheets(session, import_id, said, by=who, at=clock.now())
        return See(f"{_HERE}/{import_id}")

    try:
        return once.see(work)
    except Refusal as refusal:
        return _show(request, import_id, form.refused(refusal), status=refusal.status)


@get(_HERE + "/{import_id:uuid}/sheets/{ordinal:int}", sync_to_thread=True)
def columns(
    request: Request,
    import_id: FromPath[UUID],
    ordinal: FromPath[int],
    header_row: FromQuery[int | None] = None,
) -> Response[bytes]:
    """The first rows of a sheet, with a choice above each column of what it means."""
    return _columns(request, import_id, ordinal, FormState(), header_row=header_row)


@post(_HERE + "/{import_id:uuid}/sheets/{ordinal:int}/columns", sync_to_thread=True)
def explain_columns(
    request: Request,
    import_id: FromPath[UUID],
    ordinal: FromPath[int],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[bytes]:
    """Keep what the columns mean, for this school and this header, and read the file again."""
    who = principal(request)
    try:
        rows = form.parse(Rows)
        with db.transaction(who.acting) as session:
            view = school_import_queries.school_import(session, import_id, who)
        grid = _grid(view, ordinal)
        meant = mapping.checked(Mapping(rows.header_row, rows.first_row, _mapped(form, grid)))
        signature = headers.signature(grid.rows, meant.header_row, meant.header_height)

        def work(session: Session) -> See:
            school_importing.explain_layout(
                session, import_id, signature=signature, name=form["name"], columns=meant, by=who,
                at=clock.now(),
            )  # fmt: skip
            return See(f"{_HERE}/{import_id}", said="Đã nhớ mẫu cột này cho trường.")

        return once.see(work)
    except Refusal as refusal:
        state = form.refused(refusal)
        row = int(form["header_row"]) if form["header_row"].isdigit() else None
        return _columns(
            request, import_id, ordinal, state, header_row=row, form=form, status=refusal.status
        )


@post(_HERE + "/{import_id:uuid}/acceptance", sync_to_thread=True)
def accept(
    request: Request, import_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """Have the classes without faults written into the register."""
    who = principal(request)

    def work(session: Session) -> See:
        school_importing.accept(session, import_id, by=who, at=clock.now())
        return See(f"{_HERE}/{import_id}")

    try:
        return once.see(work)
    except Refusal as refusal:
        state = FormState(detail=refusal.detail)
        return _show(request, import_id, state, status=refusal.status)


@post("/registers/mark-layouts/{layout_id:uuid}/removal", sync_to_thread=True)
def forget_layout(
    request: Request, layout_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[bytes]:
    """A layout was explained wrongly: it is asked for again next time."""
    who = principal(request)

    def work(session: Session) -> See:
        school_importing.forget_layout(session, layout_id, by=who, at=clock.now())
        return See(_HERE, said="Đã bỏ mẫu cột.")

    return once.see(work)


def _new(request: Request, form: FormState, *, status: int = 200) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        years = school_import_queries.school_years(session, who)
    return page(
        request,
        "marks/school_import_new.html",
        status=status,
        form=form,
        years=[(one, one) for one in years],
    )


def _show(
    request: Request, import_id: UUID, form: FormState, *, status: int = 200
) -> Response[bytes]:
    who = principal(request)
    with db.transaction(who.acting) as session:
        view = school_import_queries.school_import(session, import_id, who)
        classes, subjects = school_import_queries.choices(session, who.agency_id, view.school_year)
    return page(
        request,
        "marks/school_import.html",
        status=status,
        upload=view,
        form=form,
        here=f"{_HERE}/{import_id}",
        state_name=import_states.NAMES[view.state],
        tone=import_states.TONES[view.state],
        is_going=view.state in (SchoolImportState.READING, SchoolImportState.ACCEPTING),
        how_far=_how_far(view.progress),
        part_names=part_states.IMPORT_NAMES,
        part_tones=part_states.IMPORT_TONES,
        classes=classes,
        subjects=subjects,
        semesters=_SEMESTERS,
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
        view = school_import_queries.school_import(session, import_id, who)
        _, subjects = school_import_queries.choices(session, who.agency_id, view.school_year)
    grid = _grid(view, ordinal)
    row = header_row or headers.likely_header(grid.rows)
    begun = _begun(grid, row)
    width = max((len(cells) for cells in grid.rows), default=0)
    return page(
        request,
        "marks/columns.html",
        status=status,
        upload=view,
        sheet=grid.name,
        here=f"{_HERE}/{import_id}",
        door=f"{_HERE}/{import_id}/sheets/{ordinal}",
        form=state,
        fields=list(FIELD_NAMES.items()),
        subjects=subjects,
        semesters=_SEMESTERS,
        header_row=row,
        first_row=row + 1,
        width=width,
        chosen={
            column: (form[f"field-{column}"] if form is not None else begun.get(column, ("", 1))[0])
            for column in range(1, width + 1)
        },
        places={
            column: (form[f"place-{column}"] if form is not None else begun.get(column, ("", 1))[1])
            for column in range(1, width + 1)
        },
        rows=[
            (number, [_shown(cells, column) for column in range(width)])
            for number, cells in enumerate(grid.rows[: row + _SHOWN_ROWS], start=1)
        ],
    )


def _begun(grid: Grid, header_row: int) -> dict[int, tuple[str, int]]:
    """What the columns probably mean, by the words of the header; regular marks are counted."""
    found: dict[int, tuple[str, int]] = {}
    counted: Counter[Field] = Counter()
    for column, cell in enumerate(grid.rows[header_row - 1] if grid.rows else (), start=1):
        meaning = meaning_of("" if cell is None else str(cell))
        field = None if meaning is None else _USUAL.get(meaning)
        if field in mapping.COUNTED:
            counted[field] += 1
            found[column] = (field.value, counted[field])
        elif field is not None:
            found[column] = (field.value, 1)
        elif cell is not None and folded(str(cell)) in (
            "lop",
            "mon",
            "mon hoc",
            "hoc ki",
            "hoc ky",
        ):
            word = folded(str(cell))
            field = {"lop": Field.CLASS, "mon": Field.SUBJECT, "mon hoc": Field.SUBJECT}.get(
                word, Field.SEMESTER
            )
            found[column] = (field.value, 1)
    return found


def _mapped(form: Form, grid: Grid) -> tuple[MappedColumn, ...]:
    """Raises Invalid for a choice that the page does not offer."""
    found = []
    for column in range(1, max((len(row) for row in grid.rows), default=0) + 1):
        chosen = form[f"field-{column}"]
        if chosen in ("", Field.NOTHING.value):
            continue
        try:
            field, place = Field(chosen), int(form[f"place-{column}"] or 1)
        except ValueError as error:
            raise Invalid("Có cột được chọn nghĩa không có trong danh sách.") from error
        found.append(
            MappedColumn(
                column,
                field,
                place if field in mapping.COUNTED else 1,
                form[f"subject-{column}"] or None,
                _semester(form[f"semester-{column}"]),
            )
        )
    return tuple(
        one if one.field in mapping.PER_LIST else replace(one, subject_code=None, semester=None)
        for one in found
    )


def _grid(view: SchoolImportView, ordinal: int) -> Grid:
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
        return found.filename or "bang-diem", found.file.read(tables.LARGEST_BYTES + 1)
    pasted = form["pasted"]
    if not pasted.strip():
        message = "Hãy chọn một tệp, hoặc dán bảng vào ô bên dưới."
        raise Invalid(message, fields={"file": message})
    return "Bảng dán", pasted.encode()


def _shown(cells: tuple[object, ...], column: int) -> str:
    value = cells[column] if column < len(cells) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value)[:60]


def _how_far(found: Progress) -> str:
    if found.total == 0:
        return "Đang mở tệp…"
    return f"Đã xong {found.done} trên {found.total}."


def _semester(text: str) -> Semester | None:
    return Semester(text) if text in ("1", "2") else None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise Invalid("Lớp được chọn không có trong danh sách.") from error
