"""One command starts everything, a second start finds its data, and what is wrong is a sentence.

Each start here asserts besides that SIGTERM ends it with code 0, no process and no open port.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from eoffice.demo import load
from eoffice.embedded import ports
from tests import services
from tests.scenarios.running import (
    ROOT,
    STOPPED_WITHIN_S,
    UP,
    end,
    environment,
    remains,
    running,
    start,
)

pytestmark = pytest.mark.scenario

SUBJECT = "kiểm tra lần khởi động thứ hai"
REFUSED_WITHIN_S = 60


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of an office that ran once, and what was made in it."""

    var: Path
    port: int
    document_id: str
    password: str


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with services.scratch_directory() as directory:
        var, port = directory / "var", ports.free_port()
        with running(var, port=port) as office:
            made = office.client("chuyenvien.cntt").post(
                "/api/v1/documents", json={"type": "dispatch", "text": {"subject": SUBJECT}}
            )
            assert made.status_code == 201, made.text
            assert "giamdoc" in office.said
            found = Place(var, port, made.json()["id"], load.read_access(var).password)
            assert found.password in office.said
        yield found


def test_a_second_start_finds_its_data(place: Place) -> None:
    with running(place.var, port=place.port) as office:
        found = office.client("chuyenvien.cntt").get(f"/api/v1/documents/{place.document_id}")

        assert found.json()["subject"] == SUBJECT
        assert load.read_access(place.var).password == place.password

        # A directory has one office at a time.
        said = refused(place.var, ports.free_port())
        assert said.startswith("LỖI: Hệ thống trên thư mục")
        assert (
            office.client("chuyenvien.cntt")
            .get(f"/api/v1/documents/{place.document_id}")
            .is_success
        )


def test_a_taken_port_is_told_in_one_sentence(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        said = refused(place.var, port)

    assert said.startswith(f"LỖI: Cổng {port} dành cho trang web đang được")
    assert "\n" not in said


def test_a_start_that_is_stopped_half_way_leaves_nothing(place: Place) -> None:
    process = start(place.var, port=place.port)
    try:
        until = time.monotonic() + REFUSED_WITHIN_S
        while not (place.var / "run" / "postgres.pid").exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)

        assert process.wait(STOPPED_WITHIN_S) == 0
    finally:
        end(process)
    assert not remains(place.var, {process.pid})


def test_reset_begins_anew(place: Place) -> None:
    with running(place.var, "--reset", port=place.port) as office:
        listed = office.client("chuyenvien.cntt").get("/api/v1/documents").json()

        assert listed["items"] == []
        assert load.read_access(place.var).password != place.password


def refused(var: Path, port: int) -> str:
    """What is said on standard error by a start that cannot be; it ends with code 1."""
    done = subprocess.run(
        UP,
        cwd=ROOT,
        env=environment(var) | {"EOFFICE_PORT": str(port)},
        capture_output=True,
        text=True,
        timeout=REFUSED_WITHIN_S,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr.strip()
