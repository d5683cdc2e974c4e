"""Deliveries through the outbox: at least once on the way, exactly once on arrival."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from uuid import UUID

import pytest
from celery import current_app
from sqlalchemy import func, select

from eoffice import db, outbox
from eoffice.audit.model import AuditEvent
from eoffice.outbox import Promise, PromiseState
from eoffice.routing import actions, tasks
from eoffice.routing.model import Arrival, ArrivalBook, Delivery, Notice
from eoffice.routing.states import DeliveryStepRefused
from tests.cast import Cast, load_cast
from tests.conftest import Office
from tests.routing import stage

THREADS = 16


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    """The cast in a database in which everything is really committed."""
    with db.system_transaction() as session:
        return load_cast(session, at)


def run(task: str, promise_id: UUID) -> None:
    """What the worker does with one message of the broker."""
    current_app.tasks[task].run(str(promise_id))


def issue_and_promise(cast: Cast, at: datetime, *, number: int = 960) -> tuple[UUID, UUID]:
    """A dispatch to one high school: the document and the promise to deliver it."""
    with db.system_transaction() as session:
        document_id = stage.issued_by_the_department(
            session, cast, [cast.high_school], at=at, number=number
        )
        promise_id = outbox.promise(
            session,
            "routing.deliver",
            at=at,
            document_id=document_id,
            recipient_unit_id=cast.high_school.id,
        )
    return document_id, promise_id


def state_of(promise_id: UUID) -> PromiseState:
    with db.system_transaction() as session:
        return session.get_one(Promise, promise_id).state


def deliveries() -> int:
    with db.system_transaction() as session:
        return session.scalars(select(func.count()).select_from(Delivery)).one()


def test_a_promise_is_kept_by_one_delivery(cast: Cast, at: datetime) -> None:
    _, promise_id = issue_and_promise(cast, at)

    run("routing.deliver", promise_id)

    assert deliveries() == 1
    assert state_of(promise_id) is PromiseState.KEPT


def test_a_message_that_comes_twice_delivers_once(cast: Cast, at: datetime) -> None:
    _, promise_id = issue_and_promise(cast, at)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: run("routing.deliver", promise_id), range(4)))

    assert deliveries() == 1


def test_two_promises_for_one_recipient_deliver_once(cast: Cast, at: datetime) -> None:
    document_id, first = issue_and_promise(cast, at)
    with db.system_transaction() as session:
        second = outbox.promise(
            session,
            "routing.deliver",
            at=at,
            document_id=document_id,
            recipient_unit_id=cast.high_school.id,
        )
    barrier = threading.Barrier(2)

    def work(promise_id: UUID) -> None:
        barrier.wait()
        run("routing.deliver", promise_id)

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, (first, second)))

    assert deliveries() == 1
    assert {state_of(first), state_of(second)} == {PromiseState.KEPT}


def issue_to_three_and_promise(cast: Cast, at: datetime, *more: UUID) -> tuple[UUID, set[UUID]]:
    """A dispatch to three units under one promise, which names `more`: promise and the three."""
    units = [cast.high_school, cast.other_high_school, cast.district]
    named = [unit.id for unit in units]
    with db.system_transaction() as session:
        document_id = stage.issued_by_the_department(session, cast, units, at=at, number=960)
        promise_id = outbox.promise(
            session,
            "routing.deliver",
            at=at,
            document_id=document_id,
            recipient_unit_ids=[*named, *more],
        )
    return promise_id, set(named)


def reached() -> list[UUID | None]:
    with db.system_transaction() as session:
        return list(session.scalars(select(Delivery.recipient_unit_id)))


def made_events() -> int:
    with db.system_transaction() as session:
        return session.scalars(
            select(func.count()).where(AuditEvent.action == "delivery.made")
        ).one()


def test_one_promise_delivers_to_several_with_an_event_for_each(cast: Cast, at: datetime) -> None:
    promise_id, units = issue_to_three_and_promise(cast, at)

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(lambda _: run("routing.deliver", promise_id), range(4)))

    assert sorted(map(str, reached())) == sorted(map(str, units))
    assert made_events() == 3


def test_two_promises_that_name_the_same_units_deliver_once_to_each(
    cast: Cast, at: datetime
) -> None:
    first, units = issue_to_three_and_promise(cast, at)
    with db.system_transaction() as session:
        payload = session.get_one(Promise, first).payload
        backwards = {**payload, "recipient_unit_ids": payload["recipient_unit_ids"][::-1]}
        second = outbox.promise(session, "routing.deliver", at=at, **backwards)
    barrier = threading.Barrier(2)

    def work(promise_id: UUID) -> None:
        barrier.wait()
        run("routing.deliver", promise_id)

    with ThreadPoolExecutor(2) as workers:
        list(workers.map(work, (first, second)))

    assert sorted(map(str, reached())) == sorted(map(str, units))
    assert made_events() == 3
    assert {state_of(first), state_of(second)} == {PromiseState.KEPT}


def test_a_recipient_who_cannot_be_served_does_not_hold_up_the_others(
    cast: Cast, at: datetime
) -> None:
    """The promise falls apart into one for each, and only the bad one stays open."""
    nobody = db.new_id()
    promise_id, units = issue_to_three_and_promise(cast, at, nobody)

    run("routing.deliver", promise_id)
    assert reached() == []
    assert state_of(promise_id) is PromiseState.KEPT
    with db.system_transaction() as session:
        singly = {
            each.id: each.payload["recipient_unit_ids"]
            for each in session.scalars(select(Promise).where(Promise.id != promise_id))
        }
    for each in singly:
        run("routing.deliver", each)

    assert set(reached()) == units
    assert made_events() == 3
    states = {named[0]: state_of(each) for each, named in singly.items()}
    assert states.pop(str(nobody)) is PromiseState.WAITING
    assert set(states.values()) == {PromiseState.KEPT}


class KilledError(BaseException):
    """The worker dies at this line: nothing catches it, nothing is committed."""


def test_a_worker_that_dies_before_its_commit_leaves_nothing_and_the_next_one_delivers(
    cast: Cast, at: datetime
) -> None:
    _, promise_id = issue_and_promise(cast, at)

    def die_at_work() -> None:
        with db.system_transaction() as session:
            claimed = outbox.claim(session, promise_id, at=at)
            assert claimed is not None
            tasks.deliver(session, claimed.payload, at)
            session.flush()
            raise KilledError

    with pytest.raises(KilledError):
        die_at_work()
    assert deliveries() == 0
    assert state_of(promise_id) is PromiseState.WAITING

    run("routing.deliver", promise_id)

    assert deliveries() == 1
    assert state_of(promise_id) is PromiseState.KEPT


def test_a_worker_that_dies_after_its_commit_and_before_its_receipt_does_no_harm(
    cast: Cast, at: datetime
) -> None:
    """The broker gives the message to another worker, which finds the promise kept."""
    _, promise_id = issue_and_promise(cast, at)
    run("routing.deliver", promise_id)

    run("routing.deliver", promise_id)

    assert deliveries() == 1


def test_a_refusal_reaches_the_sender_through_the_outbox(cast: Cast, at: datetime) -> None:
    _, promise_id = issue_and_promise(cast, at)
    run("routing.deliver", promise_id)
    clerk = cast.high_school_clerk
    with db.transaction(clerk.acting) as session:
        delivery_id = session.scalars(select(Delivery.id)).one()
        actions.open_delivery(session, delivery_id, by=clerk, at=at)
        actions.refuse(session, delivery_id, "Gửi nhầm.", by=clerk, at=at)
    with db.system_transaction() as session:
        told = session.scalars(
            select(Promise.id).where(Promise.task == "routing.tell_sender")
        ).one()

    run("routing.tell_sender", told)
    run("routing.tell_sender", told)

    with db.transaction(cast.specialist.acting) as session:
        told_of = session.scalars(select(Notice)).all()
    # The unit that drafted it, its writer and the signer, each once.
    assert {notice.delivery_id for notice in told_of} == {delivery_id}
    assert len(told_of) == len({notice.person_id for notice in told_of}) == 3


def test_sixteen_clerks_at_once_leave_no_gap_and_no_double_in_the_book(
    cast: Cast, at: datetime
) -> None:
    """Half of the attempts are rolled back after they took their number."""
    clerk = cast.high_school_clerk
    opened: list[UUID] = []
    with db.system_transaction() as session:
        for number in range(1, 2 * THREADS + 1):
            document = stage.issued_by_the_department(
                session, cast, [cast.high_school], at=at, number=number
            )
            delivery = stage.delivered(session, document, cast.high_school, at=at)
            actions.open_delivery(session, delivery, by=clerk, at=at)
            opened.append(delivery)
    barrier = threading.Barrier(THREADS)

    def take_a_number_and_die(delivery_id: UUID) -> None:
        with db.system_transaction() as session:
            actions.register_arrival(session, delivery_id, by=clerk, at=at)
            session.flush()
            raise KilledError

    def work(index: int) -> None:
        barrier.wait()
        with pytest.raises(KilledError):
            take_a_number_and_die(opened[index])
        for delivery in (opened[index], opened[THREADS + index]):
            with db.system_transaction() as session:
                actions.register_arrival(session, delivery, by=clerk, at=at)

    with ThreadPoolExecutor(THREADS) as clerks:
        list(clerks.map(work, range(THREADS)))

    with db.system_transaction() as session:
        numbers = sorted(session.scalars(select(Arrival.number)))
        last = session.scalars(select(ArrivalBook.last_number)).one()
    assert numbers == list(range(1, 2 * THREADS + 1))
    assert last == 2 * THREADS


def test_of_two_clerks_who_register_one_delivery_at_once_one_is_refused(
    cast: Cast, at: datetime
) -> None:
    clerk = cast.high_school_clerk
    _, promise_id = issue_and_promise(cast, at)
    run("routing.deliver", promise_id)
    with db.transaction(clerk.acting) as session:
        delivery_id = session.scalars(select(Delivery.id)).one()
        actions.open_delivery(session, delivery_id, by=clerk, at=at)
    barrier = threading.Barrier(2)

    def work(_: int) -> str:
        barrier.wait()
        try:
            with db.transaction(clerk.acting) as session:
                actions.register_arrival(session, delivery_id, by=clerk, at=at)
        except DeliveryStepRefused:
            return "refused"
        return "registered"

    with ThreadPoolExecutor(2) as clerks:
        outcomes = sorted(clerks.map(work, range(2)))

    assert outcomes == ["refused", "registered"]
    with db.system_transaction() as session:
        assert session.scalars(select(ArrivalBook.last_number)).one() == 1
