"""Whose turn it is in a flow, as a condition of SQL: for lists, where the rules cannot be asked
about every document.

Says the same as `flow_rules.answerers` without those who merely stand above; a test holds the two
together.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from eoffice.documents.flows.model import DocumentFlowStep, DocumentWriter
from eoffice.documents.flows.rules import Asked, StepState
from eoffice.documents.model import Document
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Appointment, Position, Unit
from eoffice.people.substitution_model import Absence
from eoffice.web.principal import Principal

_OFFICE_HEADS = (PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY)
_HEADS = (PositionKind.HEAD, PositionKind.DEPUTY_HEAD)

# Made once: an alias collects the columns of its table anew, which for a list took longer than
# asking the database. No subquery uses one that a subquery around it uses.
_STEP = aliased(DocumentFlowStep)
_AWAY = aliased(Absence)
_APPOINTMENT = aliased(Appointment)
_HELD = aliased(Position)
_UNIT = aliased(Unit)


def waits_for(who: Principal, *, on: date | None = None) -> ColumnElement[bool]:
    """Documents of which a step of the flow waits for this person; to be used beside Document.

    Without `on` the day is the one that the transaction was told, else that of the database.
    """
    return (
        select(_STEP.id)
        .where(
            _STEP.document_id == Document.id,
            _STEP.state == StepState.WAITING,
            _waits(_STEP, who, on),
        )
        .correlate(Document)
        .exists()
    )


def took_part(who: Principal) -> ColumnElement[bool]:
    """Documents of which this person answered a step, or which were handed over to them."""
    answered = (
        select(_STEP.id)
        .where(_STEP.document_id == Document.id, _STEP.ended_by == who.person_id)
        .correlate(Document)
        .exists()
    )
    return or_(answered, writes(who))


def writes(who: Principal) -> ColumnElement[bool]:
    """Drafts that were handed over to this person."""
    return (
        select(DocumentWriter.document_id)
        .where(DocumentWriter.document_id == Document.id, DocumentWriter.person_id == who.person_id)
        .correlate(Document)
        .exists()
    )


def handed_on() -> ColumnElement[bool]:
    """Drafts that somebody else writes than who began them."""
    return (
        select(DocumentWriter.document_id)
        .where(DocumentWriter.document_id == Document.id)
        .correlate(Document)
        .exists()
    )


def _waits(step: Any, who: Principal, on: date | None) -> ColumnElement[bool]:
    day: Any = func.coalesce(func.app_today(), func.current_date()) if on is None else literal(on)
    kind = PositionKind(who.position_kind)
    own = _asks(step, literal(who.person_id), literal(kind.value), literal(who.unit_id))
    away, appointment, held, unit = _AWAY, _APPOINTMENT, _HELD, _UNIT
    in_place = (
        select(away.id)
        .join(appointment, appointment.person_id == away.person_id)
        .join(held, held.id == appointment.position_id)
        .join(unit, unit.id == held.unit_id)
        .where(
            away.agency_id == who.agency_id,
            away.substitute_id == who.person_id,
            away.ended_at.is_(None),
            away.first_day <= day,
            away.last_day >= day,
            unit.agency_id == who.agency_id,
            _in_force(appointment, day),
            _asks(step, away.person_id, held.kind, held.unit_id),
        )
        .correlate(step, Document)
        .exists()
    )
    return or_(own, in_place, and_(_is_vacant(step, day), _follows(step, who, kind, day)))


def _asks(step: Any, person_id: Any, kind: Any, unit_id: Any) -> ColumnElement[bool]:
    """Whether the step asks a person who holds a position of this kind in this unit."""
    return or_(
        and_(step.asked == Asked.PERSON, step.person_id == person_id),
        and_(
            step.asked == Asked.POSITION,
            step.position_kind == kind,
            or_(step.unit_id == unit_id, step.unit_id == step.agency_id),
        ),
        and_(
            step.asked == Asked.DRAFTING_HEAD,
            Document.drafting_unit_id == unit_id,
            or_(
                and_(
                    Document.drafting_unit_id == Document.agency_id,
                    kind.in_([each.value for each in _HEADS]),
                ),
                and_(
                    Document.drafting_unit_id != Document.agency_id,
                    kind.in_([each.value for each in _OFFICE_HEADS]),
                ),
            ),
        ),
    )


def _is_vacant(step: Any, day: Any) -> ColumnElement[bool]:
    """Nobody of the agency is asked by the step today."""
    appointment, held, unit = _APPOINTMENT, _HELD, _UNIT
    return ~(
        select(appointment.id)
        .join(held, held.id == appointment.position_id)
        .join(unit, unit.id == held.unit_id)
        .where(
            unit.agency_id == step.agency_id,
            _in_force(appointment, day),
            _asks(step, appointment.person_id, held.kind, held.unit_id),
        )
        .correlate(step, Document)
        .exists()
    )


def _follows(step: Any, who: Principal, kind: PositionKind, day: Any) -> ColumnElement[bool]:
    """Who is asked in place of nobody: the next holder of the position, else the agency's head."""
    next_holder = (
        select(_APPOINTMENT.id)
        .where(_APPOINTMENT.id == who.appointment_id, _APPOINTMENT.position_id == step.position_id)
        .correlate(step)
        .exists()
    )
    held_again = (
        select(_APPOINTMENT.id)
        .where(_APPOINTMENT.position_id == step.position_id, _in_force(_APPOINTMENT, day))
        .correlate(step)
        .exists()
    )
    return or_(next_holder, ~held_again if kind in _HEADS else false())


def _in_force(appointment: Any, day: Any) -> ColumnElement[bool]:
    return and_(
        appointment.valid_from <= day,
        or_(appointment.valid_to.is_(None), appointment.valid_to >= day),
    )
