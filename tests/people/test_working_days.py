"""Deadlines are counted by the days on which the office works.

Monday to Friday, less what a decision takes out and more what it puts in; a term that ends on a
day off ends with the next working day (Civil Code 2015, art. 148 (5)).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.people import working_days, working_days_actions, working_days_queries
from eoffice.people.operators import OnlyOperators
from eoffice.people.working_days import WEEKENDS_ONLY, Calendar, DayKind, DayTaken, DayUnfit
from eoffice.people.working_days_actions import DayUnknown
from tests.cast import Cast, load_cast
from tests.people.conftest import Desk

#: Independence day of 2018 fell on a Sunday: Monday 3 September off; a Saturday was made up.
HOLIDAY = date(2018, 9, 3)
SATURDAY = date(2018, 9, 8)
CALENDAR = Calendar(days_off=frozenset({date(2018, 9, 2), HOLIDAY}), made_up=frozenset({SATURDAY}))
BEGIN = date(2018, 8, 24)
DAYS = [BEGIN + timedelta(days=each) for each in range(24)]
PAIRS = [(a, b) for a in DAYS for b in DAYS]


def test_saturdays_sundays_and_days_off_are_no_working_days_but_days_made_up_are() -> None:
    working = [day for day in DAYS if CALENDAR.is_working_day(day)]

    assert HOLIDAY not in working
    assert SATURDAY in working
    assert [day for day in working if day.weekday() == 6] == []
    assert len(working) == 16 - 1 + 1  # weekdays, less the Monday, plus the Saturday


def test_a_day_made_up_works_even_where_a_decision_took_it_out() -> None:
    both = Calendar(frozenset({SATURDAY}), frozenset({SATURDAY}))

    assert both.is_working_day(SATURDAY)
    assert both.between(SATURDAY - timedelta(days=1), SATURDAY) == 1


@pytest.mark.parametrize("calendar", [CALENDAR, WEEKENDS_ONLY])
def test_days_between_are_those_one_would_count_on_the_wall(calendar: Calendar) -> None:
    for start, end in PAIRS:
        if start <= end:
            span = [start + timedelta(days=each) for each in range(1, (end - start).days + 1)]
            counted = sum(calendar.is_working_day(day) for day in span)
            assert calendar.between(start, end) == counted
            assert calendar.between(end, start) == -counted


@pytest.mark.parametrize("calendar", [CALENDAR, WEEKENDS_ONLY])
def test_next_and_previous_are_neighbours_among_working_days(calendar: Calendar) -> None:
    for day in DAYS:
        following, before = calendar.next_working_day(day), calendar.previous_working_day(day)
        assert before < day < following
        assert calendar.is_working_day(following)
        assert calendar.is_working_day(before)
        assert calendar.between(day, following) == 1
        assert calendar.on_or_after(day) == (day if calendar.is_working_day(day) else following)
        assert calendar.on_or_before(day) == (day if calendar.is_working_day(day) else before)


def test_shifting_counts_working_days_in_both_directions() -> None:
    friday = date(2018, 8, 31)

    assert CALENDAR.shifted(friday, 1) == date(2018, 9, 4)
    assert CALENDAR.shifted(friday, 5) == SATURDAY
    assert CALENDAR.shifted(date(2018, 9, 4), -1) == friday
    assert CALENDAR.shifted(SATURDAY, 0) == SATURDAY


def test_what_is_due_on_a_day_off_is_late_only_behind_the_next_working_day() -> None:
    due_on = date(2018, 9, 2)

    assert CALENDAR.last_day(due_on) == date(2018, 9, 4)
    assert CALENDAR.days_late(due_on, None, date(2018, 9, 4)) == 0
    assert CALENDAR.days_late(due_on, None, date(2018, 9, 5)) == 1
    assert CALENDAR.days_late(date(2018, 8, 31), None, date(2018, 9, 3)) == 0
    assert CALENDAR.days_late(date(2018, 8, 31), None, date(2018, 9, 4)) == 1
    assert CALENDAR.days_late(date(2018, 8, 31), date(2018, 8, 31), date(2018, 9, 9)) == 0
    assert CALENDAR.days_late(None, None, date(2018, 9, 9)) == 0


@pytest.mark.parametrize("calendar", [CALENDAR, WEEKENDS_ONLY])
def test_a_query_finds_by_one_day_whatever_is_late(calendar: Calendar) -> None:
    for due_on, today in PAIRS:
        late = calendar.days_late(due_on, None, today) > 0
        assert late == (due_on <= calendar.latest_missed(today))
        assert late == (calendar.days_left(due_on, today) < 0)


@pytest.mark.parametrize(
    ("left", "words"),
    [(2, "còn 2 ngày làm việc"), (0, "hết hạn hôm nay"), (-3, "trễ 3 ngày làm việc")],
)
def test_what_is_left_is_said_in_words(left: int, words: str) -> None:
    assert working_days.left_in_words(left) == words


@pytest.mark.parametrize(
    ("first", "last", "kind", "field"),
    [
        (HOLIDAY, HOLIDAY - timedelta(days=1), DayKind.DAY_OFF, "last_day"),
        (HOLIDAY, HOLIDAY + timedelta(days=31), DayKind.DAY_OFF, "last_day"),
        (HOLIDAY, None, DayKind.MADE_UP, "first_day"),
    ],
)
def test_a_span_that_cannot_be_meant_is_refused(
    first: date, last: date | None, kind: DayKind, field: str
) -> None:
    with pytest.raises(DayUnfit) as refusal:
        working_days.checked_span(first, last, kind)
    assert field in refusal.value.fields


@pytest.mark.parametrize("text", ["", "  ", "x" * 201])
def test_a_day_has_a_name_and_a_decision_that_can_be_read(text: str) -> None:
    with pytest.raises(DayUnfit):
        working_days.checked_words(text, field="name", what="tên")


def test_an_operator_enters_the_days_of_a_decision_and_takes_one_out(
    session: Session, at: datetime
) -> None:
    cast = load(session, at)
    working_days_actions.set_days(
        session,
        date(2018, 9, 2),
        HOLIDAY,
        kind=DayKind.DAY_OFF,
        name="Quốc khánh",
        decision="Thông báo 6048/TB-LĐTBXH",
        by=cast.operator,
        at=at,
    )
    session.flush()

    assert not working_days_queries.calendar(session).is_working_day(HOLIDAY)
    assert [each.day for each in working_days_queries.days_of(session, 2018)] == [
        date(2018, 9, 2),
        HOLIDAY,
    ]
    assert working_days_queries.years(session) == (2018,)

    working_days_actions.take_out(session, HOLIDAY, by=cast.operator, at=at)
    session.flush()

    assert working_days_queries.calendar(session).is_working_day(HOLIDAY)
    recorded = session.scalars(
        select(AuditEvent.action).where(AuditEvent.object_kind == "calendar")
    )
    assert sorted(recorded) == ["calendar.set", "calendar.taken_out"]
    with pytest.raises(DayUnknown):
        working_days_actions.take_out(session, HOLIDAY, by=cast.operator, at=at)


def test_a_day_that_is_entered_already_is_not_entered_again(session: Session, at: datetime) -> None:
    cast = load(session, at)
    enter(session, cast, at)

    with pytest.raises(DayTaken):
        enter(session, cast, at)


def test_only_operators_change_the_calendar(session: Session, at: datetime) -> None:
    cast = load(session, at)
    with pytest.raises(OnlyOperators):
        working_days_actions.set_days(
            session,
            HOLIDAY,
            None,
            kind=DayKind.DAY_OFF,
            name="Quốc khánh",
            decision="…",
            by=cast.clerk,
            at=at,
        )
    with pytest.raises(OnlyOperators):
        working_days_actions.take_out(session, HOLIDAY, by=cast.director, at=at)


def test_the_calendar_is_kept_by_form(desk: Desk) -> None:
    desk.enter(desk.cast.operator)
    sent = {
        "kind": "day_off",
        "first_day": "02/09/2018",
        "last_day": "03/09/2018",
        "name": "Quốc khánh",
        "decision": "Thông báo 6048/TB-LĐTBXH",
    }
    answer = desk.post("/admin/working-days", sent)
    assert answer.headers["location"].startswith("/admin/working-days?year=2018")
    assert "Quốc khánh" in desk.client.get("/admin/working-days?year=2018").text

    refused = desk.post("/admin/working-days", sent)
    assert refused.status_code == 409
    assert "6048" in refused.text
    desk.post("/admin/working-days/2018-09-03/removal", {}, on="/admin/working-days?year=2018")
    assert "Bỏ ngày 03/09/2018" not in desk.client.get("/admin/working-days?year=2018").text


def test_the_calendar_is_kept_by_programs(desk: Desk) -> None:
    api = desk.api(desk.cast.operator)
    made = desk.client.post(
        "/api/v1/working-days",
        json={
            "first_day": "2018-09-08",
            "kind": "made_up",
            "name": "Làm bù",
            "decision": "Thông báo 6048/TB-LĐTBXH",
        },
        headers=api,
    )
    assert made.status_code == 201, made.text
    known = desk.client.get("/api/v1/working-days?year=2018", headers=api).json()
    assert [each["day"] for each in known] == ["2018-09-08"]
    gone = desk.client.delete("/api/v1/working-days/2018-09-08", headers=api)
    assert gone.json() == {"day": "2018-09-08"}


def test_everybody_reads_the_calendar_and_only_operators_have_its_form(desk: Desk) -> None:
    desk.enter(desk.cast.school_principal)

    shown = desk.client.get("/admin/working-days?year=2018")

    assert shown.status_code == 200
    assert "Ghi vào lịch" not in shown.text


def load(session: Session, at: datetime) -> Cast:
    return load_cast(session, at)


def enter(session: Session, cast: Cast, at: datetime) -> None:
    working_days_actions.set_days(
        session,
        SATURDAY,
        None,
        kind=DayKind.MADE_UP,
        name="Làm bù",
        decision="Thông báo 6048/TB-LĐTBXH",
        by=cast.operator,
        at=at,
    )
