"""The sender sees each recipient's state, its times and its answer, and counts them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy.orm import Session

from eoffice.routing import actions, handling, outgoing
from eoffice.routing.outgoing import DispatchUnknown
from eoffice.routing.rules import Assignee, Role, Standing
from eoffice.routing.states import DeliveryState
from tests.cast import Cast
from tests.conftest import web_role
from tests.routing import stage
from tests.routing.conftest import DUE_ON

TODAY = date(2018, 8, 14)


def status(
    session: Session, cast: Cast, dispatch: UUID, today: date = TODAY
) -> outgoing.DispatchStatus:
    """As the specialist of the Sở sees it, under row-level security."""
    with web_role(session, cast.specialist):
        return outgoing.dispatch_status(session, dispatch, who=cast.specialist, today=today)


def test_before_the_worker_came_all_recipients_are_on_the_way(
    session: Session, cast: Cast, dispatch: UUID
) -> None:
    seen = status(session, cast, dispatch)

    assert seen.code == "960/SGDĐT-CNTTTBTV"
    assert seen.recipients == ()
    assert len(seen.on_the_way) == 3
    assert set(seen.counts.values()) == {0}


def test_each_recipient_shows_its_state_its_number_and_its_times(
    session: Session, cast: Cast, dispatch: UUID, arrival: UUID, at: datetime
) -> None:
    stage.delivered(session, dispatch, cast.other_high_school, at=at)
    refused = stage.delivered(session, dispatch, cast.district, at=at)
    actions.open_delivery(session, refused, by=cast.district_clerk, at=at)
    actions.refuse(session, refused, "Gửi nhầm nơi nhận.", by=cast.district_clerk, at=at)

    seen = status(session, cast, dispatch)

    rows = {row.unit_name: row for row in seen.recipients}
    mine = rows[cast.high_school.name]
    assert (mine.state, mine.word, mine.arrival_number, mine.status_code) == (
        DeliveryState.REGISTERED,
        "Đã vào sổ",
        1,
        "03",
    )
    assert (mine.delivered_at, mine.opened_at, mine.registered_at) == (at, at, at)
    no = rows[cast.district.name]
    assert (no.word, no.refusal_reason, no.status_code) == ("Từ chối", "Gửi nhầm nơi nhận.", "02")
    assert rows[cast.other_high_school.name].word == "Đã gửi"
    assert seen.on_the_way == ()
    assert seen.counts[Standing.REGISTERED] == 1
    assert seen.counts[Standing.REFUSED] == 1
    assert seen.counts[Standing.DELIVERED] == 1


def test_behind_the_deadline_all_are_late_who_neither_finished_nor_refused(
    session: Session, cast: Cast, dispatch: UUID, submitted: UUID, at: datetime
) -> None:
    stage.delivered(session, dispatch, cast.other_high_school, at=at)
    handling.finish(session, submitted, "Lưu.", by=cast.high_school_principal, at=at)

    in_time = status(session, cast, dispatch, DUE_ON)
    late = status(session, cast, dispatch, DUE_ON + timedelta(days=3))

    assert in_time.counts[Standing.LATE] == 0
    assert late.counts[Standing.LATE] == 1
    rows = {row.unit_name: row for row in late.recipients}
    assert (rows[cast.high_school.name].word, rows[cast.high_school.name].days_late) == (
        "Hoàn thành",
        0,
    )
    other = rows[cast.other_high_school.name]
    assert (other.word, other.days_late, other.state) == ("Quá hạn", 1, DeliveryState.DELIVERED)


def test_work_that_was_finished_behind_the_deadline_says_by_how_many_days(
    session: Session, cast: Cast, dispatch: UUID, submitted: UUID, at: datetime
) -> None:
    # The deadline is a Friday, and this is the Tuesday behind it.
    end = at + timedelta(days=15)
    handling.finish(session, submitted, "Lưu.", by=cast.high_school_principal, at=end)

    seen = status(session, cast, dispatch, date(2018, 9, 30))

    assert (seen.recipients[0].word, seen.recipients[0].days_late) == ("Hoàn thành", 2)


def test_an_answer_shows_at_the_recipient_who_gave_it(
    session: Session, cast: Cast, dispatch: UUID, submitted: UUID, at: datetime
) -> None:
    teacher = cast.high_school_teacher
    handling.assign(
        session,
        submitted,
        [Assignee(Role.LEAD, cast.high_school.id, teacher.person_id)],
        instruction="Trả lời Sở.",
        due_on=None,
        by=cast.high_school_principal,
        at=at,
    )
    answer = handling.start_answer(session, submitted, by=teacher, at=at)
    stage.delivered(session, dispatch, cast.other_high_school, at=at)
    stage.issue(
        session,
        answer,
        [cast.department.id],
        number=12,
        notation="THPTSH",
        signer=cast.high_school_principal,
        at=at,
    )
    came = stage.delivered(session, answer, cast.department, at=at)

    seen = status(session, cast, dispatch)

    rows = {row.unit_name: row for row in seen.recipients}
    given = rows[cast.high_school.name].answer
    assert given is not None
    assert (given.code, given.delivery_id, given.document_id) == ("12/THPTSH", came, answer)
    assert rows[cast.high_school.name].status_code == "05"
    assert rows[cast.other_high_school.name].answer is None
    assert seen.answered == 1


def test_neither_a_recipient_nor_a_stranger_sees_how_far_the_others_are(
    session: Session, cast: Cast, dispatch: UUID, delivery: UUID
) -> None:
    for who in (cast.high_school_principal, cast.school_principal):
        with web_role(session, who), pytest.raises(DispatchUnknown):
            outgoing.dispatch_status(session, dispatch, who=who, today=TODAY)
    with web_role(session, cast.director), pytest.raises(DispatchUnknown):
        outgoing.dispatch_status(session, uuid4(), who=cast.director, today=TODAY)
