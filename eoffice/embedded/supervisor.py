"""Keeps the programs of one machine running: order, readiness, restart, and an end without remains.

Each program is the leader of its own process group, so that what it started ends with it. Its
output goes to `log/NAME.log`, its process id to `run/NAME.pid` (first line; the second line tells
one process with this id from another). A program that ends is started again, at first at once and
then with growing pauses; one that keeps ending stops everything with `CrashLoop`.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

import structlog

from eoffice.embedded import guard
from eoffice.embedded.accounts import Account
from eoffice.embedded.failures import (
    AlreadyRunning,
    CrashLoop,
    DidNotStart,
    EmbeddedFailure,
    LibraryMissing,
)

log = structlog.get_logger(__name__)

PROBE_EVERY_S = 0.03
LOG_BYTES = 10 * 2**20
TEND_LOGS_EVERY_S = 10.0
LAST_LINES = 15
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C or a signal asked for an orderly end.

    Not an `Exception`, so that it passes through whatever is running when it arrives.
    """


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and after which pauses, a program that ended is started again."""

    first_pause_s: float = 0.1
    #: Each pause doubles the one before, up to this.
    longest_pause_s: float = 5.0
    #: Ends in a row, without a stable time between them, after which a program is given up.
    ends_to_give_up: int = 12
    #: A program that ran this long begins a new row.
    stable_s: float = 30.0

    def pause_s(self, ends: int) -> float:
        """The pause after the `ends`-th end in a row, counted from 1."""
        return float(min(self.first_pause_s * 2 ** (ends - 1), self.longest_pause_s))


PATIENCE = Patience()


@dataclass(frozen=True, slots=True)
class Program:
    """A child process, and how one knows that it serves."""

    #: Of its log and its pid file.
    name: str
    argv: tuple[str, ...]
    #: Asked again and again while the program starts; bounded in time, answers False on failure.
    is_ready: Callable[[], bool]
    #: What the operator calls it, in Vietnamese, at the beginning of a sentence.
    title: str = ""
    #: Added to the environment of the supervisor.
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    directory: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    #: After this the whole process group is killed.
    stop_within_s: float = 10.0
    ready_within_s: float = 60.0
    #: How long a first start that ends at once is tried again, for a predecessor that still leaves.
    retry_first_start_s: float = 0.0


class Supervisor:
    """Owns the directory `var` while it runs; one supervisor for each.

    Use as a context manager. With `signals` (main thread only) SIGINT, SIGTERM and SIGHUP raise
    StopRequested in the body, and leaving the `with` block swallows it after everything stopped.
    """

    def __init__(self, var: Path, *, signals: bool = True, patience: Patience = PATIENCE) -> None:
        self.var = var
        self._patience = patience
        self._signals = signals
        self._children: dict[str, _Child] = {}
        self._trouble = threading.Event()
        self._closing = threading.Event()
        self._guard_lock = threading.Lock()
        self._previous: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        """Raises AlreadyRunning. Ends what a supervisor that was killed may have left behind."""
        for name in ("log", "run"):
            (self.var / name).mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.var)
        _end_remains(self.var / "run")
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__],
            stdin=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        if self._signals:
            for number in STOP_SIGNALS:
                self._previous[number] = signal.signal(number, self._on_signal)
        threading.Thread(target=self._tend_logs, name="logs", daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._closing.set()
        for child in reversed(self._children.values()):
            child.stop()
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        self._lock.close()
        return isinstance(error, StopRequested)

    def launch(self, program: Program) -> None:
        """Start a program and keep it running; returns before it is ready."""
        assert program.name not in self._children, program.name
        child = _Child(program, self.var, self._patience, self._watch, self._trouble)
        self._children[program.name] = child
        child.start()

    def wait_ready(self, name: str) -> None:
        """Raises DidNotStart or LibraryMissing, in Vietnamese, with the end of the log."""
        self._children[name].wait_ready()

    def start(self, program: Program) -> None:
        """Launch a program and wait until it is ready."""
        self.launch(program)
        self.wait_ready(program.name)

    def stop(self, name: str) -> None:
        """End one program for good."""
        self._children[name].stop()
        del self._children[name]

    def process_id(self, name: str) -> int | None:
        """Of the running process; None between an end and the next start."""
        return self._children[name].process_id()

    def run_until_stopped(self) -> None:
        """Keep everything running until a signal. Raises CrashLoop when a program is given up."""
        self._trouble.wait()
        for child in self._children.values():
            if child.failure is not None:
                raise child.failure

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self._closing.is_set():
            self._closing.set()
            raise StopRequested

    def _watch(self, line: str) -> None:
        """Tell the guard of a process group that came or went."""
        assert self._guard.stdin is not None
        with self._guard_lock:
            try:
                self._guard.stdin.write(line + "\n")
                self._guard.stdin.flush()
            except BrokenPipeError:
                log.warning("supervisor.guard_lost")

    def _tend_logs(self) -> None:
        while not self._closing.wait(TEND_LOGS_EVERY_S):
            for file in (self.var / "log").glob("*.log"):
                bound_log(file)


class _Child:
    """One program with the thread that starts it, waits for it and starts it again."""

    def __init__(
        self,
        program: Program,
        var: Path,
        patience: Patience,
        watch: Callable[[str], None],
        trouble: threading.Event,
    ) -> None:
        self._program = program
        self._title = program.title or program.name
        self._patience = patience
        self._log_file = var / "log" / f"{program.name}.log"
        self._pid_file = var / "run" / f"{program.name}.pid"
        self._watch = watch
        self._trouble = trouble
        self._settled = threading.Event()
        self._stopping = threading.Event()
        self._was_ready = False
        self._process: subprocess.Popen[bytes] | None = None
        self._process_lock = threading.Lock()
        self._log_from = 0
        self._thread = threading.Thread(target=self._keep, name=program.name, daemon=True)
        #: Why the program was given up.
        self.failure: EmbeddedFailure | None = None

    def start(self) -> None:
        self._thread.start()

    def wait_ready(self) -> None:
        self._settled.wait()
        if self.failure is not None:
            raise self.failure
        assert self._was_ready or self._stopping.is_set(), self._program.name

    def process_id(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def stop(self) -> None:
        with self._process_lock:
            self._stopping.set()
            process = self._process
        if process is not None:
            process.send_signal(self._program.stop_signal)
        self._thread.join(self._program.stop_within_s)
        if self._thread.is_alive() and process is not None:
            log.info("program.killed", name=self._program.name)
            _kill_group(process.pid)
            self._thread.join()
        log.info("program.stopped", name=self._program.name)

    def _keep(self) -> None:
        try:
            self._first_start()
            self._settled.set()
            self._restart_until_stopped()
        except EmbeddedFailure as failure:
            self.failure = failure
        except OSError as error:
            self.failure = DidNotStart(self._title, self._log_file, str(error))
        finally:
            self._settled.set()
            if not self._stopping.is_set():
                self._trouble.set()

    def _first_start(self) -> None:
        retry_until = time.monotonic() + self._program.retry_first_start_s
        while not self._stopping.is_set() and not self._spawn():
            if time.monotonic() > retry_until:
                raise self._did_not_start()
            self._stopping.wait(self._patience.first_pause_s)
        self._was_ready = True

    def _restart_until_stopped(self) -> None:
        ends = 0
        while not self._stopping.is_set():
            begun = time.monotonic()
            code = self._wait()
            if self._stopping.is_set():
                return
            ends = 1 if time.monotonic() - begun > self._patience.stable_s else ends + 1
            log.warning("program.ended", name=self._program.name, code=code, in_a_row=ends)
            while not self._stopping.is_set():
                if ends >= self._patience.ends_to_give_up:
                    raise CrashLoop(self._title, ends, self._log_file, self._last_lines())
                self._stopping.wait(self._patience.pause_s(ends))
                if self._spawn():
                    break
                ends += 1

    def _spawn(self) -> bool:
        """One attempt; whether the program became ready. A failed attempt leaves no process."""
        program = self._program
        bound_log(self._log_file)
        with self._process_lock:
            if self._stopping.is_set():
                return False
            self._process = process = self._popen()
            self._watch(f"+{process.pid} {int(program.stop_signal)}")
        started = started_at(process.pid)
        self._pid_file.write_text(f"{process.pid}\n{started or ''}\n")
        deadline = time.monotonic() + program.ready_within_s
        while process.poll() is None and time.monotonic() < deadline:
            if program.is_ready():
                log.info("program.ready", name=program.name, process_id=process.pid)
                return True
            if self._stopping.wait(PROBE_EVERY_S):
                break
        if not self._stopping.is_set():
            _kill_group(process.pid)
        self._wait()
        return False

    def _popen(self) -> subprocess.Popen[bytes]:
        program = self._program
        account = program.account
        output = os.open(self._log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._log_from = os.fstat(output).st_size
            return subprocess.Popen(
                program.argv,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=program.directory or "/",
                env={**os.environ, **program.environment},
                start_new_session=True,
                user=account.user_id if account else None,
                group=account.group_id if account else None,
                extra_groups=[] if account else None,
            )
        except FileNotFoundError as error:
            raise LibraryMissing(self._title, program.argv[0]) from error
        finally:
            os.close(output)

    def _wait(self) -> int:
        """Wait for the end of the process, and end what it left in its group."""
        process = self._process
        assert process is not None
        code = process.wait()
        _kill_group(process.pid)
        self._watch(f"-{process.pid}")
        self._pid_file.unlink(missing_ok=True)
        return code

    def _did_not_start(self) -> EmbeddedFailure:
        text = self._last_lines()
        for line in text.splitlines():
            if "error while loading shared libraries" in line:
                library = line.split("libraries:")[-1].split(":")[0].strip()
                return LibraryMissing(self._title, library)
        return DidNotStart(self._title, self._log_file, text)

    def _last_lines(self) -> str:
        """What the latest attempt wrote last."""
        with self._log_file.open("rb") as written:
            written.seek(self._log_from)
            lines = written.read(LOG_BYTES).decode(errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])


def bound_log(file: Path) -> None:
    """Move a log that grew too long to `NAME.log.1`, the older one goes.

    Copied and cut rather than renamed, because the program keeps its file open; what it writes
    between the two is lost.
    """
    if not file.exists() or file.stat().st_size <= LOG_BYTES:
        return
    older = file.with_name(file.name + ".1")
    older.write_bytes(file.read_bytes())
    older.chmod(0o600)
    os.truncate(file, 0)


def _lock(var: Path) -> IO[str]:
    held = (var / "run" / "supervisor.lock").open("a+")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        owner = held.read().strip()
        held.close()
        raise AlreadyRunning(var, owner) from None
    held.truncate(0)
    held.write(f"{os.getpid()}\n")
    held.flush()
    return held


def _end_remains(run: Path) -> None:
    """End programs of an earlier supervisor which even its guard did not outlive."""
    groups = {}
    for file in run.glob("*.pid"):
        words = file.read_text().split()
        if len(words) == 2 and started_at(int(words[0])) == words[1]:
            groups[int(words[0])] = int(signal.SIGTERM)
        file.unlink()
    if groups:
        log.warning("supervisor.remains_ended", process_ids=sorted(groups))
        guard.end(groups)


def started_at(process_id: int) -> str | None:
    """The kernel's start time of a process, in ticks since boot; None where it cannot be known."""
    try:
        status = Path(f"/proc/{process_id}/stat").read_text()
    except OSError:
        return None
    # The second field is the name in parentheses, which may itself hold blanks.
    return status.rpartition(")")[2].split()[19]


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
