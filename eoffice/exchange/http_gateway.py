"""A gateway to another eoffice, by HTTP: docs/api.md, "Trao đổi văn bản".

PUT  /api/v1/exchange/messages/{id}           hand over; 202 the first time and ever after
GET  /api/v1/exchange/messages                what waits for us: {"messages": [id, …]}
GET  /api/v1/exchange/messages/{id}           one of them
POST /api/v1/exchange/messages/{id}/receipt   we have it

Each request names us (X-Organ-Id) and bears our token there (X-Exchange-Token).
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import msgspec

from eoffice.exchange import bounded_http
from eoffice.exchange.bounded_http import Answer
from eoffice.exchange.gateway import (
    MOST_FETCHED,
    TIMEOUT_S,
    GatewayRefused,
    GatewayUnavailable,
    Parcel,
    Told,
)

ORGAN_HEADER = "X-Organ-Id"
TOKEN_HEADER = "X-Exchange-Token"  # noqa: S105 — a name


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """Identifiers of messages that wait to be collected, oldest first."""

    messages: list[str]


class HttpGateway:
    def __init__(
        self, address: str, *, organ_id: str, token: str, timeout_s: float = TIMEOUT_S
    ) -> None:
        """`address`: base URL of the other office; `organ_id`: who we are there."""
        self._messages = f"{address.rstrip('/')}/api/v1/exchange/messages"
        self._headers = {ORGAN_HEADER: quote(organ_id), TOKEN_HEADER: token}
        self._timeout_s = timeout_s

    def send(self, parcel: Parcel) -> None:
        answer = self._call("PUT", parcel.message_id, content=parcel.content)
        if answer.status not in (200, 201, 202, 204):
            raise GatewayRefused(
                f"Hệ thống bên kia không nhận thông điệp (HTTP {answer.status}). {_said(answer)}"
            )

    def tell(self, told: Told) -> None:
        self.send(told.parcel)

    def fetch(self) -> Sequence[Parcel]:
        answer = self._expect(self._call("GET"))
        try:
            waiting = msgspec.json.decode(answer.body, type=Waiting)
        except msgspec.DecodeError as failure:
            raise GatewayUnavailable("Hệ thống bên kia trả lời không đúng mẫu.") from failure
        return [
            Parcel(each, self._expect(self._call("GET", each)).body)
            for each in waiting.messages[:MOST_FETCHED]
        ]

    def acknowledge(self, message_id: str) -> None:
        answer = self._call("POST", message_id, "/receipt")
        if answer.status != 404:
            self._expect(answer)

    def _call(
        self, method: str, message_id: str = "", step: str = "", content: bytes | None = None
    ) -> Answer:
        path = f"/{quote(message_id, safe='')}{step}" if message_id else ""
        headers = self._headers | ({"Content-Type": "application/xml"} if content else {})
        return bounded_http.call(
            method,
            self._messages + path,
            headers=headers,
            content=content,
            timeout_s=self._timeout_s,
        )

    def _expect(self, answer: Answer) -> Answer:
        """Also what a later attempt may bring, such as a token that is not set there yet."""
        if answer.status >= 300:
            raise GatewayUnavailable(
                f"Hệ thống bên kia từ chối (HTTP {answer.status}). {_said(answer)}"
            )
        return answer


def _said(answer: Answer) -> str:
    """The reason, where the answer is a problem document."""
    try:
        problem = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        return ""
    detail = problem.get("detail") if isinstance(problem, dict) else None
    return detail[:300] if isinstance(detail, str) else ""
