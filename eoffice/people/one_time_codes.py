"""The second factor: codes of six digits from a device (RFC 6238), recovery codes on paper.

The key of the codes is kept encrypted under a key that is derived from the office's secret, bound
to its person, so that a copy of the table alone opens nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ONE_STEP: Final = timedelta(seconds=30)
#: Steps by which the clock of a device may differ from the office's.
DRIFT: Final = 1
RECOVERY_CODES: Final = 10
ISSUER: Final = "Văn phòng điện tử"

_NONCE_BYTES: Final = 12
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class SecretUnreadable(Exception):
    """The stored key does not open: the office's secret was changed, or the row was exchanged."""


def new_secret() -> str:
    """160 bits in base 32, as devices take it."""
    return pyotp.random_base32(32)


def step_at(at: datetime) -> int:
    """The number of the time step at an instant."""
    return (at - _EPOCH) // ONE_STEP


def code_at(secret: str, at: datetime) -> str:
    """The code that a device with the right time shows; for programs that sign in."""
    return str(pyotp.TOTP(secret).generate_otp(step_at(at)))


def accepted_step(secret: str, code: str, *, at: datetime, last_step: int) -> int | None:
    """The step to which the code belongs; None when it is wrong, too old or already spent.

    One step to either side is allowed. Each step after `last_step` counts once.
    """
    entered = re.sub(r"\s", "", code)
    here = step_at(at)
    totp = pyotp.TOTP(secret)
    found: int | None = None
    for step in range(here - DRIFT, here + DRIFT + 1):
        fits = secrets.compare_digest(
            str(totp.generate_otp(step)).encode(), entered.encode("utf-8", "replace")
        )
        if fits and step > last_step:
            found = step
    return found


def provisioning_uri(secret: str, *, login: str) -> str:
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def qr_image(uri: str) -> str:
    """The address of the key as an image: a `data:` URI of an SVG."""
    return segno.make(uri, error="m").svg_data_uri(scale=5, border=4, dark="#111", light="#fff")


def new_recovery_codes() -> tuple[str, ...]:
    """Ten codes of 80 bits, written in groups of four."""
    return tuple(
        "-".join(text[i : i + 4] for i in range(0, 16, 4))
        for text in (pyotp.random_base32(32)[:16].lower() for _ in range(RECOVERY_CODES))
    )


def looks_like_recovery_code(code: str) -> bool:
    return re.fullmatch(r"[a-z2-7]{16}", _bare(code)) is not None


def recovery_code_hash(person_id: UUID, code: str) -> bytes:
    return hashlib.sha256(person_id.bytes + _bare(code).encode()).digest()


def encrypt(secret: str, *, person_id: UUID, secret_key: str) -> bytes:
    """Nonce and ciphertext."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_key(secret_key)).encrypt(nonce, secret.encode(), person_id.bytes)


def decrypt(stored: bytes, *, person_id: UUID, secret_key: str) -> str:
    """Raises SecretUnreadable."""
    nonce, sealed = stored[:_NONCE_BYTES], stored[_NONCE_BYTES:]
    try:
        return AESGCM(_key(secret_key)).decrypt(nonce, sealed, person_id.bytes).decode()
    except InvalidTag:
        raise SecretUnreadable(str(person_id)) from None


def _key(secret_key: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"eoffice one-time codes").derive(
        secret_key.encode()
    )


def _bare(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()
