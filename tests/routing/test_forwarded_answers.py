"""What a school answers to a document that its Phòng passed on stands at the line that was passed
on, and is told to who passed it on; an answer straight to the Sở stands at the Sở's document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.people.model import Unit
from eoffice.routing import (
    change_queries,
    forwarding_actions,
    forwarding_queries,
    handling,
    outgoing,
    queries,
)
from eoffice.routing.model import Delivery, Notice
from eoffice.routing.rules import Assignee, NoticeKind, Role
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage

TODAY = date(2018, 8, 14)
Answer = Callable[[Unit], UUID]


@pytest.fixture
def dispatch(session: Session, cast: Cast, at: datetime) -> UUID:
    return stage.issued_by_the_department(session, cast, [cast.district], at=at)


@pytest.fixture
def at_the_district(session: Session, cast: Cast, dispatch: UUID, at: datetime) -> UUID:
    delivery = stage.delivered(session, dispatch, cast.district, at=at)
    arrival = stage.registered(session, delivery, by=cast.district_clerk, at=at)
    handling.submit_to_head(session, arrival, by=cast.district_clerk, at=at)
    session.flush()
    return arrival


@pytest.fixture
def answer(session: Session, cast: Cast, at_the_district: UUID, at: datetime) -> Answer:
    """The school answers what its Phòng passed on, to one recipient; the delivery."""
    forwarding = forwarding_actions.forward(
        session,
        at_the_district,
        [cast.school.id],
        instruction="Các trường báo cáo về Phòng.",
        due_on=None,
        by=cast.district_head,
        at=at,
    )
    session.flush()
    copy = forwarding_actions.deliver_forwarded(session, forwarding, cast.school.id, at=at)
    assert copy is not None
    arrival = stage.registered(session, copy, by=cast.school_clerk, at=at)
    handling.submit_to_head(session, arrival, by=cast.school_clerk, at=at)
    principal = cast.school_principal
    lead = Assignee(Role.LEAD, principal.unit_id, principal.person_id)
    handling.assign(
        session, arrival, [lead], instruction="Trả lời.", due_on=None, by=principal, at=at
    )
    document = handling.start_answer(session, arrival, by=principal, at=at)
    session.flush()

    def to(recipient: Unit) -> UUID:
        stage.issue(
            session,
            document,
            [recipient.id],
            number=7,
            notation="THCS-VP",
            signer=principal,
            at=at,
        )
        made = stage.delivered(session, document, recipient, at=at)
        session.flush()
        return made

    return to


def test_the_answer_stands_at_the_line_that_was_passed_on(
    session: Session, cast: Cast, at_the_district: UUID, answer: Answer
) -> None:
    delivery = answer(cast.district)

    with web_role(session, cast.district_head):
        (forwarding,) = forwarding_queries.forwardings(session, at_the_district, today=TODAY)
        found = change_queries.of_delivery(session, delivery)
    (below,) = forwarding.recipients
    assert [each.code for each in below.answers] == ["07/THCS-VP"]
    assert found.answers is not None
    assert (found.answers.arrival_id, found.answers.number) == (at_the_district, 1)
    assert session.get_one(Delivery, delivery).answers_document_id is None


def test_who_passed_it_on_and_the_clerks_are_told(
    session: Session, cast: Cast, at_the_district: UUID, answer: Answer
) -> None:
    answer(cast.district)

    told = session.scalars(select(Notice).where(Notice.kind == NoticeKind.ANSWERED)).all()
    assert {each.agency_id for each in told} == {cast.district.id}
    assert {each.person_id for each in told} >= {None, cast.district_head.person_id}
    with web_role(session, cast.district_head):
        (notice,) = queries.notices(session, who=cast.district_head)
    assert "trả lời bằng văn bản 07/THCS-VP" in notice.text
    assert notice.path.startswith("/incoming/deliveries/")


def test_an_answer_straight_to_who_issued_it_stands_at_its_document(
    session: Session, cast: Cast, dispatch: UUID, at_the_district: UUID, answer: Answer
) -> None:
    delivery = answer(cast.department)

    assert session.get_one(Delivery, delivery).answers_document_id == dispatch
    with web_role(session, cast.director):
        assert change_queries.of_delivery(session, delivery).answers is None
    with web_role(session, cast.district_head):
        (forwarding,) = forwarding_queries.forwardings(session, at_the_district, today=TODAY)
    assert forwarding.recipients[0].answers == ()


def test_the_one_who_issued_it_is_not_told_of_an_answer_to_the_phong(
    session: Session, cast: Cast, dispatch: UUID, answer: Answer
) -> None:
    answer(cast.district)

    with web_role(session, cast.clerk):
        assert queries.notices(session, who=cast.clerk) == ()
        status = outgoing.dispatch_status(session, dispatch, who=cast.clerk, today=TODAY)
    assert status.answered == 0
