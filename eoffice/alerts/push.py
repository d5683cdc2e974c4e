"""A message to a browser's push service. Adapter: encryption and HTTP, never the database.

Only the browser can read it (RFC 8291), and the service knows by a signature whose it is
(RFC 8292). The connection is the one of webhooks, which leads to no inner address.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from eoffice import named_secrets
from eoffice.alerts import calls, push_rules
from eoffice.alerts.calls import Outcome
from eoffice.alerts.push_rules import SECRET_NAME
from eoffice.named_secrets import SecretMissing
from eoffice.settings import settings

_KEY_BYTES: Final = 32


class Sender:
    """The office towards push services; the browser is told the public half when it subscribes."""

    def __init__(self, private: str) -> None:
        """From base64url of 32 bytes. Raises SecretMissing for anything else."""
        try:
            self._vapid = Vapid02.from_raw(private.encode())
        except (ValueError, TypeError) as failure:
            raise SecretMissing(
                f"Khóa {SECRET_NAME} không phải là khóa P-256. Hãy tạo lại bằng eoffice set-up."
            ) from failure

    @property
    def public_key(self) -> str:
        """base64url of the uncompressed point: `applicationServerKey`."""
        raw = self._vapid.public_key.public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return push_rules.base64url(raw)

    def send(self, endpoint: str, body: bytes) -> Outcome:
        """One attempt with an encrypted body."""
        parts = urlsplit(endpoint)
        claims = {"aud": f"{parts.scheme}://{parts.netloc}", "sub": self._contact()}
        return calls.post(
            endpoint,
            body,
            {
                # By real time, which the library asks: the service knows no office clock.
                **self._vapid.sign(claims),
                "ttl": str(push_rules.KEPT_S),
                "topic": push_rules.TOPIC,
                "urgency": "normal",
                "content-type": "application/octet-stream",
                "content-encoding": "aes128gcm",
                "user-agent": "eoffice-push",
            },
        )

    @staticmethod
    def _contact() -> str:
        """Whom the operator of a push service writes to."""
        return f"mailto:{settings().mail_from}"


def encrypted(payload: bytes, *, public_key: bytes, auth_secret: bytes) -> bytes:
    """The body of a message for one browser; anew for each, with a key that is used once."""
    content: bytes = http_ece.encrypt(
        payload,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=public_key,
        auth_secret=auth_secret,
        version="aes128gcm",
    )
    return content


def sender() -> Sender | None:
    """None where this machine has no key: nothing is pushed from here."""
    try:
        return Sender(named_secrets.read(SECRET_NAME))
    except SecretMissing:
        return None


def ensure_key(var: Path) -> None:
    """For set-up: a key of this machine where it has none yet.

    Browsers subscribe to one key: with another they would have to subscribe again.
    """
    file = var / "secrets" / SECRET_NAME
    if os.environ.get(f"EOFFICE_SECRET_{SECRET_NAME}") or file.exists():
        return
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as lines:
        lines.write(push_rules.base64url(number.to_bytes(_KEY_BYTES, "big")) + "\n")
        lines.flush()
        os.fsync(lines.fileno())
