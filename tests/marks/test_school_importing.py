"""A school's file is read class by class and written only once it was accepted; twice is once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester
from eoffice.classes.import_states import ImportStepRefused, SchoolImportState
from eoffice.errors import Invalid, NotAllowed
from eoffice.files.tables import headers, pasted
from eoffice.files.tables import reading as tables
from eoffice.marks import (
    importing,
    lock_actions,
    marks_template,
    record_queries,
    school_import_queries,
    school_importing,
    school_reading,
    sections,
)
from eoffice.marks.import_model import SchoolImport
from eoffice.marks.keeping_model import MarkChange
from eoffice.marks.lock_rules import Scope
from eoffice.marks.mapping import Field, MappedColumn, Mapping
from eoffice.marks.school_import_queries import SchoolImportView
from eoffice.marks.sections import Said
from eoffice.marks.sheet_faults import FaultKind
from eoffice.marks.states import ImportState
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.registers import stage

FIRST = ("TOAN", Semester.FIRST, Part.REGULAR, 1)
YEAR = "2024-2025"


def begin(session: Session, content: bytes, *, by: Principal, at: datetime) -> UUID:
    return school_importing.begin(
        session, school_year=YEAR, file_name="diem.xlsx", content_sha256=Sha256.of(content),
        media_type=tables.media_type(content), by=by, at=at,
    )  # fmt: skip


def read(session: Session, import_id: UUID, content: bytes, at: datetime) -> SchoolImportView:
    """What the task does, in one transaction."""
    row = session.get_one(SchoolImport, import_id)
    grids = tables.grids(content, row.media_type, name=row.file_name)
    by_name = {grid.name: grid for grid in grids}
    said = school_importing.begin_reading(session, import_id, list(by_name))
    plan = sections.planned(
        grids,
        school_reading.known_classes(session, row.school_id, row.school_year),
        known=school_reading.known_layouts(session, row.school_id),
        said=said,
    )
    by = school_importing.principal_of(session, row)
    made = [
        importing.record_part(
            session, row, class_id,
            school_reading.read_class(by_name, wanted, record_queries.roster(session, class_id)),
            by=by, at=at,
        )
        for class_id, wanted in school_reading.by_class(plan).items()
    ]  # fmt: skip
    school_importing.forget_classes(session, import_id, but=made)
    school_importing.end_reading(session, import_id, plan.unplaced, by="worker:tests", at=at)
    session.flush()
    session.expire_all()
    return school_import_queries.school_import(session, import_id, by)


def accept(session: Session, import_id: UUID, by: Principal, at: datetime) -> SchoolImportView:
    school_importing.accept(session, import_id, by=by, at=at)
    session.flush()
    for promised in session.scalars(select(Promise).where(Promise.task == "marks.accept_class")):
        school_importing.accept_class(session, UUID(promised.payload["mark_import_id"]), at=at)
    session.flush()
    session.expire_all()
    return school_import_queries.school_import(session, import_id, by)


def two_classes(session: Session, class_id: UUID, other: UUID, first: Decimal | str) -> bytes:
    return marks_template.write(
        [
            stage.sheet_of(session, one, code, semester, first)
            for one in (class_id, other)
            for code in ("TOAN", "VAN")
            for semester in Semester
        ]
    )


@pytest.fixture
def other(session: Session, cast: Cast, class_id: UUID, at: datetime) -> UUID:
    return stage.open_class(session, cast, at, name="7A2")


def test_a_workbook_of_two_classes_is_read_accepted_and_taken_twice_changes_nothing(
    session: Session, cast: Cast, class_id: UUID, other: UUID, at: datetime
) -> None:
    content = two_classes(session, class_id, other, Decimal("7.5"))

    first = begin(session, content, by=cast.school_clerk, at=at)
    view = read(session, first, content, at)
    assert view.state is SchoolImportState.READY, (view.unclear, view.faults)
    assert [(part.class_name, part.changes.added) for part in view.parts] == [
        ("7A1", 3 * 6 * 4), ("7A2", 3 * 6 * 4),
    ]  # fmt: skip
    assert record_queries.cells(session, class_id) == {}

    done = accept(session, first, cast.school_clerk, at)
    assert done.state is SchoolImportState.ACCEPTED
    assert record_queries.cells(session, other)["HS002", FIRST] == Decimal("7.5")

    second = begin(session, content, by=cast.school_clerk, at=at)
    again = read(session, second, content, at)
    assert [part.changes.all for part in again.parts] == [0, 0]
    accept(session, second, cast.school_clerk, at)
    assert session.scalars(select(MarkChange)).all() == []


def test_a_cell_that_differs_is_the_only_change_and_the_old_mark_is_kept(
    session: Session, cast: Cast, class_id: UUID, other: UUID, at: datetime
) -> None:
    for mark in (Decimal("7.5"), Decimal("9.5")):
        content = two_classes(session, class_id, other, mark)
        import_id = begin(session, content, by=cast.school_clerk, at=at)
        view = read(session, import_id, content, at)
        accept(session, import_id, cast.school_clerk, at)

    assert {part.changes.changed for part in view.parts} == {4}
    kept = session.scalars(select(MarkChange)).all()
    assert {(one.old_score, one.new_score) for one in kept} == {(Decimal("7.5"), Decimal("9.5"))}
    assert len(kept) == 8


def test_a_class_with_a_fault_is_left_out_and_the_others_are_taken(
    session: Session, cast: Cast, class_id: UUID, other: UUID, at: datetime
) -> None:
    pages = [
        stage.sheet_of(session, class_id, "TOAN", Semester.FIRST, Decimal(11)),
        stage.sheet_of(session, other, "TOAN", Semester.FIRST),
    ]
    content = marks_template.write(pages)
    import_id = begin(session, content, by=cast.school_deputy, at=at)

    view = read(session, import_id, content, at)
    done = accept(session, import_id, cast.school_deputy, at)

    assert view.state is SchoolImportState.FAULTY
    assert [(f.class_name, f.kind) for f in view.faults] == [("7A1", FaultKind.OUT_OF_RANGE)]
    assert {part.class_name: part.state for part in done.parts} == {
        "7A1": ImportState.FAULTY, "7A2": ImportState.ACCEPTED,
    }  # fmt: skip
    assert record_queries.cells(session, class_id) == {}


def test_a_pasted_list_of_a_school_waits_for_its_columns_and_is_known_next_time(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    text = "Phòng\tSố hiệu\tHết kì\n7A1\tHS001\t8,5\n7A1\tHS002\t7\n7A1\tHS003\t9\n"
    content = text.encode()
    import_id = begin(session, content, by=cast.homeroom_teacher, at=at)
    view = read(session, import_id, content, at)
    assert view.state is SchoolImportState.UNCLEAR
    assert "dòng tiêu đề" in (view.unclear[0].unclear or "")

    grid = pasted.grid(text, name="diem.xlsx")
    school_importing.explain_layout(
        session, import_id, signature=headers.signature(grid.rows, 1, 1), name="Mẫu của trường",
        columns=Mapping(1, 2, (
            MappedColumn(1, Field.CLASS), MappedColumn(2, Field.CODE),
            MappedColumn(3, Field.FINAL),
        )), by=cast.homeroom_teacher, at=at,
    )  # fmt: skip
    view = read(session, import_id, content, at)
    assert "môn học" in (view.unclear[0].unclear or "")
    school_importing.explain_sheets(
        session, import_id, {1: Said(None, "TOAN", Semester.FIRST)}, by=cast.homeroom_teacher,
        at=at,
    )  # fmt: skip
    view = read(session, import_id, content, at)
    assert view.state is SchoolImportState.READY, view.faults
    accept(session, import_id, cast.homeroom_teacher, at)

    final = ("TOAN", Semester.FIRST, Part.FINAL, 1)
    assert record_queries.cells(session, class_id)["HS001", final] == Decimal("8.5")

    again = begin(session, content, by=cast.homeroom_teacher, at=at)
    assert "môn học" in (read(session, again, content, at).unclear[0].unclear or "")


def test_columns_that_a_list_does_not_have_keep_their_marks(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.bring_in(session, class_id, cast, at)
    content = (
        b"class,pupil_code,subject,semester,final\n7A1,HS001,TOAN,1,5\n7A1,HS002,TOAN,1,\n"
        b"7A1,HS003,TOAN,1,8\n"
    )

    import_id = begin(session, content, by=cast.homeroom_teacher, at=at)
    (part,) = read(session, import_id, content, at).parts
    accept(session, import_id, cast.homeroom_teacher, at)

    assert (part.changes.changed, part.changes.removed) == (1, 1)
    assert record_queries.cells(session, class_id)["HS002", FIRST] == Decimal("8.5")


def test_a_locked_column_is_a_fault_only_where_it_would_change(
    session: Session, cast: Cast, class_id: UUID, other: UUID, at: datetime
) -> None:
    content = two_classes(session, class_id, other, Decimal("7.5"))
    before = begin(session, content, by=cast.school_clerk, at=at)
    read(session, before, content, at)
    accept(session, before, cast.school_clerk, at)
    lock_actions.lock(
        session, YEAR, Scope(semester=Semester.FIRST), reason="Đã tổng kết",
        by=cast.school_principal, at=at,
    )  # fmt: skip
    session.flush()

    same = begin(session, content, by=cast.school_clerk, at=at)
    assert read(session, same, content, at).state is SchoolImportState.READY
    changed = two_classes(session, class_id, other, Decimal("9.5"))
    import_id = begin(session, changed, by=cast.school_clerk, at=at)
    view = read(session, import_id, changed, at)

    assert view.state is SchoolImportState.FAULTY
    assert {fault.kind for fault in view.faults} == {FaultKind.COLUMN_LOCKED}
    assert "Cột ĐĐGtx1 môn Toán học, học kì I, lớp 7A1 đã khóa" in view.faults[0].sentence


def test_a_column_that_is_locked_after_the_reading_is_kept_with_the_class(
    session: Session, cast: Cast, class_id: UUID, other: UUID, at: datetime
) -> None:
    content = two_classes(session, class_id, other, Decimal("7.5"))
    import_id = begin(session, content, by=cast.school_clerk, at=at)
    read(session, import_id, content, at)
    lock_actions.lock(
        session, YEAR, Scope(class_id=class_id), reason="Khóa", by=cast.school_principal, at=at
    )
    session.flush()

    done = accept(session, import_id, cast.school_clerk, at)

    assert done.state is SchoolImportState.ACCEPTED
    assert [(p.class_name, p.state, p.refused is None) for p in done.parts] == [
        ("7A1", ImportState.READY, False), ("7A2", ImportState.ACCEPTED, True),
    ]  # fmt: skip


def test_a_teacher_brings_only_what_they_teach(
    session: Session, cast: Cast, class_id: UUID, other: UUID, at: datetime
) -> None:
    content = two_classes(session, class_id, other, Decimal("7.5"))
    import_id = begin(session, content, by=cast.subject_teachers["KHTN"], at=at)

    view = read(session, import_id, content, at)

    assert {fault.kind for fault in view.faults} == {FaultKind.NOT_YOURS}
    with pytest.raises(Invalid):
        begin(session, content, by=cast.high_school_teacher, at=at)


def test_what_was_accepted_is_not_explained_again(
    session: Session, cast: Cast, class_id: UUID, other: UUID, at: datetime
) -> None:
    content = two_classes(session, class_id, other, Decimal("7.5"))
    import_id = begin(session, content, by=cast.school_clerk, at=at)
    read(session, import_id, content, at)
    accept(session, import_id, cast.school_clerk, at)

    with pytest.raises(ImportStepRefused):
        school_importing.explain_sheets(session, import_id, {}, by=cast.school_clerk, at=at)
    with pytest.raises(NotAllowed):
        school_import_queries.school_import(session, import_id, cast.subject_teachers["KHTN"])
