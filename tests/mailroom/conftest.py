"""The clerk of the THPT Sen Hồng in a browser, with a store in memory and a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from celery import current_app
from litestar.testing import TestClient
from sqlalchemy import select

from eoffice import clock, db
from eoffice.mailroom import http, pages, tasks
from eoffice.objects import configured
from eoffice.objects.memory import MemoryStore
from eoffice.outbox import Promise, PromiseState
from eoffice.people.authentication import Authentication
from eoffice.routing import http as routing_http
from eoffice.routing import pages as routing_pages
from eoffice.routing import tasks as routing_tasks
from eoffice.web import application
from tests.cast import Cast, load_cast
from tests.conftest import Office

#: Importing them is how a process gets its tasks.
TASKS = (tasks, routing_tasks)


@pytest.fixture
def at() -> datetime:
    """Now: pages ask the office clock."""
    return clock.now().replace(microsecond=0)


@pytest.fixture
def cast(office: Office, at: datetime) -> Cast:
    with db.system_transaction() as session:
        return load_cast(session, at)


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    made = MemoryStore(clock.now)
    configured.use(made)
    yield made
    configured.use(None)


@pytest.fixture
def client(office: Office, store: MemoryStore) -> Iterator[TestClient]:  # type: ignore[type-arg]
    app = application.make(
        [http.router, pages.pages, routing_http.router, routing_pages.pages],
        secret_key="a secret of the tests, at least 32 characters",
        base_url="http://testserver.local",
        middleware=[Authentication],
    )
    with TestClient(app, raise_server_exceptions=True) as made:
        made.follow_redirects = False
        yield made


@pytest.fixture
def work(office: Office) -> Callable[[str], int]:
    """What the worker does with everything that was promised to one task; how much it was."""
    (office.var / "pki" / "trust").mkdir(parents=True)

    def keep_all(task: str) -> int:
        with db.system_transaction() as session:
            waiting = session.scalars(
                select(Promise.id).where(Promise.task == task, Promise.state != PromiseState.KEPT)
            ).all()
        for promise_id in waiting:
            current_app.tasks[task].run(str(promise_id))
        with db.system_transaction() as session:
            failures = session.scalars(
                select(Promise.failure).where(
                    Promise.id.in_(waiting), Promise.state != PromiseState.KEPT
                )
            ).all()
        assert not failures, failures
        return len(waiting)

    return keep_all
