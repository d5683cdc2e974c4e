"""Deadlines, lateness, arrival numbers and assignments, as plain values."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from eoffice.documents.recipients.rules import Purpose
from eoffice.people.kinds import PositionKind
from eoffice.people.working_days import WEEKENDS_ONLY
from eoffice.routing import rules
from eoffice.routing.rules import (
    AssignedTwice,
    Assignee,
    DeadlineUnacceptable,
    ForClerksOnly,
    ForTheHeadOnly,
    LeadMissing,
    ReasonMissing,
    Role,
    Standing,
    TextUnacceptable,
)
from eoffice.routing.states import DeliveryState

MONDAY = date(2018, 8, 13)
FRIDAY = date(2018, 8, 17)
OFFICE = UUID(int=1)
PERSON = UUID(int=2)


@pytest.mark.parametrize(
    ("due_on", "ended_on", "today", "days"),
    [
        (None, None, FRIDAY, 0),
        (FRIDAY, None, MONDAY, 0),
        (FRIDAY, None, FRIDAY, 0),
        (MONDAY, None, FRIDAY, 4),
        (MONDAY, MONDAY, FRIDAY, 0),
        (MONDAY, date(2018, 8, 14), FRIDAY, 1),
    ],
)
def test_the_deadline_itself_is_in_time_and_each_day_after_it_counts(
    due_on: date | None, ended_on: date | None, today: date, days: int
) -> None:
    assert rules.days_late(due_on, ended_on, today, WEEKENDS_ONLY) == days


@pytest.mark.parametrize("state", DeliveryState)
def test_whoever_refused_or_finished_owes_nothing(state: DeliveryState) -> None:
    ended = state in (DeliveryState.REFUSED, DeliveryState.DONE, DeliveryState.RECALLED)

    assert rules.is_overdue(state, MONDAY, FRIDAY, WEEKENDS_ONLY) != ended
    assert not rules.is_overdue(state, FRIDAY, FRIDAY, WEEKENDS_ONLY)


@pytest.mark.parametrize("state", DeliveryState)
def test_of_whom_nothing_is_asked_but_to_take_note_owes_nothing_once_it_registered(
    state: DeliveryState,
) -> None:
    unregistered = state in (DeliveryState.DELIVERED, DeliveryState.OPENED)

    late = rules.is_overdue(state, MONDAY, FRIDAY, WEEKENDS_ONLY, asked=False)

    assert late == unregistered
    assert (
        Standing.LATE in rules.standings(state, MONDAY, FRIDAY, WEEKENDS_ONLY, asked=False)
    ) == late
    assert (rules.word(state, MONDAY, FRIDAY, WEEKENDS_ONLY, asked=False) == "Quá hạn") == late


@pytest.mark.parametrize("purpose", Purpose)
def test_only_who_gets_it_for_information_is_asked_nothing(purpose: Purpose) -> None:
    assert rules.asks_work(purpose) == (purpose is not Purpose.INFORMATION)


def test_another_deadline_needs_a_reason() -> None:
    with pytest.raises(ReasonMissing) as refused:
        rules.checked_move_reason("  ")
    assert set(refused.value.fields) == {"move_reason"}
    assert rules.checked_move_reason(" Chờ Sở hướng dẫn. ") == "Chờ Sở hướng dẫn."


def test_a_late_recipient_is_counted_as_late_and_as_what_it_is() -> None:
    late = rules.standings(DeliveryState.ASSIGNED, MONDAY, FRIDAY, WEEKENDS_ONLY)
    in_time = rules.standings(DeliveryState.ASSIGNED, FRIDAY, FRIDAY, WEEKENDS_ONLY)

    assert late == {Standing.IN_WORK, Standing.LATE}
    assert in_time == {Standing.IN_WORK}


@pytest.mark.parametrize(
    ("state", "due_on", "word"),
    [
        (DeliveryState.DELIVERED, None, "Đã gửi"),
        (DeliveryState.OPENED, None, "Đã mở"),
        (DeliveryState.REGISTERED, None, "Đã vào sổ"),
        (DeliveryState.ASSIGNED, FRIDAY, "Đang xử lý"),
        (DeliveryState.DONE, MONDAY, "Hoàn thành"),
        (DeliveryState.REFUSED, MONDAY, "Từ chối"),
        (DeliveryState.ASSIGNED, MONDAY, "Quá hạn"),
        (DeliveryState.DELIVERED, MONDAY, "Quá hạn"),
    ],
)
def test_one_word_says_how_a_recipient_stands(
    state: DeliveryState, due_on: date | None, word: str
) -> None:
    assert rules.word(state, due_on, FRIDAY, WEEKENDS_ONLY) == word


def test_arrival_numbers_begin_with_one_and_leave_nothing_out() -> None:
    assert rules.following(0) == 1
    assert rules.following(641) == 642


@pytest.mark.parametrize(
    ("arrived_on", "by"),
    [
        (MONDAY, date(2018, 8, 14)),
        (FRIDAY, date(2018, 8, 20)),
        (date(2018, 8, 18), date(2018, 8, 20)),
        (date(2018, 8, 19), date(2018, 8, 20)),
    ],
)
def test_a_clerk_has_time_until_the_end_of_the_next_working_day(arrived_on: date, by: date) -> None:
    assert rules.to_be_handled_by(arrived_on, WEEKENDS_ONLY) == by


def test_a_refusal_without_a_reason_is_not_accepted() -> None:
    with pytest.raises(ReasonMissing) as refused:
        rules.checked_reason(" \n ")

    assert "reason" in refused.value.fields
    assert rules.checked_reason("  Gửi nhầm nơi nhận. ") == "Gửi nhầm nơi nhận."


@pytest.mark.parametrize("text", ["", "   ", "a" * (rules.LONGEST_TEXT + 1)])
def test_texts_are_neither_empty_nor_endless(text: str) -> None:
    with pytest.raises(TextUnacceptable) as refused:
        rules.checked_text(text, field="text")

    assert "text" in refused.value.fields


def test_without_a_deadline_of_its_own_an_assignment_has_the_senders() -> None:
    assert rules.checked_deadline(None, senders=FRIDAY, today=MONDAY) == FRIDAY
    assert rules.checked_deadline(None, senders=None, today=MONDAY) is None


@pytest.mark.parametrize(
    ("due_on", "senders"),
    [(date(2018, 8, 12), None), (date(2018, 8, 12), FRIDAY), (date(2018, 8, 18), FRIDAY)],
)
def test_a_deadline_is_neither_past_nor_behind_the_senders(
    due_on: date, senders: date | None
) -> None:
    with pytest.raises(DeadlineUnacceptable) as refused:
        rules.checked_deadline(due_on, senders=senders, today=MONDAY)

    assert "due_on" in refused.value.fields


@pytest.mark.parametrize(
    ("due_on", "senders"),
    [(MONDAY, None), (MONDAY, FRIDAY), (FRIDAY, FRIDAY), (FRIDAY, date(2018, 8, 10))],
)
def test_a_deadline_may_be_today_or_the_senders_or_free_when_the_senders_is_past(
    due_on: date, senders: date | None
) -> None:
    assert rules.checked_deadline(due_on, senders=senders, today=MONDAY) == due_on


@pytest.mark.parametrize(
    "assignees",
    [
        [],
        [Assignee(Role.COOPERATING, OFFICE, PERSON)],
        [Assignee(Role.LEAD, OFFICE, PERSON), Assignee(Role.LEAD, OFFICE)],
    ],
)
def test_exactly_one_leads(assignees: list[Assignee]) -> None:
    with pytest.raises(LeadMissing):
        rules.check_assignees(assignees)


def test_nobody_is_named_twice_in_one_assignment() -> None:
    twice = [Assignee(Role.LEAD, OFFICE, PERSON), Assignee(Role.FOR_INFORMATION, OFFICE, PERSON)]
    with pytest.raises(AssignedTwice):
        rules.check_assignees(twice)

    rules.check_assignees([twice[0], Assignee(Role.FOR_INFORMATION, OFFICE)])


@pytest.mark.parametrize("kind", PositionKind)
def test_only_clerks_receive_only_heads_assign_and_teachers_see_their_own_work(
    kind: PositionKind,
) -> None:
    assert rules.is_clerk(kind) == (kind is PositionKind.CLERK)
    assert rules.is_head(kind) == (kind is PositionKind.HEAD)
    if kind in (PositionKind.TEACHER, PositionKind.SPECIALIST, PositionKind.INSPECTOR):
        assert not rules.reads_the_book(kind)
    if kind is not PositionKind.CLERK:
        with pytest.raises(ForClerksOnly):
            rules.check_clerk(kind)
    if kind is not PositionKind.HEAD:
        with pytest.raises(ForTheHeadOnly):
            rules.check_head(kind)


def test_clerks_and_heads_pass() -> None:
    rules.check_clerk(PositionKind.CLERK)
    rules.check_head(PositionKind.HEAD)
    assert rules.reads_the_book(PositionKind.CLERK)
