"""What a browser tells of itself so that it can be pushed to (Push API, RFC 8291). Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from eoffice.alerts.rules import WebhookWrong, checked_url
from eoffice.alerts.waiting import Item
from eoffice.errors import Invalid

#: The name under which this machine keeps the key of RFC 8292 (VAPID).
SECRET_NAME: Final = "VAPID_KEY"  # noqa: S105 — the name of a secret, not the secret
MOST_DEVICES: Final = 10
NAME_LENGTH: Final = 60
DEFAULT_NAME: Final = "Trình duyệt"
#: How long a push service keeps a message for a device that is off: a day.
KEPT_S: Final = 86_400
#: A newer message takes the place of one that was not fetched yet.
TOPIC: Final = "eoffice"
#: An answer of the push service after which nobody listens there any more.
GONE: Final = frozenset({404, 410})
#: "https://host", the keys, what the browser calls itself.
_ENDPOINT_WORDS: Final = "Trình duyệt chưa cho địa chỉ nhận thông báo hợp lệ. Hãy thử lại."


class DeviceWrong(Invalid):
    """The browser did not say what is needed to push to it."""


@dataclass(frozen=True, slots=True)
class Device:
    endpoint: str
    #: Uncompressed point of P-256.
    public_key: bytes
    auth_secret: bytes
    name: str


def checked(
    endpoint: str, public_key: str, auth_secret: str, name: str, *, inside: Iterable[str]
) -> Device:
    """What a browser sent, as it is kept. Raises DeviceWrong.

    The endpoint is bounded as the address of a webhook is: encrypted, out of this network, but for
    hosts that the operator of the server named (`inside`).
    """
    try:
        url = checked_url(endpoint, inside=inside)
    except WebhookWrong as wrong:
        raise DeviceWrong(_ENDPOINT_WORDS, fields={"endpoint": wrong.detail}) from wrong
    key, auth = _decoded(public_key), _decoded(auth_secret)
    if len(auth) != 16 or not _is_point(key):
        raise DeviceWrong(_ENDPOINT_WORDS, fields={"endpoint": _ENDPOINT_WORDS})
    called = " ".join(name.split())[:NAME_LENGTH]
    return Device(url, key, auth, called or DEFAULT_NAME)


def payload(items: Collection[Item]) -> bytes:
    """What the device shows: how much is new and where it is, nothing of what it is about."""
    paths = {item.path for item in items}
    return json.dumps(
        {
            "title": "Văn phòng điện tử",
            "body": f"Có {len(items)} việc mới",
            "path": paths.pop() if len(paths) == 1 else "/",
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def digest_payload(items: Collection[Item]) -> bytes:
    """The morning's: how much awaits."""
    return json.dumps(
        {"title": "Văn phòng điện tử", "body": f"{len(items)} việc đang chờ bạn", "path": "/"},
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """From base64url with or without padding; empty where it is none."""
    bare = text.strip().rstrip("=")
    if len(bare) > 200:
        return b""
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_point(key: bytes) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:
        return False
    return len(key) == 65
