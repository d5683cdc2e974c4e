"""Real services for the tests: made in a directory of their own, gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eoffice.embedded import postgres
from eoffice.embedded import services as embedded
from eoffice.embedded.broker import Broker
from eoffice.embedded.postgres import Databases, Server
from eoffice.embedded.services import Backing
from eoffice.embedded.store import Store
from eoffice.embedded.supervisor import Supervisor


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """A directory through which every account may pass (pytest's own is private to its user)."""
    directory = Path(tempfile.mkdtemp(prefix="eoffice-test-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[Server]:
    """PostgreSQL with the roles and the empty database of the office.

    `server.databases()` gives the addresses; `fresh_database` makes further ones beside it.
    """
    with scratch_directory() as directory, embedded.scratch_postgres(directory) as server:
        yield server


def fresh_database(server: Server, name: str) -> Databases:
    """An empty database of this name, in place of any older one."""
    with server.connect() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    postgres.ensure_database(server, name)
    return server.databases(name)


def copied_database(server: Server, name: str, template: str) -> Databases:
    """A copy of a database to which nobody is connected: tens of milliseconds, not seconds."""
    with server.connect() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(
            f'CREATE DATABASE "{name}" OWNER "{postgres.OWNER}" TEMPLATE "{template}"'
        )
    postgres.ensure_database(server, name)
    return server.databases(name)


@contextmanager
def object_store_server() -> Iterator[Store]:
    """SeaweedFS without buckets; takes about five seconds to start."""
    with scratch_directory() as directory, embedded.scratch_store(directory) as store:
        yield store


@contextmanager
def broker_server() -> Iterator[Broker]:
    """An empty Valkey server."""
    with scratch_directory() as directory, embedded.scratch_broker(directory) as broker:
        yield broker


@contextmanager
def backing_services() -> Iterator[Backing]:
    """All three, as one machine runs them, under one supervisor."""
    with scratch_directory() as directory:
        with Supervisor(directory, signals=False) as supervisor:
            yield embedded.start_backing(directory, supervisor=supervisor, volatile=True)
        embedded.forget(directory)
