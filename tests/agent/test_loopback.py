"""Only a page of the paired office, opened by its owner just now, makes the program sign.

The office is a small server here; the program's side is the real one.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from eoffice.agent_program.loopback import Loopback
from eoffice.agent_program.office import Office

SHOWN = ["0190a2b3-0000-7000-8000-000000000001", "0190a2b3-0000-7000-8000-000000000002"]


class _Passes(BaseHTTPRequestHandler):
    """Knows one pass, and what its page has shown."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        valid = body == {"given": "good"}
        answer = json.dumps({"valid": valid, "requests": SHOWN if valid else []}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@dataclass
class Stage:
    office: str
    program: str
    port: int
    signed: list[frozenset[str]] = field(default_factory=list)
    #: Set while a batch must not end.
    held: threading.Event = field(default_factory=threading.Event)

    def asks(self, given: object = "good", **headers: str) -> httpx.Response:
        return httpx.post(
            f"{self.program}/sign",
            json={"pass": given},
            headers={"Origin": self.office, **headers},
            timeout=20,
        )


@pytest.fixture
def stage() -> Iterator[Stage]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Passes) as office:
        address = f"http://127.0.0.1:{office.server_address[1]}"
        found = Stage(address, "", 0)
        found.held.set()

        def sign(shown: frozenset[str], told: Callable[[int, int], None]) -> tuple[bool, str]:
            found.signed.append(shown)
            told(1, 2)
            found.held.wait(10)
            return True, "Đã gửi 2 chữ ký."

        with Loopback(Office(address, "token"), sign, port=0) as program:
            found.port = program.server_address[1]
            found.program = f"http://127.0.0.1:{found.port}"
            threads = [
                threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.02})
                for each in (office, program)
            ]
            for each in threads:
                each.start()
            yield found
            program.shutdown()
        office.shutdown()
        for each in threads:
            each.join()


def test_a_page_with_a_pass_has_signed_what_it_showed(stage: Stage) -> None:
    answer = stage.asks()
    assert answer.status_code == 200
    assert answer.json() == {"detail": "Đã gửi 2 chữ ký."}
    assert answer.headers["access-control-allow-origin"] == stage.office
    assert stage.signed == [frozenset(SHOWN)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Host": "example.com"},
        {"Host": "rebound.example.com:18590"},
    ],
)
def test_a_stranger_is_not_answered(stage: Stage, headers: dict[str, str]) -> None:
    answer = stage.asks(**headers)
    assert answer.status_code == 403
    if headers.get("Origin") is not None:
        assert "access-control-allow-origin" not in answer.headers
    assert stage.signed == []


@pytest.mark.parametrize(("given", "status"), [("bad", 403), ("", 403), (7, 403), (None, 403)])
def test_without_a_good_pass_nothing_is_signed(stage: Stage, given: object, status: int) -> None:
    assert stage.asks(given).status_code == status
    assert stage.signed == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"x" * 5000, b"[" * 4096])
def test_what_cannot_be_read_is_refused(stage: Stage, body: bytes) -> None:
    answer = httpx.post(
        f"{stage.program}/sign", content=body, headers={"Origin": stage.office}, timeout=20
    )
    assert answer.status_code == 400
    assert stage.signed == []


def test_the_browser_may_ask_before_from_the_office_alone(stage: Stage) -> None:
    def preflight(origin: str) -> httpx.Response:
        return httpx.options(f"{stage.program}/sign", headers={"Origin": origin}, timeout=20)

    allowed = preflight(stage.office)
    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-private-network"] == "true"
    assert allowed.headers["access-control-allow-methods"] == "GET, POST"
    assert preflight("https://example.com").status_code == 403


def test_there_is_one_batch_at_a_time(stage: Stage) -> None:
    stage.held.clear()
    first = threading.Thread(target=stage.asks)
    first.start()
    while not stage.signed:
        pass
    second = stage.asks()
    stage.held.set()
    first.join()
    assert second.status_code == 409
    assert "lượt khác" in second.json()["detail"]
    assert len(stage.signed) == 1


def test_the_page_can_see_how_far_the_batch_is_and_nobody_else_can(stage: Stage) -> None:
    def progress(origin: str) -> httpx.Response:
        return httpx.get(f"{stage.program}/progress", headers={"Origin": origin}, timeout=20)

    assert progress(stage.office).json() == {"done": 0, "total": 0}
    assert stage.asks().status_code == 200
    assert progress(stage.office).json() == {"done": 1, "total": 2}
    refused = progress("https://example.com")
    assert refused.status_code == 403
    assert "done" not in refused.json()


def test_another_address_has_nothing(stage: Stage) -> None:
    answer = httpx.post(
        f"{stage.program}/other", json={}, headers={"Origin": stage.office}, timeout=20
    )
    assert answer.status_code == 404
