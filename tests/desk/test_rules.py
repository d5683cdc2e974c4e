"""Who may ask for which lines of the desk."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from eoffice import clock
from eoffice.desk import rules
from eoffice.desk.rules import Kind, Of
from eoffice.people.kinds import PositionKind
from eoffice.people.working_days import WEEKENDS_ONLY, DayKind, calendar_of

LEADERS = {
    PositionKind.HEAD,
    PositionKind.DEPUTY_HEAD,
    PositionKind.OFFICE_HEAD,
    PositionKind.OFFICE_DEPUTY,
}


@pytest.mark.parametrize("position", PositionKind)
@pytest.mark.parametrize("of", Of)
def test_everybody_sees_their_own_and_leaders_their_unit(of: Of, position: PositionKind) -> None:
    if of is Of.UNIT and position not in LEADERS:
        with pytest.raises(rules.ForLeadersOnly):
            rules.kinds_of(of, position)
        assert of not in rules.views_for(position)
        return
    kinds = rules.kinds_of(of, position)
    assert of in rules.views_for(position)
    assert len(set(kinds)) == len(kinds) > 0
    assert all(each in rules.NAMES for each in kinds)


def test_only_the_clerk_is_behind_with_the_book_and_only_the_head_with_assigning() -> None:
    for position in PositionKind:
        mine = rules.kinds_of(Of.MINE, position)
        assert (Kind.TO_REGISTER in mine) == (position is PositionKind.CLERK)
        assert (Kind.TO_ASSIGN in mine) == (position is PositionKind.HEAD)
        assert Kind.TO_WORK_ON in mine


def test_a_filter_leaves_its_kind_and_a_foreign_one_nothing() -> None:
    assert rules.chosen(None, rules.GIVEN) == rules.GIVEN
    assert rules.chosen(Kind.ASKED, rules.GIVEN) == (Kind.ASKED,)
    assert rules.chosen(Kind.TO_REGISTER, rules.GIVEN) == ()


def test_the_bound_of_a_clerks_term_says_the_same_as_the_calendar() -> None:
    """Each day of a quarter, with Tết and a Saturday that is worked."""
    tet = calendar_of(
        [
            *((date(2026, 2, 14) + timedelta(days=n), DayKind.DAY_OFF) for n in range(9)),
            (date(2026, 2, 28), DayKind.MADE_UP),
        ]
    )
    for calendar in (WEEKENDS_ONLY, tet):
        for ahead in range(90):
            today = date(2026, 1, 15) + timedelta(days=ahead)
            bound = clock.civil_date(rules.waiting_since(calendar.latest_missed(today)))
            for before in range(20):
                came_on = today - timedelta(days=before)
                due_on = calendar.next_working_day(came_on)
                is_late = calendar.days_late(due_on, None, today) > 0
                assert is_late == (came_on < bound), (today, came_on)
