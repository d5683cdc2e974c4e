"""What other slices and pages ask about units and people. Read only; frozen answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.errors import NotFound
from eoffice.people import groups, places, rules
from eoffice.people.kinds import (
    PositionKind,
    UnitKind,
)
from eoffice.people.model import (
    Appointment,
    Delegation,
    FormerUnit,
    Person,
    Position,
    Unit,
    UnitSuccession,
)
from eoffice.people.places import Places
from eoffice.people.views import (
    AppointmentView,
    Branch,
    DelegationView,
    FormerName,
    Letterhead,
    PersonView,
    PositionView,
    UnitView,
)


class UnitUnknown(NotFound):
    """There is no such unit."""


class PersonUnknown(NotFound):
    """There is no such person."""


class AppointmentUnknown(NotFound):
    """There is no such appointment, or it is not in force."""


# --- Units -----------------------------------------------------------------------------------


def unit(session: Session, unit_id: UUID) -> UnitView:
    """Raises UnitUnknown."""
    return _one_unit(session, Unit.id == unit_id)


def unit_by_code(session: Session, code: str) -> UnitView:
    """Raises UnitUnknown."""
    return _one_unit(session, Unit.code == code)


def unit_by_organ_id(session: Session, organ_id: str) -> UnitView | None:
    """The unit with this identifier in the national exchange; None for a stranger."""
    row = session.scalars(select(Unit).where(Unit.organ_id == organ_id)).one_or_none()
    return None if row is None else _view(row)


def units(session: Session, unit_ids: Iterable[UUID]) -> dict[UUID, UnitView]:
    """Those of the units that exist, by identifier."""
    rows = session.scalars(select(Unit).where(Unit.id.in_(set(unit_ids))))
    return {row.id: _view(row) for row in rows}


def children(session: Session, unit_id: UUID, *, on: date) -> tuple[UnitView, ...]:
    """The units directly below that exist on this day, offices first."""
    views = _units_on(session, on)
    return tuple(sorted((u for u in views if u.parent_id == unit_id), key=_tree_order))


def unit_tree(session: Session, *, on: date, root_id: UUID | None = None) -> tuple[Branch, ...]:
    """All units of this day, each before those below it; only `root_id` and below, if given."""
    views = _units_on(session, on)
    known = {view.id for view in views}
    below: dict[UUID | None, list[UnitView]] = {}
    for view in sorted(views, key=_tree_order, reverse=True):
        parent = view.parent_id if view.parent_id in known else None
        below.setdefault(parent, []).append(view)
    if root_id is None:
        waiting = [(view, 0) for view in below.get(None, [])]
    else:
        waiting = [(view, 0) for view in views if view.id == root_id]
    branches: list[Branch] = []
    while waiting:
        view, depth = waiting.pop()
        branches.append(Branch(view, depth))
        waiting.extend((child, depth + 1) for child in below.get(view.id, []))
    return tuple(branches)


def search_units(
    session: Session,
    text: str = "",
    *,
    on: date | None,
    kinds: Iterable[UnitKind] = (),
    below_id: UUID | None = None,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> tuple[UnitView, ...]:
    """Units whose name or code holds all words of `text`, without regard to diacritics.

    Only those that exist `on` that day (None: ended ones too), in the order of name and
    identifier; `after` is that pair of the last row seen.
    """
    query = select(Unit).order_by(Unit.name_folded, Unit.id).limit(limit)
    for word in text.split():
        folded = func.vn_fold(word)
        query = query.where(
            or_(
                Unit.name_folded.contains(folded, autoescape=False),
                func.lower(Unit.code).contains(folded, autoescape=False),
                Unit.organ_id.contains(word, autoescape=True),
            )
        )
    if on is not None:
        query = query.where(in_force(Unit.valid_from, Unit.valid_to, on))
    chosen = set(kinds)
    if chosen:
        query = query.where(Unit.kind.in_(chosen))
    if below_id is not None:
        query = query.where(Unit.id != below_id, func.is_within(Unit.id, below_id))
    if after is not None:
        query = query.where(tuple_(Unit.name_folded, Unit.id) > (after[0], UUID(after[1])))
    return tuple(_view(row) for row in session.scalars(query))


def name_key(session: Session, view: UnitView) -> tuple[str, str]:
    """The key under which `search_units` sorts a unit."""
    folded = session.scalar(select(Unit.name_folded).where(Unit.id == view.id))
    return (folded or "", str(view.id))


def units_of_group(
    session: Session, group_code: str, *, sender_agency_id: UUID, on: date
) -> tuple[UnitView, ...]:
    """The units that the group means on this day, by name; see `groups`.

    Raises GroupUnknown, and UnitUnknown where the code names a unit that does not exist.
    """
    meant = groups.group_of(group_code)
    top_id = sender_agency_id
    if meant.below_code is not None:
        top_id = unit_by_code(session, meant.below_code).id
    views = _units_on(session, on)
    parents = {view.id: view.parent_id for view in views}
    return tuple(
        sorted(
            (
                view
                for view in views
                if meant.group.holds(view.kind, view.level)
                and rules.stands_below(view.id, top_id, parents)
            ),
            key=lambda view: (view.name, view.code),
        )
    )


def group_name(session: Session, group_code: str) -> str:
    """As it is printed: "Trường THPT", "Trường THCS thuộc Phòng … huyện Lấp Vò"."""
    meant = groups.group_of(group_code)
    if meant.below_code is None:
        return meant.group.name
    return f"{meant.group.name} thuộc {unit_by_code(session, meant.below_code).name}"


def letterhead(session: Session, unit_id: UUID, *, on: date) -> Letterhead:
    """How the agency of the unit writes itself on this day. Raises UnitUnknown."""
    agency_id = unit(session, unit_id).agency_id
    as_of = {view.id: view for view in _units_as_of(session, on, only=[agency_id])}
    agency = as_of[agency_id]
    superior = agency.superior_name
    if superior is None and agency.parent_id is not None:
        (above,) = _units_as_of(session, on, only=[agency.parent_id])
        superior = above.name
    return Letterhead(
        superior=superior or "",
        own=agency.letterhead_name or agency.name,
        place=agency.place,
        notation=agency.notation,
    )


def places_of(session: Session, unit_id: UUID, *, on: date) -> Places:
    """Where the agency of the unit is on this day, as those above it are named then.

    Raises UnitUnknown.
    """
    chain: list[UnitView] = []
    next_id: UUID | None = unit(session, unit_id).agency_id
    while next_id is not None:
        chain += _units_as_of(session, on, only=[next_id])
        next_id = chain[-1].parent_id
    return places.places((one.kind, (one.name, one.superior_name or "")) for one in chain)


def former_names(session: Session, unit_id: UUID) -> tuple[FormerName, ...]:
    """Names that the unit had, oldest first."""
    rows = session.execute(
        select(FormerUnit.name, FormerUnit.until)
        .where(FormerUnit.unit_id == unit_id)
        .order_by(FormerUnit.until)
    )
    return tuple(FormerName(name, until) for name, until in rows)


def predecessors(session: Session, unit_id: UUID) -> tuple[UnitView, ...]:
    """The units from which it took over directly."""
    rows = session.scalars(
        select(Unit)
        .join(UnitSuccession, UnitSuccession.predecessor_id == Unit.id)
        .where(UnitSuccession.successor_id == unit_id)
        .order_by(Unit.name)
    )
    return tuple(_view(row) for row in rows)


def successors(session: Session, unit_id: UUID) -> tuple[UnitView, ...]:
    """The units that took over from it directly."""
    rows = session.scalars(
        select(Unit)
        .join(UnitSuccession, UnitSuccession.successor_id == Unit.id)
        .where(UnitSuccession.predecessor_id == unit_id)
        .order_by(Unit.name)
    )
    return tuple(_view(row) for row in rows)


def records_of(session: Session, unit_id: UUID, *, on: date) -> frozenset[UUID]:
    """The unit and all whose records and rights it has taken over by this day."""
    return rules.taken_over(unit_id, _successions(session), on=on)


def in_charge_of(session: Session, unit_id: UUID, *, on: date) -> frozenset[UUID]:
    """Who answers for the unit on this day: itself, or its last successors."""
    return rules.in_charge(unit_id, _successions(session), on=on)


# --- Persons, appointments -------------------------------------------------------------------


def person(session: Session, person_id: UUID) -> PersonView:
    """Raises PersonUnknown."""
    row = session.get(Person, person_id)
    if row is None:
        raise PersonUnknown("Không có người này trong danh sách.")
    return _person_view(row)


def person_by_login(session: Session, login: str) -> PersonView | None:
    row = session.scalars(select(Person).where(Person.login == login.lower())).one_or_none()
    return None if row is None else _person_view(row)


def search_persons(
    session: Session,
    text: str = "",
    *,
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> tuple[PersonView, ...]:
    """Persons whose name or login holds all words of `text`, by login; `after` (login, id)."""
    query = select(Person).order_by(Person.login, Person.id).limit(limit)
    for word in text.split():
        folded = func.vn_fold(word)
        query = query.where(
            or_(
                Person.name_folded.contains(folded, autoescape=False),
                Person.login.contains(folded, autoescape=False),
            )
        )
    if after is not None:
        query = query.where(tuple_(Person.login, Person.id) > (after[0], UUID(after[1])))
    return tuple(_person_view(row) for row in session.scalars(query))


def appointment(session: Session, appointment_id: UUID) -> AppointmentView:
    """Raises AppointmentUnknown."""
    row = session.execute(_appointments().where(Appointment.id == appointment_id)).one_or_none()
    if row is None:
        raise AppointmentUnknown("Không có quyết định bổ nhiệm, phân công này.")
    return _appointment_view(row)


def appointments_of(
    session: Session, person_id: UUID, *, at: datetime | None
) -> tuple[AppointmentView, ...]:
    """A person's appointments in force at an instant (None: all), the strongest position first."""
    query = _appointments().where(Appointment.person_id == person_id)
    if at is not None:
        query = query.where(both_in_force(clock.civil_date(at)))
    return tuple(sorted(map(_appointment_view, session.execute(query)), key=_rank))


def persons_in(
    session: Session, unit_id: UUID, *, at: datetime, kinds: Iterable[PositionKind] = ()
) -> tuple[AppointmentView, ...]:
    """Who holds a position in the unit or in one of its offices, the strongest first.

    For an office: only its own people.
    """
    query = _appointments().where(
        or_(Unit.id == unit_id, Unit.agency_id == unit_id),
        both_in_force(clock.civil_date(at)),
    )
    chosen = set(kinds)
    if chosen:
        query = query.where(Position.kind.in_(chosen))
    return tuple(sorted(map(_appointment_view, session.execute(query)), key=_rank))


def head_of(session: Session, unit_id: UUID, *, at: datetime) -> AppointmentView | None:
    """The head of an agency or of an office; None while there is none."""
    heads = (PositionKind.HEAD, PositionKind.OFFICE_HEAD)
    holders = persons_in(session, unit_id, at=at, kinds=heads)
    own = [holder for holder in holders if holder.unit_id == unit_id]
    return own[0] if own else None


def clerks_of(session: Session, unit_id: UUID, *, at: datetime) -> tuple[AppointmentView, ...]:
    """The records clerks of the agency to which the unit belongs."""
    agency_id = unit(session, unit_id).agency_id
    return persons_in(session, agency_id, at=at, kinds=(PositionKind.CLERK,))


def positions_in(session: Session, unit_id: UUID) -> tuple[PositionView, ...]:
    rows = session.scalars(
        select(Position).where(Position.unit_id == unit_id).order_by(Position.title)
    )
    return tuple(PositionView(row.id, row.unit_id, row.title, row.kind) for row in rows)


def delegations_in(session: Session, agency_id: UUID) -> tuple[DelegationView, ...]:
    """Grants of the heads of an agency, the newest first."""
    rows = session.execute(
        select(Delegation, Position.title, Unit.name, Person.full_name)
        .join(Position, Position.id == Delegation.from_position_id)
        .join(Unit, Unit.id == Position.unit_id)
        .join(Person, Person.id == Delegation.to_person_id)
        .where(Unit.agency_id == agency_id)
        .order_by(Delegation.valid_from.desc(), Delegation.id.desc())
    )
    return tuple(
        DelegationView(
            id=row.id,
            kind=row.kind,
            from_position_id=row.from_position_id,
            from_title=title,
            unit_name=unit_name,
            to_person_id=row.to_person_id,
            to_full_name=full_name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            subject=row.subject,
            document_reference=row.document_reference,
        )
        for row, title, unit_name, full_name in rows
    )


# --- Parts -----------------------------------------------------------------------------------

_STRENGTH = {kind: number for number, kind in enumerate(PositionKind)}


def in_force(first: Any, last: Any, on: date) -> ColumnElement[bool]:
    return and_(first <= on, or_(last.is_(None), last >= on))


def both_in_force(on: date) -> ColumnElement[bool]:
    """The appointment, and the unit in which it is."""
    return and_(
        in_force(Appointment.valid_from, Appointment.valid_to, on),
        in_force(Unit.valid_from, Unit.valid_to, on),
    )


def _one_unit(session: Session, condition: ColumnElement[bool]) -> UnitView:
    row = session.scalars(select(Unit).where(condition)).one_or_none()
    if row is None:
        raise UnitUnknown("Không có đơn vị này trong danh mục.")
    return _view(row)


def _units_on(session: Session, on: date) -> list[UnitView]:
    """The units that exist on this day, each with the name and the place in the tree of then."""
    return [view for view in _units_as_of(session, on) if view.is_active(on)]


def _units_as_of(
    session: Session, on: date, *, only: Sequence[UUID] | None = None
) -> list[UnitView]:
    rows = select(Unit)
    past = select(FormerUnit).where(FormerUnit.until >= on).order_by(FormerUnit.until.desc())
    if only is not None:
        rows = rows.where(Unit.id.in_(only))
        past = past.where(FormerUnit.unit_id.in_(only))
    # The latest first, so that the earliest that still covers the day stays.
    then = {former.unit_id: former for former in session.scalars(past)}
    return [_view(row, then.get(row.id)) for row in session.scalars(rows)]


def _view(row: Unit, then: FormerUnit | None = None) -> UnitView:
    written = row if then is None else then
    return UnitView(
        id=row.id,
        organ_id=row.organ_id,
        code=row.code,
        name=written.name,
        letterhead_name=written.letterhead_name,
        superior_name=written.superior_name,
        notation=written.notation,
        kind=row.kind,
        level=row.level,
        parent_id=written.parent_id,
        agency_id=row.agency_id,
        place=written.place,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
    )


def _tree_order(view: UnitView) -> tuple[bool, str, str]:
    return (view.kind is not UnitKind.OFFICE, view.kind.value + view.name, view.code)


def _successions(session: Session) -> list[rules.Succession]:
    rows = session.scalars(select(UnitSuccession))
    return [rules.Succession(row.predecessor_id, row.successor_id, row.since) for row in rows]


def _person_view(row: Person) -> PersonView:
    return PersonView(row.id, row.login, row.full_name, row.password_hash is not None)


def _appointments() -> Select[Appointment, str, Position, UUID, str, UUID]:
    return (
        select(Appointment, Person.full_name, Position, Unit.id, Unit.name, Unit.agency_id)
        .join(Person, Person.id == Appointment.person_id)
        .join(Position, Position.id == Appointment.position_id)
        .join(Unit, Unit.id == Position.unit_id)
    )


def _appointment_view(row: Row[Appointment, str, Position, UUID, str, UUID]) -> AppointmentView:
    held, full_name, position, unit_id, unit_name, agency_id = row
    return AppointmentView(
        id=held.id,
        person_id=held.person_id,
        full_name=full_name,
        position_id=position.id,
        title=position.title,
        kind=position.kind,
        manner=held.manner,
        unit_id=unit_id,
        unit_name=unit_name,
        agency_id=agency_id,
        valid_from=held.valid_from,
        valid_to=held.valid_to,
    )


def _rank(view: AppointmentView) -> tuple[int, date, str]:
    return (_STRENGTH[view.kind], view.valid_from, view.full_name)
