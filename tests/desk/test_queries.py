"""What was given away stays on the desk until it is finished; late is counted in working days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from eoffice.db import new_id
from eoffice.desk import queries, rules
from eoffice.desk.queries import Place
from eoffice.desk.rules import Kind, Of
from eoffice.documents.flows.model import DocumentFlowStep
from eoffice.documents.flows.rules import Asked, StepState, Task
from eoffice.documents.model import Document
from eoffice.documents.states import State
from eoffice.people.kinds import PositionKind
from eoffice.routing import forwarding_actions, handling
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.conftest import web_role
from tests.desk.conftest import DUE_ON, Given
from tests.routing import stage

#: The Monday behind the deadline, a Friday: one working day late.
MONDAY = datetime(2018, 8, 27, 2, 0, tzinfo=UTC)


def given_away(session: Session, who: Principal, at: datetime) -> list[tuple[Kind, str]]:
    with web_role(session, who):
        found = queries.given(session, who=who, at=at, limit=50)
        counted = queries.count_given(session, who=who)
    assert counted.total == len(found)
    return [(each.kind, each.holder) for each in found]


def is_late(session: Session, of: Of, who: Principal, at: datetime) -> list[tuple[Kind, int]]:
    with web_role(session, who):
        found = queries.late(session, of, who=who, at=at, limit=50)
        counted = queries.count_late(session, of, who=who, at=at)
    assert counted.total == len(found)
    return [(each.kind, each.days_late) for each in found]


def test_a_head_sees_who_has_what_was_assigned(
    session: Session, given: Given, at: datetime
) -> None:
    cast = given.cast
    teacher = cast.high_school_teacher

    assert given_away(session, cast.high_school_principal, at) == [
        (Kind.ASSIGNED, f"{teacher.full_name}, {cast.high_school.name}")
    ]
    assert given_away(session, teacher, at) == []

    handling.finish(session, given.arrival, "Đã triển khai.", by=teacher, at=at)
    assert given_away(session, cast.high_school_principal, at) == []


def test_a_writer_and_the_signer_see_how_many_recipients_owe_what_was_asked(
    session: Session, given: Given, at: datetime
) -> None:
    cast = given.cast
    for who in (cast.specialist, cast.director):
        assert given_away(session, who, at) == [(Kind.ASKED, "2 trên 2 nơi nhận")]
    assert given_away(session, cast.secondary_office_head, at) == []

    teacher = cast.high_school_teacher
    handling.finish(session, given.arrival, "Đã triển khai.", by=teacher, at=at)
    assert given_away(session, cast.specialist, at) == [(Kind.ASKED, "1 trên 2 nơi nhận")]


def test_a_clerk_sees_what_lies_before_the_head(
    session: Session, given: Given, at: datetime
) -> None:
    cast = given.cast
    arrival = stage.registered(session, given.unopened, by=cast.other_high_school_clerk, at=at)
    handling.submit_to_head(session, arrival, by=cast.other_high_school_clerk, at=at)

    assert given_away(session, cast.other_high_school_clerk, at) == [(Kind.LAID, "Người đứng đầu")]


def test_a_draft_that_was_handed_in_names_whom_its_step_asks(
    session: Session, cast: Cast, at: datetime
) -> None:
    document = submitted(session, cast, at)

    assert given_away(session, cast.specialist, at) == [
        (Kind.SUBMITTED, "Lãnh đạo đơn vị soạn thảo")
    ]
    session.get_one(Document, document).state = State.WITHDRAWN
    session.flush()
    assert given_away(session, cast.specialist, at) == []


def test_what_was_passed_on_is_seen_until_the_unit_below_is_done(
    session: Session, cast: Cast, at: datetime
) -> None:
    document = stage.issued_by_the_department(session, cast, [cast.district], at=at, due_on=DUE_ON)
    came = stage.delivered(session, document, cast.district, at=at)
    arrival = stage.registered(session, came, by=cast.district_clerk, at=at)
    handling.submit_to_head(session, arrival, by=cast.district_clerk, at=at)
    forwarding = forwarding_actions.forward(
        session,
        arrival,
        [cast.school.id],
        instruction="Triển khai và báo cáo Phòng.",
        due_on=None,
        by=cast.district_head,
        at=at,
    )
    assert given_away(session, cast.district_head, at) == []
    forwarding_actions.deliver_forwarded(session, forwarding, cast.school.id, at=at)

    assert given_away(session, cast.district_head, at) == [(Kind.FORWARDED, cast.school.name)]
    with web_role(session, cast.district_head):
        (line,) = queries.given(session, who=cast.district_head, at=at, limit=5)
    assert line.path == f"/incoming/{arrival}"


def test_work_is_late_from_the_first_working_day_behind_its_deadline(
    session: Session, given: Given
) -> None:
    cast = given.cast
    sunday = MONDAY - timedelta(days=1)
    assert is_late(session, Of.MINE, cast.high_school_teacher, sunday) == []
    assert is_late(session, Of.MINE, cast.high_school_teacher, MONDAY) == [(Kind.TO_WORK_ON, 1)]
    assert is_late(session, Of.GIVEN, cast.high_school_principal, MONDAY) == [(Kind.ASSIGNED, 1)]
    assert is_late(session, Of.GIVEN, cast.specialist, MONDAY) == [(Kind.ASKED, 1)]


def test_leaders_see_what_is_late_in_their_unit_and_nobody_else_does(
    session: Session, given: Given
) -> None:
    cast = given.cast
    assert is_late(session, Of.UNIT, cast.high_school_deputy, MONDAY) == [(Kind.TO_WORK_ON, 1)]
    assert is_late(session, Of.UNIT, cast.office_head, MONDAY) == [(Kind.ASKED, 1)]
    assert is_late(session, Of.UNIT, cast.director, MONDAY) == [(Kind.ASKED, 1)]
    assert is_late(session, Of.UNIT, cast.secondary_office_head, MONDAY) == []
    with pytest.raises(rules.ForLeadersOnly):
        queries.count_late(session, Of.UNIT, who=cast.specialist, at=MONDAY)


def test_a_clerk_is_late_with_the_book_on_the_second_working_day(
    session: Session, given: Given, at: datetime
) -> None:
    clerk = given.cast.other_high_school_clerk
    assert is_late(session, Of.MINE, clerk, at + timedelta(days=1)) == []
    assert is_late(session, Of.MINE, clerk, at + timedelta(days=2)) == [(Kind.TO_REGISTER, 1)]


def test_a_step_of_a_flow_is_late_for_who_is_asked_and_for_who_handed_in(
    session: Session, cast: Cast, at: datetime
) -> None:
    submitted(session, cast, at)
    assert is_late(session, Of.MINE, cast.office_head, MONDAY) == [(Kind.TO_REVIEW, 1)]
    assert is_late(session, Of.GIVEN, cast.specialist, MONDAY) == [(Kind.SUBMITTED, 1)]
    assert is_late(session, Of.MINE, cast.secondary_office_head, MONDAY) == []


def test_pages_follow_each_other_without_a_gap_and_the_earliest_deadline_is_first(
    session: Session, cast: Cast, at: datetime
) -> None:
    for number in range(7):
        document = stage.issued_by_the_department(
            session,
            cast,
            [cast.high_school],
            at=at,
            number=970 + number,
            due_on=DUE_ON + timedelta(days=number % 3),
        )
        stage.delivered(session, document, cast.high_school, at=at)
    submitted(session, cast, at)
    who = cast.specialist
    with web_role(session, who):
        everything = queries.given(session, who=who, at=at, limit=50)
        seen = []
        after = None
        while part := queries.given(session, who=who, at=at, after=after, limit=3):
            seen += part
            after = Place.read(part[-1].place)
    assert [each.id for each in seen] == [each.id for each in everything]
    assert len(seen) == 8
    assert [each.due_key for each in seen] == sorted(each.due_key for each in seen)
    with web_role(session, who):
        only = queries.given(session, who=who, at=at, kind=Kind.SUBMITTED, limit=50)
        none = queries.given(session, who=who, at=at, kind=Kind.TO_REGISTER, limit=50)
    assert [each.kind for each in only] == [Kind.SUBMITTED]
    assert none == []


def submitted(session: Session, cast: Cast, at: datetime) -> object:
    """A draft of the specialist that waits for the head of the office until the deadline."""
    document = stage.issued_by_the_department(session, cast, [], at=at, number=990)
    row = session.get_one(Document, document)
    row.state = State.SUBMITTED
    row.number = row.notation = row.issued_on = row.signer_id = None
    session.add(
        DocumentFlowStep(
            id=new_id(),
            document_id=document,
            agency_id=row.agency_id,
            round=1,
            stage=1,
            ordinal=1,
            task=Task.CHECK_CONTENT,
            asked=Asked.DRAFTING_HEAD,
            state=StepState.WAITING,
            opened_at=at,
            due_on=DUE_ON,
            words="",
        )
    )
    session.flush()
    assert PositionKind(cast.office_head.position_kind) is PositionKind.OFFICE_HEAD
    return document
