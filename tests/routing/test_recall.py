"""A recall takes every copy back, keeps what is known of it, and tells everybody who acted.

Decree 30/2020, art. 18 and Annex VI: the outgoing document and its metadata freeze, the copies at
the recipients become unreadable, the metadata of the recall stay. Run twice, or after a crash
between any two steps, nothing is lost and nothing is doubled.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from eoffice.documents.issue import actions as issuing
from eoffice.documents.model import Document
from eoffice.documents.states import State
from eoffice.outbox import Promise
from eoffice.routing import (
    actions,
    delivery_queries,
    queries,
    recall_actions,
    recall_queries,
    states,
)
from eoffice.routing.delivery_queries import CopyRecalled, DeliveryUnknown
from eoffice.routing.model import Arrival, Delivery, DeliveryFile, Notice
from eoffice.routing.recall_model import DeliveryRecall
from eoffice.routing.rules import ForClerksOnly, NoticeKind, ReasonMissing
from eoffice.routing.states import (
    ArrivalState,
    DeliveryState,
    DeliveryStepRefused,
    RecallState,
    RecallStep,
)
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage

#: Written out again by hand, so that a slip in the table is seen.
RECALLS = {
    ("asked", "agree"): "agreed",
    ("asked", "refuse"): "refused",
    ("refused", "agree"): "agreed",
}
WHY = "Phụ lục kèm theo sai số liệu."


@pytest.mark.parametrize(("state", "step"), list(itertools.product(RecallState, RecallStep)))
def test_each_pair_of_a_recall_leads_on_or_is_refused(state: RecallState, step: RecallStep) -> None:
    expected = RECALLS.get((state.value, step.value))
    if expected is None:
        with pytest.raises(DeliveryStepRefused) as refused:
            states.recall_after(state, step)
        assert refused.value.detail.endswith(".")
    else:
        assert states.recall_after(state, step) is RecallState(expected)


def test_the_exchange_regulation_has_a_code_for_each_state_of_a_recall() -> None:
    assert {state.value: states.RECALL_CODES[state] for state in RecallState} == {
        "asked": "13",
        "agreed": "15",
        "refused": "16",
    }


def withdrawn(session: Session, cast: Cast, document_id: UUID, *, at: datetime) -> None:
    """Recalled by the director, and every promise of the recall kept."""
    issuing.withdraw(session, document_id, WHY, by=cast.director, at=at)
    session.flush()
    recall_actions.recall(session, document_id, at=at)
    session.flush()
    for promised in session.scalars(
        select(Promise).where(Promise.task == "routing.recall_copy")
    ).all():
        recall_actions.recall_copy(session, UUID(promised.payload["delivery_id"]), at=at)
    session.flush()


def told(session: Session, kind: NoticeKind) -> set[UUID | None]:
    return set(session.scalars(select(Notice.person_id).where(Notice.kind == kind)))


def test_a_recalled_copy_is_unreadable_and_says_why(
    session: Session, cast: Cast, dispatch: UUID, arrival: UUID, at: datetime
) -> None:
    withdrawn(session, cast, dispatch, at=at)

    delivery_id = session.get_one(Arrival, arrival).delivery_id
    who = cast.high_school_clerk
    with web_role(session, who):
        seen = delivery_queries.delivery(session, delivery_id, who=who)
        assert not seen.is_open
        with pytest.raises(CopyRecalled):
            delivery_queries.readable(session, delivery_id, who=who)
        with pytest.raises(CopyRecalled):
            delivery_queries.file(session, delivery_id, 1, who=who)
        assert session.scalars(select(DeliveryFile)).all() == []
        recalled = recall_queries.of_delivery(session, delivery_id)
    assert recalled is not None
    assert (recalled.reason, recalled.decided_by) == (WHY, cast.director.full_name)
    assert recalled.status_code == "13"
    assert session.get_one(Delivery, delivery_id).state is DeliveryState.RECALLED
    assert session.get_one(Arrival, arrival).state is ArrivalState.RECALLED


def test_everybody_who_acted_on_a_recalled_copy_is_told_once(
    session: Session, cast: Cast, dispatch: UUID, arrival: UUID, at: datetime
) -> None:
    withdrawn(session, cast, dispatch, at=at)
    delivery_id = session.get_one(Arrival, arrival).delivery_id
    recall_actions.recall_copy(session, delivery_id, at=at)
    recall_actions.recall(session, dispatch, at=at)

    assert told(session, NoticeKind.RECALLED) == {None, cast.high_school_clerk.person_id}
    (notice,) = queries.notices(session, who=cast.high_school_clerk)
    assert WHY in notice.text
    assert len(session.scalars(select(DeliveryRecall)).all()) == 1


def test_what_is_not_delivered_yet_is_not_delivered_any_more(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    withdrawn(session, cast, dispatch, at=at)

    assert actions.deliver(session, dispatch, cast.district.id, at=at) is None
    assert session.scalars(select(Delivery)).all() == []


def test_nobody_works_on_a_recalled_copy(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID, at: datetime
) -> None:
    actions.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)
    withdrawn(session, cast, dispatch, at=at)

    with pytest.raises(DeliveryStepRefused):
        actions.register_arrival(session, delivery, by=cast.high_school_clerk, at=at)
    with pytest.raises(DeliveryStepRefused):
        actions.refuse(session, delivery, "Gửi nhầm.", by=cast.high_school_clerk, at=at)


@pytest.mark.parametrize(
    "statement",
    [
        "update documents set subject = 'khác' where id = :document",
        "update documents set state = 'issued' where id = :document",
        "delete from attachments where document_id = :document",
        "insert into document_recipients (document_id, ordinal, agency_id, kind, purpose, unit_id)"
        " select id, 99, agency_id, 'unit', 'action', agency_id from documents"
        " where id = :document",
    ],
)
def test_the_database_refuses_to_change_a_recalled_document(
    session: Session, cast: Cast, dispatch: UUID, at: datetime, statement: str
) -> None:
    withdrawn(session, cast, dispatch, at=at)

    with (
        web_role(session, cast.director),
        pytest.raises(ProgrammingError, match="never changed"),
        session.begin_nested(),
    ):
        session.execute(text(statement), {"document": dispatch})


def test_the_database_refuses_to_change_a_recalled_copy(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID, at: datetime
) -> None:
    withdrawn(session, cast, dispatch, at=at)

    with (
        web_role(session, cast.high_school_clerk),
        pytest.raises(ProgrammingError, match="never changed"),
        session.begin_nested(),
    ):
        session.execute(text("update deliveries set state = 'opened'"))


def test_a_recipient_agrees_and_the_sender_sees_it(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID, at: datetime
) -> None:
    withdrawn(session, cast, dispatch, at=at)
    with web_role(session, cast.high_school_clerk):
        recall_actions.answer(
            session, delivery, RecallStep.AGREE, "", by=cast.high_school_clerk, at=at
        )
        session.flush()
    recall_actions.tell_answer(session, delivery, RecallState.AGREED, at=at)

    with web_role(session, cast.specialist):
        status = recall_queries.of_document(session, dispatch, who=cast.specialist)
    assert [copy.status_code for copy in status.copies] == ["15"]
    assert status.counts[RecallState.AGREED] == 1
    with pytest.raises(DeliveryStepRefused):
        recall_actions.answer(
            session, delivery, RecallStep.REFUSE, "Không.", by=cast.high_school_clerk, at=at
        )


def test_a_refusal_is_told_to_writer_signer_clerk_and_whoever_recalled(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID, at: datetime
) -> None:
    withdrawn(session, cast, dispatch, at=at)
    recall_actions.answer(
        session,
        delivery,
        RecallStep.REFUSE,
        "Trường đã triển khai.",
        by=cast.high_school_principal,
        at=at,
    )
    for _ in range(2):
        recall_actions.tell_answer(session, delivery, RecallState.REFUSED, at=at)

    document = session.get_one(Document, dispatch)
    assert told(session, NoticeKind.RECALL_REFUSED) == {
        None,
        cast.specialist.person_id,
        document.signer_id,
    }
    (notice,) = queries.notices(session, who=cast.specialist)
    assert "Trường đã triển khai." in notice.text
    assert len(queries.notices(session, who=cast.director)) == 1


def test_a_refusal_to_accept_is_told_to_writer_and_signer_too(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    actions.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)
    actions.refuse(session, delivery, "Gửi nhầm.", by=cast.high_school_clerk, at=at)
    for _ in range(2):
        actions.tell_sender_of_refusal(session, delivery, at=at)

    for who in (cast.specialist, cast.director, cast.clerk):
        assert len(queries.notices(session, who=who)) == 1
    assert queries.notices(session, who=cast.secondary_office_head) == ()


def test_a_refusal_of_a_recall_needs_a_reason_and_only_those_in_charge_answer(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID, at: datetime
) -> None:
    withdrawn(session, cast, dispatch, at=at)

    with pytest.raises(ReasonMissing):
        recall_actions.answer(
            session, delivery, RecallStep.REFUSE, " ", by=cast.high_school_clerk, at=at
        )
    with pytest.raises(ForClerksOnly):
        recall_actions.answer(
            session, delivery, RecallStep.AGREE, "", by=cast.high_school_teacher, at=at
        )
    with pytest.raises(DeliveryUnknown):
        recall_actions.answer(
            session, delivery, RecallStep.AGREE, "", by=cast.other_high_school_clerk, at=at
        )


def test_another_agency_sees_nothing_of_a_recall(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID, at: datetime
) -> None:
    withdrawn(session, cast, dispatch, at=at)

    with web_role(session, cast.other_high_school_clerk):
        assert session.scalars(select(DeliveryRecall)).all() == []


def test_the_document_itself_is_marked_as_recalled(
    session: Session, cast: Cast, dispatch: UUID, at: datetime
) -> None:
    stage.delivered(session, dispatch, cast.district, at=at)
    before = recall_queries.standing(session, dispatch, who=cast.director)
    withdrawn(session, cast, dispatch, at=at)

    assert before == (1, 0, 0)
    assert session.get_one(Document, dispatch).state is State.WITHDRAWN
