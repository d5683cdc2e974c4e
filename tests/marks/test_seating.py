"""Whoever was left for later when a year was opened waits on a page until somebody seats them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.assessment.year import ConductLevel, ConductTime, Outcome
from eoffice.classes import opening_actions
from eoffice.classes import pages as classes_pages
from eoffice.classes import queries as class_queries
from eoffice.classes.actions import ClassInvalid
from eoffice.errors import NotAllowed
from eoffice.marks import actions as mark_actions
from eoffice.marks import next_year, seating
from eoffice.marks import pages as marks_pages
from eoffice.marks.next_year import Chosen
from eoffice.marks.seating import SeatRefused
from eoffice.objects.memory import MemoryStore
from tests.cast import Cast
from tests.conftest import Office
from tests.registers import desk as desks
from tests.registers import stage
from tests.registers.desk import Desk

SINCE = "2024-2025"


@pytest.fixture
def desk(office: Office, store: MemoryStore, at: datetime) -> Iterator[Desk]:
    with desks.opened(at, marks_pages.pages, classes_pages.pages) as made:
        yield made


@pytest.mark.parametrize(
    ("grade", "outcome", "expected"),
    [
        (7, Outcome.PROMOTED, (8,)),
        (7, Outcome.HELD_BACK, (7,)),
        (7, Outcome.SUMMER, (7, 8)),
        (7, None, (7, 8)),
        (9, Outcome.PROMOTED, ()),
        (9, None, (9,)),
        (5, Outcome.HELD_BACK, (5,)),
    ],
)
def test_a_result_says_in_which_grade_a_pupil_can_sit(
    grade: int, outcome: Outcome | None, expected: tuple[int, ...]
) -> None:
    assert seating.grades(grade, outcome) == expected


def test_who_was_left_for_later_is_seated_once_in_a_class_that_can_be(
    session: Session, cast: Cast, class_id: UUID, at: datetime
) -> None:
    stage.finish_year(session, class_id, cast, at)
    for time in (ConductTime.FIRST, ConductTime.SECOND):
        mark_actions.record_conduct(
            session, class_id, time, {"HS003": ConductLevel.NOT_ACHIEVED},
            by=cast.homeroom_teacher, at=at,
        )  # fmt: skip
    session.flush()
    clerk, teacher = cast.school_clerk, cast.school_deputy.person_id

    assert [one.code for one in seating.unseated(session, SINCE, clerk)] == [
        "HS002", "HS001", "HS003",
    ]  # fmt: skip
    next_year.open_year(session, SINCE, [Chosen(class_id, "8A1", teacher)], {}, by=clerk, at=at)
    below = opening_actions.open_empty(
        session, name="7A9", school_year="2025-2026", homeroom_teacher_id=teacher, by=clerk, at=at
    )
    other = opening_actions.open_empty(
        session, name="6A9", school_year="2025-2026", homeroom_teacher_id=teacher, by=clerk, at=at
    )
    session.flush()
    (waits,) = seating.unseated(session, SINCE, clerk)
    assert (waits.code, waits.outcome) == ("HS003", Outcome.SUMMER)
    assert [one.name for one in waits.targets] == ["7A9", "8A1"]
    with pytest.raises(NotAllowed):
        seating.unseated(session, SINCE, cast.homeroom_teacher)
    with pytest.raises(SeatRefused):
        seating.seat(session, SINCE, {waits.pupil_id: other}, by=clerk, at=at)

    assert seating.seat(session, SINCE, {waits.pupil_id: below}, by=clerk, at=at) == 1
    session.flush()

    assert [one.code for one in class_queries.pupils_of(session, below)] == ["HS003"]
    assert seating.unseated(session, SINCE, clerk) == ()
    with pytest.raises(SeatRefused, match="đã được xếp"):
        seating.seat(session, SINCE, {waits.pupil_id: below}, by=clerk, at=at)
    with pytest.raises(ClassInvalid):
        opening_actions.seat(session, other, [waits.pupil_id], by=clerk, at=at)


def test_the_clerk_is_led_to_who_has_no_class_and_seats_them(desk: Desk, at: datetime) -> None:
    old = desks.with_class(desk, at).rpartition("/")[2]
    teacher, here = desk.cast.homeroom_teacher.full_name, "/registers/new-year/seats"

    opened = desk.send(
        "school_clerk", "/registers/new-year",
        {"since": SINCE, f"name-{old}": "8A1", f"teacher-{old}": teacher},
        seen_on="/registers/new-year",
    )  # fmt: skip
    assert opened.headers["location"].startswith(here)

    page = f"{here}?since={SINCE}"
    html = desk.page("school_clerk", page).text
    places = re.findall(r'<select name="(place-[^"]+)"', html)
    assert len(places) == 3
    target = re.search(r'<option value="([0-9a-f-]{36})">8A1', html)
    assert target
    seated = desk.send(
        "school_clerk",
        here,
        {"since": SINCE, places[0]: target[1]},
        seen_on=page,
    )
    assert seated.status_code == 303, seated.text
    assert len(re.findall("<select", desk.page("school_clerk", page).text)) == 2
    wrong = desk.send("school_clerk", here, {"since": SINCE, places[1]: old}, seen_on=page)
    assert wrong.status_code == 422
