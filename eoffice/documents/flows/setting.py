"""Approval flows as an agency sets them: for an office, a type, both, or everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from eoffice.audit import actions as audit
from eoffice.db import new_id
from eoffice.documents.flows import facts as flow_facts
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.model import ApprovalFlow, ApprovalFlowStep
from eoffice.documents.flows.rules import Asked, FlowUnfit, Planned
from eoffice.documents.types import DocumentType
from eoffice.errors import NotAllowed, NotFound
from eoffice.people import queries as people
from eoffice.people.kinds import PositionKind
from eoffice.people.model import Person, Unit
from eoffice.web.principal import Principal

#: The head decides how the agency works, the clerk and the operator write it down.
_MAY_SET: Final = frozenset(
    {PositionKind.HEAD, PositionKind.DEPUTY_HEAD, PositionKind.CLERK, PositionKind.OPERATOR}
)


class OnlyForHeadAndClerk(NotAllowed):
    """Flows are set by the head of the agency, its clerk or an operator."""


class FlowUnknown(NotFound):
    """The agency has no such flow."""


@dataclass(frozen=True, slots=True)
class FlowSet:
    """A flow that is in use."""

    id: UUID
    drafting_unit_id: UUID | None
    drafting_unit: str | None
    type: DocumentType | None
    set_by: str
    set_at: datetime
    steps: tuple[Planned, ...]


def may_set(who: Principal) -> bool:
    return PositionKind(who.position_kind) in _MAY_SET


def require_setter(who: Principal) -> None:
    """Raises OnlyForHeadAndClerk."""
    if not may_set(who):
        raise OnlyForHeadAndClerk(
            "Quy trình trình ký do người đứng đầu cơ quan, văn thư hoặc quản trị viên đặt."
        )


def set_flow(
    session: Session,
    steps: Sequence[Planned],
    *,
    drafting_unit_id: UUID | None,
    kind: DocumentType | None,
    by: Principal,
    at: datetime,
) -> UUID:
    """Set the flow for an office (None: all) and a type (None: all), in place of the one that is.

    Documents under way keep theirs. Raises OnlyForHeadAndClerk, FlowUnfit.
    """
    require_setter(by)
    checked = flow_rules.check(steps)
    _check_known(session, checked, drafting_unit_id, agency_id=by.agency_id)
    _end(session, drafting_unit_id, kind, by=by, at=at)
    flow_id = new_id()
    session.add(
        ApprovalFlow(
            id=flow_id,
            agency_id=by.agency_id,
            drafting_unit_id=drafting_unit_id,
            type=kind,
            set_by=by.person_id,
            set_at=at,
        )
    )
    session.flush()  # The steps point here.
    for ordinal, each in enumerate(checked, start=1):
        session.add(
            ApprovalFlowStep(
                flow_id=flow_id,
                agency_id=by.agency_id,
                stage=each.stage,
                ordinal=ordinal,
                task=each.task,
                asked=each.whom.asked,
                position_kind=each.whom.position_kind,
                unit_id=each.whom.unit_id,
                person_id=each.whom.person_id,
                position_id=each.whom.position_id,
                working_days=each.working_days,
            )
        )
    session.flush()
    _record(session, "document.flow_set", flow_id, by=by, at=at, steps=len(checked))
    return flow_id


def end_flow(session: Session, flow_id: UUID, *, by: Principal, at: datetime) -> None:
    """Back to what is set more generally, or to the default. Idempotent. Raises FlowUnknown."""
    require_setter(by)
    row = session.get(ApprovalFlow, flow_id, with_for_update=True)
    if row is None or row.agency_id != by.agency_id:
        raise FlowUnknown("Không tìm thấy quy trình này.")
    if row.ended_at is None:
        row.ended_by, row.ended_at = by.person_id, at
        _record(session, "document.flow_ended", flow_id, by=by, at=at)


def in_use(session: Session, agency_id: UUID) -> tuple[FlowSet, ...]:
    """What is set, the most general first."""
    setter = aliased(Person)
    found = session.execute(
        select(ApprovalFlow, Unit.name, setter.full_name)
        .join(setter, setter.id == ApprovalFlow.set_by)
        .outerjoin(Unit, Unit.id == ApprovalFlow.drafting_unit_id)
        .where(ApprovalFlow.agency_id == agency_id, ApprovalFlow.ended_at.is_(None))
        .order_by(
            ApprovalFlow.drafting_unit_id.is_not(None), Unit.name, ApprovalFlow.type.is_not(None)
        )
    )
    return tuple(
        FlowSet(
            row.id,
            row.drafting_unit_id,
            unit,
            row.type,
            name,
            row.set_at,
            flow_facts.steps_of(session, row.id),
        )
        for row, unit, name in found
    )


def flow(session: Session, flow_id: UUID, *, agency_id: UUID) -> FlowSet:
    """Raises FlowUnknown."""
    for each in in_use(session, agency_id):
        if each.id == flow_id:
            return each
    raise FlowUnknown("Không tìm thấy quy trình này, hoặc quy trình đã được thay.")


def _end(
    session: Session,
    drafting_unit_id: UUID | None,
    kind: DocumentType | None,
    *,
    by: Principal,
    at: datetime,
) -> None:
    present = session.scalars(
        select(ApprovalFlow)
        .where(
            ApprovalFlow.agency_id == by.agency_id,
            ApprovalFlow.drafting_unit_id.is_not_distinct_from(drafting_unit_id),
            ApprovalFlow.type.is_not_distinct_from(kind),
            ApprovalFlow.ended_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if present is not None:
        present.ended_by, present.ended_at = by.person_id, at
        session.flush()  # Before the insert: the unique index allows one flow in use.


def _check_known(
    session: Session,
    steps: Sequence[Planned],
    drafting_unit_id: UUID | None,
    *,
    agency_id: UUID,
) -> None:
    named = [each.whom.unit_id for each in steps if each.whom.asked is Asked.POSITION]
    for unit_id in (*named, drafting_unit_id):
        if unit_id is not None and people.unit(session, unit_id).agency_id != agency_id:
            raise FlowUnfit("Quy trình chỉ đi qua các đơn vị của cơ quan.")
    for each in steps:
        if each.whom.asked is Asked.PERSON:
            assert each.whom.person_id is not None
            held = people.appointments_of(session, each.whom.person_id, at=None)
            if not any(
                one.position_id == each.whom.position_id and one.agency_id == agency_id
                for one in held
            ):
                raise FlowUnfit("Quy trình chỉ hỏi người đang giữ chức danh trong cơ quan.")


def _record(
    session: Session, action: str, flow_id: UUID, *, by: Principal, at: datetime, **details: object
) -> None:
    audit.record(
        session,
        action,
        object_kind="approval_flow",
        object_id=flow_id,
        by=by,
        at=at,
        details=details,
    )
