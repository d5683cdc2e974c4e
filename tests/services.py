"""Real services for the tests: made in a directory of their own, gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

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


@dataclass(frozen=True, slots=True)
class Pristine:
    """What a copy of the template holds before anybody writes to it."""

    tables: tuple[str, ...]
    #: Rows of the tables that are not empty, as COPY gives them.
    rows: Mapping[str, bytes]
    #: Last value, and whether it was given.
    sequences: Mapping[str, tuple[int, bool]]
    #: Changes as soon as a table, index, function, trigger or policy comes or goes.
    shape: str


#: So often a database is emptied before a new copy takes its place: rows that were deleted stay in
#: its files.
MOST_REUSES = 40
_SHAPE = """
  select concat_ws(' ',
    (select count(*) || ':' || max(oid) from pg_class),
    (select count(*) || ':' || max(oid) from pg_proc),
    (select count(*) || ':' || max(oid) from pg_trigger),
    (select count(*) || ':' || max(oid) from pg_policy),
    (select md5(string_agg(relname || coalesce(relacl::text, ''), ',' order by oid))
     from pg_class where relnamespace = 'public'::regnamespace))
"""


def pristine(server: Server, name: str) -> Pristine:
    """Of a fresh copy."""
    with _inside(server, name) as connection:
        tables = tuple(
            row[0]
            for row in connection.execute(
                "select relname from pg_class where relkind in ('r', 'p') and not relispartition"
                " and relnamespace = 'public'::regnamespace order by relname"
            )
        )
        rows = {table: found for table in tables if (found := _rows(connection, table))}
        sequences = {
            row[0]: _place(connection, row[0])
            for row in connection.execute(
                "select relname from pg_class where relkind = 'S'"
                " and relnamespace = 'public'::regnamespace"
            ).fetchall()
        }
        return Pristine(tables, rows, sequences, _shape(connection))


def emptied(server: Server, name: str, before: Pristine) -> bool:
    """Bring a copy back to what it was; False where that cannot be done, and it is to be made anew.

    Without triggers and foreign keys, which would refuse to take back what is never deleted.
    """
    try:
        with _inside(server, name) as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = %s and pid <> pg_backend_pid()",
                [name],
            )
            if _shape(connection) != before.shape:
                return False
            connection.execute("set session_replication_role = replica")
            connection.execute("set lock_timeout = '3s'")
            with connection.transaction():
                connection.execute(_EMPTY.format(tables=_listed(before.tables, before.rows)))
                for table, rows in before.rows.items():
                    if _rows(connection, table) != rows:
                        connection.execute(_EMPTY.format(tables=f"'{table}'"))
                        with connection.cursor().copy(f'copy "{table}" from stdin') as copy:
                            copy.write(rows)
                for sequence, (last, is_called) in before.sequences.items():
                    connection.execute("select setval(%s, %s, %s)", [sequence, last, is_called])
    except psycopg.Error:
        return False
    else:
        return True


_EMPTY = """
do $$
declare
  name text;
  has boolean;
begin
  foreach name in array array[{tables}] loop
    execute format('select exists (select from %I)', name) into has;
    if has then
      execute format('delete from %I', name);
    end if;
  end loop;
end
$$
"""


def _listed(tables: Iterable[str], seeded: Collection[str]) -> str:
    return ", ".join(f"'{table}'" for table in tables if table not in seeded)


def _rows(connection: psycopg.Connection[tuple[Any, ...]], table: str) -> bytes:
    with connection.cursor().copy(f'copy "{table}" to stdout') as copy:
        return b"".join(bytes(part) for part in copy)


def _place(connection: psycopg.Connection[tuple[Any, ...]], sequence: str) -> tuple[int, bool]:
    found = connection.execute(
        sql.SQL("select last_value, is_called from {}").format(sql.Identifier(sequence))
    ).fetchone()
    assert found is not None
    return int(found[0]), bool(found[1])


def _shape(connection: psycopg.Connection[tuple[Any, ...]]) -> str:
    found = connection.execute(_SHAPE).fetchone()
    assert found is not None
    return str(found[0])


@contextmanager
def _inside(server: Server, name: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    url = server.url(postgres.SUPERUSER, name).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


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
