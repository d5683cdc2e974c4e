"""Rules of alerts: what an address is, when a mail is due, how a call is signed. Pure.

Calls carry the headers of Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` and
`webhook-signature` = "v1," + base64 of HMAC-SHA256 over "id.timestamp.body". Secrets and codes are
derived from the office's secret key, so none of them is stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from eoffice.alerts.states import Timing
from eoffice.errors import Invalid, NotAllowed, TooManyRequests
from eoffice.networks import is_public

#: From this hour on in Vietnam, the morning's mail goes out.
DIGEST_HOUR: Final = 7
CODE_LIFE: Final = timedelta(minutes=30)
MOST_TRIES: Final = 5
#: Addresses of one person, and webhooks of one agency.
MOST_ADDRESSES: Final = 3
MOST_WEBHOOKS: Final = 10
LONGEST_ADDRESS: Final = 254
#: A receiver refuses calls whose time is further away than this (Standard Webhooks).
TOLERANCE: Final = timedelta(minutes=5)

_ADDRESS: Final = re.compile(r"[^\s@<>\"',;:\\()\[\]]{1,64}@(?:[a-z0-9-]{1,63}\.)+[a-z]{2,63}")
_ACTION: Final = re.compile(r"[a-z_]+\.(?:[a-z_]+|\*)")


class AddressWrong(Invalid):
    """This is no address to which mail can be sent."""


class CodeWrong(Invalid):
    """The code is not the one that was sent, or it is over."""


class TooManyTries(TooManyRequests):
    """The code was guessed too often."""


class TooMany(Invalid):
    """No further address or webhook can be added."""


class WebhookWrong(Invalid):
    """The address or the choice of events of a webhook cannot be used."""


class NotTheOperators(NotAllowed):
    """Webhooks are kept by the operators of the office."""


def checked_address(text: str) -> str:
    """The address with its domain in small letters. Raises AddressWrong."""
    local, _, domain = text.strip().rpartition("@")
    address = f"{local}@{domain.lower()}"
    if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        words = "Địa chỉ thư điện tử chưa đúng, ví dụ: ten@sgddt.dongthap.gov.vn."
        raise AddressWrong(words, fields={"address": words})
    return address


def code(secret_key: str, address_id: UUID, made_at: datetime) -> str:
    """The six digits that prove that somebody reads the mail of an address."""
    tag = _derived(secret_key, f"address:{address_id}:{made_at.isoformat()}")
    return f"{int.from_bytes(tag[:8], 'big') % 1_000_000:06}"


def check_code(
    entered: str, *, secret_key: str, address_id: UUID, made_at: datetime, tries: int, at: datetime
) -> None:
    """Raises CodeWrong, TooManyTries."""
    if tries >= MOST_TRIES:
        raise TooManyTries("Đã nhập sai mã quá nhiều lần. Hãy xóa địa chỉ này và thêm lại.")
    expected = code(secret_key, address_id, made_at)
    digits = re.sub(r"\s", "", entered)
    fits = hmac.compare_digest(expected.encode(), digits.encode("utf-8", "replace"))
    if not fits or at > made_at + CODE_LIFE:
        words = "Mã không đúng hoặc đã quá 30 phút. Hãy xem lại thư, hoặc thêm lại địa chỉ."
        raise CodeWrong(words, fields={"code": words})


def digest_due(today: date, hour: int, told_on: date | None, *, is_working_day: bool) -> bool:
    """Whether the morning's mail of an address is to go out now: once on each working day."""
    return is_working_day and hour >= DIGEST_HOUR and (told_on is None or told_on < today)


def goes_out(timing: Timing, *, has_news: bool, is_digest_due: bool) -> bool:
    """Whether a mail is due: news at once, everything in the morning; never for nothing new."""
    return has_news if timing is Timing.AT_ONCE else is_digest_due


def checked_url(text: str, *, inside: Iterable[str]) -> str:
    """The address of a webhook. Raises WebhookWrong.

    Programs in the same network may be called only where the operator of the server has named
    their host (`inside`); everywhere else the way is encrypted and leads out of this network.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    words = ""
    if not parts.hostname or parts.username or parts.fragment or len(url) > 500 or port == 0:
        words = "Địa chỉ nhận chưa đúng, ví dụ: https://phanmem.example.vn/eoffice."
    elif parts.hostname in set(inside):
        words = "" if parts.scheme in ("http", "https") else "Địa chỉ nhận phải là http hoặc https."
    elif parts.scheme != "https":
        words = "Địa chỉ nhận phải bắt đầu bằng https://."
    elif _is_inner(parts.hostname):
        words = "Máy này nằm trong mạng nội bộ; quản trị máy chủ phải cho phép trước."
    if words:
        raise WebhookWrong(words, fields={"url": words})
    return url


def checked_actions(text: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Which events a webhook wants: "document.issue" or "document.*". Raises WebhookWrong."""
    wanted = tuple(dict.fromkeys(each.strip() for each in text if each.strip()))
    names = set(known)
    families = {name.partition(".")[0] for name in names}
    for each in wanted:
        family, _, rest = each.partition(".")
        if not _ACTION.fullmatch(each) or (
            family not in families if rest == "*" else each not in names
        ):
            words = f"Không có sự kiện nào tên “{each[:60]}”."
            raise WebhookWrong(words, fields={"actions": words})
    if not wanted:
        words = "Hãy chọn ít nhất một loại sự kiện."
        raise WebhookWrong(words, fields={"actions": words})
    return wanted


def wants(actions: Iterable[str], action: str) -> bool:
    """Whether a webhook with these choices is called for an event."""
    return any(each in (action, f"{action.partition('.')[0]}.*") for each in actions)


def webhook_secret(secret_key: str, webhook_id: UUID) -> str:
    """The secret that the receiver keeps: "whsec_" and base64 of 32 bytes."""
    return "whsec_" + base64.b64encode(_derived(secret_key, f"webhook:{webhook_id}")).decode()


def signed_headers(secret: str, *, message_id: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a call."""
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    tag = hmac.digest(key, f"{message_id}.{stamp}.".encode() + body, "sha256")
    return {
        "webhook-id": str(message_id),
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(tag).decode(),
    }


def _derived(secret_key: str, purpose: str) -> bytes:
    key = hashlib.sha256(secret_key.encode()).digest()
    return hmac.digest(key, f"alerts:{purpose}".encode(), "sha256")


def _is_inner(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." not in host
    return not is_public(host.strip("[]"))
