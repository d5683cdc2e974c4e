"""Authorities are asked within bounds of time, size and place; nobody is followed elsewhere."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from eoffice.signing import asking
from eoffice.signing.asking import NoAnswer

HERE = frozenset({"127.0.0.1", "tsa.example.vn"})


class _Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.client_address[1], self.headers["Host"]))  # type: ignore[attr-defined]
        match self.path:
            case "/moved":
                self.send_response(302)
                self.send_header("Location", "/right")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case "/drops":
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.end_headers()
                self._drop()
            case "/silence":
                self.close_connection = True
            case "/last":
                self._answer(b"right")
                self.close_connection = True
            case _:
                self._answer(b"right" if self.path == "/right" else bytes(5000))

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _drop(self) -> None:
        """Byte by byte, each in good time, until whoever asked has gone."""
        self.connection.settimeout(0.02)
        for _ in range(1000):
            try:
                self.wfile.write(b".")
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Desk)
        self.asked: list[tuple[str, int, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@contextmanager
def _running() -> Iterator[_Server]:
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def server() -> Iterator[_Server]:
    with _running() as running:
        yield running


def ask(url: str, *, within_s: float = 5, inside: frozenset[str] | None = HERE) -> bytes:
    return asking.ask(url, within_s=within_s, largest_bytes=1000, inside=inside)


def test_a_question_is_posted_and_a_list_is_fetched(server: _Server) -> None:
    assert ask(f"{server.url}/right") == b"right"
    told = asking.ask(
        f"{server.url}/", b"question", "x/y", within_s=5, largest_bytes=1000, inside=HERE
    )
    assert told == b"question"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/large", "trả lời quá lớn"),
        ("/moved", "HTTP 302"),
        ("/silence", "không trả lời"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(server: _Server, path: str, said: str) -> None:
    with pytest.raises(NoAnswer, match=said):
        ask(server.url + path)


def test_drops_in_good_time_do_not_prolong_an_answer(server: _Server) -> None:
    with pytest.raises(NoAnswer, match="quá chậm"):
        ask(f"{server.url}/drops", within_s=0.2)


def test_a_redirect_is_not_followed(server: _Server) -> None:
    before = len(server.asked)
    with pytest.raises(NoAnswer):
        ask(f"{server.url}/moved")
    assert [path for path, _, _ in server.asked[before:]] == ["/moved"]


def test_the_connection_is_kept_for_the_next_question(server: _Server) -> None:
    before = len(server.asked)
    for _ in range(3):
        ask(f"{server.url}/right")
    assert len({port for _, port, _ in server.asked[before:]}) == 1


def test_a_kept_connection_that_was_closed_costs_no_answer(server: _Server) -> None:
    for _ in range(3):
        assert ask(f"{server.url}/last") == b"right"


def test_a_child_process_shares_no_connection(server: _Server) -> None:
    def ports(work: Callable[[], bytes]) -> set[int]:
        before = len(server.asked)
        work()
        return {port for _, port, _ in server.asked[before:]}

    own = ports(lambda: ask(f"{server.url}/right"))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, ask(f"{server.url}/right"))
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 100) == b"right"
    os.close(reading)
    os.close(writing)
    assert {port for _, port, _ in server.asked[-1:]} != own
    assert ports(lambda: ask(f"{server.url}/right")) == own


@pytest.mark.parametrize(
    "url",
    [
        "ldap://ca.example.vn/",
        "file:///etc/passwd",
        "http://",
        "http://[::1",
        "http://host:0/",
        "http://host:99999999/",
        "//ca.example.vn/list",
        "http://tên.example.vn/",
        "",
    ],
)
def test_other_addresses_are_of_no_use(url: str) -> None:
    with pytest.raises(NoAnswer, match="địa chỉ không dùng được"):
        ask(url, inside=None)


@pytest.mark.parametrize(
    "url", ["http://ten.example.invalid/ list", "http://a..b/", "http://x/\x00"]
)
def test_odd_names_are_no_answer_either(url: str) -> None:
    with pytest.raises(NoAnswer):
        ask(url)


def test_hosts_of_this_network_must_have_been_named(server: _Server) -> None:
    before = len(server.asked)
    for url in (server.url, server.url.replace("127.0.0.1", "localhost"), "http://169.254.169.254"):
        with pytest.raises(NoAnswer, match="mạng nội bộ"):
            ask(f"{url}/right", inside=frozenset())
    assert len(server.asked) == before
    assert ask(f"{server.url}/right", inside=None) == b"right"


def test_a_name_is_resolved_once_and_a_changed_mind_leads_nowhere(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer is looked at and used; the second one would have led inside."""
    name = "tsa.example.vn"
    answers = {name: iter(["127.0.0.1", "10.0.0.1"])}

    def resolve(
        host: str, port: int, *_: object, **__: object
    ) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        address = next(answers[host]) if host in answers else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    host = f"{name}:{server.server_port}"
    assert ask(f"http://{host}/right") == b"right"
    assert server.asked[-1][2] == host
    assert next(answers[name]) == "10.0.0.1"
