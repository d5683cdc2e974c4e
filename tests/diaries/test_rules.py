"""Lessons that the timetable wants; who writes them; what a week may become; pasted timetables."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from eoffice.classes.rules import Actor, ClassStaff
from eoffice.diaries import homeroom_rules, rules
from eoffice.diaries.homeroom_rules import Part
from eoffice.diaries.rules import (
    DiaryInvalid,
    DiaryNotYours,
    HalfDay,
    PastedLesson,
    Place,
    Slot,
    Timetable,
    WeekClosed,
    WeekState,
    WeekStep,
    YearDays,
)
from eoffice.people.kinds import PositionKind

SCHOOL, OTHER = UUID(int=1), UUID(int=2)
MATHS, MUSIC, HOMEROOM, HEAD = (UUID(int=number) for number in range(11, 15))
TEAM = ClassStaff(SCHOOL, HOMEROOM, {"TOAN": MATHS, "NHAC": MUSIC})
FIRST = Place(HalfDay.MORNING, 1)
SECOND = Place(HalfDay.MORNING, 2)
LAST = Place(HalfDay.AFTERNOON, 1)
MONDAY = date(2025, 1, 20)
YEAR = YearDays(date(2024, 9, 5), date(2025, 1, 17), date(2025, 1, 20), date(2025, 5, 30))


def actor(person: UUID, school: UUID = SCHOOL, kind: PositionKind = PositionKind.TEACHER) -> Actor:
    return Actor(person, school, kind)


def slots(*weekdays: int) -> tuple[Slot, ...]:
    return tuple(
        Slot(day, place, "TOAN", MATHS) for day in weekdays for place in (LAST, SECOND, FIRST)
    )


def wanted(
    first: date, days: int, *tables: Timetable, off: frozenset[date] = frozenset()
) -> list[date]:
    last = first + timedelta(days=days - 1)
    return [one.on for one in rules.due(tables, first, last, days_off=off, year=YEAR)]


def test_lessons_are_due_in_the_order_of_the_day() -> None:
    table = Timetable(MONDAY, slots(0))
    found = [one.slot.place for one in rules.due([table], MONDAY, MONDAY, days_off=(), year=None)]
    assert found == [FIRST, SECOND, LAST]


def test_no_lesson_is_due_on_tet_between_semesters_or_before_a_timetable() -> None:
    table = Timetable(date(2024, 9, 5), slots(0, 4))
    tet = frozenset(date(2025, 1, 27) + timedelta(days=day) for day in range(7))
    assert wanted(date(2025, 1, 27), 7, table, off=tet) == []
    assert wanted(date(2025, 1, 18), 2, table) == []
    assert wanted(date(2025, 6, 2), 7, table) == []
    assert wanted(MONDAY, 7, Timetable(MONDAY + timedelta(days=7), slots(0))) == []
    assert len(wanted(MONDAY, 7, table)) == 6


def test_the_latest_timetable_that_has_begun_holds() -> None:
    old = Timetable(date(2024, 9, 5), slots(0, 2))
    new = Timetable(MONDAY + timedelta(days=2), slots(1, 3))
    assert set(wanted(MONDAY, 7, new, old)) == {MONDAY, MONDAY + timedelta(days=3)}


def test_a_lesson_is_missing_until_its_line_is_there() -> None:
    due = list(rules.due([Timetable(MONDAY, slots(0))], MONDAY, MONDAY, days_off=(), year=YEAR))
    assert rules.missing(due, []) == due
    assert [one.slot.place for one in rules.missing(due, [(MONDAY, FIRST), (MONDAY, LAST)])] == [
        SECOND
    ]


def test_every_pair_of_state_and_step_of_a_week_is_in_the_table_or_refused() -> None:
    for state, step in product(WeekState, WeekStep):
        if (state, step) in rules.WEEK_STEPS:
            assert rules.after(state, step) is rules.WEEK_STEPS[state, step]
        else:
            with pytest.raises(WeekClosed):
                rules.after(state, step)
    assert set(rules.WEEK_STEPS) == {
        *product((WeekState.OPEN, WeekState.REOPENED), (WeekStep.WRITE, WeekStep.DELETE)),
        *product((WeekState.OPEN, WeekState.REOPENED), (WeekStep.CLOSE,)),
        (WeekState.CLOSED, WeekStep.REOPEN),
    }


def test_a_week_that_was_opened_again_closes_by_itself() -> None:
    at = datetime(2025, 2, 1, tzinfo=UTC)
    hour = timedelta(hours=1)
    assert rules.week_state(None, None, at) is WeekState.OPEN
    assert rules.week_state(at, None, at) is WeekState.CLOSED
    assert rules.week_state(at - hour, at + hour, at) is WeekState.REOPENED
    assert rules.week_state(at - hour, at, at) is WeekState.CLOSED


@pytest.mark.parametrize(
    ("person", "school", "planned", "written", "substitute", "expected"),
    [
        (MATHS, SCHOOL, MATHS, None, False, False),
        (MATHS, SCHOOL, None, None, False, False),
        (MATHS, SCHOOL, MATHS, MATHS, False, False),
        (MUSIC, SCHOOL, MATHS, None, False, None),
        (MUSIC, SCHOOL, MATHS, None, True, True),
        (MUSIC, SCHOOL, MATHS, MUSIC, True, True),
        (MATHS, SCHOOL, MATHS, MUSIC, False, None),
        (HOMEROOM, SCHOOL, MATHS, MATHS, True, None),
        (MATHS, OTHER, MATHS, None, True, None),
        # The plan goes before the list of the class: the teacher changed in the middle of the year.
        (MATHS, SCHOOL, MUSIC, None, False, None),
        (MUSIC, SCHOOL, MUSIC, None, False, False),
    ],
)
def test_own_lessons_are_written_by_their_teacher_and_others_by_a_substitute(
    person: UUID,
    school: UUID,
    planned: UUID | None,
    written: UUID | None,
    substitute: bool,
    expected: bool | None,
) -> None:
    def asked() -> bool:
        return rules.writes_as(
            actor(person, school),
            TEAM,
            "TOAN",
            planned_for=planned,
            written_by=written,
            as_substitute=substitute,
        )

    if expected is None:
        with pytest.raises(DiaryNotYours):
            asked()
    else:
        assert asked() is expected


def test_closes_are_the_homeroom_teachers_and_openings_the_heads() -> None:
    rules.require_homeroom(actor(HOMEROOM), TEAM, "chốt tuần")
    rules.require_leader(actor(HEAD, kind=PositionKind.HEAD), SCHOOL, "mở")
    for who in (actor(MATHS), actor(HOMEROOM, OTHER), actor(HEAD, kind=PositionKind.HEAD)):
        with pytest.raises(DiaryNotYours):
            rules.require_homeroom(who, TEAM, "chốt tuần")
    for who in (actor(HOMEROOM), actor(HEAD, OTHER, PositionKind.HEAD)):
        with pytest.raises(DiaryNotYours):
            rules.require_leader(who, SCHOOL, "mở")


def test_the_homeroom_book_is_for_its_teacher_and_the_head_alone() -> None:
    readers = {
        (person, school, kind)
        for person, school, kind in product((HOMEROOM, MATHS), (SCHOOL, OTHER), PositionKind)
        if rules.may_read_homeroom_book(actor(person, school, kind), TEAM)
    }
    leaders = {PositionKind.HEAD, PositionKind.DEPUTY_HEAD}
    assert readers == {(HOMEROOM, SCHOOL, kind) for kind in PositionKind} | {
        (MATHS, SCHOOL, kind) for kind in leaders
    }


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("Thứ 2", 0),
        ("T7", 5),
        ("thứ hai", 0),
        (" 3 ", 1),
        ("Thứ Tư", 2),
        ("Tiết", None),
        ("8", None),
    ],
)
def test_weekdays_are_known_by_number_and_by_name(words: str, day: int | None) -> None:
    assert rules.weekday_of(words) == day


def test_a_pasted_timetable_is_read_with_its_halves_of_the_day() -> None:
    grid = "Buổi\tTiết\tThứ 2\tThứ 3\nSáng\t1\tToán\tNgữ văn\n\t2\t\tToán\nChiều\t1\tTin học\t"
    assert rules.read_grid(grid) == [
        PastedLesson(0, FIRST, "Toán"),
        PastedLesson(1, FIRST, "Ngữ văn"),
        PastedLesson(1, SECOND, "Toán"),
        PastedLesson(0, LAST, "Tin học"),
    ]
    plain = "Tiết\tT2\n1\tToán\n2\tTin\n1\tNhạc"
    assert [one.place for one in rules.read_grid(plain)] == [FIRST, SECOND, LAST]


@pytest.mark.parametrize("text", ["", "Toán\tVăn", "Tiết\tT2\nSáng\tToán", "Tiết\tT2\n9\tToán"])
def test_a_grid_without_weekdays_or_periods_is_refused(text: str) -> None:
    with pytest.raises(DiaryInvalid):
        rules.read_grid(text)


def test_lessons_of_the_plan_go_on_with_the_next_number() -> None:
    assert [rules.next_plan_number(last) for last in (None, 1, 41)] == [1, 2, 42]


def test_every_part_of_the_homeroom_book_has_its_words() -> None:
    assert set(homeroom_rules.WANTED) == set(Part)
    assert len({one.title for one in homeroom_rules.WANTED.values()}) == len(Part)
