"""What the rules of flows are asked about: the office of one day, and the steps of a document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.model import ApprovalFlow, ApprovalFlowStep, DocumentFlowStep
from eoffice.documents.flows.rules import Holder, Office, Planned, Running, Whom
from eoffice.documents.types import DocumentType
from eoffice.people import queries as people
from eoffice.people import substitution_queries
from eoffice.web.principal import Principal


def office(
    session: Session,
    agency_id: UUID,
    drafting_unit_id: UUID,
    *,
    at: datetime,
    acting: Principal | None = None,
) -> Office:
    """Everybody of the agency on that day; `acting` counts in the position they act in alone."""
    held = people.persons_in(session, agency_id, at=at)
    return Office(
        agency_id=agency_id,
        drafting_unit_id=drafting_unit_id,
        holders=tuple(
            Holder(each.person_id, each.position_id, each.kind, each.unit_id)
            for each in held
            if acting is None
            or each.person_id != acting.person_id
            or each.id == acting.appointment_id
        ),
        substitutes=substitution_queries.substitutes(session, agency_id, on=clock.civil_date(at)),
    )


def whom(row: DocumentFlowStep | ApprovalFlowStep) -> Whom:
    return Whom(row.asked, row.position_kind, row.unit_id, row.person_id, row.position_id)


def rows(session: Session, document_id: UUID) -> Sequence[DocumentFlowStep]:
    """The steps of the newest round, in their order."""
    newest = (
        select(func.max(DocumentFlowStep.round))
        .where(DocumentFlowStep.document_id == document_id)
        .scalar_subquery()
    )
    return session.scalars(
        select(DocumentFlowStep)
        .where(DocumentFlowStep.document_id == document_id, DocumentFlowStep.round == newest)
        .order_by(DocumentFlowStep.stage, DocumentFlowStep.ordinal)
    ).all()


def running(found: Sequence[DocumentFlowStep]) -> tuple[Running, ...]:
    return tuple(
        Running(each.id, each.stage, each.ordinal, each.task, whom(each), each.state, each.ended_by)
        for each in found
    )


def plan(
    session: Session, *, agency_id: UUID, drafting_unit_id: UUID, kind: DocumentType
) -> tuple[Planned, ...]:
    """The flow that a document of this office and type would begin now."""
    in_use = session.execute(
        select(ApprovalFlow.id, ApprovalFlow.drafting_unit_id, ApprovalFlow.type).where(
            ApprovalFlow.agency_id == agency_id, ApprovalFlow.ended_at.is_(None)
        )
    ).all()
    chosen = flow_rules.most_fitting(
        [(row[0], row[1], row[2]) for row in in_use],
        drafting_unit_id=drafting_unit_id,
        kind=kind,
    )
    return flow_rules.default_flow(agency_id) if chosen is None else steps_of(session, chosen)


def steps_of(session: Session, flow_id: UUID) -> tuple[Planned, ...]:
    """The steps of a flow as it was set."""
    found = session.scalars(
        select(ApprovalFlowStep)
        .where(ApprovalFlowStep.flow_id == flow_id)
        .order_by(ApprovalFlowStep.stage, ApprovalFlowStep.ordinal)
    )
    return tuple(Planned(each.stage, each.task, whom(each), each.working_days) for each in found)
