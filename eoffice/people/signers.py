"""Who may sign for an agency now, and what is then printed above the signature.

Computed from appointments and grants at the moment it is asked, never stored: Decree 30/2020,
art. 13. Offered where a signer is chosen, and asked again when the document is signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.people import queries, rules
from eoffice.people.kinds import PositionKind
from eoffice.people.rules import Capacity
from eoffice.people.views import AppointmentView, DelegationView, SigningRight

_MAY = (
    PositionKind.HEAD,
    PositionKind.DEPUTY_HEAD,
    PositionKind.OFFICE_HEAD,
    PositionKind.OFFICE_DEPUTY,
)


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody with one right to sign; who has several is there several times."""

    person_id: UUID
    full_name: str
    right: SigningRight


def of_agency(session: Session, agency_id: UUID, *, at: datetime) -> tuple[Signer, ...]:
    """All who may sign for the agency now: the head, then deputies, then by grants."""
    leading = queries.persons_in(session, agency_id, at=at, kinds=_MAY)
    grants = queries.delegations_in(session, agency_id)
    named = {each.person_id: each.full_name for each in leading}
    named |= {each.to_person_id: each.to_full_name for each in grants}
    found = [
        Signer(person_id, full_name, right)
        for person_id, full_name in named.items()
        for right in _rights(session, person_id, agency_id, grants, at=at)
    ]
    order = list(_ORDER)
    return tuple(sorted(found, key=lambda each: order.index(each.right.capacity)))


def rights(
    session: Session, person_id: UUID, agency_id: UUID, *, at: datetime
) -> tuple[SigningRight, ...]:
    """What this person may sign as now, the strongest right first; none is an empty answer."""
    return _rights(session, person_id, agency_id, queries.delegations_in(session, agency_id), at=at)


def strongest(
    session: Session,
    person_id: UUID,
    agency_id: UUID,
    *,
    at: datetime,
    for_collective: bool = False,
) -> SigningRight:
    """In which capacity the person signs for the agency now, with the titles to print.

    Raises NoAuthority.
    """
    grants = queries.delegations_in(session, agency_id)
    facts = _facts(session, person_id, agency_id, grants, at=at)
    found = rules.authority(
        person_id,
        agency_id,
        on=clock.civil_date(at),
        appointments=facts.held,
        grants=facts.granted,
        for_collective=for_collective,
    )
    return _printed(session, agency_id, found, facts.titles)


_ORDER = (
    Capacity.HEAD,
    Capacity.ON_BEHALF,
    Capacity.ACTING,
    Capacity.FOR_HEAD,
    Capacity.BY_ORDER,
    Capacity.BY_DELEGATION,
)


def _rights(
    session: Session,
    person_id: UUID,
    agency_id: UUID,
    grants: tuple[DelegationView, ...],
    *,
    at: datetime,
) -> tuple[SigningRight, ...]:
    facts = _facts(session, person_id, agency_id, grants, at=at)
    found = rules.authorities(
        person_id,
        agency_id,
        on=clock.civil_date(at),
        appointments=facts.held,
        grants=facts.granted,
    )
    return tuple(_printed(session, agency_id, each, facts.titles) for each in found)


@dataclass(frozen=True, slots=True)
class _Facts:
    held: list[rules.Held]
    granted: list[rules.Granted]
    #: By position.
    titles: dict[UUID, str]


def _facts(
    session: Session,
    person_id: UUID,
    agency_id: UUID,
    grants: tuple[DelegationView, ...],
    *,
    at: datetime,
) -> _Facts:
    own = queries.appointments_of(session, person_id, at=at)
    heads = queries.persons_in(session, agency_id, at=at, kinds=(PositionKind.HEAD,))
    held = {each.id: each for each in (*own, *heads)}.values()
    return _Facts(
        [_held(each) for each in held],
        [
            rules.Granted(
                each.from_position_id,
                each.to_person_id,
                each.kind,
                rules.Validity(each.valid_from, each.valid_to),
            )
            for each in grants
        ],
        {each.position_id: each.title for each in held},
    )


def _printed(
    session: Session, agency_id: UUID, found: rules.Authority, titles: dict[UUID, str]
) -> SigningRight:
    return SigningRight(
        found.capacity,
        titles[found.position_id],
        _head_title(session, agency_id, found, titles),
    )


def _head_title(
    session: Session, agency_id: UUID, found: rules.Authority, titles: dict[UUID, str]
) -> str:
    if found.head_position_id is not None:
        return titles[found.head_position_id]
    if found.capacity is not Capacity.FOR_HEAD:
        return ""
    # A deputy signs for a head whose position nobody holds just now.
    positions = queries.positions_in(session, agency_id)
    return next((each.title for each in positions if each.kind is PositionKind.HEAD), "")


def _held(view: AppointmentView) -> rules.Held:
    return rules.Held(
        view.person_id,
        view.position_id,
        view.agency_id,
        view.kind,
        view.manner,
        rules.Validity(view.valid_from, view.valid_to),
    )
