"""Class lists for programs: files, CSV and JSON come in; faults, changes and proposals go out."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Annotated, Final
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.classes.import_states import SchoolImportState
from eoffice.classes.lists import actions, queries
from eoffice.classes.lists.columns import FIELD_NAMES, Field
from eoffice.classes.lists.list_pages import BODY
from eoffice.classes.lists.queries import ListImportView
from eoffice.classes.lists.reading import Severity
from eoffice.errors import Invalid
from eoffice.files.tables import reading as tables
from eoffice.objects import configured
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

MOST_PUPILS: Final = 20_000
SchoolYear = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{4}$")]
Text = Annotated[str, msgspec.Meta(max_length=200)]


class SentPupil(msgspec.Struct, frozen=True, kw_only=True):
    """A pupil of a class; "" says nothing and takes nothing away."""

    class_name: Annotated[str, msgspec.Meta(min_length=2, max_length=20)]
    code: Text = ""
    personal_id: Text = ""
    name: Text = ""
    born_on: date | None = None
    #: "Nam" or "Nữ".
    sex: Text = ""
    birthplace: Text = ""
    ethnicity: Text = ""
    policy_group: Text = ""
    address: Text = ""
    permanent_address: Text = ""
    father: Text = ""
    father_phone: Text = ""
    father_email: Text = ""
    mother: Text = ""
    mother_phone: Text = ""
    mother_email: Text = ""
    guardian: Text = ""
    guardian_phone: Text = ""
    guardian_email: Text = ""
    #: Name of the teacher who leads the class, where it has to be opened.
    homeroom: Text = ""


class SentList(msgspec.Struct, frozen=True, kw_only=True):
    """The pupils of a school year, class by class."""

    school_year: SchoolYear
    pupils: Annotated[list[SentPupil], msgspec.Meta(min_length=1, max_length=MOST_PUPILS)]


class Homeroom(msgspec.Struct, frozen=True, kw_only=True):
    """Who is to lead a class that has to be opened."""

    class_ordinal: int
    teacher_id: UUID


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    homerooms: Annotated[list[Homeroom], msgspec.Meta(max_length=200)] = []


class ListClassOut(msgspec.Struct, frozen=True, kw_only=True):
    ordinal: int
    name: str
    #: None while the class is not open.
    class_id: UUID | None
    homeroom_teacher_id: UUID | None
    pupils: int
    added: int
    entered: int
    cells: int
    errors: int
    warnings: int
    is_taken: bool
    refused: str | None


class ListFaultOut(msgspec.Struct, frozen=True, kw_only=True):
    class_name: str
    sheet: str
    row: int
    column: str
    severity: Severity
    sentence: str


class ListCellOut(msgspec.Struct, frozen=True, kw_only=True):
    class_name: str
    sheet: str
    row: int
    column: str
    pupil_code: str
    what: str
    old: str
    new: str


class ProposedOut(msgspec.Struct, frozen=True, kw_only=True):
    """What only a person does, at the page of the pupil."""

    class_name: str
    pupil_id: UUID
    sentence: str


class ListImportOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    school_year: str
    file_name: str
    content_sha256: str
    state: SchoolImportState
    failure: str | None
    done: int
    total: int
    unclear: list[str]
    classes: list[ListClassOut]
    #: The first 500 of each, errors first.
    faults: list[ListFaultOut]
    cells: list[ListCellOut]
    proposed: list[ProposedOut]


@post("/", sync_to_thread=True, request_max_body_size=BODY)
def bring(
    request: Request, form: NamedDependency[Form], once: NamedDependency[Once]
) -> Response[ListImportOut]:
    """Bring a file (part `file`: .xlsx, .xls, .csv) of a school year (field `school_year`)."""
    found = form.file("file")
    if found is None:
        raise Invalid("Chưa chọn tệp.", fields={"file": "Chọn một tệp để tải lên."})
    content = found.file.read(tables.LARGEST_BYTES + 1)
    return _begin(request, form["school_year"], found.filename or "danh-sach", content, once)


@post("/pupils", sync_to_thread=True, request_max_body_size=BODY)
def bring_pupils(
    request: Request, data: JSONBody[SentList], once: NamedDependency[Once]
) -> Response[ListImportOut]:
    """Bring pupils as JSON; read, shown and accepted like a file."""
    return _begin(request, data.school_year, "danh-sach.csv", _as_table(data.pupils), once)


@get("/{import_id:uuid}", sync_to_thread=True)
def show(request: Request, import_id: FromPath[UUID]) -> ListImportOut:
    """How far it is, and what every class would change."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return _out(queries.list_import(session, import_id, who))


@post("/{import_id:uuid}/acceptance", sync_to_thread=True, status_code=200)
def accept(
    request: Request,
    import_id: FromPath[UUID],
    data: JSONBody[Accepted],
    once: NamedDependency[Once],
) -> Response[ListImportOut]:
    """Have the classes without faults taken; the worker takes them one by one."""
    who = principal(request)

    def work(session: Session) -> ListImportOut:
        chosen = {one.class_ordinal: one.teacher_id for one in data.homerooms}
        actions.accept(session, import_id, chosen, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return _out(queries.list_import(session, import_id, who))

    return once.answer(work)


def _begin(
    request: Request, school_year: str, name: str, content: bytes, once: Once
) -> Response[ListImportOut]:
    if (kept := once.kept()) is not None:
        return kept
    who, at = principal(request), clock.now()
    kind = tables.media_type(content)
    sha256 = configured.store().put(content, kind)

    def work(session: Session) -> ListImportOut:
        import_id = actions.begin(
            session, school_year=school_year, file_name=name, content_sha256=sha256,
            media_type=kind, by=who, at=at,
        )  # fmt: skip
        return _out(queries.list_import(session, import_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/class-lists/{out.id}")


def _as_table(pupils: list[SentPupil]) -> bytes:
    """As a school's own file would say it."""
    fields = [Field.CLASS, *(f for f in Field if f.value in SentPupil.__struct_fields__)]
    out = io.StringIO()
    writer = csv.writer(out, delimiter="\t")
    writer.writerow([FIELD_NAMES[field] for field in fields])
    for one in pupils:
        said = msgspec.structs.asdict(one)
        born_on = "" if one.born_on is None else f"{one.born_on:%d/%m/%Y}"
        row = {**said, "class": one.class_name, "born_on": born_on}
        writer.writerow([row[field.value] for field in fields])
    return out.getvalue().encode()


def _out(view: ListImportView) -> ListImportOut:
    return ListImportOut(
        id=view.id,
        school_year=view.school_year,
        file_name=view.file_name,
        content_sha256=view.content_sha256,
        state=view.state,
        failure=view.failure,
        done=view.progress.done,
        total=view.progress.total,
        unclear=[f"{one.name}: {one.unclear}" for one in view.unclear],
        classes=[
            ListClassOut(
                ordinal=one.ordinal,
                name=one.name,
                class_id=one.class_id,
                homeroom_teacher_id=one.homeroom_teacher_id,
                pupils=one.pupils,
                added=one.added,
                entered=one.entered,
                cells=one.cells,
                errors=one.errors,
                warnings=one.warnings,
                is_taken=one.taken_at is not None,
                refused=one.refused,
            )
            for one in view.parts
        ],
        faults=[
            ListFaultOut(
                class_name=name, sheet=one.sheet, row=one.row, column=one.column,
                severity=one.severity, sentence=one.sentence,
            )
            for name, one in view.faults
        ],
        cells=[
            ListCellOut(
                class_name=name, sheet=one.sheet, row=one.row, column=one.column,
                pupil_code=one.pupil_code, what=one.what, old=one.old, new=one.new,
            )
            for name, one in view.cells
        ],
        proposed=[
            ProposedOut(class_name=name, pupil_id=one.pupil_id, sentence=one.sentence)
            for name, one in view.proposed
        ],
    )  # fmt: skip


router = Router(
    "/api/v1/class-lists", route_handlers=[bring, bring_pupils, show, accept], tags=["registers"]
)
