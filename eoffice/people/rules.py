"""Who may sign in which capacity, what a unit takes over, and how long sign-in lasts.

Pure: facts and dates in, answers out. Dates are civil dates in Vietnam; a last day counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.errors import NotAllowed, TooManyRequests
from eoffice.people.kinds import GrantKind, Manner, PositionKind


class Capacity(StrEnum):
    """By what right somebody signs (quyền hạn); Decree 30/2020, art. 13 and Annex I, II.7."""

    HEAD = "head"
    #: TM., thay mặt tập thể
    ON_BEHALF = "on_behalf"
    #: Q., được giao quyền cấp trưởng
    ACTING = "acting"
    #: KT., ký thay người đứng đầu
    FOR_HEAD = "for_head"
    #: TL., ký thừa lệnh
    BY_ORDER = "by_order"
    #: TUQ., ký thừa uỷ quyền
    BY_DELEGATION = "by_delegation"

    @property
    def prefix(self) -> str:
        """As printed before the title: "KT."; empty for a head."""
        return _PREFIXES[self]


_PREFIXES: Final[dict[Capacity, str]] = {
    Capacity.HEAD: "",
    Capacity.ON_BEHALF: "TM.",
    Capacity.ACTING: "Q.",
    Capacity.FOR_HEAD: "KT.",
    Capacity.BY_ORDER: "TL.",
    Capacity.BY_DELEGATION: "TUQ.",
}


class NoAuthority(NotAllowed):
    """Neither an appointment nor a grant in force lets this person sign for the agency."""


@dataclass(frozen=True, slots=True)
class Validity:
    """From a first to a last day, both counted; no last day means: until further notice."""

    first: date
    last: date | None = None

    def covers(self, on: date) -> bool:
        return self.first <= on and (self.last is None or on <= self.last)


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody's appointment to a position of an agency or of one of its offices."""

    person_id: UUID
    position_id: UUID
    agency_id: UUID
    kind: PositionKind
    manner: Manner
    validity: Validity


@dataclass(frozen=True, slots=True)
class Granted:
    """What the holder of a position allowed somebody to sign."""

    from_position_id: UUID
    to_person_id: UUID
    kind: GrantKind
    validity: Validity


@dataclass(frozen=True, slots=True)
class Authority:
    """The capacity, and the position in whose name it is where that is not the signer's own."""

    capacity: Capacity
    #: Position of the signer on which the right rests: printed as the title.
    position_id: UUID
    #: Position of the head for KT., TL. and TUQ.; None where there is no head to name.
    head_position_id: UUID | None


def may_sign(
    signer_id: UUID,
    agency_id: UUID,
    *,
    on: date,
    appointments: Iterable[Held],
    grants: Iterable[Granted] = (),
    for_collective: bool = False,
) -> Capacity:
    """The capacity in which `signer` may sign a document of the agency on this day.

    `appointments` must hold the signer's and the heads'. Raises NoAuthority.
    """
    return authority(
        signer_id,
        agency_id,
        on=on,
        appointments=appointments,
        grants=grants,
        for_collective=for_collective,
    ).capacity


def authority(
    signer_id: UUID,
    agency_id: UUID,
    *,
    on: date,
    appointments: Iterable[Held],
    grants: Iterable[Granted] = (),
    for_collective: bool = False,
) -> Authority:
    """Like `may_sign`, with the positions; where several rights apply, the strongest.

    Decree 30/2020, art. 13. Raises NoAuthority.
    """
    found = authorities(signer_id, agency_id, on=on, appointments=appointments, grants=grants)
    if not found:
        raise NoAuthority(
            "Anh/chị không có thẩm quyền ký văn bản của cơ quan này vào ngày ký. "
            "Hãy trình người đứng đầu, cấp phó hoặc người được giao ký thừa lệnh, thừa uỷ quyền."
        )
    strongest = found[0]
    if strongest.capacity is Capacity.HEAD and for_collective:
        return replace(strongest, capacity=Capacity.ON_BEHALF)
    return strongest


def authorities(
    signer_id: UUID,
    agency_id: UUID,
    *,
    on: date,
    appointments: Iterable[Held],
    grants: Iterable[Granted] = (),
) -> tuple[Authority, ...]:
    """Every right by which `signer` may sign for the agency on this day, the strongest first.

    Decree 30/2020, art. 13. A deputy who also holds a written delegation may use either.
    """
    in_force = [held for held in appointments if held.validity.covers(on)]
    own = [held for held in in_force if held.person_id == signer_id]
    in_agency = [held for held in own if held.agency_id == agency_id]
    heads = [
        held for held in in_force if held.agency_id == agency_id and held.kind is PositionKind.HEAD
    ]
    found: list[Authority] = []

    # Art. 13(1) and (2): the head signs; in an agency that decides collectively, on its behalf.
    for held in in_agency:
        if held.kind is PositionKind.HEAD:
            is_acting = held.manner is Manner.ACTING
            capacity = Capacity.ACTING if is_acting else Capacity.HEAD
            found.append(Authority(capacity, held.position_id, None))

    # Art. 13(1): a deputy signs for the head in the fields given to the deputy.
    head_id = heads[0].position_id if heads else None
    found += [
        Authority(Capacity.FOR_HEAD, held.position_id, head_id)
        for held in in_agency
        if held.kind is PositionKind.DEPUTY_HEAD
    ]

    mine = [
        grant for grant in grants if grant.to_person_id == signer_id and grant.validity.covers(on)
    ]
    # A grant is the head's; it rests while nobody holds the position.
    granted_by = {held.position_id for held in heads}
    # Art. 13(4): by order, the head of an office of the agency, who may pass it to the deputy.
    for grant in mine:
        if grant.kind is GrantKind.ORDER and grant.from_position_id in granted_by:
            found += [
                Authority(Capacity.BY_ORDER, held.position_id, grant.from_position_id)
                for held in in_agency
                if held.kind in (PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY)
            ]

    # Art. 13(3): by written delegation for a limited time; also the head of a subordinate agency.
    for grant in mine:
        if grant.kind is GrantKind.AUTHORISATION and grant.from_position_id in granted_by and own:
            best = (in_agency or own)[0]
            found.append(
                Authority(Capacity.BY_DELEGATION, best.position_id, grant.from_position_id)
            )
    return tuple(dict.fromkeys(found))


# --- Succession of units ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Succession:
    predecessor_id: UUID
    successor_id: UUID
    since: date


def taken_over(unit_id: UUID, successions: Iterable[Succession], *, on: date) -> frozenset[UUID]:
    """The unit and all units whose records and rights have come to it by this day."""
    steps: dict[UUID, set[UUID]] = {}
    for succession in successions:
        if succession.since <= on:
            steps.setdefault(succession.successor_id, set()).add(succession.predecessor_id)
    return _reachable(unit_id, steps)


def in_charge(unit_id: UUID, successions: Iterable[Succession], *, on: date) -> frozenset[UUID]:
    """Who answers for a unit on this day: itself, or the last of its successors."""
    steps: dict[UUID, set[UUID]] = {}
    for succession in successions:
        if succession.since <= on:
            steps.setdefault(succession.predecessor_id, set()).add(succession.successor_id)
    return frozenset(unit for unit in _reachable(unit_id, steps) if unit not in steps)


def stands_below(unit_id: UUID, ancestor_id: UUID, parents: Mapping[UUID, UUID | None]) -> bool:
    """Whether the ancestor is above the unit, at any distance; a unit is not below itself."""
    seen = {unit_id}
    above = parents.get(unit_id)
    while above is not None and above not in seen:
        if above == ancestor_id:
            return True
        seen.add(above)
        above = parents.get(above)
    return False


def _reachable(start: UUID, steps: Mapping[UUID, set[UUID]]) -> frozenset[UUID]:
    found = {start}
    open_ends = [start]
    while open_ends:
        for following in steps.get(open_ends.pop(), set()) - found:
            found.add(following)
            open_ends.append(following)
    return frozenset(found)


# --- How long sign-in lasts ------------------------------------------------------------------

#: A session ends when nobody used it for a working day, so that lunch does not end it but the
#: night does; and in any case after a day (NIST SP 800-63B-4, AAL2: at most 24 hours).
IDLE_LIFE: Final = timedelta(hours=8)
WHOLE_LIFE: Final = timedelta(hours=24)
#: `last_seen_at` is written at most this often.
SEEN_EVERY: Final = timedelta(minutes=1)
#: How long after the password the one-time code may follow.
SECOND_STEP_LIFE: Final = timedelta(minutes=5)
LONGEST_TOKEN_LIFE: Final = timedelta(days=366)


def session_ends_at(created_at: datetime, last_seen_at: datetime) -> datetime:
    return min(created_at + WHOLE_LIFE, last_seen_at + IDLE_LIFE)


# --- How often one may try -------------------------------------------------------------------

#: Attempts older than this no longer count.
MEMORY: Final = timedelta(hours=24)
SOURCE_MEMORY: Final = timedelta(hours=1)
FREE_PER_LOGIN: Final = 5
#: A whole school shares one address.
FREE_PER_SOURCE: Final = 100
FIRST_WAIT: Final = timedelta(seconds=15)
#: Short enough that a stranger cannot shut somebody out for long by failing in their name.
LONGEST_WAIT: Final = timedelta(minutes=15)


class TooManyAttempts(TooManyRequests):
    """Too many failed attempts to sign in; the next one has to wait."""


def wait_after(failures: int, free: int) -> timedelta:
    """How long after the last failure the next attempt may come: doubles with each failure."""
    if failures < free:
        return timedelta()
    doublings = min(failures - free, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def check_attempt(
    *,
    at: datetime,
    failures_of_login: Sequence[datetime],
    failures_of_source: Sequence[datetime],
) -> None:
    """Whether one may try to sign in now.

    Failures of the login since its last success, and of the source whatever the login; any order.
    Raises TooManyAttempts, which says how long to wait, whether or not the login exists.
    """
    due_at = at
    for failures, memory, free in (
        (failures_of_login, MEMORY, FREE_PER_LOGIN),
        (failures_of_source, SOURCE_MEMORY, FREE_PER_SOURCE),
    ):
        recent = [failed_at for failed_at in failures if at - memory < failed_at <= at]
        if recent:
            due_at = max(due_at, max(recent) + wait_after(len(recent), free))
    if due_at > at:
        raise TooManyAttempts(
            "Đã nhập sai nhiều lần. Hãy đợi "
            f"{_spoken((due_at - at).total_seconds())} rồi đăng nhập lại."
        )


def _spoken(seconds: float) -> str:
    whole = int(seconds) + (seconds > int(seconds))
    if whole < 60:
        return f"{whole} giây"
    return f"{-(-whole // 60)} phút"
