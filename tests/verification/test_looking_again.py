"""Stored files are verified again by night, the oldest verdict first; what changed is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from eoffice.archive import verification_history
from eoffice.archive.verification_history import Due, Found
from eoffice.audit.model import AuditEvent
from eoffice.db import system_transaction, transaction
from eoffice.objects.sha256 import Sha256
from eoffice.outbox import Promise
from eoffice.signing.verdict import Finding, Verdict
from eoffice.verification import actions, rules, tasks
from eoffice.verification.rules import Judgement
from tests.archive.room import AT, Room
from tests.archive.shelf import dispatch as dispatch_order
from tests.signing.papers import Dispatch

MONTH = rules.REST + timedelta(hours=1)
BY = "worker:verification.look_again"
LOST = Verdict(Finding.CHANGED, "Nội dung không còn là nội dung đã ký.")


@pytest.fixture
def entry(room: Room, dispatch: Dispatch) -> UUID:
    return room.take_in(dispatch_order(room.cast.department), dispatch.archived, AT)


def history(entry: UUID) -> tuple[Found, ...]:
    with system_transaction() as session:
        return verification_history.history(session, entry)


def note(entry: UUID, verdict: Verdict, at: datetime) -> bool:
    with system_transaction() as session:
        return actions.note(session, entry, verdict, by=BY, at=at)


def told() -> list[Promise]:
    with system_transaction() as session:
        return list(session.scalars(select(Promise).where(Promise.task == "alerts.tell")))


@pytest.mark.parametrize("hour", range(24))
def test_it_is_night_when_nobody_works(hour: int) -> None:
    assert rules.is_night(hour) is (hour >= 20 or hour < 5)


def test_what_was_taken_in_lately_rests(room: Room, entry: UUID) -> None:
    assert tasks.portion(at=AT + timedelta(days=1)) == 0
    assert history(entry) == ()


def test_the_same_finding_is_one_row_however_often_it_is_found(room: Room, entry: UUID) -> None:
    first, second = AT + MONTH, AT + 2 * MONTH

    assert tasks.portion(at=first) == 0
    assert tasks.portion(at=first + timedelta(hours=1)) == 0
    assert tasks.portion(at=second) == 0

    (found,) = history(entry)
    assert found.finding is Finding.INTACT
    assert found.indication == "TOTAL-PASSED"
    assert (found.since, found.checked_at) == (first, second)
    assert told() == []


def test_a_changed_verdict_is_kept_recorded_and_told_to_clerk_and_operator(
    room: Room, entry: UUID
) -> None:
    at = AT + MONTH

    assert note(entry, LOST, at)
    assert not note(entry, LOST, at + MONTH)

    (found,) = history(entry)
    assert (found.since, found.checked_at) == (at, at + MONTH)
    promises = told()
    persons = {promise.payload["person_id"] for promise in promises}
    assert persons >= {str(room.cast.clerk.person_id), str(room.cast.operator.person_id)}
    assert {promise.payload["path"] for promise in promises} == {f"/archive/{entry}"}
    said = promises[0].payload["text"]
    assert "trước đây nguyên vẹn" in said
    assert "nay đã bị thay đổi" in said
    with system_transaction() as session:
        (event,) = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "archive.verdict_changed")
        )
    assert event.object_id == entry
    assert event.details["before"]["finding"] == "intact"
    assert event.details["now"]["finding"] == "changed"


def test_the_oldest_verdict_comes_first_and_a_portion_is_bounded(
    room: Room, dispatch: Dispatch, entry: UUID
) -> None:
    other = room.take_in(
        dispatch_order(room.cast.school), dispatch.archived, AT + timedelta(minutes=1)
    )
    with system_transaction() as session:
        due = verification_history.due(session, before=AT + MONTH, limit=1)
    note(entry, LOST, AT + timedelta(minutes=2))
    with system_transaction() as session:
        after = verification_history.due(session, before=AT + MONTH, limit=9)

    assert [one.entry_id for one in due] == [entry]
    assert [one.entry_id for one in after] == [other, entry]


def test_a_file_that_the_store_has_lost_is_not_called_intact(room: Room, entry: UUID) -> None:
    lost = Due(entry, Sha256.of(b"lost"), "1", None)

    said = tasks.judged(lost, trust=room.trust, at=AT)

    assert said.verdict is Finding.UNVERIFIABLE
    assert "không còn tệp này" in said.reason


def test_level_and_indication_are_news_too() -> None:
    first = Judgement(Finding.INTACT, "B-LTA", "TOTAL-PASSED")

    assert first == Judgement(Finding.INTACT, "B-LTA", "TOTAL-PASSED")
    assert first != Judgement(Finding.INTACT, "B-T", "TOTAL-PASSED")
    assert first != Judgement(Finding.INTACT, "B-LTA", "INDETERMINATE/GENERIC")


def test_the_page_and_the_interface_show_the_last_check(room: Room, entry: UUID) -> None:
    note(entry, LOST, AT + MONTH)

    html = room.page("clerk", f"/archive/{entry}").text
    said = room.get("clerk", f"/api/v1/archive/entries/{entry}").json()

    assert "Kiểm tra định kỳ" in html
    assert "Đã bị thay đổi" in html
    assert said["verified"][0]["verdict"] == "changed"


def test_history_is_for_those_who_may_read_the_entry(room: Room, entry: UUID) -> None:
    note(entry, LOST, AT + MONTH)

    with transaction(room.cast.school_clerk.acting) as session:
        assert verification_history.history(session, entry) == ()
    with transaction(room.cast.clerk.acting) as session:
        assert len(verification_history.history(session, entry)) == 1
