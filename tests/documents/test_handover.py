"""When somebody leaves, everything that waits on them moves to the successor in one action, each
with an event of its own; what was done stays with who did it."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.documents import actions, queries
from eoffice.documents.actions import Content
from eoffice.documents.flows import actions as flow_actions
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows import setting as flows
from eoffice.documents.flows.handover import DocumentWork
from eoffice.documents.flows.rules import Asked, Planned, Task, Whom
from eoffice.documents.types import DocumentType
from eoffice.objects.sha256 import Sha256
from eoffice.people import handover
from eoffice.people import queries as people
from eoffice.people.handover import OnlyForHeadOrOperator, SuccessorUnfit
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.documents.cast import LETTER_960


@pytest.fixture
def parts() -> object:
    handover.use(DocumentWork())
    return handover


def awaits(session: Session, who: Principal) -> set[object]:
    session.flush()
    return {each.id for each in queries.awaiting(session, who)}


def test_drafts_and_steps_move_and_are_on_record(
    session: Session, cast: Cast, at: datetime, parts: object
) -> None:
    held = people.appointment(session, cast.specialist.appointment_id)
    reader = Whom(Asked.PERSON, person_id=cast.specialist.person_id, position_id=held.position_id)
    flows.set_flow(
        session,
        (
            Planned(1, Task.CHECK_CONTENT, Whom(Asked.DRAFTING_HEAD)),
            Planned(1, Task.CONSULT, reader),
            Planned(2, Task.CHECK_FORM, flow_rules.default_flow(cast.department.id)[1].whom),
        ),
        drafting_unit_id=None,
        kind=None,
        by=cast.director,
        at=at,
    )
    draft = actions.begin(session, DocumentType.DISPATCH, LETTER_960, by=cast.specialist, at=at)
    asked = actions.begin(session, DocumentType.DISPATCH, LETTER_960, by=cast.office_head, at=at)
    data = b"draft"
    flow_actions.submit(
        session,
        asked,
        Content(Sha256.of(data), 5, 1),
        of_revision=1,
        by=cast.office_head,
        at=at,
    )
    assert {draft, asked} <= awaits(session, cast.specialist)
    leaver = people.appointment(session, cast.specialist.appointment_id)
    assert [each.count for each in handover.waiting_on(session, leaver)] == [2]

    moved = handover.hand_over(
        session, leaver.id, cast.office_head.appointment_id, by=cast.operator, at=at
    )

    assert moved == 2
    assert not awaits(session, cast.specialist)
    assert {draft, asked} <= awaits(session, cast.office_head)
    found = queries.document(session, draft, who=cast.office_head)
    assert found.created_by == cast.specialist.full_name
    events = session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("%handed_over")).order_by("action")
    ).all()
    assert list(events) == [
        "document.draft_handed_over",
        "document.step_handed_over",
        "work.handed_over",
    ]
    # A second time nothing is left.
    assert not handover.hand_over(
        session, leaver.id, cast.office_head.appointment_id, by=cast.director, at=at
    )


def test_the_draft_of_who_left_is_returned_to_the_successor(
    session: Session, cast: Cast, at: datetime, parts: object
) -> None:
    draft = actions.begin(session, DocumentType.DISPATCH, LETTER_960, by=cast.specialist, at=at)
    flow_actions.submit(
        session, draft, Content(Sha256.of(b"a"), 1, 1), of_revision=1, by=cast.specialist, at=at
    )
    handover.hand_over(
        session,
        cast.specialist.appointment_id,
        cast.office_head.appointment_id,
        by=cast.director,
        at=at,
    )
    flow_actions.send_back(session, draft, "Thiếu căn cứ pháp lý.", by=cast.office_head, at=at)
    session.flush()
    latest = queries.document(session, draft, who=cast.office_head).latest
    assert latest.created_by == cast.office_head.full_name


def test_only_head_and_operator_hand_over_and_only_within_the_unit(
    session: Session, cast: Cast, at: datetime, parts: object
) -> None:
    leaver = cast.specialist.appointment_id
    with pytest.raises(OnlyForHeadOrOperator):
        handover.hand_over(
            session, leaver, cast.office_head.appointment_id, by=cast.office_head, at=at
        )
    with pytest.raises(SuccessorUnfit):
        handover.hand_over(session, leaver, cast.clerk.appointment_id, by=cast.director, at=at)
    with pytest.raises(people.AppointmentUnknown):
        handover.hand_over(
            session, leaver, cast.office_head.appointment_id, by=cast.district_head, at=at
        )
