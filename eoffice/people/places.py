"""Where an agency is, read from the names of those above it: xã, huyện, tỉnh. Pure.

Units keep the place of their dates and the names of who stands above them; the covers of school
books ask for the levels of the administration one by one. Before 1 July 2025 a school stands below
a district, since then below a commune; the level that no name tells is left empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from eoffice.people.kinds import UnitKind


@dataclass(frozen=True, slots=True)
class Places:
    """Empty text where there is none. The word that covers print anyway is left out: "Lấp Vò" of
    huyện Lấp Vò, but "thành phố Cao Lãnh", which is not the huyện of that name.
    """

    commune: str = ""
    district: str = ""
    province: str = ""


#: Words of a level, the usual one first; "thị xã" is a district and no "xã".
_COMMUNE: Final = r"(?<!thị )xã|phường|thị trấn|đặc khu"
_DISTRICT: Final = r"huyện|quận|thị xã|thành phố"
_PROVINCE: Final = r"tỉnh|thành phố"
_DEPARTMENT: Final = "Sở Giáo dục và Đào tạo "


def places(above: Iterable[tuple[UnitKind, Iterable[str]]]) -> Places:
    """Of an agency and those above it, from below: kind, and the names in which it is written."""
    found = {"commune": "", "district": "", "province": ""}
    for kind, written in above:
        for name in filter(None, written):
            level, place = _place(kind, name)
            if place and not found[level]:
                found[level] = place
    return Places(**found)


def _place(kind: UnitKind, name: str) -> tuple[str, str]:
    """The level of which a name may tell the place, and the place."""
    match kind:
        case UnitKind.DISTRICT_OFFICE:
            return "district", _named(name, _DISTRICT)
        case UnitKind.DEPARTMENT:
            of_name = name.removeprefix(_DEPARTMENT) if name.startswith(_DEPARTMENT) else ""
            return "province", _named(name, _PROVINCE) or of_name
        case _:
            return "commune", _named(name, _COMMUNE)


def _named(name: str, words: str) -> str:
    """What follows the last word of the level and begins like a name."""
    found = re.search(rf".*\b(?P<word>{words}) (?P<place>.+)$", name, re.IGNORECASE)
    if found is None or (not found["place"][0].isupper() and not found["place"][0].isdigit()):
        return ""
    word = found["word"].lower()
    is_usual = word in ("xã", "huyện", "tỉnh")
    return found["place"] if is_usual else f"{word} {found['place']}"
