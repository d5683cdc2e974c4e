"""Every pair of standing and movement is in the table or refused; every standing can be reached."""

from __future__ import annotations

from itertools import product

import pytest

from eoffice.classes import movement_rules as moving
from eoffice.classes.movement_rules import MovementKind, MovementRefused, Standing

LEADS = {
    (Standing.UNKNOWN, MovementKind.IN): Standing.ATTENDING,
    (Standing.ATTENDING, MovementKind.CLASS_CHANGE): Standing.ATTENDING,
    (Standing.ATTENDING, MovementKind.LEAVE): Standing.LEFT,
    (Standing.ATTENDING, MovementKind.OUT): Standing.MOVED_AWAY,
    (Standing.LEFT, MovementKind.RETURN): Standing.ATTENDING,
    (Standing.LEFT, MovementKind.OUT): Standing.MOVED_AWAY,
    (Standing.MOVED_AWAY, MovementKind.IN): Standing.ATTENDING,
}


@pytest.mark.parametrize(("standing", "kind"), list(product(Standing, MovementKind)))
def test_every_pair_leads_where_it_should_or_is_refused(
    standing: Standing, kind: MovementKind
) -> None:
    if (standing, kind) in LEADS:
        assert moving.after(standing, kind) is LEADS[standing, kind]
    else:
        with pytest.raises(MovementRefused):
            moving.after(standing, kind)


def test_every_standing_is_reached_from_the_first() -> None:
    reached, before = {Standing.UNKNOWN}, set[Standing]()
    while reached != before:
        before = set(reached)
        reached |= {after for (origin, _), after in moving.TABLE.items() if origin in reached}

    assert reached == set(Standing)


@pytest.mark.parametrize("standing", Standing)
def test_what_is_possible_is_what_the_table_has(standing: Standing) -> None:
    assert set(moving.possible(standing)) == {kind for one, kind in LEADS if one is standing}


def test_everything_has_its_vietnamese_name() -> None:
    assert moving.NAMES.keys() == moving.TONES.keys() == set(Standing)
    assert moving.KIND_NAMES.keys() == set(MovementKind)


def test_who_comes_sits_in_a_class_and_who_goes_leaves_one() -> None:
    for (origin, kind), following in moving.TABLE.items():
        assert (kind in moving.INTO_A_CLASS) == (following is Standing.ATTENDING)
        if kind in moving.OUT_OF_A_CLASS:
            assert origin in (Standing.ATTENDING, Standing.LEFT)
