"""Around every request: an identifier, security headers, one line in the log, one measurement.

The log has the route's pattern, never the address: an address may hold a search or a name.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog
from litestar.types import HTTPScope, Message, Receive, Send
from prometheus_client import CollectorRegistry, Histogram

log = structlog.get_logger(__name__)

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # What schools and offices write is nobody's to find by a search engine.
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # A page of the office is nobody's to keep, unless its handler says otherwise.
    "cache-control": "no-store",
}
TRANSPORT_SECURITY = ("strict-transport-security", "max-age=63072000; includeSubDomains")

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
#: Asked every few seconds by the machine itself; their lines would drown the others.
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class Observed:
    """Measures and marks the requests of one application."""

    def __init__(self, registry: CollectorRegistry, *, secure: bool) -> None:
        headers = dict(SECURITY_HEADERS)
        if secure:
            headers.update([TRANSPORT_SECURITY])
        self._headers = {name.encode(): value.encode() for name, value in headers.items()}
        self._seconds = Histogram(
            "eoffice_request_seconds",
            "Time from the request to the end of its answer.",
            ("method", "route", "status"),
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=registry,
        )

    async def __call__(
        self,
        app: Callable[[HTTPScope, Receive, Send], Awaitable[None]],
        scope: HTTPScope,
        receive: Receive,
        send: Send,
    ) -> None:
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 500

        async def mark(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                present = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *((n, v) for n, v in self._headers.items() if n not in present),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        begun = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await app(scope, receive, mark)
            finally:
                took_s = time.perf_counter() - begun
                route = str(scope.get("path_template") or "(none)")
                self._seconds.labels(scope["method"], route, str(status)).observe(took_s)
                if route not in _QUIET and not route.startswith("/static/"):
                    log.info(
                        "request",
                        method=scope["method"],
                        route=route,
                        status=status,
                        took_ms=round(took_s * 1000, 1),
                    )


def _request_id(scope: HTTPScope) -> str:
    """The proxy's, where it has the right form; else a new one."""
    for name, value in scope["headers"]:
        if name.lower() == b"x-request-id":
            text = value.decode("latin-1")
            if _REQUEST_ID.fullmatch(text):
                return text
    return uuid4().hex
