"""Drafts and approval steps of somebody who leaves, moved to a successor.

Steps that ask a position need no moving: whoever holds it next is asked. Versions stay credited to
who wrote them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from eoffice.documents import steps as document_steps
from eoffice.documents.flows.model import DocumentFlowStep, DocumentWriter
from eoffice.documents.flows.rules import Asked, StepState
from eoffice.documents.model import Document
from eoffice.documents.states import State
from eoffice.people.views import AppointmentView
from eoffice.web.principal import Principal

_OPEN = (StepState.WAITING, StepState.PLANNED)


class DocumentWork:
    """The part of this slice in a hand-over (`people.handover.Part`)."""

    @property
    def name(self) -> str:
        return "Dự thảo và bước trình ký đích danh"

    def waiting(self, session: Session, leaver: AppointmentView) -> int:
        return len(_drafts(session, leaver)) + len(_steps(session, leaver))

    def hand_over(
        self,
        session: Session,
        leaver: AppointmentView,
        successor: AppointmentView,
        *,
        by: Principal,
        at: datetime,
    ) -> int:
        drafts, steps = _drafts(session, leaver), _steps(session, leaver)
        for document_id in drafts:
            document = document_steps.lock(session, document_id)
            row = session.get(DocumentWriter, document_id)
            if row is None:
                session.add(
                    DocumentWriter(
                        document_id=document_id,
                        agency_id=document.agency_id,
                        person_id=successor.person_id,
                        since=at,
                    )
                )
            else:
                row.person_id, row.since = successor.person_id, at
            document_steps.put_on_record(
                session,
                "document.draft_handed_over",
                document,
                by=by,
                at=at,
                to_person_id=successor.person_id,
            )
        for step in steps:
            document = document_steps.lock(session, step.document_id)
            step.person_id, step.position_id = successor.person_id, successor.position_id
            document_steps.put_on_record(
                session,
                "document.step_handed_over",
                document,
                by=by,
                at=at,
                step_id=step.id,
                to_person_id=successor.person_id,
            )
        session.flush()
        return len(drafts) + len(steps)


def _drafts(session: Session, leaver: AppointmentView) -> Sequence[UUID]:
    """Documents that the person writes: drafts, and what may yet be returned to them."""
    return session.scalars(
        select(Document.id)
        .outerjoin(DocumentWriter, DocumentWriter.document_id == Document.id)
        .where(
            Document.agency_id == leaver.agency_id,
            Document.drafting_unit_id == leaver.unit_id,
            Document.state.in_(
                (State.DRAFT, State.SUBMITTED, State.CHECKING, State.AWAITING_SIGNATURE)
            ),
            or_(
                DocumentWriter.person_id == leaver.person_id,
                and_(DocumentWriter.person_id.is_(None), Document.created_by == leaver.person_id),
            ),
        )
        .order_by(Document.id)
    ).all()


def _steps(session: Session, leaver: AppointmentView) -> Sequence[DocumentFlowStep]:
    return session.scalars(
        select(DocumentFlowStep)
        .where(
            DocumentFlowStep.agency_id == leaver.agency_id,
            DocumentFlowStep.state.in_(_OPEN),
            DocumentFlowStep.asked == Asked.PERSON,
            DocumentFlowStep.person_id == leaver.person_id,
        )
        .order_by(DocumentFlowStep.id)
    ).all()
