"""Every pair of state and step leads on or is refused; received is always the sum of all states."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eoffice.rolls import blank_actions, certificate_states
from eoffice.rolls.certificate_states import (
    BLANK_NAMES,
    BLANK_STEP_NAMES,
    BLANKS,
    BY_SERIAL,
    CERTIFICATE_NAMES,
    CERTIFICATES,
    TONES,
    BlankState,
    BlankStep,
    BlankStepRefused,
    CertificateState,
    CertificateStep,
    CertificateStepRefused,
)
from eoffice.rolls.rules import RollWrong


@pytest.mark.parametrize(("state", "step"), list(product(BlankState, BlankStep)))
def test_every_pair_of_a_blank_is_in_the_table_or_refused(
    state: BlankState, step: BlankStep
) -> None:
    if (state, step) in BLANKS:
        assert certificate_states.blank_after(state, step, "A 01") is BLANKS[state, step]
    else:
        with pytest.raises(BlankStepRefused, match="A 01"):
            certificate_states.blank_after(state, step, "A 01")


@pytest.mark.parametrize(("state", "step"), list(product(CertificateState, CertificateStep)))
def test_every_pair_of_a_certificate_is_in_the_table_or_refused(
    state: CertificateState, step: CertificateStep
) -> None:
    if (state, step) in CERTIFICATES:
        assert certificate_states.certificate_after(state, step) is CERTIFICATES[state, step]
        assert step in certificate_states.possible(state)
    else:
        with pytest.raises(CertificateStepRefused):
            certificate_states.certificate_after(state, step)


def test_every_state_can_be_reached_and_ends_are_ends() -> None:
    assert {BlankState.LEFT, *BLANKS.values()} == set(BlankState)
    assert {CertificateState.ENTERED, *CERTIFICATES.values()} == set(CertificateState)
    blank_ends = set(BlankState) - {state for state, _ in BLANKS}
    assert blank_ends == {BlankState.DESTROYED, BlankState.RETURNED, BlankState.STRUCK}
    ends = set(CertificateState) - {state for state, _ in CERTIFICATES}
    assert ends == {CertificateState.ANNULLED, CertificateState.REVOKED}


def test_nothing_is_copied_from_what_was_annulled_or_revoked() -> None:
    for state in (CertificateState.ANNULLED, CertificateState.REVOKED):
        assert not certificate_states.possible(state)


def test_everything_has_a_name() -> None:
    assert set(BLANK_NAMES) == set(BlankState)
    assert set(BLANK_STEP_NAMES) == set(BlankStep)
    assert set(CERTIFICATE_NAMES) == set(TONES) == set(CertificateState)
    assert BlankStep.GRANT not in BY_SERIAL


@given(
    st.integers(0, 12),
    st.lists(st.tuples(st.integers(0, 11), st.sampled_from([*BY_SERIAL, BlankStep.GRANT]))),
)
def test_whatever_happens_received_is_granted_and_spoiled_and_left(
    received: int, steps: list[tuple[int, BlankStep]]
) -> None:
    blanks = [BlankState.LEFT] * received
    before = 0
    for place, step in steps:
        if place < received and (blanks[place], step) in BLANKS:
            blanks[place] = certificate_states.blank_after(blanks[place], step, str(place))
        found = certificate_states.tally(received, blanks)
        assert found.is_whole
        assert found.destroyed + found.returned >= before  # What is gone does not come back.
        before = found.destroyed + found.returned
    assert not certificate_states.tally(received + 1, blanks).is_whole


@given(st.text("AB ", max_size=4), st.integers(0, 9000), st.integers(0, 300))
def test_serials_are_read_and_written_alike(prefix: str, first: int, more: int) -> None:
    head = " ".join(prefix.split())
    span = blank_actions.serials(f"{head}{first:06d}", f"{head}{first + more:06d}")
    texts = [span.text(number) for number in range(span.first, span.last + 1)]
    assert span.count == len(set(texts)) == more + 1
    assert texts[0] == f"{head}{first:06d}"
    assert texts[-1] == f"{head}{first + more:06d}"


@pytest.mark.parametrize(
    ("first", "last"),
    [("A 01", "B 09"), ("A 01", "A 009"), ("A 09", "A 01"), ("A", "A 01"), ("0", "9" * 12)],
)
def test_serials_that_are_no_row_are_refused(first: str, last: str) -> None:
    with pytest.raises(RollWrong):
        blank_actions.serials(first, last)
