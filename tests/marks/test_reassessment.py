"""What a pupil chooses to be assessed in again is kept before the marks come (22/2021: Đ14)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import openpyxl
import pytest
from sqlalchemy.orm import Session

from eoffice.assessment.marks import Part, Semester
from eoffice.assessment.year import Holds, Need
from eoffice.classes import actions
from eoffice.db import new_id
from eoffice.errors import NotAllowed
from eoffice.marks import (
    entering,
    entry_queries,
    reassessment_actions,
    reassessment_table,
    year_queries,
)
from eoffice.marks import pages as marks_pages
from eoffice.marks.reassessment_actions import AssessedAlready, NothingToChoose
from eoffice.marks.year_queries import AgainCell, ListedPupil, SummerRow, SummerView
from eoffice.objects.memory import MemoryStore
from tests.cast import Cast
from tests.conftest import Office
from tests.marks.test_year_pages import weak_class
from tests.marks.test_years import opened
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.desk import Desk


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_pages.pages) as made:
        yield made


def cell(code: str, *, chosen: bool, shown: str = "") -> AgainCell:
    return AgainCell(
        code, code.title(), Part.REASSESSED, "Đánh giá lại", Holds.MARK, shown, '""', "3,0",
        may_enter=True, is_chosen=chosen,
    )  # fmt: skip


def view(*rows: SummerRow) -> SummerView:
    return SummerView(
        new_id(), "7A1", "2024-2025", "Thông tư 22", rows, is_over=False, may_close=False,
        may_write=True, has_choice=True, may_choose=True, is_of_office=False,
    )  # fmt: skip


def test_the_list_has_a_line_for_each_pupil_and_chosen_subject() -> None:
    again, training = Need.RE_ASSESSMENT, Need.CONDUCT_TRAINING
    rows = (
        SummerRow(
            ListedPupil(new_id(), 3, "HS1", "Lê An"), (again,),
            (cell("TOAN", chosen=True), cell("VAN", chosen=False), cell("SU", chosen=True)), "",
        ),
        SummerRow(
            ListedPupil(new_id(), 5, "HS2", "Võ Bảy"), (again,), (cell("VAN", chosen=False),), ""
        ),
        SummerRow(ListedPupil(new_id(), 9, "HS3", "Đỗ Út"), (training,), (), ""),
    )  # fmt: skip

    table = reassessment_table.of_class(view(*rows))

    assert [(row[0], row[1], row[4], row[5]) for row in table.rows] == [
        (1, "HS1", "Toan", "3,0"),
        ("", "", "Su", "3,0"),
        (2, "HS2", reassessment_table.NOT_CHOSEN, ""),
        (3, "HS3", "", ""),
    ]
    assert table.rows[3][3] == "Rèn luyện trong hè"
    school = reassessment_table.of_school([view(*rows), view(rows[0])], "2024-2025")
    assert [row[:2] for row in school.rows][-2:] == [("7A1", 1), ("7A1", "")]
    assert len(school.rows) == 6
    assert not view(*rows).has_chosen
    assert view(rows[0], rows[2]).has_chosen


def test_the_homeroom_teacher_keeps_the_choice_until_somebody_is_assessed(
    session: Session, cast: Cast, at: datetime
) -> None:
    class_id = stage.open_class(session, cast, at)
    stage.finish_year(session, class_id, cast, at)
    pupil = actions.pupil_ids(session, class_id)["HS001"]
    teacher = cast.homeroom_teacher

    def type_all(text: str, semester: Semester, *places: tuple[Part, int], code: str) -> None:
        typed = [entering.Typed(pupil, part, place, text, "*") for part, place in places]
        entering.enter(session, class_id, code, semester, typed, by=teacher, at=at)

    every = [*((Part.REGULAR, n) for n in range(1, 5)), (Part.MIDTERM, 1), (Part.FINAL, 1)]
    for code in ("TOAN", "VAN"):
        for semester in Semester:
            type_all("2", semester, *every, code=code)
    session.flush()

    def choose(*codes: str, who: UUID = pupil) -> int:
        return reassessment_actions.choose(session, class_id, {who: set(codes)}, by=teacher, at=at)

    assert choose("TOAN") == 1
    assert choose("TOAN") == 0
    assert choose("VAN") == 1
    (row,) = year_queries.summer(session, class_id, who=teacher).rows
    assert {one.subject: one.is_chosen for one in row.cells} == {"TOAN": False, "VAN": True}
    with pytest.raises(NothingToChoose):
        choose("NN1")
    with pytest.raises(NothingToChoose):
        choose("VAN", who=actions.pupil_ids(session, class_id)["HS002"])
    with pytest.raises(NotAllowed):
        reassessment_actions.choose(
            session, class_id, {pupil: {"VAN"}}, by=cast.school_principal, at=at
        )
    type_all("6", Semester.SECOND, (Part.REASSESSED, 1), code="VAN")
    session.flush()
    assert choose("VAN") == 0
    with pytest.raises(AssessedAlready):
        choose("TOAN", "VAN")
    assert entry_queries.shown(None) == ""


def test_primary_schools_leave_no_choice(session: Session, cast: Cast, at: datetime) -> None:
    class_id = opened(session, cast, at, "TT27/2020")

    with pytest.raises(NothingToChoose):
        reassessment_actions.choose(session, class_id, {}, by=cast.homeroom_teacher, at=at)


def test_choices_are_ticked_on_the_page_and_the_list_is_printed(desk: Desk, at: datetime) -> None:
    path = weak_class(desk, at) + "/summer"
    html = desk.page("homeroom_teacher", path).text
    boxes = re.findall(r'name="(choose-[^"]+)"', html)
    assert [box.rpartition(".")[2] for box in boxes] == ["TOAN", "VAN"]

    done = desk.send("homeroom_teacher", f"{path}/choices", {boxes[1]: "on"}, seen_on=path)

    assert done.status_code == 303, done.text
    assert desk.page("homeroom_teacher", path).text.count("Đã chọn") == 1
    sheet = desk.page("school_principal", f"{path}?format=xlsx").content
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0].values)
    (line,) = [row for row in rows if "HS001" in row]
    assert any(isinstance(one, str) and "văn" in one.lower() for one in line[4:5])
    assert desk.page("school_principal", f"{path}?format=pdf").content.startswith(b"%PDF")
    assert "choose-" not in desk.page("school_principal", path).text
    whole = "/registers/reassessments?format=xlsx&year=2024-2025"
    sheet = desk.page("school_clerk", whole).content
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0].values)
    assert [row[0] for row in rows if "HS001" in row] == ["7A1"]
    assert desk.page("homeroom_teacher", whole).status_code == 403
