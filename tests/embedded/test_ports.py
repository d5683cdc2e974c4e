"""Services keep their ports from start to start, and a taken port is said, not guessed."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from eoffice.embedded import ports
from eoffice.embedded.failures import PortTaken


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_can_be_listened_on() -> None:
    port = ports.free_port()

    with socket.create_server(("127.0.0.1", port)):
        assert not ports.is_free(port)
        assert ports.answers(port)


def test_the_next_start_gets_the_same_ports(tmp_path: Path) -> None:
    file = tmp_path / "ports.json"

    first = ports.assigned(file, ("postgres", "broker"), {})

    assert ports.assigned(file, ("broker", "postgres"), {}) == first
    assert len(set(first.values())) == 2


def test_a_remembered_port_that_is_taken_is_replaced(tmp_path: Path, taken: int) -> None:
    file = tmp_path / "ports.json"
    file.write_text(f'{{"postgres": {taken}}}')

    chosen = ports.assigned(file, ("postgres",), {})

    assert chosen["postgres"] != taken
    assert ports.assigned(file, ("postgres",), {}) == chosen


def test_a_port_that_the_operator_chose_is_used(tmp_path: Path) -> None:
    port = ports.free_port()

    assert ports.assigned(tmp_path / "ports.json", ("postgres",), {"postgres": port}) == {
        "postgres": port
    }


def test_a_port_that_the_operator_chose_and_somebody_took_is_refused(
    tmp_path: Path, taken: int
) -> None:
    with pytest.raises(PortTaken, match=f"Cổng {taken} dành cho postgres đang được"):
        ports.assigned(tmp_path / "ports.json", ("postgres",), {"postgres": taken})


def test_a_taken_port_is_named_with_its_purpose(taken: int) -> None:
    with pytest.raises(PortTaken, match=f"Cổng {taken} dành cho trang web đang được"):
        ports.require_free(taken, "trang web")
