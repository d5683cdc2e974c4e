"""A year is opened from the one before: who moves up follows the class, the others are listed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.assessment.year import ConductLevel, ConductTime, Outcome
from eoffice.classes import pages as classes_pages
from eoffice.classes import queries as class_queries
from eoffice.classes.model import ClassSubject, SchoolClass
from eoffice.errors import Invalid, NotAllowed
from eoffice.marks import actions as mark_actions
from eoffice.marks import next_year
from eoffice.marks import pages as marks_pages
from eoffice.marks.next_year import Chosen
from eoffice.objects.memory import MemoryStore
from tests.cast import Cast
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.desk import Desk


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_pages.pages, classes_pages.pages) as made:
        yield made


def test_who_moves_up_sits_in_the_class_that_follows_and_others_where_somebody_says(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.finish_year(session, class_id, cast, at)
    for time in (ConductTime.FIRST, ConductTime.SECOND):
        mark_actions.record_conduct(
            session, class_id, time, {"HS003": ConductLevel.NOT_ACHIEVED},
            by=cast.homeroom_teacher, at=at,
        )  # fmt: skip
    session.flush()

    (row,) = next_year.followings(session, "2024-2025", cast.school_clerk)

    assert (row.from_name, row.name, row.is_open) == ("7A1", "8A1", False)
    assert [name for _, name in row.moving_up] == ["Đặng Văn An", "Trần Mỹ Chi"]
    ((waits),) = row.waiting
    assert (waits.code, waits.outcome) == ("HS003", Outcome.SUMMER)

    chosen = [Chosen(class_id, "8A1", cast.school_deputy.person_id)]
    with pytest.raises(Invalid, match="không mở trong lần này"):
        next_year.open_year(
            session, "2024-2025", chosen, {waits.pupil_id: "7A1"}, by=cast.school_clerk, at=at
        )
    next_year.open_year(
        session, "2024-2025", chosen, {waits.pupil_id: "8A1"}, by=cast.school_clerk, at=at
    )
    session.flush()

    opened = session.scalars(select(SchoolClass).where(SchoolClass.name == "8A1")).one()
    assert (opened.grade, opened.school_year) == (8, "2025-2026")
    assert [one.code for one in class_queries.pupils_of(session, opened.id)] == [
        "HS002", "HS003", "HS001",
    ]  # fmt: skip
    maths = session.get_one(ClassSubject, (opened.id, "TOAN"))
    assert maths.teacher_id == cast.subject_teachers["TOAN"].person_id
    (again,) = next_year.followings(session, "2024-2025", cast.school_clerk)
    assert (again.is_open, again.moving_up, again.waiting) == (True, (), ())
    with pytest.raises(Invalid, match="đã mở"):
        next_year.open_year(session, "2024-2025", chosen, {}, by=cast.school_clerk, at=at)


def test_a_year_that_is_not_finished_says_what_is_missing(
    session: Session, cast: Cast, class_id: UUID
) -> None:
    (row,) = next_year.followings(session, "2024-2025", cast.school_clerk)

    assert not row.moving_up
    assert {one.outcome for one in row.waiting} == {None}
    assert row.waiting[0].why == "Chưa đủ kết quả"
    assert "mục khác" in row.waiting[0].missing
    with pytest.raises(NotAllowed):
        next_year.followings(session, "2024-2025", cast.homeroom_teacher)


def test_the_pages_open_a_year_a_class_and_assign_teachers(desk: Desk, at: datetime) -> None:
    path = desks.with_class(desk, at, finished=True)
    old = path.rpartition("/")[2]
    shown = desk.page("school_clerk", "/registers/new-year").text
    assert "Mở năm học 2025-2026" in shown
    teacher = desk.cast.homeroom_teacher.full_name

    def send(to: str, **fields: str) -> str:
        answer = desk.send("school_clerk", to, fields, seen_on="/registers/new-class")
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    wrong = desk.send(
        "school_clerk", "/registers/new-year",
        {"since": "2024-2025", f"name-{old}": "8A1", f"teacher-{old}": "Không ai"},
        seen_on="/registers/new-year",
    )  # fmt: skip
    assert wrong.status_code == 422
    assert 'value="Không ai"' in wrong.text
    send("/registers/new-year", since="2024-2025",
         **{f"name-{old}": "8A1", f"teacher-{old}": teacher})  # fmt: skip
    assert "Đã mở 8A1" in desk.page("school_clerk", "/registers/new-year?since=2024-2025").text

    made = send("/registers/new-class", name="6A1", school_year="2025-2026", teacher=teacher)
    new_id = made.rpartition("/")[2]
    deputy = desk.cast.school_deputy.full_name
    today = f"{clock.civil_date(clock.now()):%Y-%m-%d}"
    grid = "/registers/assignments?year=2025-2026&grade=6"
    send("/registers/assignments", year="2025-2026", grade="6", on=today,
         **{f"{new_id}.TOAN": deputy, f"{new_id}.": teacher})  # fmt: skip
    assert f'value="{deputy}"' in desk.page("school_clerk", grid).text
    send(f"{made}/settings", **{"regular-TOAN": "5"})
    assert 'value="5"' in desk.page("school_clerk", f"{made}/settings").text
