"""A promise is kept at least once, and nothing is lost when relay, broker or worker dies."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.outbox import Promise, PromiseState


def state_of(session: Session, promise_id: object) -> PromiseState:
    session.flush()
    found = session.get_one(Promise, promise_id, populate_existing=True)
    return found.state


def test_a_due_promise_is_handed_over_once(session: Session, at: datetime) -> None:
    made = outbox.promise(session, "routing.deliver", at=at, document_id="7")

    assert outbox.hand_over(session, at=at) == [(made, "routing.deliver")]
    assert outbox.hand_over(session, at=at) == []


def test_a_promise_of_tomorrow_waits(session: Session, at: datetime) -> None:
    outbox.promise(session, "routing.deliver", at=at, due_at=at + timedelta(days=1))

    assert outbox.hand_over(session, at=at) == []
    assert len(outbox.hand_over(session, at=at + timedelta(days=1))) == 1


def test_a_promise_that_the_broker_lost_is_handed_over_again(
    session: Session, at: datetime
) -> None:
    made = outbox.promise(session, "routing.deliver", at=at)
    outbox.hand_over(session, at=at)

    assert outbox.hand_over(session, at=at + outbox.UNCLAIMED) == [(made, "routing.deliver")]


def test_two_workers_with_one_message_do_the_work_once(session: Session, at: datetime) -> None:
    made = outbox.promise(session, "routing.deliver", at=at, document_id="7")
    session.flush()

    first = outbox.claim(session, made, at=at)
    second = outbox.claim(session, made, at=at)

    assert first is not None
    assert first.payload == {"document_id": "7"}
    assert second is None


def test_the_work_of_a_worker_that_died_is_taken_over_after_its_lease(
    session: Session, at: datetime
) -> None:
    made = outbox.promise(session, "archive.ingest", at=at)
    session.flush()
    outbox.claim(session, made, at=at)

    later = at + outbox.LEASE
    assert outbox.hand_over(session, at=later) == [(made, "archive.ingest")]
    taken_over = outbox.claim(session, made, at=later)

    assert taken_over is not None
    assert taken_over.attempt == 2


def test_a_kept_promise_is_never_claimed_again(session: Session, at: datetime) -> None:
    made = outbox.promise(session, "routing.deliver", at=at)
    session.flush()
    outbox.claim(session, made, at=at)
    outbox.keep(session, made, at=at)

    assert outbox.claim(session, made, at=at + timedelta(days=1)) is None
    assert state_of(session, made) is PromiseState.KEPT


def test_a_failed_attempt_is_repeated_after_growing_waits_and_then_given_up(
    session: Session, at: datetime
) -> None:
    made = outbox.promise(session, "archive.ingest", at=at)
    session.flush()
    waits = []
    for _ in range(outbox.MOST_ATTEMPTS):
        claimed = outbox.claim(session, made, at=at)
        assert claimed is not None
        outbox.put_off(session, claimed, at=at, why="store down")
        waits.append(session.get_one(Promise, made, populate_existing=True).due_at - at)

    assert waits == sorted(waits)
    assert state_of(session, made) is PromiseState.FAILED
    assert outbox.claim(session, made, at=at + timedelta(days=1)) is None
    assert outbox.depth(session) == {"failed": 1}
