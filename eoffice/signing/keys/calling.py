"""Calls to the services that hold keys: JSON over HTTPS, within bounds, saying little."""

from __future__ import annotations

import base64
import binascii
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from eoffice.signing import tls
from eoffice.signing.keys.contract import KeyUnavailable

#: For one call. A person at a page waits for it.
WITHIN_S: Final = 20.0
LARGEST_BYTES: Final = 4 * 1024 * 1024
_SILENT: Final = "Dịch vụ ký số không trả lời. Hãy thử lại sau ít phút."
_UNREADABLE: Final = "Dịch vụ ký số trả lời không đọc được. Hãy báo quản trị hệ thống."
#: A bearer token is asked for again this long before it ends.
_EARLIER_S: Final = 60.0


class ServiceRefused(Exception):
    """The service has answered, and it was a no."""

    def __init__(self, status: int, code: str, words: str) -> None:
        super().__init__(f"HTTP {status} {code}")
        self.status = status
        #: What the service calls it: "invalid_pin".
        self.code = code
        self.words = words

    @property
    def as_unavailable(self) -> KeyUnavailable:
        """For people: whose words these are is said, and nothing is promised."""
        said = f" (“{self.words[:200]}”)" if self.words else ""
        return KeyUnavailable(f"Dịch vụ ký số từ chối yêu cầu{said}. Hãy báo quản trị hệ thống.")


def post(url: str, body: Mapping[str, object], *, bearer: str = "", as_form: bool = False) -> Any:
    """What is answered to a POST of JSON, or of a form as token endpoints take it (RFC 6749, B).

    Redirects are refusals.

    Raises KeyUnavailable: no answer, or none that can be read; ServiceRefused: a no.
    """
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    sent: dict[str, Any] = {"data" if as_form else "json": dict(body)}
    try:
        with (
            httpx.Client(
                verify=tls.recognised(), timeout=WITHIN_S, trust_env=False, headers=headers
            ) as client,
            client.stream("POST", url, **sent) as response,
        ):
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > LARGEST_BYTES:
                    raise unreadable()
            status = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as failure:
        raise KeyUnavailable(_SILENT) from failure
    if status != httpx.codes.OK and status != httpx.codes.CREATED:
        raise _refused(status, bytes(content))
    return _read(bytes(content))


def _read(content: bytes) -> Any:
    try:
        return httpx.Response(httpx.codes.OK, content=content).json()
    except ValueError as failure:
        raise unreadable() from failure


def _refused(status: int, content: bytes) -> ServiceRefused:
    try:
        answer = httpx.Response(status, content=content).json()
    except ValueError:
        answer = {}
    found = answer if isinstance(answer, dict) else {}
    code = found.get("error") or found.get("status_code") or ""
    return ServiceRefused(
        status, str(code), str(found.get("error_description") or found.get("message") or "")
    )


def text(answer: Any, *names: str) -> str:
    """A text deep in an answer. Raises KeyUnavailable: it is not there."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(answer, str) or not answer:
        raise unreadable()
    return answer


def listed(answer: Any, *names: str) -> list[Any]:
    """A list deep in an answer; empty where it is not there."""
    for name in names:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer if isinstance(answer, list) else []


def decoded(text: object) -> bytes:
    """Base64, also in lines, also as PEM. Raises KeyUnavailable."""
    lines = str(text or "").replace("\r", "").split("\n")
    inner = "".join(each for each in lines if not each.startswith("-----"))
    try:
        return base64.b64decode(inner, validate=True)
    except (binascii.Error, ValueError) as failure:
        raise unreadable() from failure


def unreadable() -> KeyUnavailable:
    return KeyUnavailable(_UNREADABLE)


class Bearers:
    """Bearer tokens of this process, by what they were given for; asked for anew before they end.

    Two threads may ask at once: both tokens are good.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, ...], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def of(self, key: tuple[str, ...], ask: Callable[[], tuple[str, float]]) -> str:
        """`ask` gives the token and how long it is good, in seconds."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept[1] > time.monotonic():
            return kept[0]
        token, lasts_s = ask()
        with self._lock:
            self._kept[key] = token, time.monotonic() + lasts_s - _EARLIER_S
        return token

    def forget(self, key: tuple[str, ...]) -> None:
        """It was refused."""
        with self._lock:
            self._kept.pop(key, None)
