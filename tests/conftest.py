"""What all tests share: a real database, sessions that are rolled back, and settings for edges."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from eoffice import db, migrations
from eoffice.db import Acting
from eoffice.embedded.postgres import SUPERUSER, Databases, Server
from eoffice.settings import REVOCATION_HOSTS, settings
from tests import longest, services

#: When most tests play; a weekday morning in Vietnam.
AT = datetime(2018, 8, 13, 1, 15, tzinfo=UTC)

# The trust services of the tests are on this machine.
os.environ.setdefault(REVOCATION_HOSTS, "127.0.0.1")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where files are shared among processes, the long ones go first; see `tests.longest`."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: longest.place(item.path.relative_to(config.rootpath)))


@pytest.fixture
def at() -> datetime:
    """An instant for actions that do not care which: 13 August 2018, 08:15 in Vietnam."""
    return AT


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One PostgreSQL for the whole run."""
    with services.postgres_server() as running:
        yield running


@pytest.fixture(scope="session")
def migrated(server: Server, template: str) -> Databases:
    """A migrated database that nobody writes to for good."""
    return services.copied_database(server, "eoffice_tests", template)


@pytest.fixture(scope="session")
def engine(server: Server, migrated: Databases) -> Iterator[Engine]:
    """Connects as the superuser, so that a test may take the role whose rights it tests."""
    made = create_engine(server.url(SUPERUSER, "eoffice_tests"))
    yield made
    made.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session in a transaction that is rolled back; row-level security does not apply to it."""
    with engine.connect() as connection, connection.begin() as outer:
        with Session(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        ) as made:
            yield made
        outer.rollback()


class HasActing(Protocol):
    """A principal, as far as row-level security cares."""

    @property
    def acting(self) -> Acting: ...


@contextmanager
def web_role(session: Session, who: HasActing | None) -> Iterator[Session]:
    """Inside, the session has the rights of the web process on behalf of `who`."""
    session.flush()
    session.execute(text("set local role eoffice_app"))
    db.act_for(session, None if who is None else who.acting)
    try:
        yield session
    finally:
        session.execute(text("reset role"))
        db.act_for(session, None)


@contextmanager
def owner_transaction() -> Iterator[Session]:
    """For tests that put rows into a shape that no process of the office may give them."""
    url = settings().owner_database_url
    assert url is not None
    engine = create_engine(url)
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            yield session
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Office:
    """A database of its own whose transactions really commit, with settings that point to it."""

    databases: Databases
    var: Path


@pytest.fixture(scope="session")
def template(server: Server) -> str:
    """Name of a migrated database to which nobody connects, for copies that tests may fill."""
    databases = services.fresh_database(server, "eoffice_template")
    migrations.upgrade(databases.owner_url)
    return "eoffice_template"


class Copies:
    """A copy of the template that test after test fills and finds empty again."""

    def __init__(self, server: Server, template: str) -> None:
        self._server, self._template = server, template
        self._name = f"office_{os.getpid()}_{threading.get_ident() % 10_000}"
        self._before: services.Pristine | None = None
        self._reuses = 0

    def empty(self) -> Databases:
        """As the template is, whatever the test before did to it."""
        if self._before is not None and self._reuses < services.MOST_REUSES:
            self._reuses += 1
            if services.emptied(self._server, self._name, self._before):
                return self._server.databases(self._name)
        databases = services.copied_database(self._server, self._name, self._template)
        self._before, self._reuses = services.pristine(self._server, self._name), 0
        return databases


@pytest.fixture(scope="session")
def copies(server: Server, template: str) -> Copies:
    return Copies(server, template)


@pytest.fixture
def office(
    copies: Copies,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Office]:
    """For tests of edges, threads and crashes: `db.transaction()` works and commits.

    Object store, broker and time-stamp authority are addresses at which nobody listens; a test
    that needs one sets its own.
    """
    databases = copies.empty()
    values = {
        "DATABASE_URL": databases.app_url,
        "EOFFICE_WORKER_DATABASE_URL": databases.worker_url,
        "EOFFICE_OWNER_DATABASE_URL": databases.owner_url,
        "EOFFICE_BROKER_URL": "redis://127.0.0.1:9/0",
        "EOFFICE_S3_ENDPOINT": "http://127.0.0.1:9",
        "EOFFICE_S3_ACCESS_KEY": "tests",
        "EOFFICE_S3_SECRET_KEY": "tests-only",
        "EOFFICE_SECRET_KEY": "a secret of the tests, at least 32 characters",
        "EOFFICE_VAR": str(tmp_path),
        "EOFFICE_WEB_THREADS": "8",
    }
    for key, value in values.items():
        monkeypatch.setenv(key, value)
    settings.cache_clear()
    yield Office(databases, tmp_path)
    db.close_engines()
    settings.cache_clear()
