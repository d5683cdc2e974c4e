"""Classes, marks and gradebooks for programs: `/api/v1/classes`, `/imports`, `/gradebooks`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.errors import Invalid
from eoffice.people import queries as people
from eoffice.registers import (
    actions,
    gradebooks,
    importing,
    queries,
    signatures,
    uploads,
    workbook,
)
from eoffice.registers.actions import NewAbsence, NewPupil, NewSubject
from eoffice.registers.marks_sheet import FaultKind, Severity
from eoffice.registers.queries import ClassView, GradebookView, ImportView, Value
from eoffice.registers.results import PupilResults
from eoffice.registers.results import Session as HalfDay
from eoffice.registers.rules_tt22 import (
    Incomplete,
    LearningResult,
    Level,
    Part,
    Promotion,
    Semester,
    SubjectKind,
    Title,
    Verdict,
)
from eoffice.registers.states import ImportState, SignatureKind, State
from eoffice.web.forms import Form
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal

#: Room for the parts of a form around the largest workbook.
UPLOAD_BODY = workbook.LARGEST_BYTES + (1 << 20)
PDF = "application/pdf"


class PupilIn(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    born_on: date
    #: "Nam" or "Nữ".
    sex: str
    birthplace: str = ""
    ethnicity: str = ""
    policy_group: str = ""
    address: str = ""
    father: str = ""
    mother: str = ""


class SubjectIn(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    teacher_id: UUID
    periods_per_year: int | None = None


class NewClass(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    grade: int
    school_year: str
    homeroom_teacher_id: UUID
    subjects: Annotated[list[SubjectIn], msgspec.Meta(max_length=30)]
    pupils: Annotated[list[PupilIn], msgspec.Meta(max_length=200)]


class TeachersIn(msgspec.Struct, frozen=True, kw_only=True):
    homeroom_teacher_id: UUID | None = None
    #: Code of the subject -> teacher.
    subjects: dict[str, UUID] = {}


class ConductIn(msgspec.Struct, frozen=True, kw_only=True):
    semester: Semester
    #: Code of the pupil -> level.
    levels: dict[str, Level]


class AbsenceIn(msgspec.Struct, frozen=True, kw_only=True):
    pupil_code: str
    on: date
    session: HalfDay = HalfDay.MORNING
    excused: bool


class AbsencesIn(msgspec.Struct, frozen=True, kw_only=True):
    """Replaces what is on record from `first` to `last`."""

    first: date
    last: date
    absences: Annotated[list[AbsenceIn], msgspec.Meta(max_length=20_000)]


class RemarkIn(msgspec.Struct, frozen=True, kw_only=True):
    #: Any day of the month.
    month: date
    text: str


class SignatureIn(msgspec.Struct, frozen=True, kw_only=True):
    #: One place of the book; all places that are mine to sign now where null.
    field: str | None = None
    pin: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class Because(msgspec.Struct, frozen=True, kw_only=True):
    reason: str


class TeacherOut(msgspec.Struct, frozen=True, kw_only=True):
    person_id: UUID
    full_name: str
    title: str


class ClassLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    grade: int
    school_year: str
    school: str
    homeroom_teacher: str
    pupils: int
    gradebook_id: UUID | None
    gradebook_state: State | None


class SubjectOut(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    name: str
    kind: SubjectKind
    periods_per_year: int
    regular_marks: int
    teacher_id: UUID
    teacher: str
    #: Marks on record by semester, and how many a semester needs.
    entered: dict[str, int]
    expected: int


class PupilOut(msgspec.Struct, frozen=True, kw_only=True):
    ordinal: int
    code: str
    name: str
    born_on: date
    sex: str


class ClassOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    name: str
    grade: int
    school_year: str
    rule_set: str
    school_id: UUID
    school: str
    homeroom_teacher_id: UUID
    homeroom_teacher: str
    is_bound: bool
    subjects: list[SubjectOut]
    pupils: list[PupilOut]
    #: Semester -> code of the pupil -> level.
    conduct: dict[str, dict[str, Level]]
    absences: list[AbsenceIn]
    gradebooks: list[UUID]


class FaultOut(msgspec.Struct, frozen=True, kw_only=True):
    sheet: str
    row: int
    column: str
    cell: str
    kind: FaultKind
    severity: Severity
    sentence: str


class SheetOut(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    subject_code: str | None
    subject: str | None
    semester: Semester | None
    marks: int


class ChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    pupil_code: str
    pupil: str
    subject: str
    semester: Semester
    part: Part
    place: int
    old: str | None
    new: str | None


class ImportLineOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    file_name: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    errors: int
    warnings: int


class ImportOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    class_id: UUID
    file_name: str
    content_sha256: str
    state: ImportState
    uploaded_at: datetime
    uploaded_by: str
    accepted_at: datetime | None
    sheets: list[SheetOut]
    faults: list[FaultOut]
    #: What accepting would change; empty once accepted.
    changes: list[ChangeOut]


class AcceptedOut(msgspec.Struct, frozen=True, kw_only=True):
    added: int
    changed: int
    removed: int


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


class SignatureOut(msgspec.Struct, frozen=True, kw_only=True):
    field: str
    kind: SignatureKind
    part: str
    signer: str
    signer_id: UUID | None
    signed_at: datetime | None
    is_mine_now: bool


class GradebookOut(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    class_id: UUID
    class_name: str
    school_year: str
    version: int
    state: State
    state_since: datetime
    content_sha256: str | None
    data_sha256: str | None
    page_count: int | None
    returned_because: str | None
    signatures: list[SignatureOut]


class AwaitedOut(msgspec.Struct, frozen=True, kw_only=True):
    gradebook_id: UUID
    class_name: str
    school_year: str
    state: State
    state_since: datetime
    parts: int


@get("/", sync_to_thread=True)
def classes(request: Request, school_year: FromQuery[str | None] = None) -> list[ClassLineOut]:
    """The classes that I teach, or those of the school for its office and its superiors."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.classes(session, who, school_year=school_year)
    return [
        ClassLineOut(
            id=row.id,
            name=row.name,
            grade=row.grade,
            school_year=row.school_year,
            school=row.school_name,
            homeroom_teacher=row.homeroom_teacher,
            pupils=row.pupils,
            gradebook_id=row.gradebook_id,
            gradebook_state=row.gradebook_state,
        )
        for row in found
    ]


@get("/teachers", sync_to_thread=True)
def teachers(request: Request) -> list[TeacherOut]:
    """Who can be given a class or a subject: everybody with a position in the acting school."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = people.persons_in(session, who.agency_id, at=clock.now())
    return [
        TeacherOut(person_id=one.person_id, full_name=one.full_name, title=one.title)
        for one in found
    ]


@post("/", sync_to_thread=True)
def open_class(
    request: Request, data: JSONBody[NewClass], once: NamedDependency[Once]
) -> Response[ClassOut]:
    """Open a class of the acting school with teachers, subjects and list of pupils."""
    who = principal(request)

    def work(session: Session) -> ClassOut:
        class_id = actions.open_class(
            session,
            name=data.name,
            grade=data.grade,
            school_year=data.school_year,
            homeroom_teacher_id=data.homeroom_teacher_id,
            taught=[NewSubject(s.code, s.teacher_id, s.periods_per_year) for s in data.subjects],
            pupils=[NewPupil(**msgspec.structs.asdict(pupil)) for pupil in data.pupils],
            by=who,
            at=clock.now(),
        )
        session.flush()  # The answer reads what was written.
        return class_out(queries.school_class(session, class_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/classes/{out.id}")


@get("/{class_id:uuid}", sync_to_thread=True)
def show_class(request: Request, class_id: FromPath[UUID]) -> ClassOut:
    """A class with pupils, subjects and the progress of its marks."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return class_out(queries.school_class(session, class_id, who))


@put("/{class_id:uuid}/teachers", sync_to_thread=True)
def assign_teachers(
    request: Request, class_id: FromPath[UUID], data: JSONBody[TeachersIn]
) -> ClassOut:
    """Give the class or subjects of it to other teachers."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.assign_teachers(
            session,
            class_id,
            homeroom_teacher_id=data.homeroom_teacher_id,
            subject_teachers=data.subjects,
            by=who,
            at=clock.now(),
        )
        session.flush()  # The answer reads what was written.
        return class_out(queries.school_class(session, class_id, who))


@put("/{class_id:uuid}/conduct", sync_to_thread=True, status_code=204)
def record_conduct(request: Request, class_id: FromPath[UUID], data: JSONBody[ConductIn]) -> None:
    """Kết quả rèn luyện of a semester, by the homeroom teacher."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.record_conduct(
            session, class_id, data.semester, data.levels, by=who, at=clock.now()
        )


@put("/{class_id:uuid}/absences", sync_to_thread=True, status_code=204)
def record_absences(request: Request, class_id: FromPath[UUID], data: JSONBody[AbsencesIn]) -> None:
    """Absences of a period, in place of what was on record for it."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.record_absences(
            session,
            class_id,
            [NewAbsence(a.pupil_code, a.on, a.session, a.excused) for a in data.absences],
            first=data.first,
            last=data.last,
            by=who,
            at=clock.now(),
        )


@put("/{class_id:uuid}/remarks", sync_to_thread=True, status_code=204)
def write_remark(request: Request, class_id: FromPath[UUID], data: JSONBody[RemarkIn]) -> None:
    """The principal's remark for a month."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        actions.write_remark(session, class_id, data.month, data.text, by=who, at=clock.now())


@get("/{class_id:uuid}/marks-template", sync_to_thread=True)
def template(
    request: Request, class_id: FromPath[UUID], subject: FromQuery[str | None] = None
) -> Response[bytes]:
    """Sheets to fill in, with the marks as they stand; of one subject or of all."""
    content = uploads.template(class_id, subject, by=principal(request))
    return file_answer(content, uploads.XLSX, f"bang-diem-{subject or 'tat-ca'}.xlsx")


@get("/{class_id:uuid}/imports", sync_to_thread=True)
def imports(request: Request, class_id: FromPath[UUID]) -> list[ImportLineOut]:
    """Uploads for the class, the newest first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.imports(session, class_id, who)
    return [
        ImportLineOut(
            id=row.id,
            file_name=row.file_name,
            state=row.state,
            uploaded_at=row.uploaded_at,
            uploaded_by=row.uploaded_by,
            errors=row.errors,
            warnings=row.warnings,
        )
        for row in found
    ]


@post("/{class_id:uuid}/imports", sync_to_thread=True, request_max_body_size=UPLOAD_BODY)
def upload(
    request: Request,
    class_id: FromPath[UUID],
    form: NamedDependency[Form],
    once: NamedDependency[Once],
) -> Response[ImportOut]:
    """Bring an .xlsx workbook (part `file`); its faults are in the answer, by sheet and cell."""
    kept = once.kept()
    if kept is not None:
        return kept
    who = principal(request)
    name, content = uploaded(form)

    def within(last: Callable[[Session], UUID]) -> Response[ImportOut]:
        def work(session: Session) -> ImportOut:
            import_id = last(session)
            session.flush()  # The answer reads what was written.
            return import_out(queries.mark_import(session, import_id, who))

        return once.answer(work, status=201, location=lambda out: f"/api/v1/imports/{out.id}")

    return uploads.upload(class_id, name, content, by=who, within=within)


@get("/{class_id:uuid}/results", sync_to_thread=True)
def results(request: Request, class_id: FromPath[UUID]) -> list[PupilResultOut]:
    """What follows from the marks as they stand, by the circular of the class."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        source, found = queries.results(session, class_id, who, at=clock.now())
    return [_result_out(pupil.code, pupil.name, found[pupil.code]) for pupil in source.pupils]


@post("/{class_id:uuid}/gradebooks", sync_to_thread=True)
def request_gradebook(
    request: Request, class_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[GradebookOut]:
    """Ask for the book of the year; its pages are made in the background."""
    who = principal(request)

    def work(session: Session) -> GradebookOut:
        gradebook_id = gradebooks.request(session, class_id, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return gradebook_out(queries.gradebook(session, gradebook_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/gradebooks/{out.id}")


@get("/{import_id:uuid}", sync_to_thread=True)
def show_import(request: Request, import_id: FromPath[UUID]) -> ImportOut:
    """An upload with its faults by sheet, row and column, and what accepting it would change."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return import_out(queries.mark_import(session, import_id, who))


@post("/{import_id:uuid}/acceptance", sync_to_thread=True, status_code=200)
def accept(
    request: Request, import_id: FromPath[UUID], once: NamedDependency[Once]
) -> Response[AcceptedOut]:
    """Write the marks of the upload into the register."""
    who = principal(request)

    def work(session: Session) -> AcceptedOut:
        done = importing.accept(session, import_id, by=who, at=clock.now())
        return AcceptedOut(added=done.added, changed=done.changed, removed=done.removed)

    return once.answer(work)


@get("/awaiting", sync_to_thread=True)
def awaiting(request: Request) -> list[AwaitedOut]:
    """Gradebooks that I can sign now, the longest waiting first."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = queries.awaiting(session, who)
    return [
        AwaitedOut(
            gradebook_id=book.gradebook_id,
            class_name=book.class_name,
            school_year=book.school_year,
            state=book.state,
            state_since=book.state_since,
            parts=book.parts,
        )
        for book in found
    ]


@get("/{gradebook_id:uuid}", sync_to_thread=True)
def show_gradebook(request: Request, gradebook_id: FromPath[UUID]) -> GradebookOut:
    """A gradebook: how far it is, who has signed, who is next."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return gradebook_out(queries.gradebook(session, gradebook_id, who))


@get("/{gradebook_id:uuid}/content", sync_to_thread=True)
def content(request: Request, gradebook_id: FromPath[UUID]) -> Response[bytes]:
    """The PDF as it stands, with the signatures made so far."""
    pdf = uploads.book(gradebook_id, by=principal(request))
    return file_answer(pdf, PDF, f"so-theo-doi-{gradebook_id}.pdf")


@get("/{gradebook_id:uuid}/pages/{number:int}", sync_to_thread=True)
def page_image(
    request: Request,
    gradebook_id: FromPath[UUID],
    number: FromPath[int],
    width: FromQuery[int] = 1400,
) -> Response[bytes]:
    """A page as PNG."""
    return picture(request, gradebook_id, number, width)


@post("/{gradebook_id:uuid}/signatures", sync_to_thread=True, status_code=200)
def sign(
    request: Request,
    gradebook_id: FromPath[UUID],
    data: JSONBody[SignatureIn],
    once: NamedDependency[Once],
) -> Response[GradebookOut]:
    """Sign my part of the book, or every part that is mine now; the PIN is used and forgotten."""
    kept = once.kept()
    if kept is not None:
        return kept
    who = principal(request)

    def within(last: Callable[[Session], State]) -> Response[GradebookOut]:
        def work(session: Session) -> GradebookOut:
            last(session)
            session.flush()  # The answer reads what was written.
            return gradebook_out(queries.gradebook(session, gradebook_id, who))

        return once.answer(work)

    return signatures.sign_mine(gradebook_id, data.field, data.pin, by=who, within=within)


@post("/{gradebook_id:uuid}/return", sync_to_thread=True, status_code=200)
def send_back(
    request: Request,
    gradebook_id: FromPath[UUID],
    data: JSONBody[Because],
    once: NamedDependency[Once],
) -> Response[GradebookOut]:
    """Return the book to be corrected, with a reason; the next version takes its place."""
    who = principal(request)

    def work(session: Session) -> GradebookOut:
        gradebooks.send_back(session, gradebook_id, data.reason, by=who, at=clock.now())
        session.flush()  # The answer reads what was written.
        return gradebook_out(queries.gradebook(session, gradebook_id, who))

    return once.answer(work)


router = Router(
    "/api/v1",
    route_handlers=[
        Router(
            "/classes",
            route_handlers=[
                classes,
                teachers,
                open_class,
                show_class,
                assign_teachers,
                record_conduct,
                record_absences,
                write_remark,
                template,
                imports,
                upload,
                results,
                request_gradebook,
            ],
            tags=["classes"],
        ),
        Router("/imports", route_handlers=[show_import, accept], tags=["classes"]),
        Router(
            "/gradebooks",
            route_handlers=[awaiting, show_gradebook, content, page_image, sign, send_back],
            tags=["gradebooks"],
        ),
    ],
)


def uploaded(form: Form) -> tuple[str, bytes]:
    """Name and bytes of the part `file`. Raises Invalid."""
    found = form.file("file")
    if found is None:
        raise Invalid("Chưa chọn tệp.", fields={"file": "Chọn một tệp .xlsx để tải lên."})
    return found.filename or "bang-diem.xlsx", found.file.read(workbook.LARGEST_BYTES + 1)


def file_answer(body: bytes, media_type: str, name: str) -> Response[bytes]:
    """A file to keep: never shown in the page, whatever it holds."""
    return Response(
        body,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "Cache-Control": "private, no-cache",
        },
    )


def picture(request: Request, gradebook_id: UUID, number: int, width: int) -> Response[bytes]:
    """A page as PNG. The next signature changes it, so it is asked for anew."""
    return Response(
        uploads.book_page(gradebook_id, number, width, by=principal(request)),
        media_type="image/png",
        headers={"Cache-Control": "private, no-cache"},
    )


def class_out(view: ClassView) -> ClassOut:
    return ClassOut(
        id=view.id,
        name=view.name,
        grade=view.grade,
        school_year=view.school_year,
        rule_set=view.rule_set,
        school_id=view.school_id,
        school=view.school_name,
        homeroom_teacher_id=view.homeroom_teacher_id,
        homeroom_teacher=view.homeroom_teacher,
        is_bound=view.is_bound,
        subjects=[
            SubjectOut(
                code=one.code,
                name=one.name,
                kind=one.kind,
                periods_per_year=one.periods_per_year,
                regular_marks=one.regular_marks,
                teacher_id=one.teacher_id,
                teacher=one.teacher,
                entered={semester.value: count for semester, count in one.entered.items()},
                expected=one.expected,
            )
            for one in view.subjects
        ],
        pupils=[
            PupilOut(
                ordinal=pupil.ordinal,
                code=pupil.code,
                name=pupil.name,
                born_on=pupil.born_on,
                sex=pupil.sex,
            )
            for pupil in view.pupils
        ],
        conduct={semester.value: levels for semester, levels in view.conduct.items()},
        absences=[
            AbsenceIn(
                pupil_code=absence.pupil_code,
                on=absence.on,
                session=absence.session,
                excused=absence.excused,
            )
            for absence in view.absences
        ],
        gradebooks=[book.id for book in view.gradebooks],
    )


def import_out(view: ImportView) -> ImportOut:
    return ImportOut(
        id=view.id,
        class_id=view.class_id,
        file_name=view.file_name,
        content_sha256=view.content_sha256,
        state=view.state,
        uploaded_at=view.uploaded_at,
        uploaded_by=view.uploaded_by,
        accepted_at=view.accepted_at,
        sheets=[
            SheetOut(
                name=sheet.name,
                subject_code=sheet.subject_code,
                subject=sheet.subject,
                semester=sheet.semester,
                marks=sheet.marks,
            )
            for sheet in view.sheets
        ],
        faults=[
            FaultOut(
                sheet=fault.sheet,
                row=fault.row,
                column=fault.column,
                cell=fault.cell,
                kind=fault.kind,
                severity=fault.severity,
                sentence=fault.sentence,
            )
            for fault in view.faults
        ],
        changes=[
            ChangeOut(
                pupil_code=change.pupil_code,
                pupil=change.pupil,
                subject=change.subject,
                semester=change.semester,
                part=change.part,
                place=change.place,
                old=_text(change.old),
                new=_text(change.new),
            )
            for change in view.changes
        ],
    )


def gradebook_out(view: GradebookView) -> GradebookOut:
    return GradebookOut(
        id=view.id,
        class_id=view.class_id,
        class_name=view.class_name,
        school_year=view.school_year,
        version=view.version,
        state=view.state,
        state_since=view.state_since,
        content_sha256=view.content_sha256,
        data_sha256=view.data_sha256,
        page_count=view.page_count,
        returned_because=view.returned_because,
        signatures=[
            SignatureOut(
                field=one.field,
                kind=one.kind,
                part=one.part,
                signer=one.signer,
                signer_id=one.signer_id,
                signed_at=one.signed_at,
                is_mine_now=one.is_mine_now,
            )
            for one in view.signatures
        ],
    )


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
                first=_text(one.semesters[Semester.FIRST]),
                second=_text(one.semesters[Semester.SECOND]),
                year=_text(one.year),
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


def _text(value: Value | Incomplete | None) -> str | None:
    if isinstance(value, Verdict):
        return value.value
    return str(value) if isinstance(value, Decimal) else None
