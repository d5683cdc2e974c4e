"""The line between a program and its office, which fails and lies as a test wants it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class Fault(StrEnum):
    #: What is brought does not arrive.
    CUT = "cut"
    #: What is brought arrives; the answer does not.
    ANSWER_LOST = "answer lost"
    #: One byte of a file is another.
    FILE_ALTERED = "file altered"
    #: So is the digest that the list states for it.
    FILE_AND_LIST_ALTERED = "file and list altered"


@dataclass
class Line:
    """Whole until `fault` is set; the fault begins after `whole_for` signatures were brought."""

    office: str
    address: str = ""
    fault: Fault | None = None
    whole_for: int = 0

    @property
    def is_at_fault(self) -> bool:
        self.whole_for -= 1
        return self.whole_for < 0 and self.fault is not None


@contextmanager
def to(office: str) -> Iterator[Line]:
    """A line to this office; the program is told its address."""
    line = Line(office)

    class Carries(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._carry()

        def do_POST(self) -> None:
            self._carry()

        def _carry(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            is_brought = self.path.endswith("/values")
            fails = is_brought and line.is_at_fault
            if fails and line.fault is Fault.CUT:
                self.close_connection = True
                return
            answer = httpx.request(
                self.command,
                line.office + self.path,
                content=body,
                headers={
                    name: self.headers[name]
                    for name in ("Authorization", "Content-Type", "Accept")
                    if name in self.headers
                },
                timeout=60,
            )
            if fails and line.fault is Fault.ANSWER_LOST:
                self.close_connection = True
                return
            content = self._altered(answer.content)
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _altered(self, content: bytes) -> bytes:
            if self.path.endswith("/file") and line.fault in (
                Fault.FILE_ALTERED,
                Fault.FILE_AND_LIST_ALTERED,
            ):
                return altered(content)
            if self.path.endswith("/requests") and line.fault is Fault.FILE_AND_LIST_ALTERED:
                found = json.loads(content)
                for each in found:
                    each["sha256"] = self._digest_of_altered(each["id"])
                return json.dumps(found).encode()
            return content

        def _digest_of_altered(self, request_id: str) -> str:
            answer = httpx.get(
                f"{line.office}{self.path}/{request_id}/file",
                headers={"Authorization": self.headers["Authorization"]},
                timeout=60,
            )
            return hashlib.sha256(altered(answer.content)).hexdigest()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Carries) as server:
        line.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield line
        finally:
            server.shutdown()
            thread.join()


def altered(pdf: bytes) -> bytes:
    """The same but for one bit of its header, which no viewer shows."""
    return pdf[:7] + bytes([pdf[7] ^ 1]) + pdf[8:]
