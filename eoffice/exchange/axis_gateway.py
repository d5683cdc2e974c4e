"""A gateway to the national axis (Trục liên thông văn bản quốc gia), through its REST wrapper.

POST /v1/send           {"messageId", "edxml": base64}   -> {"code", "docId"}
GET  /v1/received                                       -> {"code", "docs": [{"docId"}, …]}
GET  /v1/documents/ID                                   -> {"code", "edxml": base64}
POST /v1/acknowledge    {"docId"}                       -> {"code"}
POST /v1/updateStatus   {"docId", "status"}             -> {"code"}

Headers X-SystemId and X-SecretKey. Known from an integration: the headers, updateStatus, the list
that is polled every five minutes, and codes 0, 10, 15, 18–23; the names of the other calls follow
the same shape and are to be checked against the provincial wrapper. What a code means for sending
again is data (`mapping`).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from urllib.parse import quote

import msgspec

from eoffice.exchange import bounded_http
from eoffice.exchange.gateway import (
    MOST_FETCHED,
    TIMEOUT_S,
    GatewayRefused,
    GatewayUnavailable,
    Parcel,
    Told,
)
from eoffice.exchange.mapping import AnswerClass

SYSTEM_HEADER = "X-SystemId"
SECRET_HEADER = "X-SecretKey"  # noqa: S105 — a name


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    doc_id: str


class AxisAnswer(msgspec.Struct, frozen=True, rename="camel"):
    #: Some wrappers write a number, some a text.
    code: int | str
    message: str = ""
    doc_id: str = ""
    edxml: str = ""
    docs: list[Listed] = []


class AxisGateway:
    def __init__(
        self,
        address: str,
        *,
        system_id: str,
        secret: str,
        classify: Callable[[str], AnswerClass],
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """`classify`: what an answer code means for this peer."""
        self._address = address.rstrip("/")
        self._headers = {
            SYSTEM_HEADER: system_id,
            SECRET_HEADER: secret,
            "Content-Type": "application/json",
        }
        self._classify = classify
        self._timeout_s = timeout_s

    def send(self, parcel: Parcel) -> None:
        encoded = base64.b64encode(parcel.content).decode("ascii")
        self._call("POST", "/v1/send", {"messageId": parcel.message_id, "edxml": encoded})

    def tell(self, told: Told) -> None:
        """By the axis's own call where it named the document; a message of ours it knows by us."""
        if not told.about_message_id:
            self.send(told.parcel)
            return
        self._call(
            "POST", "/v1/updateStatus", {"docId": told.about_message_id, "status": told.status}
        )

    def fetch(self) -> Sequence[Parcel]:
        listed = self._call("GET", "/v1/received").docs[:MOST_FETCHED]
        return [Parcel(each.doc_id, self._document(each.doc_id)) for each in listed]

    def acknowledge(self, message_id: str) -> None:
        self._call("POST", "/v1/acknowledge", {"docId": message_id})

    def _document(self, doc_id: str) -> bytes:
        answer = self._call("GET", f"/v1/documents/{quote(doc_id, safe='')}")
        try:
            return base64.b64decode(answer.edxml, validate=True)
        except (binascii.Error, ValueError) as failure:
            raise GatewayUnavailable("Trục trả về văn bản không phải base64.") from failure

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> AxisAnswer:
        found = bounded_http.call(
            method,
            self._address + path,
            headers=self._headers,
            content=None if body is None else msgspec.json.encode(body),
            timeout_s=self._timeout_s,
        )
        if found.status in (401, 403):
            raise GatewayUnavailable("Trục không nhận mã hệ thống hoặc khóa bí mật của cơ quan.")
        try:
            answer = msgspec.json.decode(found.body, type=AxisAnswer)
        except msgspec.DecodeError as failure:
            raise GatewayUnavailable(
                f"Trục trả lời không đúng mẫu (HTTP {found.status})."
            ) from failure
        said = f"Trục trả lời mã {answer.code}. {answer.message[:200]}".strip()
        match self._classify(str(answer.code)):
            case AnswerClass.DONE:
                return answer
            case AnswerClass.REFUSED:
                raise GatewayRefused(said)
            case AnswerClass.RETRY:
                raise GatewayUnavailable(said)
