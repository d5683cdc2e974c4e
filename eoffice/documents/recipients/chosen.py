"""Who gets a document: what was chosen, whom it means on a day, and what has changed since.

Units that ended are replaced by those that took over from them; whoever cannot be reached any more
is named in a warning, never left out in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents.model import Document, DocumentRecipient
from eoffice.documents.recipients import rules as recipient_rules
from eoffice.documents.recipients.model import OutsideOrganisation, RecipientSnapshot
from eoffice.documents.recipients.rules import (
    PURPOSE_NAMES,
    Channel,
    Directory,
    Purpose,
    Rule,
    Target,
    TargetKind,
)
from eoffice.errors import Invalid, NotFound
from eoffice.people import groups
from eoffice.people import queries as people
from eoffice.people.kinds import UNIT_KIND_NAMES, UnitKind
from eoffice.people.views import AppointmentView, UnitView

#: More units than any office has.
_ALL = 1_000_000


class OrganisationUnknown(NotFound):
    """The agency's directory has no such outside organisation."""


@dataclass(frozen=True, slots=True)
class UnitReceiver:
    """A unit of this office that gets the document, by its first naming."""

    unit_id: UUID
    name: str
    kind: UnitKind
    purpose: Purpose
    group_code: str | None = None
    #: Through what it was named, in words; None: it was named itself.
    named_by: str | None = None
    #: "Nguyễn Văn A, Hiệu trưởng": whom it is for there.
    addressees: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonReceiver:
    appointment: AppointmentView
    purpose: Purpose

    @property
    def said(self) -> str:
        return f"{self.appointment.full_name}, {self.appointment.title}"


@dataclass(frozen=True, slots=True)
class OutsideReceiver:
    organisation_id: UUID
    name: str
    organ_id: str | None
    channel: Channel
    #: Where it is sent: identifier, e-mail address or postal address.
    address: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class ChosenLine:
    """A line of the choice as people read it, with how many units it means."""

    target: Target
    name: str
    count: int

    @property
    def printed(self) -> str:
        """With the purpose, as it stands in Nơi nhận."""
        purpose = self.target.purpose
        return self.name if purpose is Purpose.ACTION else f"{self.name} ({PURPOSE_NAMES[purpose]})"


@dataclass(frozen=True, slots=True)
class Resolution:
    """Whom the choice means on a day."""

    lines: tuple[ChosenLine, ...]
    units: tuple[UnitReceiver, ...]
    people: tuple[PersonReceiver, ...]
    outside: tuple[OutsideReceiver, ...]
    #: Whole sentences.
    warnings: tuple[str, ...]

    @property
    def total(self) -> int:
        """Units, own people and outside agencies; people elsewhere are reached at their unit."""
        own = sum(person.appointment.agency_id not in self._unit_ids for person in self.people)
        return len(self.units) + own + len(self.outside)

    @property
    def _unit_ids(self) -> frozenset[UUID]:
        return frozenset(unit.unit_id for unit in self.units)

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """How many of each kind, for the summary."""
        kinds = Counter(unit.kind for unit in self.units)
        counted = [(UNIT_KIND_NAMES[kind], kinds[kind]) for kind in UnitKind if kinds[kind]]
        if self.people:
            counted.append(("Cá nhân", len(self.people)))
        if self.outside:
            counted.append(("Cơ quan ngoài hệ thống", len(self.outside)))
        return tuple(counted)


@dataclass(frozen=True, slots=True)
class Changes:
    """What the choice means now and did not when it was made, and the other way round."""

    since: datetime
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(slots=True)
class _Gathered:
    """Receivers as they are found; the first naming of a unit counts."""

    units: dict[UUID, UnitReceiver] = field(default_factory=dict)
    people: list[PersonReceiver] = field(default_factory=list)
    outside: list[OutsideReceiver] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, unit: UnitView, purpose: Purpose, *, by: str | None, code: str | None) -> None:
        if unit.id not in self.units:
            self.units[unit.id] = UnitReceiver(unit.id, unit.name, unit.kind, purpose, code, by)


def directory(session: Session, *, on: date) -> Directory:
    """All units of the day, read once for as many rules as there are."""
    return Directory.of(people.search_units(session, on=on, limit=_ALL))


def targets_of(session: Session, document_id: UUID) -> tuple[Target, ...]:
    """The choice as it was kept, in its order."""
    rows = session.scalars(
        select(DocumentRecipient)
        .where(DocumentRecipient.document_id == document_id)
        .order_by(DocumentRecipient.ordinal)
    )
    return tuple(
        Target(
            unit_id=row.unit_id,
            group_code=row.group_code,
            rule=None if row.rule is None else recipient_rules.parse(row.rule),
            appointment_id=row.appointment_id,
            organisation_id=row.organisation_id,
            purpose=row.purpose,
            name=row.rule_name or "",
        )
        for row in rows
    )


def row(document: Document, ordinal: int, target: Target) -> DocumentRecipient:
    """How a line of the choice is kept."""
    return DocumentRecipient(
        document_id=document.id,
        ordinal=ordinal,
        agency_id=document.agency_id,
        kind=target.kind,
        purpose=target.purpose,
        unit_id=target.unit_id,
        group_code=target.group_code,
        rule=None if target.rule is None else recipient_rules.serialise(target.rule),
        rule_name=target.name or None,
        appointment_id=target.appointment_id,
        organisation_id=target.organisation_id,
    )


def check_known(session: Session, targets: Sequence[Target], *, agency_id: UUID) -> None:
    """Raises the refusal of whatever does not exist: unit, group, rule, person, organisation."""
    wanted = {each.unit_id for each in targets if each.unit_id is not None}
    if missing := wanted - set(people.units(session, wanted)):
        people.unit(session, missing.pop())
    for target in targets:
        match target.kind:
            case TargetKind.UNIT:
                pass
            case TargetKind.GROUP:
                groups.group_of(target.group_code or "")
            case TargetKind.RULE:
                assert target.rule is not None
                recipient_rules.checked(target.rule)
                if len(target.name) > recipient_rules.LONGEST_NAME:
                    raise Invalid("Tên quy tắc dài quá. Hãy đặt tên ngắn hơn.")
            case TargetKind.PERSON:
                assert target.appointment_id is not None
                people.appointment(session, target.appointment_id)
            case TargetKind.OUTSIDE:
                found = _organisation(session, target, agency_id=agency_id)
                if found is None:
                    raise OrganisationUnknown("Danh bạ của cơ quan không có nơi nhận này.")


def resolve(
    session: Session,
    targets: Iterable[Target],
    *,
    agency_id: UUID,
    on: date,
    known: Directory | None = None,
) -> Resolution:
    """Whom the choice means on this day; `known` saves reading all units once more."""
    units = known or directory(session, on=on)
    found = _Gathered()
    lines = []
    for target in targets:
        before = len(found.units)
        match target.kind:
            case TargetKind.UNIT:
                name, count = _unit(session, target, units, found, on=on)
            case TargetKind.GROUP:
                name, count = _group(session, target, units, found, agency_id=agency_id)
            case TargetKind.RULE:
                name, count = _rule(session, target, units, found, agency_id=agency_id)
            case TargetKind.PERSON:
                name, count = _person(session, target, units, found, agency_id=agency_id, on=on)
            case TargetKind.OUTSIDE:
                name, count = _outside(session, target, found, agency_id=agency_id)
        if count == 0 and before == len(found.units):
            found.warnings.append(f"“{name}” hiện không có nơi nhận nào.")
        lines.append(ChosenLine(target, name, count))
    found.units.pop(agency_id, None)
    return Resolution(
        lines=tuple(lines),
        units=tuple(found.units.values()),
        people=tuple(found.people),
        outside=tuple(found.outside),
        warnings=tuple(dict.fromkeys(found.warnings)),
    )


def of_document(session: Session, document: Document, *, at: datetime) -> Resolution:
    """Whom the document would reach if it were issued now."""
    return resolve(
        session,
        targets_of(session, document.id),
        agency_id=document.agency_id,
        on=clock.civil_date(at),
    )


def take_snapshot(
    session: Session, document: Document, targets: Sequence[Target], *, at: datetime
) -> None:
    """Keep which units the choice means now."""
    meant = resolve(session, targets, agency_id=document.agency_id, on=clock.civil_date(at))
    ids = [unit.unit_id for unit in meant.units]
    session.execute(
        insert(RecipientSnapshot)
        .values(document_id=document.id, agency_id=document.agency_id, unit_ids=ids, taken_at=at)
        .on_conflict_do_update(
            index_elements=["document_id"], set_={"unit_ids": ids, "taken_at": at}
        )
    )


def changes(session: Session, document_id: UUID, meant: Resolution) -> Changes | None:
    """What differs from the day of the choice; None while nothing does."""
    kept = session.get(RecipientSnapshot, document_id)
    if kept is None:
        return None
    now = {unit.unit_id: unit.name for unit in meant.units}
    then = set(kept.unit_ids)
    gone = people.units(session, then - set(now))
    added = tuple(name for id_, name in now.items() if id_ not in then)
    if not added and not gone:
        return None
    return Changes(kept.taken_at, added, tuple(sorted(unit.name for unit in gone.values())))


def _unit(
    session: Session, target: Target, units: Directory, found: _Gathered, *, on: date
) -> tuple[str, int]:
    assert target.unit_id is not None
    present = units.units.get(target.unit_id)
    if present is not None:
        found.add(present, target.purpose, by=None, code=None)
        return present.name, 1
    ended = people.unit(session, target.unit_id)
    heirs = units.by_name(people.in_charge_of(session, ended.id, on=on))
    if not heirs:
        found.warnings.append(f"{ended.name} không còn hoạt động và không có đơn vị kế thừa.")
        return ended.name, 0
    for heir in heirs:
        found.add(heir, target.purpose, by=f"kế thừa {ended.name}", code=None)
    found.warnings.append(
        f"{ended.name} không còn hoạt động; văn bản gửi đơn vị kế thừa: "
        + ", ".join(heir.name for heir in heirs)
        + "."
    )
    return ended.name, len(heirs)


def _group(
    session: Session, target: Target, units: Directory, found: _Gathered, *, agency_id: UUID
) -> tuple[str, int]:
    assert target.group_code is not None
    meant = groups.group_of(target.group_code)
    name = people.group_name(session, target.group_code)
    below = () if meant.below_code is None else (people.unit_by_code(session, meant.below_code).id,)
    rule = Rule(kinds=(meant.group.kind,), levels=tuple(sorted(meant.group.levels)), below=below)
    members = recipient_rules.resolve(rule, units, sender_agency_id=agency_id)
    for member in members:
        found.add(member, target.purpose, by=name, code=target.group_code)
    return name, len(members)


def _rule(
    session: Session, target: Target, units: Directory, found: _Gathered, *, agency_id: UUID
) -> tuple[str, int]:
    assert target.rule is not None
    name = target.name or described(session, target.rule, units)
    members = recipient_rules.resolve(target.rule, units, sender_agency_id=agency_id)
    for member in members:
        found.add(member, target.purpose, by=name, code=None)
    reached = {member.id for member in members}
    ended = [id_ for id_ in target.rule.units if id_ not in units.units]
    if ended:
        names = sorted(unit.name for unit in people.units(session, ended).values())
        found.warnings.append(
            f"“{name}” có đơn vị không còn hoạt động nên không gửi: {', '.join(names)}."
        )
    return name, len(reached)


def described(session: Session, rule: Rule, units: Directory) -> str:
    """The conditions in words, with the names of the units they name."""
    wanted = {*rule.below, *rule.exceptions}
    named = people.units(session, wanted) if wanted - set(units.units) else units.units
    return recipient_rules.described(rule, {id_: named[id_].name for id_ in wanted if id_ in named})


def _person(
    session: Session,
    target: Target,
    units: Directory,
    found: _Gathered,
    *,
    agency_id: UUID,
    on: date,
) -> tuple[str, int]:
    assert target.appointment_id is not None
    held = people.appointment(session, target.appointment_id)
    person = PersonReceiver(held, target.purpose)
    name = f"{person.said} ({held.unit_name})"
    if not held.is_active(on):
        found.warnings.append(f"{person.said} không còn giữ chức danh này nên không gửi.")
        return name, 0
    if held.agency_id == agency_id:
        found.people.append(person)
        return name, 1
    # Decree 30/2020, art. 21: what is for somebody in another agency comes to its clerk.
    unit = units.units.get(held.agency_id)
    if unit is None:
        found.warnings.append(f"{held.unit_name} không còn hoạt động nên không gửi {person.said}.")
        return name, 0
    found.add(unit, target.purpose, by=None, code=None)
    found.people.append(person)
    there = found.units[unit.id]
    found.units[unit.id] = replace(there, addressees=(*there.addressees, person.said))
    return name, 1


def _outside(
    session: Session, target: Target, found: _Gathered, *, agency_id: UUID
) -> tuple[str, int]:
    organisation = _organisation(session, target, agency_id=agency_id)
    if organisation is None:
        raise OrganisationUnknown("Danh bạ của cơ quan không có nơi nhận này.")
    if organisation.ended_at is not None:
        found.warnings.append(f"{organisation.name} đã bỏ khỏi danh bạ nên không gửi.")
        return organisation.name, 0
    address = {
        Channel.EXCHANGE: organisation.organ_id,
        Channel.EMAIL: organisation.email,
        Channel.POST: organisation.postal_address,
    }[organisation.channel]
    found.outside.append(
        OutsideReceiver(
            organisation.id,
            organisation.name,
            organisation.organ_id,
            organisation.channel,
            address or "",
            target.purpose,
        )
    )
    return organisation.name, 1


def _organisation(
    session: Session, target: Target, *, agency_id: UUID
) -> OutsideOrganisation | None:
    return session.scalars(
        select(OutsideOrganisation).where(
            OutsideOrganisation.id == target.organisation_id,
            OutsideOrganisation.agency_id == agency_id,
        )
    ).one_or_none()
