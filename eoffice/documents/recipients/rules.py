"""Whom a choice of recipients means on a day, as values: rules over units, purposes, channels.

A rule is kept as it was chosen ("THCS thuộc Phòng Lấp Vò, trừ …") and read anew at each look, so
that a school founded meanwhile is among its recipients and one that was closed is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec

from eoffice.errors import Invalid
from eoffice.people import rules as people_rules
from eoffice.people.kinds import SCHOOL_LEVEL_NAMES, SchoolLevel, UnitKind
from eoffice.people.views import UnitView

#: Most choices of one document, exceptions of one rule and letters of a group's name.
MOST_CHOICES: Final = 2000
MOST_EXCEPTIONS: Final = 500
LONGEST_NAME: Final = 200


class Purpose(StrEnum):
    """Why somebody gets the document, as it stands behind the name in Nơi nhận.

    Decree 30/2020, Annex I, part II (9b).
    """

    #: để thực hiện; printed without words, "Như trên"
    ACTION = "action"
    #: để báo cáo
    REPORT = "report"
    #: để phối hợp
    COOPERATION = "cooperation"
    #: để kiểm tra, giám sát
    SUPERVISION = "supervision"
    #: để biết
    INFORMATION = "information"


class Channel(StrEnum):
    """How an agency that does not work in this office gets its documents."""

    #: liên thông qua trục liên thông văn bản
    EXCHANGE = "exchange"
    #: thư điện tử
    EMAIL = "email"
    #: bản giấy qua bưu điện
    POST = "post"


class TargetKind(StrEnum):
    """What a line of the choice names."""

    UNIT = "unit"
    #: One of the groups that the program knows: "mọi trường THPT".
    GROUP = "group"
    #: A rule that the writer put together.
    RULE = "rule"
    #: Somebody in a position.
    PERSON = "person"
    #: An agency that does not work in this office.
    OUTSIDE = "outside"


PURPOSE_NAMES: Final[Mapping[Purpose, str]] = {
    Purpose.ACTION: "để thực hiện",
    Purpose.REPORT: "để báo cáo",
    Purpose.COOPERATION: "để phối hợp",
    Purpose.SUPERVISION: "để kiểm tra, giám sát",
    Purpose.INFORMATION: "để biết",
}

CHANNEL_NAMES: Final[Mapping[Channel, str]] = {
    Channel.EXCHANGE: "Liên thông điện tử",
    Channel.EMAIL: "Thư điện tử",
    Channel.POST: "Bản giấy qua bưu điện",
}

_KIND_NAMES: Final[Mapping[UnitKind, str]] = {
    UnitKind.DEPARTMENT: "Sở Giáo dục và Đào tạo",
    UnitKind.OFFICE: "Phòng, ban thuộc cơ quan",
    UnitKind.DISTRICT_OFFICE: "Phòng Giáo dục và Đào tạo",
    UnitKind.COMMUNE_OFFICE: "Phòng Văn hóa - Xã hội",
    UnitKind.SCHOOL: "Trường học",
}


class RuleEmpty(Invalid):
    """A rule names at least one kind of unit, one level of school, or single units."""


class RuleUnreadable(Invalid):
    """What came as a rule cannot be read as one."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which units: all conditions hold together; within one condition any value does.

    `units` are members whatever the conditions say; `exceptions` never are. A rule without kinds
    and levels has only its `units`.
    """

    kinds: tuple[UnitKind, ...] = ()
    #: Of schools: whoever names levels means schools.
    levels: tuple[SchoolLevel, ...] = ()
    #: Below any of these, at whatever depth; none: below the agency that sends.
    below: tuple[UUID, ...] = ()
    #: The place in the unit's row: commune, district.
    places: tuple[str, ...] = ()
    units: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=MOST_CHOICES)] = ()
    exceptions: Annotated[tuple[UUID, ...], msgspec.Meta(max_length=MOST_EXCEPTIONS)] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One line of the choice: exactly one of unit, group, rule, appointment and organisation."""

    unit_id: UUID | None = None
    group_code: str | None = None
    rule: Rule | None = None
    appointment_id: UUID | None = None
    organisation_id: UUID | None = None
    purpose: Purpose = Purpose.ACTION
    #: What a rule is called; empty: it is described by its conditions.
    name: str = ""

    @property
    def kind(self) -> TargetKind:
        if self.unit_id is not None:
            return TargetKind.UNIT
        if self.group_code is not None:
            return TargetKind.GROUP
        if self.rule is not None:
            return TargetKind.RULE
        if self.appointment_id is not None:
            return TargetKind.PERSON
        assert self.organisation_id is not None
        return TargetKind.OUTSIDE


@dataclass(frozen=True, slots=True)
class Directory:
    """All units of a day, with what rules ask of them."""

    units: Mapping[UUID, UnitView]
    parents: Mapping[UUID, UUID | None] = field(default_factory=dict)

    @classmethod
    def of(cls, units: Sequence[UnitView]) -> Directory:
        return cls({unit.id: unit for unit in units}, {unit.id: unit.parent_id for unit in units})

    def by_name(self, ids: Collection[UUID]) -> tuple[UnitView, ...]:
        found = (self.units[id_] for id_ in ids if id_ in self.units)
        return tuple(sorted(found, key=lambda unit: (unit.name, unit.code)))


def checked(rule: Rule) -> Rule:
    """Raises RuleEmpty."""
    if not rule.kinds and not rule.levels and not rule.units:
        raise RuleEmpty(
            "Quy tắc chưa chọn loại đơn vị hay cấp học nào. Hãy chọn ít nhất một loại.",
            fields={"kinds": "Chọn ít nhất một loại đơn vị hoặc một cấp học."},
        )
    return rule


def resolve(rule: Rule, directory: Directory, *, sender_agency_id: UUID) -> tuple[UnitView, ...]:
    """The units that the rule means among those of the day, by name."""
    tops = rule.below or (sender_agency_id,)
    places = {place.casefold() for place in rule.places}
    kinds = set(rule.kinds) | ({UnitKind.SCHOOL} if rule.levels else set())
    meant = {
        unit.id
        for unit in directory.units.values()
        if unit.kind in kinds
        and (unit.kind is not UnitKind.SCHOOL or not rule.levels or unit.level in rule.levels)
        and (not places or unit.place.casefold() in places)
        and any(people_rules.stands_below(unit.id, top, directory.parents) for top in tops)
    }
    return directory.by_name((meant | set(rule.units)) - set(rule.exceptions))


def described(rule: Rule, names: Mapping[UUID, str]) -> str:
    """ "Trường THCS thuộc Phòng … huyện Lấp Vò, trừ …"; `names` of the units it names."""
    levels = [SCHOOL_LEVEL_NAMES[level] for level in SchoolLevel if level in rule.levels]
    kinds = [
        _KIND_NAMES[kind]
        for kind in UnitKind
        if kind in rule.kinds and not (kind is UnitKind.SCHOOL and levels)
    ]
    said = ", ".join([*kinds, *(f"Trường {level.lower()}" for level in levels)])
    if rule.below and said:
        said += " thuộc " + ", ".join(names.get(unit, "đơn vị không còn") for unit in rule.below)
    if rule.places and said:
        said += " tại " + ", ".join(rule.places)
    if rule.units:
        said += f"{' và ' if said else ''}{len(rule.units)} đơn vị chọn riêng"
    if rule.exceptions:
        few = [names.get(unit, "đơn vị không còn") for unit in rule.exceptions[:3]]
        more = len(rule.exceptions) - len(few)
        said += ", trừ " + ", ".join(few) + (f" và {more} đơn vị khác" if more else "")
    return said


def serialise(rule: Rule) -> dict[str, Any]:
    """As it is kept in the database."""
    kept: dict[str, Any] = msgspec.to_builtins(rule)
    return kept


def parse(kept: object) -> Rule:
    """Raises RuleUnreadable."""
    try:
        return msgspec.convert(kept, Rule)
    except msgspec.ValidationError as wrong:
        raise RuleUnreadable("Quy tắc nơi nhận không đọc được. Hãy lập lại quy tắc.") from wrong


def checked_targets(targets: Sequence[Target]) -> tuple[Target, ...]:
    """Without those that stand twice; the first naming counts. Raises Invalid when too many."""
    seen: dict[tuple[object, ...], Target] = {}
    for target in targets:
        key = (
            target.unit_id,
            target.group_code,
            target.rule,
            target.appointment_id,
            target.organisation_id,
        )
        seen.setdefault(key, target)
    if len(seen) > MOST_CHOICES:
        raise Invalid(
            f"Một văn bản chọn nhiều nhất {MOST_CHOICES} nơi nhận. Hãy dùng nhóm theo quy tắc."
        )
    return tuple(seen.values())
