"""The trust services over HTTP, on loopback, at the office clock.

GET  /ready                 200 once the keys are loaded
POST /tsa, /tsa-2           RFC 3161, two authorities
POST /tsa-FAULT             RFC 3161 with a fault (`answers.Fault`), for tests
POST /ocsp                  RFC 6960, for certificates of the issuing authority
GET  /crl/NAME.crl          NAME: root, issuing, tsa-root
GET  /ca/NAME.crt           the authority's certificate (DER)
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from types import FrameType

from eoffice import clock
from eoffice.embedded.pki import issue
from eoffice.embedded.pki.answers import Fault, TrustServices

#: Requests are a digest and a serial number; anything larger is not for us.
LARGEST_REQUEST_BYTES = 64 * 1024
#: Between two drops of a slow answer.
_DROP_S = 0.05


def _now() -> datetime:
    """The office time in whole seconds: OCSP and lists know no others (RFC 5280, 4.1.2.5.2)."""
    return clock.now().replace(microsecond=0)


class TrustServer(ThreadingHTTPServer):
    """Serves one PKI; `shutdown()` from another thread ends `serve_forever()`."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, directory: Path, port: int) -> None:
        self.services = TrustServices.load(directory)
        super().__init__(("127.0.0.1", port), _Desk)


class _Desk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: TrustServer

    def do_GET(self) -> None:
        path = PurePosixPath(self.path)
        services, now = self.server.services, _now()
        if self.path == "/ready":
            self._answer(b"ready\n", "text/plain")
        elif path.parent == PurePosixPath("/crl") and path.suffix == ".crl":
            # Some clocks are a little behind: a list "from the future" would be refused.
            listed_at = now - timedelta(seconds=1)
            self._look_up(partial(services.crl, path.stem, at=listed_at), "application/pkix-crl")
        elif path.parent == PurePosixPath("/ca") and path.suffix == ".crt":
            self._look_up(partial(services.certificate, path.stem), "application/pkix-cert")
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 < length <= LARGEST_REQUEST_BYTES:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(length)
        path, services, now = PurePosixPath(self.path), self.server.services, _now()
        try:
            if path.parent == PurePosixPath("/") and path.name.startswith("tsa"):
                self._timestamp(path.name, body, now)
            elif self.path == "/ocsp":
                self._answer(services.ocsp_response(body, at=now), "application/ocsp-response")
            else:
                self.send_error(HTTPStatus.NOT_FOUND)
        except (ValueError, TypeError, KeyError):
            self.send_error(HTTPStatus.BAD_REQUEST)

    def _timestamp(self, name: str, body: bytes, now: datetime) -> None:
        """`/tsa` and `/tsa-2` are right; `/tsa-FAULT` does what `answers.Fault` says."""
        if name in ("tsa", "tsa-2"):
            answer = self.server.services.timestamp(body, at=now, by=name)
        else:
            fault = Fault(name.removeprefix("tsa-"))
            if fault is Fault.REFUSES:
                self.send_error(HTTPStatus.SERVICE_UNAVAILABLE)
                return
            if fault is Fault.SILENT:
                self.close_connection = True
                return
            answer = self.server.services.faulty_timestamp(body, fault, at=now)
            if fault is Fault.SLOW:
                self._drop(answer)
                return
        self._answer(answer, "application/timestamp-reply")

    def _drop(self, answer: bytes) -> None:
        """Byte by byte until it is out, or whoever asked has gone."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.connection.settimeout(_DROP_S)
        for one in answer:
            self.wfile.write(bytes([one]))
            with suppress(TimeoutError):
                if not self.connection.recv(1):
                    return

    def _look_up(self, find: Callable[[], bytes], kind: str) -> None:
        try:
            found = find()
        except KeyError:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self._answer(found, kind)

    def _answer(self, content: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: every request of a demo would drown what its operator must see."""


def serve(directory: Path, port: int | None = None) -> None:
    """Serve in the foreground until SIGTERM or SIGINT; requests under way are answered first.

    `port` defaults to the one in the certificates. Exits with a sentence where the port is taken.
    """
    pki = issue.load(directory)
    try:
        server = TrustServer(directory, port or pki.port)
    except OSError as refused:
        sys.exit(
            f"Không mở được cổng {port or pki.port} cho dịch vụ chứng thực: {refused.strerror}."
        )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # shutdown() waits for serve_forever(), which is this very thread.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with server:
        server.serve_forever(poll_interval=0.2)
