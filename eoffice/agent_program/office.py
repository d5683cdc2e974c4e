"""The office as the program asks it: JSON over HTTPS, with the token of this device."""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

TIMEOUT_S: Final = 30.0
LARGEST_FILE_BYTES: Final = 300 * 1024 * 1024
LARGEST_ANSWER_BYTES: Final = 16 * 1024 * 1024
#: The office does not know this device, or no longer.
RETIRED: Final = 401
#: Pauses between attempts where the line is lost (s).
PAUSES_S: Final = (1.0, 3.0, 9.0)


class OfficeUnreachable(Exception):
    """The office does not answer: a sentence for the owner."""


class OfficeRefuses(Exception):
    """The office says no: its own sentence."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


@dataclass(frozen=True, slots=True)
class ToSign:
    """One request, as the office states it; nothing of it is believed before it was examined."""

    id: str
    title: str
    capacity: str
    agency: str
    expires_at: str
    sha256: str
    place: tuple[int, int]
    mechanism: str
    document_digest: bytes
    signed_attributes: bytes
    certificate: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    id: str
    taken: bool
    detail: str


class Office:
    """One office. No call changes anything twice: what is sent again is refused as done."""

    def __init__(self, address: str, token: str = "") -> None:
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost"):
            raise OfficeRefuses(0, "Địa chỉ văn phòng điện tử phải bắt đầu bằng https://.")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self._token = token
        # No proxy and no redirect: the token goes to the office and nowhere else.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context()),
            _NoRedirect(),
        )

    def pair(
        self,
        *,
        code: str,
        name: str,
        certificate: bytes,
        chain: Sequence[bytes],
        mechanism: str,
        proof: bytes,
    ) -> Mapping[str, str]:
        """The token of this device, and whom it signs for."""
        body = {
            "code": code,
            "name": name,
            "certificate": _encoded(certificate),
            "chain": [_encoded(each) for each in chain],
            "mechanism": mechanism,
            "proof": _encoded(proof),
        }
        # Not tried again: a code is used up by its first use, whatever becomes of the answer.
        answer = self._json("POST", "/pairings", body, pauses_s=())
        try:
            return {
                "token": str(answer["token"]),
                **{name: _plain(answer[name]) for name in ("person", "position", "agency")},
            }
        except (KeyError, TypeError) as failure:
            raise self._unreadable() from failure

    def to_sign(self) -> tuple[ToSign, ...]:
        """What waits for this device's owner, the oldest first."""
        answer = self._json("GET", "/requests")
        try:
            return tuple(_read(each) for each in answer)
        except (ValueError, KeyError, TypeError, AttributeError) as failure:
            raise self._unreadable() from failure

    def file(self, request_id: str) -> bytes:
        return self._sent("GET", f"/requests/{request_id}/file", None, LARGEST_FILE_BYTES)

    def bring(self, values: Mapping[str, bytes]) -> tuple[Taken, ...]:
        """Hand over signatures; each is taken or refused by itself, in this order."""
        body = {"values": [{"id": each, "value": _encoded(v)} for each, v in values.items()]}
        answer = self._json("POST", "/values", body)
        try:
            found = tuple(
                Taken(str(UUID(each["id"])), each["taken"] is True, _plain(each["detail"]))
                for each in answer
            )
        except (ValueError, KeyError, TypeError, AttributeError) as failure:
            raise self._unreadable() from failure
        if [each.id for each in found] != list(values):
            raise self._unreadable()
        return found

    def refuse(self, request_id: str, reason: str) -> None:
        self._sent(
            "POST", f"/requests/{request_id}/refusal", {"reason": reason}, LARGEST_ANSWER_BYTES
        )

    def shown_by(self, given: str) -> frozenset[str] | None:
        """For which requests the office has given this pass; None where it has not."""
        answer = self._json("POST", "/passes", {"given": given}, pauses_s=())
        try:
            shown = frozenset(str(UUID(each)) for each in answer["requests"])
            return shown if answer["valid"] is True else None
        except (ValueError, KeyError, TypeError, AttributeError) as failure:
            raise self._unreadable() from failure

    def _json(
        self, method: str, path: str, body: object = None, *, pauses_s: Sequence[float] = PAUSES_S
    ) -> Any:
        answer = self._sent(method, path, body, LARGEST_ANSWER_BYTES, pauses_s)
        try:
            return json.loads(answer)
        except ValueError as failure:
            raise self._unreadable() from failure

    def _unreadable(self) -> OfficeUnreachable:
        return OfficeUnreachable(
            f"{self.origin} trả lời không đọc được. Hãy kiểm tra địa chỉ rồi chạy lại."
        )

    def _sent(
        self,
        method: str,
        path: str,
        body: object,
        most_bytes: int,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> bytes:
        """Tried again where the line is lost; what arrives twice is taken once."""
        for pause in (*pauses_s, None):
            try:
                return self._once(method, path, body, most_bytes)
            except urllib.error.HTTPError as refused:
                detail = _detail(refused)
                if not _is_for_later(refused.code):
                    raise OfficeRefuses(refused.code, detail) from refused
                if pause is None:
                    raise OfficeUnreachable(detail) from refused
            except (urllib.error.URLError, http.client.HTTPException, OSError) as lost:
                if pause is None:
                    raise OfficeUnreachable(
                        f"Không kết nối được tới {self.origin}. Hãy kiểm tra mạng rồi chạy lại; "
                        "những gì chưa gửi vẫn đang chờ."
                    ) from lost
            time.sleep(pause)
        raise AssertionError("the last attempt returned or raised")

    def _once(self, method: str, path: str, body: object, most_bytes: int) -> bytes:
        headers = {"Accept": "application/json", "User-Agent": "eoffice-agent"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - https, or this very computer
            f"{self.origin}/api/v1/devices{path}", data=data, headers=headers, method=method
        )
        with self._opener.open(request, timeout=TIMEOUT_S) as answer:
            content: bytes = answer.read(most_bytes + 1)
        if len(content) > most_bytes:
            raise OfficeRefuses(413, "Tệp lớn hơn mức chương trình nhận.")
        return content


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def _is_for_later(status: int) -> bool:
    """Whether the office could not, rather than would not (RFC 9110, 15.5.9 and 15.6; RFC 6585)."""
    return status in (408, 429) or status >= 500


def _read(each: Mapping[str, Any]) -> ToSign:
    return ToSign(
        # It becomes the name of a file on this computer, so it is nothing but a UUID.
        id=str(UUID(each["id"])),
        title=_plain(each["title"]),
        capacity=_plain(each["capacity"]),
        agency=_plain(each["agency"]),
        expires_at=_plain(each["expires_at"]),
        sha256=str(each["sha256"]),
        place=(int(each["place_start"]), int(each["place_end"])),
        mechanism=str(each["mechanism"]),
        document_digest=base64.b64decode(each["document_digest"], validate=True),
        signed_attributes=base64.b64decode(each["signed_attributes"], validate=True),
        certificate=base64.b64decode(each["certificate"], validate=True),
    )


def _detail(refused: urllib.error.HTTPError) -> str:
    try:
        return _plain(json.loads(refused.read(LARGEST_ANSWER_BYTES))["detail"])
    except (ValueError, KeyError, TypeError, OSError):
        return f"Văn phòng điện tử từ chối (HTTP {refused.code})."


def _plain(text: object) -> str:
    """As one line that a terminal shows and does not obey."""
    return "".join(each if each.isprintable() else " " for each in str(text))


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()
