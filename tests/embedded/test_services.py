"""The three services of one machine start together, survive kill -9, and end without remains."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import redis
import urllib3

from eoffice.embedded import broker, credentials, postgres, store
from eoffice.embedded import services as embedded
from eoffice.embedded.failures import PortTaken
from eoffice.embedded.services import Backing
from eoffice.embedded.supervisor import Supervisor
from eoffice.objects.contract import StoreUnavailable
from eoffice.objects.s3 import S3Store
from eoffice.objects.sha256 import Sha256
from tests import services
from tests.embedded import programs
from tests.embedded.programs import eventually


@dataclass(frozen=True, slots=True)
class Machine:
    var: Path
    supervisor: Supervisor
    backing: Backing


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    with services.scratch_directory() as var:
        with Supervisor(var, signals=False) as supervisor:
            yield Machine(var, supervisor, embedded.start_backing(var, supervisor=supervisor))
        embedded.forget(var)


def objects_of(backing: Backing) -> S3Store:
    objects = S3Store(
        endpoint=backing.s3_endpoint,
        access_key=backing.s3_access_key,
        secret_key=backing.s3_secret_key,
        region=backing.s3_region,
        content_bucket="eoffice-content",
        archive_bucket="eoffice-archive",
    )
    objects.prepare()
    return objects


def database_of(backing: Backing) -> psycopg.Connection:
    return psycopg.connect(
        backing.owner_database_url.replace("+psycopg", ""), autocommit=True, connect_timeout=3
    )


def kill_and_await_return(machine: Machine, name: str) -> None:
    killed = machine.supervisor.process_id(name)
    assert killed is not None
    programs.kill(killed)
    assert eventually(lambda: machine.supervisor.process_id(name) not in {killed, None})


def test_a_killed_database_keeps_what_it_confirmed(machine: Machine) -> None:
    with database_of(machine.backing) as connection:
        connection.execute("CREATE TABLE book (number int)")
        connection.execute("INSERT INTO book VALUES (960)")

    kill_and_await_return(machine, postgres.NAME)

    def confirmed() -> bool:
        try:
            with database_of(machine.backing) as connection:
                return connection.execute("SELECT number FROM book").fetchall() == [(960,)]
        except psycopg.OperationalError:
            return False

    assert eventually(confirmed)


def test_a_killed_broker_keeps_its_queues(machine: Machine) -> None:
    with redis.Redis.from_url(machine.backing.broker_url) as client:
        client.rpush("queue", *range(100))

    kill_and_await_return(machine, broker.NAME)

    def kept() -> bool:
        try:
            with redis.Redis.from_url(machine.backing.broker_url) as client:
                return bool(client.llen("queue") == 100)
        except redis.RedisError:
            return False

    assert eventually(kept)


def test_a_killed_object_store_keeps_every_object_and_every_lock(machine: Machine) -> None:
    objects = objects_of(machine.backing)
    names = [objects.put(b"content %d" % number, "text/plain") for number in range(20)]
    locks = [
        objects.put_locked(name, retain_until=objects.now() + timedelta(days=1)) for name in names
    ]

    kill_and_await_return(machine, store.NAME)

    def answers() -> bool:
        try:
            return objects.exists(names[0])
        except StoreUnavailable:
            return False

    assert eventually(answers)
    assert [objects.get(name) for name in names] == [b"content %d" % n for n in range(20)]
    assert [objects.retention(name) for name in names] == locks


def test_the_inner_ports_of_the_object_store_delete_nothing_for_strangers(
    machine: Machine,
) -> None:
    objects = objects_of(machine.backing)
    name = objects.put(b"locked", "text/plain")
    lock = objects.put_locked(name, retain_until=objects.now() + timedelta(days=1))
    port = embedded.assigned_ports(machine.var)

    with urllib3.PoolManager(retries=False) as http:
        answer = http.request(
            "DELETE", f"http://127.0.0.1:{port['filer']}/buckets/eoffice-archive?recursive=true"
        )

    assert answer.status == 401
    assert objects.get_locked(name, lock.version_id) == b"locked"


@pytest.mark.parametrize("part", ["master_grpc", "volume_grpc", "filer_grpc", "s3_grpc"])
def test_the_parts_of_the_object_store_speak_only_to_holders_of_its_certificate(
    machine: Machine, part: str
) -> None:
    stranger = ssl.create_default_context(cafile=machine.var / "data" / "store" / "authority.pem")
    stranger.set_alpn_protocols(["h2"])
    address = ("127.0.0.1", embedded.assigned_ports(machine.var)[part])

    with (
        socket.create_connection(address) as plain,
        stranger.wrap_socket(plain, server_hostname="127.0.0.1") as connection,
        pytest.raises(ssl.SSLError, match="certificate required"),
    ):
        connection.recv(1)


def test_the_object_store_answers_nobody_without_keys(machine: Machine) -> None:
    with urllib3.PoolManager(retries=False) as http:
        assert http.request("GET", f"{machine.backing.s3_endpoint}/").status == 403
        assert http.request("PUT", f"{machine.backing.s3_endpoint}/open").status == 403


def test_the_broker_answers_nobody_without_a_password(machine: Machine) -> None:
    open_url = "redis://" + machine.backing.broker_url.partition("@")[2]

    with redis.Redis.from_url(open_url) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_secrets_do_not_show_when_the_addresses_are_printed(machine: Machine) -> None:
    secrets = credentials.kept(machine.var / embedded.SECRETS_FILE, ())

    shown = repr(machine.backing)

    assert machine.backing.s3_endpoint in shown
    assert not [secret for secret in secrets.values() if secret in shown]


def test_a_second_start_finds_its_data_on_the_same_ports_and_on_others() -> None:
    with services.scratch_directory() as var:
        with Supervisor(var, signals=False) as supervisor:
            first = embedded.start_backing(var, supervisor=supervisor)
            name = objects_of(first).put(b"kept", "text/plain")
            with database_of(first) as connection:
                connection.execute("CREATE TABLE kept (number int)")
            members = [supervisor.process_id(program) for program in embedded.PROGRAMS]
        assert None not in members
        assert eventually(
            lambda: not any(member and programs.is_alive(member) for member in members)
        )

        with Supervisor(var, signals=False) as supervisor:
            second = embedded.start_backing(var, supervisor=supervisor)
            assert second == first
            assert found(second, name)

        sockets = embedded.assigned_ports(var)
        (var / embedded.PORTS_FILE).unlink()
        with Supervisor(var, signals=False) as supervisor:
            third = embedded.start_backing(var, supervisor=supervisor)
            assert third.s3_endpoint != first.s3_endpoint
            assert found(third, name)
        store.remove_sockets(sockets)
        embedded.forget(var)
        assert list(var.iterdir()) == []


def found(backing: Backing, name: Sha256) -> bool:
    with database_of(backing) as connection:
        connection.execute("SELECT FROM kept")
    return objects_of(backing).get(name) == b"kept"


def test_a_port_that_the_operator_chose_and_somebody_took_stops_the_start(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        with (
            Supervisor(tmp_path, signals=False) as supervisor,
            pytest.raises(PortTaken, match=f"Cổng {taken}"),
        ):
            embedded.start_backing(
                tmp_path, supervisor=supervisor, fixed_ports={postgres.NAME: taken}
            )
    postgres.forget(tmp_path)
    shutil.rmtree(tmp_path / "data", ignore_errors=True)
