"""Groups of recipients name kinds and levels of units."""

from __future__ import annotations

import pytest

from eoffice.people.groups import GROUPS, GroupUnknown, group_of
from eoffice.people.kinds import SchoolLevel, UnitKind


def test_the_groups_of_dispatch_960_are_named_as_it_names_them() -> None:
    assert group_of("district_offices").group.name == "Phòng GDĐT huyện, thị xã, thành phố"
    assert group_of("upper_secondary_schools").group.name == "Trường THPT"


def test_a_group_holds_its_kind_of_unit_only() -> None:
    offices = group_of("district_offices").group

    assert [kind for kind in UnitKind if offices.holds(kind, None)] == [UnitKind.DISTRICT_OFFICE]


@pytest.mark.parametrize(
    ("level", "codes"),
    [
        (SchoolLevel.PRESCHOOL, {"preschools"}),
        (SchoolLevel.PRIMARY, {"primary_schools"}),
        (
            SchoolLevel.PRIMARY_AND_LOWER_SECONDARY,
            {"primary_schools", "lower_secondary_schools"},
        ),
        (SchoolLevel.LOWER_SECONDARY, {"lower_secondary_schools"}),
        (
            SchoolLevel.LOWER_AND_UPPER_SECONDARY,
            {"lower_secondary_schools", "upper_secondary_schools"},
        ),
        (SchoolLevel.UPPER_SECONDARY, {"upper_secondary_schools"}),
    ],
)
def test_a_school_is_in_the_group_of_each_level_that_it_teaches(
    level: SchoolLevel, codes: set[str]
) -> None:
    found = {group.code for group in GROUPS if group.holds(UnitKind.SCHOOL, level)}

    assert found == codes | {"schools"}


def test_a_group_may_be_below_another_unit() -> None:
    found = group_of("lower_secondary_of:PGD-LAPVO")

    assert found.group.code == "lower_secondary_schools"
    assert found.below_code == "PGD-LAPVO"


@pytest.mark.parametrize("code", ["", "everybody", "lower_secondary_of:", "nobody_of:PGD-LAPVO"])
def test_a_code_that_names_no_group_is_refused(code: str) -> None:
    with pytest.raises(GroupUnknown):
        group_of(code)
