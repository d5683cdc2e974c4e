"""A document is issued at the hour that was decided: once, also when the worker dies in between."""

from __future__ import annotations

import itertools
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from eoffice.documents.actions import Recipient
from eoffice.documents.issue import actions as issuing
from eoffice.documents.issue import schedule_states, scheduling
from eoffice.documents.issue.actions import NobodyToSendTo
from eoffice.documents.issue.schedule_states import ScheduleState, ScheduleStep, ScheduleStepRefused
from eoffice.documents.issue.scheduling import HourUnacceptable, ScheduledAlready
from eoffice.documents.model import Document, Issuance
from eoffice.documents.rules import StepNotYours
from eoffice.documents.states import State
from eoffice.outbox import Promise
from eoffice.people import working_days
from tests.cast import Cast
from tests.documents import sealed_papers

STATES = {
    ("waiting", "keep"): "kept",
    ("waiting", "cancel"): "cancelled",
    ("waiting", "fail"): "failed",
}


@pytest.mark.parametrize(("state", "step"), list(itertools.product(ScheduleState, ScheduleStep)))
def test_each_pair_leads_on_or_is_refused(state: ScheduleState, step: ScheduleStep) -> None:
    expected = STATES.get((state.value, step.value))
    if expected is None:
        with pytest.raises(ScheduleStepRefused):
            schedule_states.after(state, step)
    else:
        assert schedule_states.after(state, step) is ScheduleState(expected)


@pytest.fixture
def sealed(session: Session, cast: Cast, at: datetime) -> UUID:
    return sealed_papers.sealed(session, cast, [Recipient(unit_id=cast.district.id)], at=at)


def scheduled(session: Session, cast: Cast, sealed: UUID, at: datetime) -> UUID:
    made = scheduling.schedule(session, sealed, at + timedelta(hours=3), by=cast.clerk, at=at)
    session.flush()
    return made


def issues(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Issuance)).one()


def test_it_is_promised_for_its_hour_and_issued_then_once(
    session: Session, cast: Cast, sealed: UUID, at: datetime
) -> None:
    due_at = at + timedelta(hours=3)
    made = scheduled(session, cast, sealed, at)
    promised = session.scalars(select(Promise).where(Promise.task == scheduling.TASK)).one()
    for _ in range(2):
        scheduling.keep(session, made, at=due_at)
        session.flush()

    assert promised.due_at == due_at
    assert promised.payload == {"schedule_id": str(made)}
    assert issues(session) == 1
    issuance = session.scalars(select(Issuance)).one()
    assert (issuance.issued_by, issuance.issued_at) == (cast.clerk.person_id, due_at)
    latest = scheduling.latest(session, sealed)
    assert latest is not None
    assert latest.state is ScheduleState.KEPT


def test_what_was_cancelled_is_not_issued(
    session: Session, cast: Cast, sealed: UUID, at: datetime
) -> None:
    made = scheduled(session, cast, sealed, at)
    scheduling.cancel(session, sealed, by=cast.clerk, at=at)
    session.flush()
    scheduling.keep(session, made, at=at + timedelta(hours=3))

    assert issues(session) == 0
    assert session.get_one(Document, sealed).state is State.SEALED
    with pytest.raises(ScheduleStepRefused):
        scheduling.cancel(session, sealed, by=cast.clerk, at=at)


def test_a_document_that_was_withdrawn_meanwhile_leaves_a_failure_with_its_reason(
    session: Session, cast: Cast, sealed: UUID, at: datetime
) -> None:
    made = scheduled(session, cast, sealed, at)
    issuing.withdraw(session, sealed, "Sai nội dung.", by=cast.director, at=at)
    session.flush()
    scheduling.keep(session, made, at=at + timedelta(hours=3))

    latest = scheduling.latest(session, sealed)
    assert latest is not None
    assert latest.state is ScheduleState.FAILED
    assert "thu hồi" in (latest.failure or "")
    assert issues(session) == 0


def test_the_hour_lies_ahead_but_not_too_far(
    session: Session, cast: Cast, sealed: UUID, at: datetime
) -> None:
    for due_at in (at, at - timedelta(minutes=1), at + timedelta(days=61)):
        with pytest.raises(HourUnacceptable):
            scheduling.schedule(session, sealed, due_at, by=cast.clerk, at=at)


def test_only_the_clerk_decides_and_only_once_at_a_time(
    session: Session, cast: Cast, sealed: UUID, at: datetime
) -> None:
    with pytest.raises(StepNotYours):
        scheduling.schedule(session, sealed, at + timedelta(hours=1), by=cast.specialist, at=at)
    scheduled(session, cast, sealed, at)
    with pytest.raises(ScheduledAlready):
        scheduled(session, cast, sealed, at)
    with pytest.raises(StepNotYours):
        scheduling.cancel(session, sealed, by=cast.specialist, at=at)


def test_nothing_is_scheduled_for_nobody(session: Session, cast: Cast, at: datetime) -> None:
    sealed = sealed_papers.sealed(session, cast, [], at=at)

    with pytest.raises(NobodyToSendTo):
        scheduled(session, cast, sealed, at)


def test_the_next_working_day_is_the_last_one_in_time() -> None:
    calendar = working_days.Calendar(days_off=frozenset({date(2018, 9, 3)}))

    assert scheduling.last_day(date(2018, 8, 13), calendar) == date(2018, 8, 14)
    assert scheduling.last_day(date(2018, 8, 31), calendar) == date(2018, 9, 4)


def test_a_late_issue_is_warned_of_with_the_article(
    session: Session, cast: Cast, sealed: UUID, at: datetime
) -> None:
    signed_on = at.date()

    assert scheduling.warning(session, sealed, on=signed_on + timedelta(days=1)) is None
    late = scheduling.warning(session, sealed, on=signed_on + timedelta(days=2))
    assert late is not None
    assert "Điều 18" in late
