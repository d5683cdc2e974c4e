"""What may happen to a delivery and to an incoming document, pair by pair."""

from __future__ import annotations

import itertools

import pytest

from eoffice.routing import states
from eoffice.routing.states import (
    ArrivalState,
    ArrivalStep,
    ArrivalStepRefused,
    DeliveryState,
    DeliveryStep,
    DeliveryStepRefused,
)

#: Written out again by hand, so that a slip in the tables is seen.
DELIVERIES = {
    ("delivered", "open"): "opened",
    ("opened", "register"): "registered",
    ("opened", "refuse"): "refused",
    ("registered", "assign"): "assigned",
    ("registered", "finish"): "done",
    ("assigned", "assign"): "assigned",
    ("assigned", "finish"): "done",
    ("delivered", "recall"): "recalled",
    ("opened", "recall"): "recalled",
    ("registered", "recall"): "recalled",
    ("refused", "recall"): "recalled",
    ("assigned", "recall"): "recalled",
    ("done", "recall"): "recalled",
}
ARRIVALS = {
    ("registered", "submit"): "submitted",
    ("submitted", "assign"): "assigned",
    ("submitted", "finish"): "done",
    ("assigned", "assign"): "assigned",
    ("assigned", "work"): "in_progress",
    ("assigned", "finish"): "done",
    ("in_progress", "assign"): "in_progress",
    ("in_progress", "work"): "in_progress",
    ("in_progress", "finish"): "done",
    ("submitted", "end_unanswered"): "done",
    ("assigned", "end_unanswered"): "done",
    ("in_progress", "end_unanswered"): "done",
    ("assigned", "move_deadline"): "assigned",
    ("in_progress", "move_deadline"): "in_progress",
    ("submitted", "forward"): "submitted",
    ("assigned", "forward"): "assigned",
    ("in_progress", "forward"): "in_progress",
    ("registered", "take_over"): "registered",
    ("submitted", "take_over"): "submitted",
    ("assigned", "take_over"): "submitted",
    ("in_progress", "take_over"): "submitted",
    ("registered", "recall"): "recalled",
    ("submitted", "recall"): "recalled",
    ("assigned", "recall"): "recalled",
    ("in_progress", "recall"): "recalled",
    ("done", "recall"): "recalled",
}


@pytest.mark.parametrize(("state", "step"), list(itertools.product(DeliveryState, DeliveryStep)))
def test_each_pair_of_a_delivery_leads_on_or_is_refused(
    state: DeliveryState, step: DeliveryStep
) -> None:
    expected = DELIVERIES.get((state.value, step.value))
    if expected is None:
        with pytest.raises(DeliveryStepRefused) as refused:
            states.delivery_after(state, step)
        assert refused.value.detail.startswith("Không thể ")
        assert refused.value.detail.endswith(".")
    else:
        assert states.delivery_after(state, step) is DeliveryState(expected)


@pytest.mark.parametrize(("state", "step"), list(itertools.product(ArrivalState, ArrivalStep)))
def test_each_pair_of_an_arrival_leads_on_or_is_refused(
    state: ArrivalState, step: ArrivalStep
) -> None:
    expected = ARRIVALS.get((state.value, step.value))
    if expected is None:
        with pytest.raises(ArrivalStepRefused) as refused:
            states.arrival_after(state, step)
        assert refused.value.detail.startswith("Không thể ")
        assert refused.value.detail.endswith(".")
    else:
        assert states.arrival_after(state, step) is ArrivalState(expected)


def test_every_state_of_a_delivery_can_be_reached_from_its_beginning() -> None:
    reached = {DeliveryState.DELIVERED}
    while more := {to for (of, _), to in states.DELIVERIES.items() if of in reached} - reached:
        reached |= more

    assert reached == set(DeliveryState)


def test_every_state_of_an_arrival_can_be_reached_from_its_beginning() -> None:
    reached = {ArrivalState.REGISTERED}
    while more := {to for (of, _), to in states.ARRIVALS.items() if of in reached} - reached:
        reached |= more

    assert reached == set(ArrivalState)


def test_nothing_follows_for_the_recipient_what_was_refused_done_or_recalled() -> None:
    ends = [state for state in DeliveryState if not states.delivery_steps_from(state)]

    assert ends == [DeliveryState.REFUSED, DeliveryState.DONE, DeliveryState.RECALLED]
    assert [s for s in ArrivalState if not states.arrival_steps_from(s)] == [
        ArrivalState.DONE,
        ArrivalState.RECALLED,
    ]


def test_what_is_in_the_book_cannot_be_refused_any_more() -> None:
    refusable = [s for s in DeliveryState if DeliveryStep.REFUSE in states.delivery_steps_from(s)]

    assert refusable == [DeliveryState.OPENED]


@pytest.mark.parametrize(
    ("state", "work_began", "code"),
    [
        (DeliveryState.DELIVERED, False, "01"),
        (DeliveryState.OPENED, False, "01"),
        (DeliveryState.REFUSED, False, "02"),
        (DeliveryState.REGISTERED, False, "03"),
        (DeliveryState.ASSIGNED, False, "04"),
        (DeliveryState.ASSIGNED, True, "05"),
        (DeliveryState.DONE, False, "06"),
        (DeliveryState.DONE, True, "06"),
    ],
)
def test_the_senders_system_is_told_the_codes_of_the_exchange_regulation(
    state: DeliveryState, work_began: bool, code: str
) -> None:
    assert states.status_code(state, work_began=work_began) == code


def test_every_state_has_a_code_and_a_name() -> None:
    assert set(states.STATUS_CODES) == set(states.DELIVERY_NAMES) == set(DeliveryState)
    assert set(states.ARRIVAL_NAMES) == set(ArrivalState)


def test_a_refusal_says_what_can_be_done_instead() -> None:
    with pytest.raises(DeliveryStepRefused) as refused:
        states.delivery_after(DeliveryState.DELIVERED, DeliveryStep.REGISTER)

    assert refused.value.detail == (
        "Không thể vào sổ vì văn bản chưa được mở. Việc có thể làm lúc này: mở."
    )


def test_a_refusal_at_the_end_says_that_nothing_follows() -> None:
    with pytest.raises(ArrivalStepRefused) as refused:
        states.arrival_after(ArrivalState.DONE, ArrivalStep.WORK)

    assert refused.value.detail == (
        "Không thể ghi việc xử lý vì văn bản đến đã giải quyết xong."
        " Không còn bước nào sau trạng thái này."
    )
