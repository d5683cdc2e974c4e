"""The sections of the office and who sees which."""

from __future__ import annotations

from dataclasses import dataclass

from eoffice.web.principal import Principal


@dataclass(frozen=True, slots=True)
class Section:
    key: str
    path: str
    label: str
    #: Typed after `g` it goes there.
    letter: str


SECTIONS = (
    Section("desk", "/", "Bàn làm việc", "b"),
    Section("incoming", "/incoming", "Văn bản đến", "d"),
    Section("documents", "/documents", "Văn bản đi", "i"),
    Section("case-files", "/case-files", "Hồ sơ", "h"),
    Section("registers", "/registers", "Sổ sách", "s"),
    Section("archive", "/archive", "Lưu trữ", "l"),
    Section("inspections", "/inspections", "Thanh tra", "t"),
    Section("admin", "/admin", "Quản trị", "q"),
)

_OFFICE = frozenset({"desk", "incoming", "documents", "case-files", "registers", "archive"})
_BY_KIND: dict[str, frozenset[str]] = {
    "head": _OFFICE | {"inspections"},
    "deputy_head": _OFFICE | {"inspections"},
    "inspector": frozenset({"desk", "archive", "inspections"}),
    "operator": frozenset({"desk", "archive", "inspections", "admin"}),
}


def sections_for(principal: Principal) -> tuple[Section, ...]:
    """What the rail shows. Not a right: every page checks for itself whether it may be seen."""
    keys = _BY_KIND.get(principal.position_kind, _OFFICE)
    return tuple(section for section in SECTIONS if section.key in keys)


def section_of(path: str) -> str:
    """The section to which a page belongs, by its address; "" for none."""
    for section in SECTIONS[1:]:
        if path == section.path or path.startswith(section.path + "/"):
            return section.key
    return "desk" if path == "/" else ""
