"""The desk: what awaits each person, oldest deadline first, and how much of it is late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from eoffice.routing import actions, handling, queries
from eoffice.routing.queries import Desk, WaitingCounts
from eoffice.routing.rules import Assignee, Role
from eoffice.web.principal import Principal
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage


def desk(session: Session, who: Principal, at: datetime) -> Desk:
    with web_role(session, who):
        return queries.desk(session, who=who, at=at)


def waiting(session: Session, who: Principal, at: datetime) -> WaitingCounts:
    with web_role(session, who):
        return queries.waiting_for(session, who, at)


def test_a_delivery_awaits_the_clerk_until_the_end_of_the_next_working_day(
    session: Session, cast: Cast, delivery: UUID, at: datetime
) -> None:
    [mine] = desk(session, cast.high_school_clerk, at).to_register

    assert (mine.delivery_id, mine.arrival_id, mine.due_on, mine.days_late) == (
        delivery,
        None,
        date(2018, 8, 14),
        0,
    )
    assert mine.path == f"/incoming/deliveries/{delivery}"
    assert waiting(session, cast.high_school_clerk, at) == WaitingCounts(1, 0, 0, 0, 0, 0)
    assert waiting(session, cast.high_school_clerk, at + timedelta(days=2)).late == 1


@pytest.mark.parametrize("who", ["high_school_principal", "high_school_teacher", "clerk"])
def test_it_awaits_nobody_else(
    session: Session, cast: Cast, delivery: UUID, at: datetime, who: str
) -> None:
    person: Principal = getattr(cast, who)

    assert desk(session, person, at).is_empty
    assert waiting(session, person, at).total == 0


def test_what_is_registered_awaits_the_clerk_and_then_the_head(
    session: Session, cast: Cast, arrival: UUID, at: datetime
) -> None:
    clerk, head = cast.high_school_clerk, cast.high_school_principal
    assert [each.arrival_id for each in desk(session, clerk, at).to_submit] == [arrival]
    assert desk(session, head, at).is_empty

    handling.submit_to_head(session, arrival, by=clerk, at=at)

    assert desk(session, clerk, at).is_empty
    assert [each.arrival_id for each in desk(session, head, at).to_assign] == [arrival]
    assert waiting(session, head, at) == WaitingCounts(0, 0, 1, 0, 0, 0)


def test_work_awaits_those_to_whom_it_was_assigned_until_it_is_done(
    session: Session, cast: Cast, submitted: UUID, at: datetime
) -> None:
    teacher, deputy = cast.high_school_teacher, cast.high_school_deputy
    handling.assign(
        session,
        submitted,
        [
            Assignee(Role.LEAD, cast.high_school.id, teacher.person_id),
            Assignee(Role.FOR_INFORMATION, cast.high_school.id, deputy.person_id),
        ],
        instruction="Lập kế hoạch.",
        due_on=date(2018, 8, 15),
        by=cast.high_school_principal,
        at=at,
    )

    [mine] = desk(session, teacher, at).to_work_on
    assert (mine.role, mine.instruction, mine.due_on) == (
        Role.LEAD,
        "Lập kế hoạch.",
        date(2018, 8, 15),
    )
    assert mine.path == f"/incoming/{submitted}"
    assert [each.role for each in desk(session, deputy, at).to_know] == [Role.FOR_INFORMATION]
    assert waiting(session, teacher, at + timedelta(days=5)).late == 1

    handling.take_note(session, submitted, by=deputy, at=at)
    handling.finish(session, submitted, "Xong.", by=teacher, at=at)

    assert desk(session, teacher, at).is_empty
    assert desk(session, deputy, at).is_empty


def test_the_oldest_deadline_comes_first_and_what_has_none_comes_last(
    session: Session, cast: Cast, at: datetime
) -> None:
    clerk, head = cast.high_school_clerk, cast.high_school_principal
    for number, due_on in ((1, None), (2, date(2018, 9, 9)), (3, date(2018, 8, 20))):
        document = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, number=number, due_on=due_on
        )
        delivery = stage.delivered(session, document, cast.high_school, at=at)
        arrival = stage.registered(session, delivery, by=clerk, at=at)
        handling.submit_to_head(session, arrival, by=clerk, at=at)

    assert [each.code[:2] for each in desk(session, head, at).to_assign] == ["03", "02", "01"]


def test_a_refusal_is_a_sentence_on_the_desk_of_the_unit_that_drafted(
    session: Session, cast: Cast, delivery: UUID, dispatch: UUID, at: datetime
) -> None:
    actions.open_delivery(session, delivery, by=cast.high_school_clerk, at=at)
    actions.refuse(session, delivery, "Gửi nhầm.", by=cast.high_school_clerk, at=at)
    actions.tell_sender_of_refusal(session, delivery, at=at)

    [notice] = desk(session, cast.specialist, at).notices

    assert notice.text == (
        f"{cast.high_school.name} từ chối tiếp nhận 960/SGDĐT-CNTTTBTV: Gửi nhầm."
    )
    assert notice.path == f"/documents/{dispatch}/recipients?show=refused"
    assert len(desk(session, cast.clerk, at).notices) == 1
    assert desk(session, cast.secondary_office_head, at).notices == ()
    assert waiting(session, cast.specialist, at).notices == 1

    actions.read_notice(session, notice.id, by=cast.specialist, at=at)

    assert desk(session, cast.specialist, at).is_empty


def test_a_head_can_choose_among_the_offices_of_the_agency_and_the_people_in_them(
    session: Session, cast: Cast
) -> None:
    found = queries.colleagues(session, agency_id=cast.department.id, on=date(2018, 8, 13))

    assert found[0].unit_id == cast.department.id
    assert {each.unit_name for each in found} >= {"Văn phòng Sở", "Thanh tra Sở"}
    office = next(each for each in found if each.unit_id == cast.technology_office.id)
    assert office.people == (
        (cast.office_head.person_id, "Bùi Văn Đức, Trưởng phòng"),
        (cast.specialist.person_id, "Nguyễn Hoàng Ân, Chuyên viên"),
    )
    assert queries.colleagues(session, agency_id=cast.department.id, on=date(2009, 1, 1)) == ()
