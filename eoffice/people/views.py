"""Units, people and appointments as other slices see them: values, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from eoffice.people import rules
from eoffice.people.kinds import GrantKind, Manner, PositionKind, SchoolLevel, UnitKind


@dataclass(frozen=True, slots=True)
class UnitView:
    """A unit as it is today; `letterhead` says how it was written on another day."""

    id: UUID
    organ_id: str | None
    code: str
    name: str
    letterhead_name: str | None
    superior_name: str | None
    notation: str
    kind: UnitKind
    level: SchoolLevel | None
    parent_id: UUID | None
    agency_id: UUID
    place: str
    valid_from: date
    valid_to: date | None

    def is_active(self, on: date) -> bool:
        return rules.Validity(self.valid_from, self.valid_to).covers(on)


@dataclass(frozen=True, slots=True)
class Branch:
    """A unit in the tree: `depth` 0 for a root."""

    unit: UnitView
    depth: int


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The two lines top left, the place before the date, and the letters of the notation."""

    superior: str
    own: str
    place: str
    notation: str


@dataclass(frozen=True, slots=True)
class FormerName:
    name: str
    until: date


@dataclass(frozen=True, slots=True)
class PersonView:
    id: UUID
    login: str
    full_name: str
    can_sign_in: bool


@dataclass(frozen=True, slots=True)
class AppointmentView:
    """Somebody in a position of a unit, with the days of it."""

    id: UUID
    person_id: UUID
    full_name: str
    position_id: UUID
    title: str
    kind: PositionKind
    manner: Manner
    unit_id: UUID
    unit_name: str
    agency_id: UUID
    valid_from: date
    valid_to: date | None

    def is_active(self, on: date) -> bool:
        return rules.Validity(self.valid_from, self.valid_to).covers(on)


@dataclass(frozen=True, slots=True)
class PositionView:
    id: UUID
    unit_id: UUID
    title: str
    kind: PositionKind


@dataclass(frozen=True, slots=True)
class DelegationView:
    id: UUID
    kind: GrantKind
    from_position_id: UUID
    from_title: str
    unit_name: str
    to_person_id: UUID
    to_full_name: str
    valid_from: date
    valid_to: date | None
    subject: str
    document_reference: str


@dataclass(frozen=True, slots=True)
class SigningRight:
    """What is printed above and below a signature."""

    capacity: rules.Capacity
    #: Of the signer: "Phó Giám đốc".
    title: str
    #: Of the head in whose name it is, for KT., TL. and TUQ.; else empty.
    head_title: str
