"""A call to a webhook. Adapter: HTTP, never the database.

The name is resolved once and the connection goes to the address that was looked at, so a name that
changes its mind between two questions leads nowhere inside.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from eoffice import networks
from eoffice.settings import settings

TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt; delivered when the receiver answered 2xx."""

    status: int | None
    failure: str | None

    @property
    def is_delivered(self) -> bool:
        return self.failure is None


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
    """One attempt. Redirects are failures: they would lead where nobody looked."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = parts.path or "/"
    if parts.query:
        target += f"?{parts.query}"
    try:
        address = networks.addresses(host, port, inside=settings().webhook_hosts)[0]
        connection = _Pinned(host, port, address, encrypted=parts.scheme == "https")
        try:
            connection.request("POST", target, body=body, headers=dict(headers))
            status = connection.getresponse().status
        finally:
            connection.close()
    except networks.Inside:
        return Outcome(None, "địa chỉ nằm trong mạng nội bộ")
    except (OSError, http.client.HTTPException) as failure:
        return Outcome(None, type(failure).__name__)
    return Outcome(status, None if 200 <= status < 300 else f"HTTP {status}")


class _Pinned(http.client.HTTPConnection):
    """Connects to one address and speaks to the host by its name."""

    def __init__(self, host: str, port: int, address: str, *, encrypted: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._address = address
        self._encrypted = encrypted

    def connect(self) -> None:
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._encrypted:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
