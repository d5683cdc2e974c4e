"""The choice of recipients in words, without asking whom it means: for pages and books."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.documents.model import DocumentRecipient
from eoffice.documents.recipients import rules as recipient_rules
from eoffice.documents.recipients.model import OutsideOrganisation
from eoffice.documents.recipients.rules import PURPOSE_NAMES, Purpose, Rule, TargetKind
from eoffice.people import groups
from eoffice.people import queries as people
from eoffice.people.model import Appointment, Person, Position, Unit


@dataclass(frozen=True, slots=True)
class Said:
    kind: TargetKind
    unit_id: UUID | None
    group_code: str | None
    purpose: Purpose
    #: With the purpose behind it, unless it is to act.
    name: str


def said(session: Session, document_id: UUID) -> tuple[Said, ...]:
    """Each line of the choice, in its order."""
    rows = session.execute(
        select(
            DocumentRecipient, Unit.name, Person.full_name, Position.title, OutsideOrganisation.name
        )
        .outerjoin(Unit, Unit.id == DocumentRecipient.unit_id)
        .outerjoin(Appointment, Appointment.id == DocumentRecipient.appointment_id)
        .outerjoin(Person, Person.id == Appointment.person_id)
        .outerjoin(Position, Position.id == Appointment.position_id)
        .outerjoin(OutsideOrganisation, OutsideOrganisation.id == DocumentRecipient.organisation_id)
        .where(DocumentRecipient.document_id == document_id)
        .order_by(DocumentRecipient.ordinal)
    )
    lines = []
    for row, unit, person, title, organisation in rows:
        match row.kind:
            case TargetKind.UNIT:
                name = unit
            case TargetKind.GROUP:
                name = groups.group_of(row.group_code or "").group.name
            case TargetKind.RULE:
                name = row.rule_name or _described(session, recipient_rules.parse(row.rule))
            case TargetKind.PERSON:
                name = f"{person}, {title}"
            case TargetKind.OUTSIDE:
                name = organisation
        if row.purpose is not Purpose.ACTION:
            name = f"{name} ({PURPOSE_NAMES[row.purpose]})"
        lines.append(Said(row.kind, row.unit_id, row.group_code, row.purpose, name))
    return tuple(lines)


def _described(session: Session, rule: Rule) -> str:
    named = people.units(session, {*rule.below, *rule.exceptions})
    return recipient_rules.described(rule, {id_: unit.name for id_, unit in named.items()})
