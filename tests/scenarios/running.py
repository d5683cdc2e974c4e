"""The whole office as people start it: `python -m eoffice up` in a directory of its own.

with running(var) as office:        waits for "ready: …"; at the end SIGTERM, and nothing is left
    office.base_url, office.command("doctor"), office.process_id("worker")
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from eoffice.demo import load
from eoffice.embedded import ports
from eoffice.settings import ENVIRONMENT_FILE

ROOT = Path(__file__).parents[2]
READY_WITHIN_S = 240
STOPPED_WITHIN_S = 90
COMMAND_WITHIN_S = 600
PROGRAMS = ("postgres", "broker", "store", "trust", "web", "worker", "relay")

UP = (sys.executable, "-m", "eoffice", "up")


@dataclass(frozen=True, slots=True)
class Running:
    """An office that runs, and how one speaks to it from outside."""

    base_url: str
    var: Path
    process: subprocess.Popen[bytes]
    output: Path
    lines: ExitStack = field(default_factory=ExitStack, repr=False)

    @property
    def said(self) -> str:
        """What the start printed so far, warnings included."""
        return self.output.read_text(encoding="utf-8")

    def command(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run `eoffice ARGUMENTS` as somebody on this machine would, in another window."""
        return subprocess.run(
            [sys.executable, "-m", "eoffice", *map(str, arguments)],
            cwd=ROOT,
            env=environment(self.var),
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN_S,
            check=False,
        )

    def client(self, login: str) -> httpx.Client:
        """Somebody's programs, signed in; closed when the office stops."""
        client = self.lines.enter_context(
            httpx.Client(base_url=self.base_url, timeout=60, trust_env=False)
        )
        entry = {"login": login, "password": load.read_access(self.var).password}
        answer = client.post("/api/v1/session", json=entry)
        assert answer.is_success, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    def process_id(self, program: str) -> int | None:
        """Of a program under the supervisor; None while it is being started again."""
        try:
            return int((self.var / "run" / f"{program}.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return None

    def children(self, program: str) -> list[int]:
        """The processes that a program itself started."""
        parent = self.process_id(program)
        return [each for each in _processes() if _status(each, 1) == parent]

    @property
    def settings(self) -> dict[str, str]:
        """Of this machine: addresses and keys of all services."""
        found: dict[str, str] = json.loads((self.var / ENVIRONMENT_FILE).read_text())
        return found

    def ports(self) -> set[int]:
        """Everything on which this office listens."""
        found = set(ports.remembered(self.var / "ports.json").values())
        for name in ("EOFFICE_BASE_URL", "EOFFICE_TIMESTAMP_URL"):
            found |= {int(each) for each in re.findall(r":(\d{4,5})", self.settings[name])}
        return found


@contextmanager
def running(
    var: Path, *arguments: str, port: int | None = None, workers: int | None = None
) -> Iterator[Running]:
    """Start an office on `var`, wait for it, and end it as Ctrl-C would.

    `workers`: processes of its worker, where not as many as usual.

    Afterwards asserts that it ended with code 0 and left neither a process nor an open port.
    """
    address = ports.free_port() if port is None else port
    var.parent.mkdir(parents=True, exist_ok=True)
    output = var.with_name(f"{var.name}.log")
    process = start(var, *arguments, port=address, output=output, workers=workers)
    try:
        office = Running(f"http://127.0.0.1:{address}", var, process, output)
        _wait_until_ready(office, address)
        with office.lines:
            yield office
        groups = {office.process_id(name) for name in PROGRAMS} | {process.pid}
        listened = office.ports()
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOPPED_WITHIN_S) == 0, office.said
    finally:
        end(process)
    assert not remains(var, groups), "\n".join(remains(var, groups))
    still = sorted(each for each in listened if ports.answers(each))
    assert not still, f"somebody still listens on {still}"


def start(
    var: Path,
    *arguments: str,
    port: int,
    output: Path | None = None,
    workers: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start an office without waiting for it."""
    several = {} if workers is None else {"EOFFICE_WORKERS": str(workers)}
    with (output or Path(os.devnull)).open("wb") as written:
        return subprocess.Popen(
            [*UP, *arguments],
            cwd=ROOT,
            env=environment(var) | {"EOFFICE_PORT": str(port)} | several,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Leave nothing behind when a test failed in the middle."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(var: Path) -> dict[str, str]:
    """Of a shell in which nothing but the directory is set."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("EOFFICE_") and name != "DATABASE_URL"
    }
    return kept | {"EOFFICE_VAR": str(var)}


def remains(var: Path, groups: set[int | None]) -> list[str]:
    """Processes of these groups, and all that were started with this directory as theirs."""
    found = []
    for process_id in _processes():
        group, state = _status(process_id, 2), _state(process_id)
        if state in ("", "Z"):
            continue
        mine = f"EOFFICE_VAR={var}".encode() in _read(process_id, "environ").split(b"\0")
        if mine or group in groups:
            command = _read(process_id, "cmdline").replace(b"\0", b" ").decode()
            found.append(f"{process_id} {command}")
    return found


def _wait_until_ready(office: Running, port: int) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while f"ready: http://127.0.0.1:{port}\n" not in office.said:
        assert office.process.poll() is None, office.said
        assert time.monotonic() < until, office.said
        time.sleep(0.1)


def _processes() -> list[int]:
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit()]


def _state(process_id: int) -> str:
    fields = _fields(process_id)
    return fields[0] if fields else ""


def _status(process_id: int, field: int) -> int:
    """1: the parent, 2: the process group; 0 when the process is gone."""
    fields = _fields(process_id)
    return int(fields[field]) if fields else 0


def _fields(process_id: int) -> list[str]:
    # The second field is the name in parentheses, which may itself hold blanks.
    return _read(process_id, "stat").decode(errors="replace").rpartition(")")[2].split()


def _read(process_id: int, file: str) -> bytes:
    try:
        return Path(f"/proc/{process_id}/{file}").read_bytes()
    except OSError:
        return b""
