"""Pulls plugs: `kill -9` of a program of the office at a chosen moment of a story.

A fault names a victim and a moment. Moments of a request (sent through `Saboteur`): before it is
sent, while it is under way (optionally only once a fact holds in the database), or after it was
answered, in which case the answer is thrown away. Moments of background work are facts in the
database alone (`Watch`).
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import httpx
import psycopg

from tests.scenarios.running import Running

POLL_S = 0.001
#: How long a program that is just being started again is waited for before it is killed again.
VICTIM_WITHIN_S = 60
FACT_WITHIN_S = 300


class Moment(StrEnum):
    BEFORE = "before it was sent"
    DURING = "while under way"
    ANSWER_LOST = "answered, answer lost"
    WHEN = "when"


@dataclass(slots=True)
class Fault:
    """One plug that is pulled once; the last fields say what came of it."""

    #: "program" for the process that the supervisor started, "program:child" for one of its own.
    victim: str
    moment: Moment
    #: The idempotency key of a request; without key "PUT …/draft", method and end of the path;
    #: or what the fact means.
    point: str
    #: A query that is true from the chosen moment on.
    fact: str = ""
    #: A table which gets a new row at the chosen moment of the request.
    grows: str = ""
    killed: int | None = None
    #: What the request got that was hit, and how many more were sent until one succeeded.
    answer: str = ""
    repeated: int = 0
    key: str = field(default="", repr=False)


def kill(office: Running, victim: str) -> int:
    """Kill -9 one process of the office; waits for one that is not there yet. Its process id."""
    program, _, child = victim.partition(":")
    until = time.monotonic() + VICTIM_WITHIN_S
    while time.monotonic() < until:
        found = office.children(program) if child else [office.process_id(program)]
        for process_id in found:
            if process_id is None:
                continue
            try:
                os.kill(process_id, signal.SIGKILL)
            except ProcessLookupError:
                continue
            return process_id
        time.sleep(POLL_S)
    raise AssertionError(f"there is no {victim} to kill")


def wait_for_fact(
    office: Running, fact: str, *, stop: threading.Event, asking: threading.Event | None = None
) -> bool:
    """Ask the database again and again, over its own restarts; whether the fact came true.

    `asking` is set once the first question was asked.
    """
    url = office.settings["EOFFICE_WORKER_DATABASE_URL"].replace("+psycopg", "")
    until = time.monotonic() + FACT_WITHIN_S
    while time.monotonic() < until and not stop.is_set():
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=5) as connection:
                while time.monotonic() < until and not stop.is_set():
                    row = connection.execute(fact.encode()).fetchone()
                    if row is not None and row[0]:
                        return True
                    if asking is not None:
                        asking.set()
                    time.sleep(POLL_S)
        except psycopg.OperationalError:
            time.sleep(0.05)
    return False


class Saboteur(httpx.BaseTransport):
    """The line between the story and the office, on which some requests do not get through."""

    def __init__(self, office: Running, faults: Sequence[Fault]) -> None:
        self._office = office
        self._line = httpx.HTTPTransport()
        self._waiting = list(faults)
        self._hit: list[Fault] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._count_repetition(request)
        fault = self._due(request)
        if fault is None:
            return self._line.handle_request(request)
        fault.key = _key(request)
        self._hit.append(fault)
        self._wait_until_up()
        try:
            response = self._send(request, fault)
        except httpx.TransportError as error:
            fault.answer = type(error).__name__
            raise
        fault.answer = fault.answer or str(response.status_code)
        return response

    def close(self) -> None:
        self._line.close()

    def _send(self, request: httpx.Request, fault: Fault) -> httpx.Response:
        if fault.moment is Moment.BEFORE:
            fault.killed = kill(self._office, fault.victim)
            return self._line.handle_request(request)
        if fault.moment is Moment.DURING:
            return self._send_and_kill(request, fault)
        response = self._line.handle_request(request)
        response.read()
        fault.killed = kill(self._office, fault.victim)
        fault.answer = f"{response.status_code}, lost"
        raise httpx.ReadError(f"the answer {response.status_code} was lost")

    def _send_and_kill(self, request: httpx.Request, fault: Fault) -> httpx.Response:
        answered, asking = threading.Event(), threading.Event()
        fact = _one_more(self._office, fault.grows) if fault.grows else ""

        def pull() -> None:
            if not fact or wait_for_fact(self._office, fact, stop=answered, asking=asking):
                fault.killed = kill(self._office, fault.victim)

        puller = threading.Thread(target=pull, name=f"kills {fault.victim}")
        puller.start()
        if fact:
            asking.wait(VICTIM_WITHIN_S)
        try:
            response = self._line.handle_request(request)
            response.read()
            return response
        finally:
            answered.set()
            puller.join()

    def _wait_until_up(self) -> None:
        """A plug is pulled from an office that works again after the one before."""
        asked = httpx.Request("GET", f"{self._office.base_url}/readyz")
        until = time.monotonic() + VICTIM_WITHIN_S
        while time.monotonic() < until:
            try:
                response = self._line.handle_request(asked)
                response.read()
                if response.status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.2)

    def _due(self, request: httpx.Request) -> Fault | None:
        for fault in self._waiting:
            if _fits(request, fault.point):
                self._waiting.remove(fault)
                return fault
        return None

    def _count_repetition(self, request: httpx.Request) -> None:
        for fault in self._hit:
            if fault.key == _key(request):
                fault.repeated += 1


class Watch(threading.Thread):
    """Pulls plugs one after the other, each when its fact has come true."""

    def __init__(self, office: Running, faults: Sequence[Fault]) -> None:
        super().__init__(name="watch")
        self._office = office
        self._faults = faults
        self.over = threading.Event()

    def run(self) -> None:
        for fault in self._faults:
            if not wait_for_fact(self._office, fault.fact, stop=self.over):
                return
            fault.killed = kill(self._office, fault.victim)


def table(faults: Sequence[Fault]) -> str:
    """What was killed where, and what came of it, for people."""
    rows = [("#", "killed", "at", "moment", "first answer", "sent again")]
    for number, fault in enumerate(faults, start=1):
        again = "" if fault.moment is Moment.WHEN else str(fault.repeated)
        answer = fault.answer if fault.killed is not None else "(was not reached)"
        row = (str(number), fault.victim, fault.point, fault.moment.value, answer, again)
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _one_more(office: Running, table: str) -> str:
    """The fact that the table has more rows than now."""
    url = office.settings["EOFFICE_WORKER_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        row = connection.execute(f"select count(*) from {table}".encode()).fetchone()  # noqa: S608
    assert row is not None
    return f"select count(*) > {row[0]} from {table}"  # noqa: S608


def _fits(request: httpx.Request, point: str) -> bool:
    if request.headers.get("Idempotency-Key") == point:
        return True
    method, _, end = point.partition(" …")
    return bool(end) and request.method == method and request.url.path.endswith(end)


def _key(request: httpx.Request) -> str:
    """The same for a request and its repetitions."""
    given = request.headers.get("Idempotency-Key", "")
    return f"{request.method} {request.url.path} {given}"
