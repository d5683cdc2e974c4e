"""A request for signature: every state against every step, and what is said while it waits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eoffice.signing.requests import states
from eoffice.signing.requests.states import (
    Channel,
    RequestState,
    RequestStep,
    RequestStepRefused,
)

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

LEADS = {
    ("requested", "take_value"): "valued",
    ("requested", "fail"): "failed",
    ("requested", "abandon"): "abandoned",
    ("requested", "expire"): "expired",
    ("requested", "decline"): "declined",
    ("valued", "complete"): "signed",
    ("valued", "fail"): "failed",
    ("valued", "abandon"): "abandoned",
}


@pytest.mark.parametrize("step", RequestStep)
@pytest.mark.parametrize("state", RequestState)
def test_every_step_leads_where_the_table_says_or_is_refused_in_words(
    state: RequestState, step: RequestStep
) -> None:
    following = LEADS.get((state.value, step.value))
    if following is None:
        with pytest.raises(RequestStepRefused, match=states.NAMES[state]):
            states.after(state, step)
    else:
        assert states.after(state, step) is RequestState(following)


def test_what_a_key_has_signed_neither_expires_nor_can_be_declined() -> None:
    taken = {step for state, step in states.TABLE if state is RequestState.VALUED}
    assert taken == {RequestStep.COMPLETE, RequestStep.FAIL, RequestStep.ABANDON}


def test_open_is_what_a_step_leads_on_from() -> None:
    assert {state for state, _ in states.TABLE} == states.OPEN


def test_every_state_has_a_name_and_a_tone_and_every_step_a_word() -> None:
    assert set(states.NAMES) == set(states.TONES) == set(RequestState)
    assert set(states.STEP_NAMES) == set(RequestStep)
    assert set(states.LIFE) == set(Channel)


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [(0, 15), (1, 15), (2, 30), (3, 60), (4, 120), (5, 240), (6, 480), (7, 600), (1000, 600)],
)
def test_pauses_grow_to_ten_minutes(tries: int, seconds: int) -> None:
    assert states.pause(tries) == timedelta(seconds=seconds)


def said(state: RequestState, channel: Channel, trouble: str = "") -> states.Awaited | None:
    return states.awaited(
        state,
        channel,
        signer="Trần Thanh Liêm",
        since=AT,
        trouble=trouble,
        next_try_at=AT + timedelta(seconds=15),
        expires_at=AT + timedelta(hours=24),
    )


@pytest.mark.parametrize("state", sorted(set(RequestState) - states.OPEN))
@pytest.mark.parametrize("channel", Channel)
def test_nobody_is_awaited_once_it_has_ended(state: RequestState, channel: Channel) -> None:
    assert said(state, channel) is None


@pytest.mark.parametrize("channel", Channel)
def test_the_signer_is_named_until_the_key_has_signed(channel: Channel) -> None:
    found = said(RequestState.REQUESTED, channel)
    assert found is not None
    assert "Trần Thanh Liêm" in found.who
    assert found.since == AT
    assert found.next
    assert found.next_at == AT + timedelta(hours=24)


@pytest.mark.parametrize("channel", Channel)
def test_behind_that_the_time_stamp_is_awaited_with_what_went_wrong(channel: Channel) -> None:
    found = said(RequestState.VALUED, channel, "Máy chủ dấu thời gian không trả lời.")
    assert found is not None
    assert found.who == "Máy chủ dấu thời gian"
    assert found.trouble == "Máy chủ dấu thời gian không trả lời."
    assert "PIN" in found.next
    assert found.next_at == AT + timedelta(seconds=15)
