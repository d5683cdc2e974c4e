"""Whoever ran an earlier release keeps all of their data: not only empty tables are migrated.

The data of a release are those of its demo province after the story (tests/corpus/releases).
"""

from __future__ import annotations

import lzma
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import Engine

from eoffice import migrations
from eoffice.embedded.postgres import Databases, Server
from tests import services

CORPUS = Path(__file__).parent / "corpus" / "releases"

#: Release -> the revision at which it ended.
RELEASES: Mapping[str, str] = {"0.1.0": "0009"}

#: Tables that later releases may fill by themselves: their rows may grow, never shrink.
COUNTED = """
    select table_name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> 'alembic_version'
"""


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        tables = connection.scalars(text(COUNTED)).all()
        return {
            table: connection.scalar(text(f'select count(*) from "{table}"')) or 0  # noqa: S608
            for table in tables
        }


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest, server: Server) -> Databases:
    """A database with the data of the release, at its last revision."""
    version = str(request.param)
    databases = services.fresh_database(server, "eoffice_upgrade")
    migrations.upgrade(databases.owner_url, RELEASES[version])
    statements = lzma.decompress((CORPUS / f"{version}.sql.xz").read_bytes()).decode()
    with server.connect("eoffice_upgrade") as connection:
        # Rows come in the order of the tables' names; what refers to what is checked afterwards.
        connection.execute("set session_replication_role = replica")
        connection.execute(statements.encode())
    return databases


def test_no_row_of_an_earlier_release_is_lost(release: Databases) -> None:
    engine = create_engine(release.owner_url, poolclass=NullPool)
    before = counts(engine)
    assert sum(before.values()) > 10_000

    migrations.upgrade(release.owner_url)

    after = counts(engine)
    assert {table: rows for table, rows in before.items() if after.get(table, 0) < rows} == {}
    migrations.check(release.owner_url)


def test_every_row_keeps_the_constraints_of_the_newest_release(
    release: Databases, server: Server
) -> None:
    """Constraints that a revision adds hold for old rows too: PostgreSQL checks them again."""
    migrations.upgrade(release.owner_url)

    with server.connect("eoffice_upgrade") as connection:
        constraints = connection.execute(
            "select conrelid::regclass::text, conname, pg_get_constraintdef(oid)"
            " from pg_constraint"
            " where contype in ('c', 'f') and connamespace = 'public'::regnamespace"
        ).fetchall()
        assert len(constraints) > 100
        for table, name, definition in constraints:
            connection.execute(f'alter table {table} drop constraint "{name}"'.encode())
            connection.execute(f'alter table {table} add constraint "{name}" {definition}'.encode())


def test_what_was_on_record_is_unchanged(release: Databases) -> None:
    """Rows that never change are the same after the upgrade, column for column."""
    unchanged = ("audit_events", "merkle_nodes", "tree_heads", "archive_entries", "book_entries")
    engine = create_engine(release.owner_url, poolclass=NullPool)

    def columns(table: str) -> list[str]:
        with engine.connect() as connection:
            return list(
                connection.scalars(
                    text(
                        "select column_name from information_schema.columns"
                        " where table_name = :table and table_schema = 'public' order by 1"
                    ),
                    {"table": table},
                )
            )

    def fingerprint(table: str, names: list[str]) -> object:
        shown = ", ".join(f'"{name}"' for name in names)
        with engine.connect() as connection:
            return connection.scalar(
                text(
                    "select md5(string_agg(line, E'\\n' order by line)) from"  # noqa: S608
                    f' (select ({shown})::text as line from "{table}") as rows'
                )
            )

    known = {table: columns(table) for table in unchanged}
    before = {table: fingerprint(table, known[table]) for table in unchanged}
    migrations.upgrade(release.owner_url)
    assert {table: fingerprint(table, known[table]) for table in unchanged} == before
