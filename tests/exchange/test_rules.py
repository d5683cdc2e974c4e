"""States of a message, code lists, and names of secrets."""

from __future__ import annotations

from itertools import product

import pytest

from eoffice.documents.types import DocumentType, Urgency
from eoffice.exchange import mapping, states
from eoffice.exchange.mapping import AnswerClass, CodeList, CodePair, Codes
from eoffice.exchange.states import BEGINNINGS, TABLE, MessageStepRefused, State, Step


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_each_pair_leads_on_or_is_refused(state: State, step: Step) -> None:
    if (state, step) in TABLE:
        assert states.after(state, step) is TABLE[state, step]
    else:
        with pytest.raises(MessageStepRefused):
            states.after(state, step)


def test_every_state_can_be_reached() -> None:
    assert set(State) == BEGINNINGS | set(TABLE.values())


def test_what_needs_somebody_always_has_a_way_on() -> None:
    for state in (State.FAILED, State.HELD, State.ASKING):
        assert any(first is state for first, _ in TABLE)


CODES = Codes(mapping.beginnings())


def test_the_two_codes_of_a_dispatch_are_both_read_and_one_is_written() -> None:
    assert CODES.theirs(CodeList.DOCUMENT_TYPE, DocumentType.DISPATCH.value) == "18"
    assert CODES.ours(CodeList.DOCUMENT_TYPE, "18") == DocumentType.DISPATCH.value
    assert CODES.ours(CodeList.DOCUMENT_TYPE, "1") == DocumentType.DISPATCH.value


def test_the_name_of_a_type_goes_before_its_code() -> None:
    assert CODES.type_name("1", "Thông tư") == "Thông tư"
    assert CODES.type_name("2", "") == "Quyết định"
    assert CODES.type_name("777", "") == "Văn bản"


@pytest.mark.parametrize(
    ("code", "urgency"),
    [
        ("0", Urgency.ORDINARY),
        ("1", Urgency.URGENT),
        ("2", Urgency.VERY_URGENT),
        ("3", Urgency.EXPRESS),
        ("4", Urgency.EXPRESS),
        ("", Urgency.ORDINARY),
        ("9", Urgency.ORDINARY),
    ],
)
def test_priorities_are_read(code: str, urgency: Urgency) -> None:
    assert CODES.urgency(code) is urgency


def test_an_answer_that_nobody_explained_is_tried_again() -> None:
    assert CODES.answer("0") is AnswerClass.DONE
    assert CODES.answer("10") is AnswerClass.REFUSED
    assert CODES.answer("99") is AnswerClass.RETRY


def test_what_a_new_peer_begins_with_contradicts_nothing() -> None:
    for list_ in CodeList:
        assert mapping.faults(p for p in mapping.beginnings() if p.list is list_) == []


@pytest.mark.parametrize(
    "pairs",
    [
        [("urgent", "1", True), ("urgent", "2", True)],
        [("urgent", "1", True), ("express", "1", True)],
        [("unheard-of", "1", True)],
        [("urgent", "", True)],
        [("urgent", "x" * 21, True)],
    ],
    ids=["two are written", "one code twice", "no such meaning", "no code", "too long"],
)
def test_a_list_that_contradicts_itself_is_refused(pairs: list[tuple[str, str, bool]]) -> None:
    assert mapping.faults(CodePair(CodeList.PRIORITY, *each) for each in pairs)
