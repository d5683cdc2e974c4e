"""Marks come in sheets; faults are kept by cell; an accepted sheet is the state of its subject."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester
from eoffice.classes import staff_queries
from eoffice.marks import importing, marks_template, record_queries, upload_queries
from eoffice.marks.importing import Accepted, ImportRefused, NotYourSubject
from eoffice.marks.sheet_faults import FaultKind
from eoffice.marks.states import ImportState
from eoffice.registers import class_queries
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.registers import stage

FIRST = ("TOAN", Semester.FIRST, Part.REGULAR, 1)


def upload(
    session: Session,
    class_id: UUID,
    by: Principal,
    at: datetime,
    *,
    first: Decimal | str | None = Decimal("8.5"),
    subject: str = "TOAN",
) -> UUID:
    page = stage.sheet_of(session, class_id, subject, Semester.FIRST, first)
    return stage.upload(session, class_id, marks_template.write([page]), by=by, at=at)


def test_a_good_sheet_is_ready_and_writes_nothing_yet(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    import_id = upload(session, class_id, cast.homeroom_teacher, at)

    view = upload_queries.mark_import(session, import_id, cast.homeroom_teacher)
    assert view.state is ImportState.READY
    assert len(view.changes) == 3 * 6
    assert record_queries.cells(session, class_id) == {}


def test_an_accepted_sheet_is_in_the_register(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    import_id = upload(session, class_id, cast.homeroom_teacher, at)

    accepted = importing.accept(session, import_id, by=cast.homeroom_teacher, at=at)

    assert accepted == Accepted(added=18, changed=0, removed=0)
    # The first of the list is Đặng Văn An.
    assert record_queries.cells(session, class_id)["HS002", FIRST] == Decimal("8.5")


@pytest.mark.parametrize(
    ("first", "kind"),
    [(Decimal(11), FaultKind.OUT_OF_RANGE), ("7,5", FaultKind.DECIMAL_COMMA)],
)
def test_a_faulty_sheet_is_kept_with_its_faults_and_cannot_be_accepted(
    session: Session,
    cast: Cast,
    class_id: UUID,
    at: datetime,
    first: Decimal | str,
    kind: FaultKind,
) -> None:
    import_id = upload(session, class_id, cast.homeroom_teacher, at, first=first)

    view = upload_queries.mark_import(session, import_id, cast.homeroom_teacher)
    assert view.state is ImportState.FAULTY
    assert [(fault.sheet, fault.cell, fault.kind) for fault in view.faults] == [
        ("TOAN_HK1", "F8", kind)
    ]
    with pytest.raises(ImportRefused):
        importing.accept(session, import_id, by=cast.homeroom_teacher, at=at)


def test_a_second_sheet_shows_what_it_changes_and_takes_back_what_it_leaves_empty(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.bring_in(session, class_id, cast, at)

    changed = upload(session, class_id, cast.homeroom_teacher, at, first=Decimal("9.5"))
    emptied = upload(session, class_id, cast.homeroom_teacher, at, first=None)

    (change,) = upload_queries.mark_import(session, changed, cast.homeroom_teacher).changes
    assert (change.pupil, change.old, change.new) == (
        "Đặng Văn An", Decimal("8.5"), Decimal("9.5"),
    )  # fmt: skip
    assert importing.accept(session, changed, by=cast.homeroom_teacher, at=at) == Accepted(0, 1, 0)
    assert importing.accept(session, emptied, by=cast.homeroom_teacher, at=at) == Accepted(0, 0, 1)
    assert ("HS002", FIRST) not in record_queries.cells(session, class_id)


def test_an_upload_is_accepted_once(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    import_id = upload(session, class_id, cast.homeroom_teacher, at)
    importing.accept(session, import_id, by=cast.homeroom_teacher, at=at)

    with pytest.raises(ImportRefused):
        importing.accept(session, import_id, by=cast.homeroom_teacher, at=at)


def test_a_subject_teacher_brings_in_the_own_subject_only(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    teacher = cast.subject_teachers["TOAN"]

    upload(session, class_id, teacher, at)
    with pytest.raises(NotYourSubject):
        upload(session, class_id, teacher, at, subject="VAN")


def test_teachers_of_other_classes_see_no_marks(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    import_id = upload(session, class_id, cast.homeroom_teacher, at)

    with pytest.raises(staff_queries.NotOfTheClass):
        upload_queries.mark_import(session, import_id, cast.high_school_teacher)


def test_uploads_are_listed_with_their_faults(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    upload(session, class_id, cast.homeroom_teacher, at, first="7,5")
    upload(session, class_id, cast.homeroom_teacher, at)

    newest, oldest = upload_queries.imports(session, class_id, cast.homeroom_teacher)
    assert (newest.errors, oldest.errors) == (0, 1)


def test_progress_counts_what_each_subject_has_and_needs(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.bring_in(session, class_id, cast, at)

    maths = class_queries.school_class(session, class_id, cast.homeroom_teacher).subjects[0]
    assert maths.entered == {Semester.FIRST: 18, Semester.SECOND: 18}
    assert maths.expected == 18
