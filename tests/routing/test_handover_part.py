"""Assignments of who leaves go to the successor: same role, instruction and deadline, on record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice.audit.model import AuditEvent
from eoffice.people import handover
from eoffice.people import queries as people
from eoffice.people.views import AppointmentView
from eoffice.routing import handling
from eoffice.routing.handover_part import ArrivalWork
from eoffice.routing.model import Assignment
from eoffice.routing.rules import Assignee, NotAssignedToYou, Role
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing.conftest import DUE_ON

WORDS = "Chủ trì, báo cáo trước ngày 20."


@pytest.fixture(autouse=True)
def parts() -> None:
    handover.use(ArrivalWork())


def assign(session: Session, cast: Cast, arrival: UUID, at: datetime, **roles: Principal) -> None:
    school = cast.high_school.id
    handling.assign(
        session,
        arrival,
        [Assignee(Role(role), school, who.person_id) for role, who in roles.items()],
        instruction=WORDS,
        due_on=DUE_ON,
        by=cast.high_school_principal,
        at=at,
    )
    session.flush()


def in_force(session: Session, arrival: UUID) -> dict[UUID | None, Role]:
    rows = session.scalars(
        select(Assignment).where(Assignment.arrival_id == arrival, Assignment.ended_at.is_(None))
    )
    return {each.person_id: each.role for each in rows}


def leaving(session: Session, who: Principal) -> AppointmentView:
    return people.appointment(session, who.appointment_id)


def hand_over(session: Session, leaver: Principal, to: Principal, cast: Cast, at: datetime) -> int:
    by = cast.high_school_principal
    with web_role(session, by):
        moved = handover.hand_over(session, leaver.appointment_id, to.appointment_id, by=by, at=at)
        session.flush()
    return moved


def test_the_lead_moves_and_the_one_who_left_stays_on_record(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    teacher, clerk = cast.high_school_teacher, cast.high_school_clerk
    assign(session, cast, submitted, at, lead=teacher)
    handling.log_work(session, submitted, "Đã liên hệ các tổ.", by=teacher, at=at)
    assert [each.count for each in handover.waiting_on(session, leaving(session, teacher))] == [1]

    assert hand_over(session, teacher, clerk, cast, at) == 1

    assert in_force(session, submitted) == {clerk.person_id: Role.LEAD}
    ended, begun = session.scalars(
        select(Assignment).where(Assignment.arrival_id == submitted).order_by(Assignment.id)
    )
    assert (ended.person_id, ended.ended_at, ended.taken_at) == (teacher.person_id, at, at)
    assert (begun.instruction, begun.due_on, begun.taken_at) == (WORDS, DUE_ON, None)
    with pytest.raises(NotAssignedToYou):
        handling.log_work(session, submitted, "Thêm.", by=teacher, at=at)
    handling.log_work(session, submitted, "Tiếp tục.", by=clerk, at=at)
    events = session.scalars(
        select(AuditEvent.action).where(AuditEvent.action.like("%handed_over"))
    ).all()
    assert sorted(events) == ["arrival.handed_over", "work.handed_over"]
    assert hand_over(session, teacher, clerk, cast, at) == 0, "a second time nothing is left"


def test_a_successor_who_is_in_it_already_has_the_weightier_role_alone(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    teacher, clerk = cast.high_school_teacher, cast.high_school_clerk
    assign(session, cast, submitted, at, lead=teacher, cooperating=clerk)
    hand_over(session, teacher, clerk, cast, at)
    assert in_force(session, submitted) == {clerk.person_id: Role.LEAD}

    assign(session, cast, submitted, at, lead=clerk, cooperating=teacher)
    assert hand_over(session, teacher, clerk, cast, at) == 1
    assert in_force(session, submitted) == {clerk.person_id: Role.LEAD}


def test_what_is_done_or_was_read_is_not_handed_over(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    teacher, clerk = cast.high_school_teacher, cast.high_school_clerk
    assign(session, cast, submitted, at, lead=clerk, for_information=teacher)
    assert ArrivalWork().waiting(session, leaving(session, teacher)) == 1
    handling.take_note(session, submitted, by=teacher, at=at)
    session.flush()
    assert ArrivalWork().waiting(session, leaving(session, teacher)) == 0

    assert ArrivalWork().waiting(session, leaving(session, clerk)) == 1
    handling.finish(session, submitted, "Đã xong.", by=clerk, at=at)
    session.flush()
    assert ArrivalWork().waiting(session, leaving(session, clerk)) == 0
    assert hand_over(session, clerk, teacher, cast, at) == 0
