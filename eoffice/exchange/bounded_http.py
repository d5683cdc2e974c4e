"""Requests to other systems: bounded in time and size, never redirected, secrets never logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from eoffice.exchange.gateway import TIMEOUT_S, GatewayUnavailable
from eoffice.exchange.safe_xml import LARGEST_BYTES


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def call(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Answer:
    """Raises GatewayUnavailable: nobody there, too slow, too much, or an error of the server.

    A redirection is an answer like others: secrets do not follow it to another address.
    """
    body = bytearray()
    try:
        with httpx.stream(
            method, url, headers=dict(headers), content=content, timeout=timeout_s, trust_env=False
        ) as response:
            for part in response.iter_bytes():
                body += part
                if len(body) > LARGEST_BYTES * 2:
                    raise GatewayUnavailable("Hệ thống bên kia trả lời quá dài.")
    except (httpx.HTTPError, httpx.InvalidURL) as failure:
        raise GatewayUnavailable(
            f"Không kết nối được với hệ thống bên kia ({type(failure).__name__})."
        ) from failure
    if response.status_code >= 500 or response.status_code in (408, 425, 429):
        raise GatewayUnavailable(f"Hệ thống bên kia báo lỗi (HTTP {response.status_code}).")
    return Answer(response.status_code, bytes(body))
