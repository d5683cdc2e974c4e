"""Questions to the authorities of signatures over HTTP, within bounds of time, size and place.

Connections are kept open. Redirects are refusals: they would lead where nobody looked. A host is
resolved once, and the connection goes to the address that was looked at, so a name that changes
its mind between two questions leads nowhere inside.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from ssl import SSLContext
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore

from eoffice import networks
from eoffice.signing import tls

#: Connections of one process at once, and how long (s) one that nobody uses is kept.
_MOST_CONNECTIONS: Final = 40
_KEPT_S: Final = 60.0
_OK: Final = 200

_until: ContextVar[float] = ContextVar("until")


class NoAnswer(Exception):
    """Words for people: why there is none. They name neither host nor path."""


def ask(
    url: str,
    question: bytes = b"",
    kind: str = "",
    *,
    within_s: float,
    largest_bytes: int,
    inside: frozenset[str] | None,
) -> bytes:
    """What is answered to a POST of `question`, whose media type is `kind`; without one, to a GET.

    `within_s` is for everything from the name to the last byte. Where `inside` is None an operator
    has written the address, and it may lead anywhere; otherwise only to public hosts and to these.
    Asked once more where a kept connection turns out to be closed, so a question must do no harm
    when it arrives twice. Raises NoAnswer.
    """
    try:
        place = urlsplit(url if url.isascii() else "")
        if place.scheme not in ("http", "https") or not place.hostname or place.port == 0:
            raise NoAnswer("địa chỉ không dùng được")
        headers = [("Content-Type", kind)] if question else []
        pool = _pool(os.getpid(), inside)
    except ValueError as failure:
        raise NoAnswer("địa chỉ không dùng được") from failure
    with _within(within_s):
        try:
            return _received(pool, url, question, headers, largest_bytes)
        except (httpcore.RemoteProtocolError, httpcore.NetworkError):
            pass
        except _FAILURES as failure:
            raise _told(failure) from failure
        try:
            return _received(pool, url, question, headers, largest_bytes)
        except _FAILURES as failure:
            raise _told(failure) from failure


_FAILURES: Final = (
    httpcore.ProtocolError,
    httpcore.NetworkError,
    httpcore.TimeoutException,
    networks.Inside,
    OSError,
    ValueError,
)


def _received(
    pool: httpcore.ConnectionPool,
    url: str,
    question: bytes,
    headers: Sequence[tuple[str, str]],
    largest_bytes: int,
) -> bytes:
    body = bytearray()
    with pool.stream(
        "POST" if question else "GET",
        url,
        headers=headers,
        content=question or None,
        extensions={"timeout": {"pool": _left_s()}},
    ) as response:
        if response.status != _OK:
            raise NoAnswer(f"từ chối (HTTP {response.status})")
        for part in response.iter_stream():
            body += part
            if len(body) > largest_bytes:
                raise NoAnswer("trả lời quá lớn")
    return bytes(body)


def _told(failure: Exception) -> NoAnswer:
    if isinstance(failure, httpcore.TimeoutException):
        return NoAnswer("trả lời quá chậm")
    if isinstance(failure, networks.Inside):
        return NoAnswer("địa chỉ nằm trong mạng nội bộ")
    return NoAnswer("không trả lời")


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    token = _until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _until.reset(token)


def _left_s() -> float:
    left = _until.get() - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


_pools: dict[tuple[int, frozenset[str] | None], httpcore.ConnectionPool] = {}
_pools_lock = threading.Lock()


def _pool(process: int, inside: frozenset[str] | None) -> httpcore.ConnectionPool:
    """One for a process and all its threads: no connection is shared over a fork."""
    with _pools_lock:
        if (process, inside) not in _pools:
            _pools[process, inside] = httpcore.ConnectionPool(
                ssl_context=tls.recognised(),
                max_connections=_MOST_CONNECTIONS,
                keepalive_expiry=_KEPT_S,
                network_backend=_Backend(inside),
            )
        return _pools[process, inside]


class _Backend(httpcore.NetworkBackend):
    """Connects where it has looked; TLS still asks for the certificate of the name."""

    def __init__(self, inside: frozenset[str] | None) -> None:
        self._inside = inside
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        allowed = {host} if self._inside is None else self._inside
        failure: Exception = OSError("no address")
        for address in networks.addresses(host, port, inside=allowed):
            try:
                return _Hasty(self._plain.connect_tcp(address, port, _left_s()))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                failure = failed
        raise failure


class _Hasty(httpcore.NetworkStream):
    """What is left of the time counts for each step, so that drops cannot prolong an answer."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left_s())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Hasty(self._stream.start_tls(ssl_context, server_hostname, _left_s()))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
