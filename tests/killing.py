"""Kill -9 of a process at each of its steps in the database, one after the other.

    outcomes = killed_at_each_step(Promised("routing.tasks", promise_id), facts="select …")

A step is a statement, a commit, or what follows behind a commit. For each number the work runs in
a process of its own, which kills itself before that step; then `facts` are asked. The work is
repeated until it gets through without having met the step. `python -m tests.killing` is the
process: it loads the program and compiles its statements once, in a run that is taken back, and
forks for each number.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from celery import current_app
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from eoffice.settings import settings

ROOT = Path(__file__).parent.parent
WITHIN_S = 300
MOST_STEPS = 500


class Work(Protocol):
    """Something that can be pickled and done; done before, it does nothing."""

    def __call__(self) -> None: ...


@dataclass(frozen=True)
class Promised:
    """A promise of the outbox, kept by its task as the worker does."""

    module: str
    task: str
    promise_id: str

    def __call__(self) -> None:
        importlib.import_module(self.module)
        current_app.tasks[self.task].run(self.promise_id)


@dataclass(frozen=True)
class Outcome:
    """What was true after the process had been killed before its step `number`, or had ended."""

    number: int
    was_killed: bool
    facts: Any


def killed_at_each_step(work: Work, *, facts: str) -> list[Outcome]:
    """The settings of the process are those of this environment."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.killing"],
        cwd=ROOT,
        input=pickle.dumps((work, facts)),
        capture_output=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()[-4000:]
    return [Outcome(*each) for each in json.loads(done.stdout.splitlines()[-1])]


def ask(facts: str) -> Any:
    """One value of the database, seen by the office itself."""
    url = settings().worker_database_url
    assert url is not None
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(facts.encode()).fetchone()
    assert row is not None
    return row[0]


def main() -> None:
    work, facts = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 — from our own test
    if isinstance(work, Promised):
        importlib.import_module(work.module)
    _warm_up(work)
    outcomes: list[tuple[int, bool, Any]] = []
    for number in range(1, MOST_STEPS):
        was_killed = _run(work, number)
        outcomes.append((number, was_killed, ask(facts)))
        if not was_killed:
            break
    print(json.dumps(outcomes))


class _TakenBack(BaseException):
    """Not an Exception: nobody on the way out may think that the work failed."""


def _warm_up(work: Callable[[], None]) -> None:
    """Do everything up to the first commit, and roll it back."""

    def stop(*_: object) -> None:
        raise _TakenBack

    event.listen(Engine, "commit", stop)
    with suppress(_TakenBack):
        work()
    event.remove(Engine, "commit", stop)
    for engine in _engines():
        engine.dispose()


def _engines() -> list[Engine]:
    return [each for each in gc.get_objects() if isinstance(each, Engine)]


def _run(work: Callable[[], None], number: int) -> bool:
    """Whether the child met its step and died there; it must not end in any other way but well."""
    child = os.fork()
    if child == 0:
        sys.stdout = sys.stderr
        code = 1
        try:
            _die_before(number)
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return True
    assert os.WIFEXITED(status), status
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return False


def _die_before(number: int) -> None:
    left = number

    def step(*_: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    # Behind the commit: what was done is there, and nobody was told.
    event.listen(Pool, "checkin", step)


if __name__ == "__main__":
    main()
