"""The key file of the log: made once at set-up, read by the relay, published for verifiers."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from eoffice.audit.checkpoint import Signer, Verifier
from eoffice.settings import SettingMissing, settings

#: Name of the public key in a directory of trust anchors.
PUBLIC_FILE = "log.pub"


def ensure(path: Path) -> Signer:
    """The key in the file; a new one, readable by its owner only, where there is no file yet.

    For set-up only. A process that merely signs calls `of_settings`: a log whose key was lost must
    not quietly go on under another.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return load(path)
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    return load(path)


def publish(signer: Signer, directory: Path) -> Path:
    """Write the public key where `eoffice verify` looks for it; returns the file."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / PUBLIC_FILE
    file.write_text(f"{signer.verifier}\n", encoding="utf-8")
    return file


def load(path: Path) -> Signer:
    """Raises SettingMissing when the file is missing or no Ed25519 key."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError as failure:
        raise SettingMissing(
            f"Không có khóa ký nhật ký {path}. Hãy phục hồi từ bản sao lưu"
            " hoặc đặt EOFFICE_LOG_KEY."
        ) from failure
    except (ValueError, TypeError) as failure:
        raise SettingMissing(f"Tệp {path} không phải là khóa Ed25519.") from failure
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingMissing(f"Tệp {path} không phải là khóa Ed25519.")
    return Signer(key)


def published(directory: Path) -> Verifier | None:
    """The log that a directory of trust anchors trusts; None where it names none.

    Raises CheckpointInvalid when the file is no public key.
    """
    file = directory / PUBLIC_FILE
    return Verifier.parse(file.read_text(encoding="utf-8")) if file.exists() else None


def partners(directory: Path) -> tuple[Verifier, ...]:
    """The own log and those of other offices (`*.pub`) that a directory of trust anchors names.

    Raises CheckpointInvalid when a file is no public key.
    """
    files = sorted(directory.glob("*.pub"))
    return tuple(Verifier.parse(file.read_text(encoding="utf-8")) for file in files)


@cache
def of_settings() -> Signer:
    """The log's key of this process, read at the first call. Raises SettingMissing."""
    return load(settings().log_key_file)
