"""The life of an outgoing document: draft, review, form, signature, number, seal, issue."""

from __future__ import annotations

import itertools

import pytest

from eoffice.documents import states
from eoffice.documents.states import State, Step, StepRefused

PAIRS = list(itertools.product(State, Step))

#: Written out again by hand, so that a slip in the table is seen.
ALLOWED = {
    ("draft", "submit"): "submitted",
    ("submitted", "agree"): "submitted",
    ("submitted", "return"): "draft",
    ("submitted", "approve"): "checking",
    ("checking", "agree"): "checking",
    ("checking", "return"): "draft",
    ("checking", "pass_form"): "awaiting_signature",
    ("awaiting_signature", "return"): "draft",
    ("awaiting_signature", "sign"): "signed",
    ("signed", "number"): "numbered",
    ("signed", "withdraw"): "withdrawn",
    ("numbered", "seal"): "sealed",
    ("numbered", "withdraw"): "withdrawn",
    ("sealed", "issue"): "issued",
    ("sealed", "withdraw"): "withdrawn",
    ("issued", "withdraw"): "withdrawn",
}


@pytest.mark.parametrize(("state", "step"), PAIRS)
def test_each_pair_leads_where_the_decree_says_or_is_refused(state: State, step: Step) -> None:
    expected = ALLOWED.get((state.value, step.value))
    if expected is None:
        with pytest.raises(StepRefused) as refused:
            states.after(state, step)
        assert refused.value.detail.startswith("Không thể ")
        assert refused.value.detail.endswith(".")
    else:
        assert states.after(state, step) is State(expected)


def test_every_state_can_be_reached_from_a_draft() -> None:
    reached = {State.DRAFT}
    while True:
        more = {states.after(s, t) for s, t in states.TABLE if s in reached} - reached
        if not more:
            break
        reached |= more

    assert reached == set(State)


def test_only_a_withdrawn_document_is_at_its_end() -> None:
    assert [state for state in State if not states.steps_from(state)] == [State.WITHDRAWN]


def test_no_step_leads_from_a_signed_document_back_to_a_draft() -> None:
    signed = {State.SIGNED}
    while True:
        more = {states.after(s, t) for s, t in states.TABLE if s in signed} - signed
        if not more:
            break
        signed |= more

    assert signed == {State.SIGNED, State.NUMBERED, State.SEALED, State.ISSUED, State.WITHDRAWN}


def test_a_seal_needs_a_number_and_a_number_needs_a_signature() -> None:
    assert [s for s in State if Step.SEAL in states.steps_from(s)] == [State.NUMBERED]
    assert [s for s in State if Step.NUMBER in states.steps_from(s)] == [State.SIGNED]


def test_the_refusal_says_what_can_be_done_instead() -> None:
    with pytest.raises(StepRefused) as refused:
        states.after(State.SIGNED, Step.ISSUE)

    assert refused.value.detail == (
        "Không thể phát hành vì văn bản đã được ký và đang chờ văn thư cấp số. "
        "Việc có thể làm lúc này: cấp số, thu hồi."
    )


def test_the_refusal_at_the_end_says_that_nothing_follows() -> None:
    with pytest.raises(StepRefused) as refused:
        states.after(State.WITHDRAWN, Step.ISSUE)

    assert refused.value.detail.endswith("Không còn bước nào sau trạng thái này.")


@pytest.mark.parametrize("state", State)
def test_only_a_draft_may_be_edited(state: State) -> None:
    assert states.may_be_edited(state) == (state is State.DRAFT)


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_name_for_lists(state: State) -> None:
    assert states.NAMES[state]
