"""The database's history runs from nothing to the newest revision and back, and fits the models."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import NullPool, create_engine, inspect

from eoffice import migrations
from eoffice.embedded.postgres import Server
from tests import services


@pytest.fixture
def owner_url(server: Server) -> str:
    return services.fresh_database(server, "eoffice_migrations").owner_url


def tables(owner_url: str) -> set[str]:
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_models_and_migrated_tables_do_not_differ(owner_url: str) -> None:
    migrations.upgrade(owner_url)
    migrations.check(owner_url)


def test_a_second_upgrade_changes_nothing(owner_url: str) -> None:
    migrations.upgrade(owner_url)
    before = tables(owner_url)
    migrations.upgrade(owner_url)
    assert tables(owner_url) == before


def test_every_revision_can_be_taken_back_and_run_again(owner_url: str) -> None:
    migrations.upgrade(owner_url)
    before = tables(owner_url)
    command.downgrade(migrations.config(owner_url), "base")
    assert tables(owner_url) <= {"alembic_version"}
    migrations.upgrade(owner_url)
    assert tables(owner_url) == before
    migrations.check(owner_url)
