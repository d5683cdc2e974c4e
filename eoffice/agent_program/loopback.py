"""A page of the office calls this program: on this computer only, for this office only, once.

The page shows a pass that the office gave it; the program asks the office whether that is so. The
PIN is asked here, never by the page. `Host` is looked at because a name of a stranger can be made
to lead here (DNS rebinding), `Origin` because any page may try.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from eoffice.agent_program.office import Office, OfficeRefuses, OfficeUnreachable

PORT: Final = 18590
LARGEST_BODY_BYTES: Final = 4096


class Loopback(ThreadingHTTPServer):
    """Serves `POST /sign` and `GET /progress` on 127.0.0.1.

    `sign` does what the page showed, tells how far it is and says how it went.
    """

    daemon_threads = True

    def __init__(
        self,
        office: Office,
        sign: Callable[[frozenset[str], Callable[[int, int], None]], tuple[bool, str]],
        *,
        port: int = PORT,
    ) -> None:
        self.office = office
        self.sign = sign
        #: One batch at a time: there is one token and one person.
        self.turn = threading.Lock()
        #: Of the batch that runs: how many of how many. (0, 0) until its first signature.
        self.progress = (0, 0)
        super().__init__(("127.0.0.1", port), _Desk)

    def tell(self, done: int, total: int) -> None:
        """How far the batch is."""
        self.progress = (done, total)

    @property
    def hosts(self) -> frozenset[str]:
        port = self.server_address[1]
        return frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})


class _Desk(BaseHTTPRequestHandler):
    server: Loopback
    timeout = 30

    def do_OPTIONS(self) -> None:
        if not self._is_from_the_office():
            self._answer(HTTPStatus.FORBIDDEN, "Trang này không được gọi chương trình.")
            return
        self.send_response(HTTPStatus.NO_CONTENT)
        self._allow()
        self.send_header("Access-Control-Allow-Methods", "GET, POST")
        self.send_header("Access-Control-Allow-Headers", "Content-Type")
        # Chromium asks before a page of the net may reach a computer's own services.
        self.send_header("Access-Control-Allow-Private-Network", "true")
        self.send_header("Access-Control-Max-Age", "60")
        self.end_headers()

    def do_GET(self) -> None:
        if not self._is_from_the_office():
            self._answer(HTTPStatus.FORBIDDEN, "Trang này không được gọi chương trình.")
            return
        if self.path != "/progress":
            self._answer(HTTPStatus.NOT_FOUND, "Chương trình không có việc này.")
            return
        done, total = self.server.progress
        self._answer_json(HTTPStatus.OK, {"done": done, "total": total})

    def do_POST(self) -> None:
        if not self._is_from_the_office():
            self._answer(HTTPStatus.FORBIDDEN, "Trang này không được gọi chương trình.")
            return
        if self.path != "/sign":
            self._answer(HTTPStatus.NOT_FOUND, "Chương trình không có việc này.")
            return
        try:
            shown = self.server.office.shown_by(self._given())
        except (ValueError, RecursionError):
            self._answer(HTTPStatus.BAD_REQUEST, "Yêu cầu của trang không đọc được.")
            return
        except (OfficeRefuses, OfficeUnreachable) as failure:
            self._answer(HTTPStatus.BAD_GATEWAY, str(failure))
            return
        if shown is None:
            self._answer(HTTPStatus.FORBIDDEN, "Trang đã cũ. Hãy tải lại trang rồi bấm lại.")
            return
        if not self.server.turn.acquire(blocking=False):
            self._answer(HTTPStatus.CONFLICT, "Chương trình đang ký một lượt khác.")
            return
        try:
            self.server.tell(0, 0)
            is_done, said = self.server.sign(shown, self.server.tell)
        finally:
            self.server.turn.release()
        self._answer(HTTPStatus.OK if is_done else HTTPStatus.CONFLICT, said)

    def _is_from_the_office(self) -> bool:
        return (
            self.headers.get("Host") in self.server.hosts
            and self.headers.get("Origin") == self.server.office.origin
        )

    def _given(self) -> str:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LARGEST_BODY_BYTES:
            raise ValueError("too long, or nothing")
        body = json.loads(self.rfile.read(length))
        if not isinstance(body, dict):
            raise ValueError("no object")  # noqa: TRY004 - it was sent, not passed
        return str(body.get("pass", ""))

    def _allow(self) -> None:
        self.send_header("Access-Control-Allow-Origin", self.server.office.origin)
        self.send_header("Vary", "Origin")

    def _answer(self, status: HTTPStatus, detail: str) -> None:
        self._answer_json(status, {"detail": detail})

    def _answer_json(self, status: HTTPStatus, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        if self.headers.get("Origin") == self.server.office.origin:
            self._allow()
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: what its owner should know is said in words."""
