"""A list is shown before it is taken, taken as a whole class, and taken twice changes nothing."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.classes import actions as class_actions
from eoffice.classes import movement_actions, pupil_queries
from eoffice.classes import queries as class_queries
from eoffice.classes.import_states import ImportStepRefused, SchoolImportState
from eoffice.classes.lists import actions, queries, taking
from eoffice.classes.lists.actions import SaidOfSheet
from eoffice.classes.lists.columns import Columns, Field
from eoffice.classes.lists.model import ListImport
from eoffice.classes.lists.queries import ListImportView
from eoffice.classes.lists.record_queries import known_layouts
from eoffice.classes.model import ClassSubject, Pupil, SchoolClass
from eoffice.classes.movement_actions import NewMovement
from eoffice.classes.movement_rules import MovementKind
from eoffice.classes.pupil_model import ParticularsChange
from eoffice.clock import civil_date
from eoffice.errors import Invalid, NotAllowed
from eoffice.files.tables import headers
from eoffice.files.tables import reading as tables
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.web.principal import Principal
from tests.cast import Cast

HEADER = "Mã HS\tHọ và tên\tNgày sinh\tGiới tính\tLớp\tNơi sinh\tHọ tên mẹ\tSĐT mẹ\tGVCN"
CHI = "HS001\tTrần Mỹ Chi\t08/07/2012\tNữ\t7A1\t\t\t\t"
AN = "HS002\tĐặng Văn An\t04/03/2012\tNam\t7A1\t\t\t\t"
BINH = "HS003\tLê Thị Bình\t06/05/2012\tNữ\t7A1\t\t\t\t"
NEW = "HS900\tVõ Văn Bảy\t09/09/2012\tNam\t7A1\tĐồng Tháp\tLê Thị Sáu\t0912345678\t"


def begin(session: Session, text: str, *, by: Principal, at: datetime) -> UUID:
    content = text.encode()
    return actions.begin(
        session, school_year="2024-2025", file_name="ds.csv", content_sha256=Sha256.of(content),
        media_type=tables.media_type(content), by=by, at=at,
    )  # fmt: skip


def read(
    session: Session, import_id: UUID, text: str, by: Principal, at: datetime
) -> ListImportView:
    """As the worker does."""
    grids = tables.grids(text.encode(), tables.TEXT, name="ds.csv")
    row = session.get_one(ListImport, import_id)
    found = taking.readings(
        grids, known_layouts(session, row.school_id), row.sheets, civil_date(at)
    )
    taking.end_reading(session, import_id, [grid.name for grid in grids], found, at=at)
    session.flush()
    return queries.list_import(session, import_id, by)


def brought(session: Session, text: str, *, by: Principal, at: datetime) -> ListImportView:
    import_id = begin(session, text, by=by, at=at)
    return read(session, import_id, text, by, at)


def take(session: Session, import_id: UUID, by: Principal, at: datetime) -> ListImportView:
    actions.accept(session, import_id, {}, by=by, at=at)
    session.flush()
    for promise in session.scalars(select(Promise).where(Promise.task == "classes.take_list")):
        if promise.payload["import_id"] == str(import_id):
            taking.take_class(session, import_id, promise.payload["ordinal"], at=at)
    session.flush()
    return queries.list_import(session, import_id, by)


def lines(*rows: str) -> str:
    return "\n".join((HEADER, *rows))


def test_a_list_that_says_what_is_on_record_changes_nothing(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    view = brought(session, lines(CHI, AN, BINH), by=cast.school_clerk, at=at)

    assert view.state is SchoolImportState.READY
    assert view.changes == 0
    assert not view.proposed
    assert view.parts[0].class_id == class_id


def test_pupils_come_in_and_cells_change_and_nothing_before_it_is_accepted(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    other = BINH.replace("06/05/2012", "07/05/2012").replace("7A1\t\t\t", "7A1\tLấp Vò\tLê Mẹ\t")
    text = lines(CHI, AN, other, NEW)

    view = brought(session, text, by=cast.school_clerk, at=at)

    (part,) = view.parts
    assert (part.added, part.cells, part.errors) == (1, 3, 0)
    assert {(cell.column, cell.what, cell.old, cell.new) for _, cell in view.cells} == {
        ("C", "Ngày sinh", "06/05/2012", "07/05/2012"),
        ("F", "Nơi sinh", "", "Lấp Vò"),
        ("G", "Họ tên mẹ", "", "Lê Mẹ"),
    }
    assert len(class_queries.pupils_of(session, class_id)) == 3

    done = take(session, view.id, cast.school_clerk, at)

    assert done.state is SchoolImportState.ACCEPTED
    pupils = class_queries.pupils_of(session, class_id)
    assert [one.code for one in pupils] == ["HS002", "HS003", "HS001", "HS900"]
    seen = pupil_queries.pupil(session, pupils[-1].id, cast.school_clerk)
    assert (seen.mother, seen.guardians[0].phone) == ("Lê Thị Sáu", "0912345678")
    binh = pupil_queries.pupil(session, pupils[1].id, cast.school_clerk)
    assert (binh.born_on, binh.birthplace, binh.mother) == (date(2012, 5, 7), "Lấp Vò", "Lê Mẹ")

    kept = session.scalars(
        select(ParticularsChange).where(ParticularsChange.pupil_id == binh.id)
    ).all()
    assert {(one.field, one.old, one.new) for one in kept} == {
        ("born_on", "06/05/2012", "07/05/2012"),
        ("birthplace", "", "Lấp Vò"),
        ("mother", "", "Lê Mẹ"),
    }
    assert {(one.reason, one.recorded_by) for one in kept} == {
        ("Nhập danh sách từ tệp ds.csv", cast.school_clerk.person_id)
    }

    again = brought(session, text, by=cast.school_clerk, at=at)
    assert again.changes == 0
    assert take(session, again.id, cast.school_clerk, at).changes == 0
    assert len(class_queries.pupils_of(session, class_id)) == 4


def test_who_is_missing_or_elsewhere_is_only_proposed(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    text = lines(CHI, AN.replace("7A1", "7A2"), NEW.replace("7A1", "7A2").replace("\t7A2", "\t7A2"))
    teacher = cast.homeroom_teacher.full_name
    text = text.replace("0912345678\t", f"0912345678\t{teacher}")

    view = brought(session, text, by=cast.school_clerk, at=at)
    done = take(session, view.id, cast.school_clerk, at)

    said = sorted(one.sentence for _, one in done.proposed)
    assert len(said) == 3
    assert "đang ở lớp 7A1, danh sách ghi lớp 7A2" in said[2]
    assert "không có trong danh sách" in said[0]
    assert len(class_queries.pupils_of(session, class_id)) == 3


def test_a_class_that_is_not_open_is_opened_with_the_subjects_of_its_grade(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    text = lines(CHI, AN, BINH, NEW.replace("7A1", "7A9"))
    view = brought(session, text, by=cast.school_clerk, at=at)
    assert [(one.name, one.class_id is None) for one in view.parts] == [
        ("7A1", False), ("7A9", True),
    ]  # fmt: skip

    with pytest.raises(Invalid, match="7A9 chưa mở"):
        actions.accept(session, view.id, {}, by=cast.school_clerk, at=at)
    session.expire_all()
    actions.accept(
        session, view.id, {2: cast.homeroom_teacher.person_id}, by=cast.school_clerk, at=at
    )
    for ordinal in (1, 2):
        taking.take_class(session, view.id, ordinal, at=at)
    session.flush()

    opened = session.scalars(select(SchoolClass).where(SchoolClass.name == "7A9")).one()
    assert (opened.grade, opened.rule_set) == (7, "TT22/2021")
    taught = session.scalars(select(ClassSubject).where(ClassSubject.class_id == opened.id)).all()
    assert {one.teacher_id for one in taught} == {cast.homeroom_teacher.person_id}
    assert len(taught) > 10
    assert [one.code for one in class_queries.pupils_of(session, opened.id)] == ["HS900"]


def test_a_class_with_a_fault_is_left_and_the_others_are_taken(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    broken = NEW.replace("7A1", "7A9").replace("09/09/2012", "31/31/2012")
    view = brought(session, lines(CHI, AN, BINH, NEW, broken.replace("HS900", "HS901")),
                   by=cast.school_clerk, at=at)  # fmt: skip
    assert view.state is SchoolImportState.FAULTY
    assert next((name, f.row, f.column) for name, f in view.faults) == ("7A9", 6, "C")

    done = take(session, view.id, cast.school_clerk, at)

    assert done.state is SchoolImportState.ACCEPTED
    assert len(class_queries.pupils_of(session, class_id)) == 4
    assert "còn lỗi" in (done.parts[1].refused or "")
    assert session.scalars(select(SchoolClass).where(SchoolClass.name == "7A9")).all() == []


def test_pupils_are_known_by_their_identification_number_and_by_name_and_birth_date(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    by_name = "Họ và tên\tNgày sinh\tLớp\tNơi sinh\nTrần Mỹ Chi\t08/07/2012\t7A1\tSa Đéc"
    view = brought(session, by_name, by=cast.school_clerk, at=at)
    assert view.parts[0].cells == 1
    take(session, view.id, cast.school_clerk, at)

    number = "CCCD\tHọ và tên\tNgày sinh\tGiới tính\tLớp\n087212001111\tÚt\t01/01/2012\tNam\t7A1"
    view = brought(session, number, by=cast.school_clerk, at=at)
    assert view.parts[0].added == 1
    take(session, view.id, cast.school_clerk, at)
    assert brought(session, number, by=cast.school_clerk, at=at).changes == 0
    row = session.scalars(select(Pupil).where(Pupil.personal_id == "087212001111")).one()
    assert row.code == "087212001111"

    unknown = "Họ và tên\tNgày sinh\tLớp\nKhông Ai Biết\t08/07/2012\t7A1"
    assert "cần mã" in brought(session, unknown, by=cast.school_clerk, at=at).faults[0][1].sentence


def test_who_left_the_school_is_not_brought_back_by_a_list(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    pupil_id = class_actions.pupil_ids(session, class_id)["HS001"]
    leaves = NewMovement(MovementKind.LEAVE, civil_date(at), "Theo gia đình")
    movement_actions.record(session, pupil_id, leaves, by=cast.school_clerk, at=at)
    session.flush()

    view = brought(session, lines(CHI, AN, BINH), by=cast.school_clerk, at=at)

    assert view.changes == 0
    assert "đã nghỉ học hoặc chuyển đi" in view.proposed[0][1].sentence


def test_columns_and_sheets_are_explained_once_and_known_again(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    text = "Số hiệu\tHọc trò\tQuê\nHS001\tTrần Mỹ Chi\tSa Đéc"
    view = brought(session, text, by=cast.school_clerk, at=at)
    assert view.state is SchoolImportState.UNCLEAR
    meant = Columns(1, 2, ((1, Field.CODE), (2, Field.NAME), (3, Field.BIRTHPLACE)))
    rows = tables.grids(text.encode(), tables.TEXT, name="ds.csv")[0].rows
    actions.explain_layout(
        session, view.id, signature=headers.signature(rows, 1, 1), name="Mẫu", columns=meant,
        by=cast.school_clerk, at=at,
    )  # fmt: skip
    view = read(session, view.id, text, cast.school_clerk, at)
    assert "lớp nào" in (view.unclear[0].unclear or "")
    actions.explain_sheets(
        session, view.id, {"ds.csv": SaidOfSheet("7a1")}, by=cast.school_clerk, at=at
    )
    view = read(session, view.id, text, cast.school_clerk, at)

    assert view.state is SchoolImportState.READY
    assert (view.parts[0].class_id, view.parts[0].cells) == (class_id, 1)
    assert [one.name for one in queries.layouts(session, cast.school_clerk)] == ["Mẫu"]
    take(session, view.id, cast.school_clerk, at)
    with pytest.raises(ImportStepRefused):
        actions.explain_sheets(session, view.id, {}, by=cast.school_clerk, at=at)


def test_lists_are_for_the_office_of_the_school(session: Session, cast: Cast, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        begin(session, lines(CHI), by=cast.homeroom_teacher, at=at)
    with pytest.raises(NotAllowed):
        queries.imports(session, cast.homeroom_teacher)
