"""A closed report book changes only through its superior unit; what the table lacks is refused."""

from __future__ import annotations

from itertools import product

import pytest

from eoffice.reports import states
from eoffice.reports.states import PartState, PartStep, PartStepRefused, Place


def _reached(start: PartState, *, without: frozenset[PartStep] = frozenset()) -> set[PartState]:
    reached = {start}
    while True:
        further = {
            to
            for (origin, step), to in states.TABLE.items()
            if origin in reached and step not in without
        }
        if further <= reached:
            return reached
        reached |= further


@pytest.mark.parametrize(("state", "step"), list(product(PartState, PartStep)))
def test_every_pair_of_state_and_step_is_in_the_table_or_refused(
    state: PartState, step: PartStep
) -> None:
    if (state, step) in states.TABLE:
        assert states.after(state, step) is states.TABLE[state, step]
    else:
        with pytest.raises(PartStepRefused):
            states.after(state, step)


def test_every_state_can_be_reached_from_the_first() -> None:
    assert _reached(PartState.PREPARING) == set(PartState)


def test_only_what_gave_way_to_a_next_version_is_an_end() -> None:
    origins = {origin for origin, _ in states.TABLE}

    assert set(PartState) - origins == {PartState.SUPERSEDED}


def test_a_closed_part_never_gives_way_unless_the_superior_unit_grants_it() -> None:
    reached = _reached(PartState.CLOSED, without=frozenset({PartStep.GRANT_WITHDRAWAL}))

    assert reached == {PartState.CLOSED, PartState.WITHDRAWAL_REQUESTED} == states.IN_FORCE


@pytest.mark.parametrize(
    "missing", [PartStep.SIGN_HOMEROOM, PartStep.APPROVE, PartStep.SEAL, PartStep.CLOSE]
)
def test_nothing_is_closed_with_one_signer_left_out(missing: PartStep) -> None:
    assert PartState.CLOSED not in _reached(PartState.PREPARING, without=frozenset({missing}))


def test_where_subjects_are_signed_apart_the_last_of_them_comes_before_the_principal() -> None:
    without = frozenset({PartStep.SIGN_LAST_SUBJECT})

    assert PartState.AWAITING_PRINCIPAL not in _reached(
        PartState.AWAITING_TEACHERS, without=without
    )


def test_a_declined_request_leaves_the_part_closed() -> None:
    requested = states.after(PartState.CLOSED, PartStep.REQUEST_WITHDRAWAL)

    assert states.after(requested, PartStep.DECLINE_WITHDRAWAL) is PartState.CLOSED


def test_the_superior_unit_decides_requests_and_nothing_else() -> None:
    decided = {origin for origin, step in states.TABLE if step in states.OF_SUPERIOR}

    assert decided == {PartState.WITHDRAWAL_REQUESTED}


def test_what_is_not_closed_yet_can_be_returned_and_what_is_closed_cannot() -> None:
    returned = {origin for origin, step in states.TABLE if step is PartStep.RETURN}

    assert returned == states.BEFORE_CLOSE


def test_each_signature_moves_the_part_to_whoever_is_next() -> None:
    for state, place in states.TURNS.items():
        step = states.signing(place, is_last_subject=True)
        assert states.after(state, step) is not state
        if place is Place.SUBJECT:
            assert states.after(state, states.signing(place, is_last_subject=False)) is state


def test_a_part_without_places_for_subjects_begins_with_the_homeroom_teacher() -> None:
    assert states.laying([Place.HOMEROOM, Place.SEAL]) is PartStep.LAY_BEFORE_HOMEROOM
    assert states.laying([Place.SUBJECT, Place.HOMEROOM]) is PartStep.LAY_BEFORE_TEACHERS


def test_everything_has_its_vietnamese_name() -> None:
    assert states.NAMES.keys() == set(PartState)
    assert states.STEP_NAMES.keys() == set(PartStep)
