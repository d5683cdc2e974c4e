"""The pair of keys of the copies: the office has the public one, people keep the private one.

The private key is a file of JSON, which a passphrase may protect (scrypt, RFC 7914). It belongs
where the office's machine cannot reach it; without it no copy can be read by anybody.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from eoffice.errors import Invalid

FORMAT: Final = "eoffice-backup-key/1"
PUBLIC_PREFIX: Final = "eoffice-backup-"
#: Costs half a second and 128 MiB for each passphrase that is tried.
SCRYPT_N: Final = 2**17
#: A file of somebody else must not take all memory.
MOST_SCRYPT_N: Final = 2**20
_NONCE: Final = bytes(12)


class KeyUnreadable(Invalid):
    """A key of the copies cannot be read."""


class PassphraseWrong(Invalid):
    """The passphrase does not open the private key."""

    def __init__(self) -> None:
        super().__init__("Mật khẩu của khóa giải mã không đúng.")


class PassphraseNeeded(Invalid):
    """The private key is protected, and nobody said how to open it."""

    def __init__(self) -> None:
        super().__init__("Khóa giải mã có mật khẩu. Hãy nhập mật khẩu đó.")


def public_text(key: X25519PublicKey) -> str:
    """As it stands in EOFFICE_BACKUP_RECIPIENTS."""
    return PUBLIC_PREFIX + base64.urlsafe_b64encode(key.public_bytes_raw()).decode().rstrip("=")


def parse_public(text: str) -> X25519PublicKey:
    """Read `public_text`. Raises KeyUnreadable."""
    try:
        raw = base64.urlsafe_b64decode(text.removeprefix(PUBLIC_PREFIX) + "=")
        found = X25519PublicKey.from_public_bytes(raw)
    except (ValueError, binascii.Error) as failure:
        raise KeyUnreadable(f"“{text}” không phải là khóa công khai của bản sao lưu.") from failure
    if public_text(found) != text:
        raise KeyUnreadable(f"“{text}” không phải là khóa công khai của bản sao lưu.")
    return found


def file_text(key: X25519PrivateKey, passphrase: str | None, *, n: int = SCRYPT_N) -> str:
    """The private key as a file, protected where there is a passphrase."""
    public = public_text(key.public_key())
    described: dict[str, Any] = {"format": FORMAT, "public": public}
    raw = key.private_bytes_raw()
    if passphrase is None:
        described["private"] = base64.b64encode(raw).decode()
    else:
        salt = os.urandom(16)
        # The key below is used once, for this file: its nonce may be constant.
        sealed = AESGCM(_stretched(passphrase, salt, n)).encrypt(_NONCE, raw, public.encode())
        described |= {
            "scrypt": {"n": n, "r": 8, "p": 1, "salt": base64.b64encode(salt).decode()},
            "sealed": base64.b64encode(sealed).decode(),
        }
    return json.dumps(described, indent=1) + "\n"


def parse_file(text: str, passphrase: str | None) -> X25519PrivateKey:
    """Read `file_text`. Raises KeyUnreadable, PassphraseNeeded, PassphraseWrong."""
    unreadable = KeyUnreadable("Tệp khóa giải mã của bản sao lưu không đúng định dạng.")
    try:
        described = json.loads(text)
        if described["format"] != FORMAT:
            raise unreadable
        public = str(described["public"])
        if "private" in described:
            raw = base64.b64decode(described["private"], validate=True)
        else:
            raw = _unsealed(described, public, passphrase)
        key = X25519PrivateKey.from_private_bytes(raw)
    except (ValueError, KeyError, TypeError, binascii.Error) as failure:
        raise unreadable from failure
    if public_text(key.public_key()) != public:
        raise unreadable
    return key


def write(file: Path, text: str) -> None:
    """A file that only its owner may read, durable on return. Raises FileExistsError."""
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _unsealed(described: dict[str, Any], public: str, passphrase: str | None) -> bytes:
    costs, sealed = described["scrypt"], base64.b64decode(described["sealed"], validate=True)
    n = int(costs["n"])
    if (costs["r"], costs["p"]) != (8, 1) or not 2 <= n <= MOST_SCRYPT_N:
        raise ValueError("scrypt")
    salt = base64.b64decode(costs["salt"], validate=True)
    if passphrase is None:
        raise PassphraseNeeded
    try:
        return AESGCM(_stretched(passphrase, salt, n)).decrypt(_NONCE, sealed, public.encode())
    except InvalidTag as failure:
        raise PassphraseWrong from failure


def _stretched(passphrase: str, salt: bytes, n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=n, r=8, p=1).derive(passphrase.encode())
