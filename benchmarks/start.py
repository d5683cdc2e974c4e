"""From `scripts/start` to the first page, in an environment that is installed already.

The first start makes the database, the certificates of the demo and its province; the second finds
them. Peers: PostgreSQL alone, of the same binaries, in the same run: made and started with its
roles, and started again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure, Peer
from eoffice.embedded import ports, postgres, services
from eoffice.embedded.supervisor import Supervisor

ROOT = Path(__file__).parent.parent
READY_WITHIN_S = 600.0
STOPPED_WITHIN_S = 60.0


def measure() -> Sequence[Figure]:
    with tempfile.TemporaryDirectory(prefix="eoffice-benchmark-") as directory:
        base = Path(directory)
        base.chmod(0o711)
        made, started = _postgres_alone(base / "postgres"), _postgres_alone(base / "postgres")
        services.forget(base / "postgres")
        port = ports.free_port()
        first = _first_page(base / "office", port)
        second = _first_page(base / "office", port)
        services.forget(base / "office")
    return [
        Figure(
            "first start to the first page",
            "s",
            first,
            Peer("PostgreSQL alone: made, started, roles", made),
            "1",
        ),
        Figure(
            "second start to the first page",
            "s",
            second,
            Peer("PostgreSQL alone: started", started),
            "1",
        ),
    ]


def _postgres_alone(directory: Path) -> float:
    directory.mkdir(mode=0o711, exist_ok=True)
    begun = time.perf_counter()
    server = services.assigned_server(directory)
    where = postgres.place(directory)
    postgres.initialise(where, server.passwords[postgres.SUPERUSER], volatile=False)
    with Supervisor(directory, signals=False) as supervisor:
        supervisor.start(postgres.program(where, server, volatile=False))
        postgres.ensure_roles(server)
        ready_at = time.perf_counter()
    return ready_at - begun


def _first_page(var: Path, port: int) -> float:
    """Seconds until `ready:` was said; the office is stopped again."""
    environment = {**os.environ, "EOFFICE_VAR": str(var), "EOFFICE_PORT": str(port)}
    for name in ("DATABASE_URL", "EOFFICE_CLOCK_FILE"):
        environment.pop(name, None)
    begun = time.perf_counter()
    with subprocess.Popen(
        [str(ROOT / "scripts" / "start")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as office:
        try:
            _wait_for_ready(office)
            return time.perf_counter() - begun
        finally:
            office.send_signal(signal.SIGTERM)
            try:
                office.communicate(timeout=STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                office.kill()


def _wait_for_ready(office: subprocess.Popen[str]) -> None:
    assert office.stdout is not None
    patience = threading.Timer(READY_WITHIN_S, office.kill)
    patience.start()
    said: list[str] = []
    try:
        for line in office.stdout:
            if line.startswith("ready:"):
                return
            said.append(line)
    finally:
        patience.cancel()
    raise RuntimeError("scripts/start did not get ready:\n" + "".join(said[-20:]))
