"""Small servers on loopback that speak as the other side does, with the faults of the real world.

Real sockets: an answer can be lost after it took effect, come too late, or be an error.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

TOKEN = "token-of-the-tests"
SECRET = "secret-of-the-tests"


@dataclass
class Remote:
    """What the other side has, by the identifiers that it knows."""

    url: str = ""
    #: What we handed over; each once.
    received: dict[str, bytes] = field(default_factory=dict)
    statuses: list[tuple[str, str]] = field(default_factory=list)
    #: What waits for us.
    waiting: dict[str, bytes] = field(default_factory=dict)
    #: What happens to the next requests, one each: "500", "slow", "lost", "garbage", "code:18".
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def serving(kind: type[_Speaker]) -> Iterator[Remote]:
    remote = Remote()
    handler = type("Handler", (kind,), {"remote": remote})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    remote.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield remote
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Speaker(BaseHTTPRequestHandler):
    remote: Remote
    protocol_version = "HTTP/1.0"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the library's name
        """Say nothing."""

    def do_GET(self) -> None:
        self._serve(b"")

    def do_POST(self) -> None:
        self._serve(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    do_PUT = do_POST  # noqa: N815 — the name of the method

    def _serve(self, body: bytes) -> None:
        self.remote.requests.append(f"{self.command} {self.path}")
        fault = self.remote.faults.pop(0) if self.remote.faults else ""
        if fault == "500":
            self.respond(500, b"internal error")
            return
        if fault == "garbage":
            self.respond(200, b"<html>maintenance</html>")
            return
        if fault == "redirect":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            return
        status, answer = self.answer(body, fault)
        if fault == "slow":
            time.sleep(1.0)
        if fault == "lost":
            # It took effect, and nobody will ever hear of it.
            self.connection.close()
            return
        self.respond(status, answer)

    def respond(self, status: int, answer: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)
        except OSError:
            return

    def answer(self, body: bytes, fault: str) -> tuple[int, bytes]:
        raise NotImplementedError


class OfficeSpeaker(_Speaker):
    """Another eoffice."""

    def answer(self, body: bytes, fault: str) -> tuple[int, bytes]:
        if self.headers.get("X-Exchange-Token") != TOKEN:
            return 401, b'{"detail": "Token sai."}'
        rest = self.path.removeprefix("/api/v1/exchange/messages").strip("/")
        name, _, step = rest.partition("/")
        name = unquote(name)
        if self.command == "PUT":
            if self.remote.received.setdefault(name, body) != body:
                return 409, b'{"detail": "M\\u00e3 \\u0111\\u00e3 d\\u00f9ng."}'
            return 202, b""
        if step == "receipt":
            return (204, b"") if self.remote.waiting.pop(name, None) is not None else (404, b"")
        if name:
            return 200, self.remote.waiting[name]
        return 200, json.dumps({"messages": list(self.remote.waiting)}).encode()


class AxisSpeaker(_Speaker):
    """The REST wrapper of the national axis."""

    def answer(self, body: bytes, fault: str) -> tuple[int, bytes]:
        if self.headers.get("X-SystemId") != "H20.TEST" or self.headers["X-SecretKey"] != SECRET:
            return 401, b"{}"
        if fault.startswith("code:"):
            return self._code(int(fault.removeprefix("code:")), message="không nhận")
        sent = json.loads(body) if body else {}
        match self.path.split("/")[2:]:
            case ["send"]:
                content = base64.b64decode(sent["edxml"])
                self.remote.received.setdefault(sent["messageId"], content)
                return self._code(0, docId=f"AXIS-{sent['messageId']}")
            case ["received"]:
                return self._code(0, docs=[{"docId": each} for each in self.remote.waiting])
            case ["documents", doc_id]:
                content = self.remote.waiting[unquote(doc_id)]
                return self._code(0, edxml=base64.b64encode(content).decode())
            case ["acknowledge"]:
                self.remote.waiting.pop(sent["docId"], None)
                return self._code(0)
            case ["updateStatus"]:
                told = (sent["docId"], sent["status"])
                if told not in self.remote.statuses:
                    self.remote.statuses.append(told)
                return self._code(0)
        return 404, b"{}"

    def _code(self, code: int, **more: object) -> tuple[int, bytes]:
        return 200, json.dumps({"code": code, **more}).encode()
