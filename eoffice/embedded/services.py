"""The three services behind the office on one machine, started together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eoffice.embedded import credentials, failures, ports, postgres
from eoffice.embedded.postgres import Server
from eoffice.embedded.supervisor import Supervisor


@contextmanager
def scratch_postgres(directory: Path) -> Iterator[Server]:
    """A database server with the three roles whose data are thrown away (no fsync).

    `directory` must let every account pass where the tests run as root.
    """
    where = postgres.place(directory)
    server = Server(
        ports.free_port(), credentials.kept(directory / "secrets.json", postgres.PASSWORDS)
    )
    failures.require_space(directory)
    postgres.initialise(where, server.passwords[postgres.SUPERUSER], volatile=True)
    with Supervisor(directory, signals=False) as supervisor:
        supervisor.start(postgres.program(where, server, volatile=True))
        postgres.ensure_roles(server)
        yield server
