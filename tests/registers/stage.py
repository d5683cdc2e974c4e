"""Steps that bring a class to where a test begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.assessment.marks import Semester, SubjectKind
from eoffice.assessment.year import ConductLevel, ConductTime
from eoffice.classes import actions
from eoffice.classes.actions import NewPupil, NewSubject
from eoffice.files.tables import workbook
from eoffice.marks import actions as mark_actions
from eoffice.marks import importing, marks_sheet, marks_template, record_queries
from eoffice.marks.marks_template import MarksSheet, SheetRow
from eoffice.objects.sha256 import Sha256
from eoffice.registers import gradebooks
from eoffice.registers.gradebooks import Rendered
from eoffice.registers.model import Gradebook
from eoffice.web.principal import Principal
from tests.cast import Cast

PUPILS = (
    NewPupil("HS001", "Trần Mỹ Chi", date(2012, 7, 8), "Nữ"),
    NewPupil("HS002", "Đặng Văn An", date(2012, 3, 4), "Nam"),
    NewPupil("HS003", "Lê Thị Bình", date(2012, 5, 6), "Nữ"),
)


def open_class(session: Session, cast: Cast, at: datetime, *, name: str = "7A1") -> UUID:
    return open_class_of(session, cast, at, name=name, pupils=PUPILS)


def open_class_of(
    session: Session, cast: Cast, at: datetime, *, name: str, pupils: Sequence[NewPupil]
) -> UUID:
    return actions.open_class(
        session,
        name=name,
        grade=7,
        school_year="2024-2025",
        homeroom_teacher_id=cast.homeroom_teacher.person_id,
        taught=[
            NewSubject(code, teacher.person_id) for code, teacher in cast.subject_teachers.items()
        ],
        pupils=pupils,
        by=cast.school_clerk,
        at=at,
    )


def sheet_of(
    session: Session,
    class_id: UUID,
    subject_code: str,
    semester: Semester,
    first: Decimal | str | None = Decimal("8.5"),
) -> MarksSheet:
    """A sheet in which every mark is 8 or Đ, but the first pupil's first regular mark."""
    roster = record_queries.roster(session, class_id)
    (subject,) = [one for one in roster.subjects if one.code == subject_code]
    usual: Decimal | str = Decimal(8) if subject.kind is SubjectKind.SCORED else "Đ"
    if subject.kind is SubjectKind.COMMENT:
        first = usual
    return MarksSheet(
        school="Trường",
        class_name=roster.class_name,
        school_year=roster.school_year,
        subject_code=subject.code,
        subject_name=subject.name,
        semester=semester,
        regular_marks=subject.regular_marks,
        rows=tuple(
            SheetRow(
                pupil.code,
                pupil.name,
                pupil.born_on,
                "",
                (first if number == 0 else usual, *[usual] * (subject.regular_marks + 1)),
            )
            for number, pupil in enumerate(roster.pupils)
        ),
    )


def upload(
    session: Session, class_id: UUID, content: bytes, *, by: Principal, at: datetime
) -> UUID:
    readings = marks_sheet.read(workbook.grids(content), record_queries.roster(session, class_id))
    return importing.record_upload(
        session,
        class_id,
        readings,
        file_name="diem.xlsx",
        content_sha256=Sha256.of(content),
        by=by,
        at=at,
    )


def bring_in(
    session: Session,
    class_id: UUID,
    cast: Cast,
    at: datetime,
    firsts: Mapping[str, Decimal | str | None] = {},
) -> None:
    """Accept the marks of all subjects; `firsts` are first marks of the first pupil, by subject."""
    pages = [
        sheet_of(session, class_id, code, semester, firsts.get(code, Decimal("8.5")))
        for code in cast.subject_teachers
        for semester in Semester
    ]
    import_id = upload(
        session, class_id, marks_template.write(pages), by=cast.homeroom_teacher, at=at
    )
    importing.accept(session, import_id, by=cast.homeroom_teacher, at=at)


def finish_year(session: Session, class_id: UUID, cast: Cast, at: datetime) -> None:
    """All marks, and conduct of both semesters."""
    bring_in(session, class_id, cast, at)
    for semester in (ConductTime.FIRST, ConductTime.SECOND):
        mark_actions.record_conduct(
            session,
            class_id,
            semester,
            {pupil.code: ConductLevel.GOOD for pupil in PUPILS},
            by=cast.homeroom_teacher,
            at=at,
        )


def rendered_book(session: Session, class_id: UUID, cast: Cast, at: datetime) -> Gradebook:
    """A book that waits for its subject teachers; its content is a name only."""
    finish_year(session, class_id, cast, at)
    gradebook_id = gradebooks.request(session, class_id, by=cast.homeroom_teacher, at=at)
    content = Rendered(Sha256.of(b"unsigned"), Sha256.of(b"data"), 33)
    gradebooks.record_rendered(session, gradebook_id, content, by="worker:tests", at=at)
    return session.get_one(Gradebook, gradebook_id)


def sign(session: Session, book: Gradebook, field: str, by: Principal, at: datetime) -> None:
    assert book.content_sha256 is not None
    source = Sha256.parse(book.content_sha256)
    gradebooks.record_signature(
        session,
        book.id,
        field,
        source=source,
        result=Sha256.of(f"{source} {field}".encode()),
        capacity="Giáo viên",
        by=by,
        at=at,
    )


def sign_all(session: Session, book: Gradebook, cast: Cast, at: datetime) -> None:
    for code, teacher in cast.subject_teachers.items():
        sign(session, book, f"subject_{code}", teacher, at)
    sign(session, book, "homeroom", cast.homeroom_teacher, at)
    sign(session, book, "principal", cast.school_principal, at)
    sign(session, book, "school_seal", cast.school_clerk, at)
