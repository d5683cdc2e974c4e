"""The life of one thing in a batch of signatures: a signature is never taken back and never made
twice, what failed can be tried again, and every other step is refused. One batch has one key."""

from __future__ import annotations

from itertools import product
from uuid import UUID, uuid4

import pytest

from eoffice.errors import Refusal
from eoffice.signing.batches import rules
from eoffice.signing.batches.rules import (
    Chosen,
    Holder,
    ItemState,
    ItemStep,
    ItemStepRefused,
    NothingToSign,
    NotSignable,
    TooMany,
    TwoKeys,
)

HOLDERS = {"letter": Holder.PERSON, "book": Holder.PERSON, "letter-seal": Holder.SEAL}


def chosen(kind: str = "letter", item_id: UUID | None = None) -> Chosen:
    return Chosen(kind, item_id or uuid4(), "5f2c")


@pytest.mark.parametrize(("state", "step"), list(product(ItemState, ItemStep)))
def test_every_pair_of_state_and_step_is_in_the_table_or_refused(
    state: ItemState, step: ItemStep
) -> None:
    following = rules.TABLE.get((state, step))
    if following is None:
        with pytest.raises(ItemStepRefused) as refused:
            rules.after(state, step)
        assert rules.NAMES[state].lower() in refused.value.detail
    else:
        assert rules.after(state, step) is following


def test_every_state_can_be_reached_and_only_signed_is_an_end() -> None:
    reached = {ItemState.WAITING}
    while further := {to for (state, _), to in rules.TABLE.items() if state in reached} - reached:
        reached |= further
    assert reached == set(ItemState)
    assert set(ItemState) - {state for state, _ in rules.TABLE} == {ItemState.SIGNED}


def test_nothing_leads_to_signed_but_a_signature_on_what_waits_or_is_awaited() -> None:
    assert [pair for pair, to in rules.TABLE.items() if to is ItemState.SIGNED] == [
        (ItemState.WAITING, ItemStep.SIGN),
        (ItemState.AWAITED, ItemStep.SIGN),
    ]


def test_what_failed_or_was_stopped_can_be_tried_again_and_nothing_else() -> None:
    assert {ItemState.FAILED, ItemState.STOPPED} == rules.RETRIED


def test_what_is_named_twice_is_signed_once_and_in_its_order() -> None:
    first, second = chosen(), chosen("book")
    assert rules.checked([first, second, first], HOLDERS) == ((first, second), Holder.PERSON)


def test_one_thing_can_be_signed_in_two_ways() -> None:
    both = (chosen("letter", first := uuid4()), chosen("book", first))
    assert rules.checked(both, HOLDERS)[0] == both


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ([], NothingToSign),
        ([chosen() for _ in range(rules.MOST_AT_ONCE + 1)], TooMany),
        ([chosen(), chosen("envelope")], NotSignable),
        ([chosen(), chosen("letter-seal")], TwoKeys),
    ],
    ids=["nothing", "too many", "of no kind", "two keys"],
)
def test_what_is_no_batch_is_refused(wrong: list[Chosen], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        rules.checked(wrong, HOLDERS)


def test_as_many_as_allowed_are_a_batch() -> None:
    most = [chosen("letter-seal") for _ in range(rules.MOST_AT_ONCE)]
    assert rules.checked(most, HOLDERS) == (tuple(most), Holder.SEAL)


def test_a_choice_survives_the_address_of_a_page() -> None:
    assert rules.read(str(each := chosen("gradebook-seal"))) == each
    assert rules.read(f"letter:{each.id}") == Chosen("letter", each.id, "")


@pytest.mark.parametrize("text", ["", "letter", "letter:", "letter:12:ab", ":::"])
def test_what_is_no_choice_is_refused(text: str) -> None:
    with pytest.raises(NotSignable):
        rules.read(text)


def test_of_kinds_that_are_shown_by_groups_a_whole_school_is_taken() -> None:
    many = [Chosen("part", uuid4(), "") for _ in range(rules.MOST_OF_GROUPS)]
    holders = {"part": Holder.PERSON, "document": Holder.PERSON}

    taken, _ = rules.checked(many, holders, {"part"})
    assert len(taken) == rules.MOST_OF_GROUPS
    with pytest.raises(TooMany):
        rules.checked([*many, Chosen("part", uuid4(), "")], holders, {"part"})
    with pytest.raises(TooMany):  # With one thing that is ticked, all of them are.
        rules.checked([*many, Chosen("document", uuid4(), "")][-201:], holders, {"part"})
