"""Classes for programs, and the routes of the slice: classes, imports, gradebooks."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from sqlalchemy.orm import Session

from eoffice import clock, db
from eoffice.assessment.marks import SubjectKind
from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.classes import actions
from eoffice.classes.actions import NewPupil, NewSubject
from eoffice.marks import actions as mark_actions
from eoffice.marks import marks_http
from eoffice.marks.actions import NewAbsence
from eoffice.marks.results import Session as HalfDay
from eoffice.people import queries as people
from eoffice.registers import class_queries, correction_http, gradebook_http, results_http
from eoffice.registers.class_queries import ClassView
from eoffice.registers.states import State
from eoffice.web.idempotency import Once
from eoffice.web.principal import Request, principal


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
    #: A semester; `year` where the circular has it judged; `summer` after the training.
    semester: ConductTime
    #: Code of the pupil -> level.
    levels: dict[str, ConductLevel]


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
    conduct: dict[str, dict[str, ConductLevel]]
    absences: list[AbsenceIn]
    gradebooks: list[UUID]


@get("/", sync_to_thread=True)
def classes(request: Request, school_year: FromQuery[str | None] = None) -> list[ClassLineOut]:
    """The classes that I teach, or those of the school for its office and its superiors."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        found = class_queries.classes(session, who, school_year=school_year)
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
        return class_out(class_queries.school_class(session, class_id, who))

    return once.answer(work, status=201, location=lambda out: f"/api/v1/classes/{out.id}")


@get("/{class_id:uuid}", sync_to_thread=True)
def show_class(request: Request, class_id: FromPath[UUID]) -> ClassOut:
    """A class with pupils, subjects and the progress of its marks."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        return class_out(class_queries.school_class(session, class_id, who))


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
        return class_out(class_queries.school_class(session, class_id, who))


@put("/{class_id:uuid}/conduct", sync_to_thread=True, status_code=204)
def record_conduct(request: Request, class_id: FromPath[UUID], data: JSONBody[ConductIn]) -> None:
    """Kết quả rèn luyện, hạnh kiểm: of a semester, the year or summer, by the homeroom teacher."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        mark_actions.record_conduct(
            session, class_id, data.semester, data.levels, by=who, at=clock.now()
        )


@put("/{class_id:uuid}/absences", sync_to_thread=True, status_code=204)
def record_absences(request: Request, class_id: FromPath[UUID], data: JSONBody[AbsencesIn]) -> None:
    """Absences of a period, in place of what was on record for it."""
    who = principal(request)
    with db.transaction(who.acting) as session:
        mark_actions.record_absences(
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
        mark_actions.write_remark(session, class_id, data.month, data.text, by=who, at=clock.now())


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
                marks_http.template,
                marks_http.imports,
                marks_http.upload,
                results_http.results,
                gradebook_http.request_gradebook,
            ],
            tags=["classes"],
        ),
        Router(
            "/imports",
            route_handlers=[marks_http.show_import, marks_http.accept],
            tags=["classes"],
        ),
        Router(
            "/gradebooks",
            route_handlers=[
                gradebook_http.awaiting,
                gradebook_http.ask,
                gradebook_http.listing,
                gradebook_http.show_gradebook,
                gradebook_http.content,
                gradebook_http.page_image,
                gradebook_http.sign,
                gradebook_http.send_back,
                *correction_http.OF_BOOKS,
            ],
            tags=["gradebooks"],
        ),
        Router("/corrections", route_handlers=[*correction_http.HANDLERS], tags=["gradebooks"]),
    ],
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
        conduct={time.value: levels for time, levels in view.conduct.items()},
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
