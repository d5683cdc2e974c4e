"""A task's work and the keeping of its promise are committed together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from celery import Celery
from sqlalchemy import text
from sqlalchemy.orm import Session

from eoffice import db, outbox, promised, relay
from eoffice.db import system_transaction
from eoffice.outbox import Claim, Promise, PromiseState
from tests.conftest import Office

LONG_AGO = datetime(2018, 8, 13, 1, 0, tzinfo=UTC)


@pytest.fixture
def celery(office: Office) -> Iterator[Celery]:
    app = Celery("tests", set_as_current=True)
    app.conf.task_always_eager = True
    yield app
    app.close()


def promise(**payload: str) -> UUID:
    with system_transaction() as session:
        return outbox.promise(session, "tests.work", at=LONG_AGO, due_at=None, **payload)


def found(promise_id: UUID) -> Promise:
    with system_transaction() as session:
        return session.get_one(Promise, promise_id)


def run(app: Celery, task: str, promise_id: UUID) -> None:
    app.tasks[task].run(str(promise_id))


def test_what_was_done_and_that_it_was_done_are_one_transaction(celery: Celery) -> None:
    @promised.keeps("tests.one")
    def work(session: Session, payload: dict[str, Any], at: datetime) -> None:
        outbox.promise(session, "tests.further", at=at, **payload)

    made = promise(document_id="7")
    run(celery, "tests.one", made)

    assert found(made).state is PromiseState.KEPT
    with system_transaction() as session:
        rest = session.execute(text("select payload from outbox where task = 'tests.further'"))
        assert rest.scalars().all() == [{"document_id": "7"}]


def test_a_second_message_does_nothing(celery: Celery) -> None:
    done: list[str] = []

    @promised.keeps("tests.once")
    def work(session: Session, payload: dict[str, Any], at: datetime) -> None:
        done.append(str(at))

    made = promise()
    run(celery, "tests.once", made)
    run(celery, "tests.once", made)

    assert len(done) == 1


def test_failed_work_leaves_nothing_and_is_put_off(celery: Celery) -> None:
    @promised.keeps("tests.failing")
    def work(session: Session, payload: dict[str, Any], at: datetime) -> None:
        outbox.promise(session, "tests.halfway", at=at)
        session.flush()
        raise OSError("the disk is gone")

    made = promise()
    run(celery, "tests.failing", made)

    kept = found(made)
    assert kept.state is PromiseState.WAITING
    assert kept.attempts == 1
    assert kept.failure is not None
    assert "OSError" in kept.failure
    with system_transaction() as session:
        assert outbox.depth(session) == {"waiting": 1}


def test_work_in_steps_that_forgets_to_keep_its_promise_is_done_again(celery: Celery) -> None:
    @promised.keeps_in_steps("tests.forgetful")
    def work(claim: Claim, at: datetime) -> None:
        """Returns without `outbox.keep`."""

    made = promise()
    run(celery, "tests.forgetful", made)

    with system_transaction() as session:
        later = found(made).due_at
        assert [row[0] for row in outbox.hand_over(session, at=later)] == [made]


def test_a_relay_that_dies_after_the_commit_loses_nothing(office: Office) -> None:
    made = promise()

    def die(task: str, promise_id: str) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        relay.carry(die)

    with system_transaction() as session:
        due = found(made).due_at
        assert [row[0] for row in outbox.hand_over(session, at=due)] == [made]


def test_two_relays_at_once_publish_a_promise_once(office: Office) -> None:
    promise()
    first: list[str] = []
    with system_transaction() as session:
        taken = outbox.hand_over(session, at=datetime.now(UTC))
        relay.carry(lambda _task, promise_id: first.append(promise_id))
    assert len(taken) == 1
    assert first == []


def test_the_web_process_may_promise_and_never_take(office: Office) -> None:
    with db.transaction(None) as session:
        outbox.promise(session, "tests.work", at=LONG_AGO)
    with (
        pytest.raises(Exception, match="permission denied"),
        db.transaction(None) as session,
    ):
        session.execute(text("delete from outbox"))
