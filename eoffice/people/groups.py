"""Groups of recipients as a rule: "mọi trường THPT", not a list that somebody has to keep.

A group names kinds of units below the unit that sends, and so means other units for the Sở than
for a district office. `lower_secondary_of:PGD-LAPVO` names those below another unit instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from eoffice.errors import NotFound
from eoffice.people.kinds import SchoolLevel, UnitKind


class GroupUnknown(NotFound):
    """There is no group of recipients with this code."""


@dataclass(frozen=True, slots=True)
class Group:
    """Which units: of this kind, and for schools of one of these levels."""

    code: str
    #: As it is printed among the recipients.
    name: str
    kind: UnitKind
    levels: frozenset[SchoolLevel] = frozenset()

    def holds(self, kind: UnitKind, level: SchoolLevel | None) -> bool:
        return kind is self.kind and (not self.levels or level in self.levels)


@dataclass(frozen=True, slots=True)
class GroupBelow:
    """A group, and the code of the unit below which it is; None for the sender."""

    group: Group
    below_code: str | None


GROUPS: Final[tuple[Group, ...]] = (
    Group(
        "district_offices",
        "Phòng GDĐT huyện, thị xã, thành phố",
        UnitKind.DISTRICT_OFFICE,
    ),
    Group(
        "commune_offices",
        "Phòng Văn hóa - Xã hội các xã, phường, đặc khu",
        UnitKind.COMMUNE_OFFICE,
    ),
    Group(
        "upper_secondary_schools",
        "Trường THPT",
        UnitKind.SCHOOL,
        frozenset({SchoolLevel.UPPER_SECONDARY, SchoolLevel.LOWER_AND_UPPER_SECONDARY}),
    ),
    Group(
        "lower_secondary_schools",
        "Trường THCS",
        UnitKind.SCHOOL,
        frozenset(
            {
                SchoolLevel.LOWER_SECONDARY,
                SchoolLevel.PRIMARY_AND_LOWER_SECONDARY,
                SchoolLevel.LOWER_AND_UPPER_SECONDARY,
            }
        ),
    ),
    Group(
        "primary_schools",
        "Trường tiểu học",
        UnitKind.SCHOOL,
        frozenset({SchoolLevel.PRIMARY, SchoolLevel.PRIMARY_AND_LOWER_SECONDARY}),
    ),
    Group("preschools", "Trường mầm non", UnitKind.SCHOOL, frozenset({SchoolLevel.PRESCHOOL})),
    Group("schools", "Các trường học trực thuộc", UnitKind.SCHOOL),
)

_BY_CODE: Final = {group.code: group for group in GROUPS}
#: Prefix of a group below a named unit.
_BELOW: Final = {group.code.removesuffix("_schools"): group for group in GROUPS}


def group_of(code: str) -> GroupBelow:
    """Read "upper_secondary_schools" or "lower_secondary_of:PGD-LAPVO". Raises GroupUnknown."""
    known = _BY_CODE.get(code)
    if known is not None:
        return GroupBelow(known, None)
    head, colon, unit_code = code.partition("_of:")
    below = _BELOW.get(head)
    if below is None or not colon or not unit_code:
        raise GroupUnknown("Không có nhóm nơi nhận này. Hãy chọn nhóm trong danh sách.")
    return GroupBelow(below, unit_code)
