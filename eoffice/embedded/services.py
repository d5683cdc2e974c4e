"""The three services behind the office on one machine, started together."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from eoffice.embedded import broker, credentials, failures, ports, postgres, store
from eoffice.embedded.broker import Broker
from eoffice.embedded.postgres import Server
from eoffice.embedded.store import Store
from eoffice.embedded.supervisor import Supervisor

PORTS_FILE = "ports.json"
SECRETS_FILE = "secrets.json"
PROGRAMS = (postgres.NAME, broker.NAME, store.NAME)
PORTS = (postgres.NAME, broker.NAME, *store.PORTS)
SECRETS = (*postgres.PASSWORDS, broker.PASSWORD, *store.SECRETS)


@dataclass(frozen=True, slots=True)
class Backing:
    """Addresses and keys of the running services, as `eoffice.settings` takes them."""

    owner_database_url: str = field(repr=False)
    app_database_url: str = field(repr=False)
    worker_database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    s3_endpoint: str
    s3_access_key: str = field(repr=False)
    s3_secret_key: str = field(repr=False)
    s3_region: str
    #: Vietnamese sentences that the operator should read, such as where data had to be put.
    notes: tuple[str, ...] = ()


def start_backing(
    var: Path,
    *,
    supervisor: Supervisor,
    fixed_ports: Mapping[str, int] | None = None,
    volatile: bool = False,
) -> Backing:
    """Start PostgreSQL, broker and object store with their data below `var`, and wait for them.

    The first start makes roles, passwords, keys and the empty database; later ones find them, on
    the same ports where those are free. `fixed_ports` maps names of `PORTS` to ports that the
    operator insists on. With `volatile` the database may lose everything in a power failure.

    Raises a subclass of EmbeddedFailure; the supervisor then stops what was started.
    """
    var.mkdir(parents=True, exist_ok=True)
    failures.require_space(var)
    where = postgres.place(var)
    failures.require_space(where.data.parent)
    port = ports.assigned(var / PORTS_FILE, PORTS, fixed_ports or {})
    secrets = credentials.kept(var / SECRETS_FILE, SECRETS)
    server = Server(port[postgres.NAME], secrets)
    queue = Broker(port[broker.NAME], secrets[broker.PASSWORD])
    objects = Store({name: port[name] for name in store.PORTS}, secrets)

    # The slowest first; each start goes on while the next one begins.
    store.prepare_first_start(var, objects, supervisor)
    supervisor.launch(store.program(var, objects))
    supervisor.launch(broker.program(var, queue))
    postgres.initialise(where, secrets[postgres.SUPERUSER], volatile=volatile)
    supervisor.start(postgres.program(where, server, volatile=volatile))
    postgres.ensure_roles(server)
    supervisor.wait_ready(broker.NAME)
    supervisor.wait_ready(store.NAME)
    store.make_durable(var, objects)

    databases = server.databases()
    return Backing(
        owner_database_url=databases.owner_url,
        app_database_url=databases.app_url,
        worker_database_url=databases.worker_url,
        broker_url=queue.url,
        s3_endpoint=objects.endpoint,
        s3_access_key=objects.access_key,
        s3_secret_key=objects.secret_key,
        s3_region=store.REGION,
        notes=(where.note,) if where.note else (),
    )


def forget(var: Path) -> None:
    """Delete everything below `var` and what had to be put elsewhere for it; nothing may run."""
    postgres.forget(var)
    store.remove_sockets(assigned_ports(var))
    if var.exists():
        for entry in var.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def assigned_ports(var: Path) -> dict[str, int]:
    """The ports of the latest start; none before the first."""
    return ports.remembered(var / PORTS_FILE)


def assigned_server(var: Path) -> Server:
    """The database server of `var` with its port and its passwords; starts nothing."""
    port = ports.assigned(var / PORTS_FILE, (postgres.NAME,), {})
    return Server(port[postgres.NAME], credentials.kept(var / SECRETS_FILE, postgres.PASSWORDS))


@contextmanager
def scratch_postgres(directory: Path) -> Iterator[Server]:
    """A database server with the three roles whose data are thrown away (no fsync).

    `directory` must let every account pass where the tests run as root.
    """
    where = postgres.place(directory)
    failures.require_space(directory)
    server = assigned_server(directory)
    postgres.initialise(where, server.passwords[postgres.SUPERUSER], volatile=True)
    with Supervisor(directory, signals=False) as supervisor:
        supervisor.start(postgres.program(where, server, volatile=True))
        postgres.ensure_roles(server)
        yield server


@contextmanager
def scratch_store(directory: Path) -> Iterator[Store]:
    """An object store whose data are thrown away."""
    failures.require_space(directory)
    port = ports.assigned(directory / PORTS_FILE, store.PORTS, {})
    objects = Store(port, credentials.kept(directory / SECRETS_FILE, store.SECRETS))
    try:
        with Supervisor(directory, signals=False) as supervisor:
            store.prepare_first_start(directory, objects, supervisor)
            supervisor.start(store.program(directory, objects))
            store.make_durable(directory, objects)
            yield objects
    finally:
        store.remove_sockets(objects.ports)


@contextmanager
def scratch_broker(directory: Path) -> Iterator[Broker]:
    """A broker whose data are thrown away."""
    failures.require_space(directory)
    passwords = credentials.kept(directory / SECRETS_FILE, (broker.PASSWORD,))
    queue = Broker(ports.free_port(), passwords[broker.PASSWORD])
    with Supervisor(directory, signals=False) as supervisor:
        supervisor.start(broker.program(directory, queue))
        yield queue
