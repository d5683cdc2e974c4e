"""The PIN between the page on which it was entered and the worker that signs.

A batch outlives the request that began it, and the death of the worker that runs it, so its PIN
cannot stay in the memory of either. It is kept for `rules.PIN_HOLDS` at the longest, encrypted with
a key that is derived from the office's secret, which no database knows; a copy of the database
opens nothing. Batch and person are part of what is authenticated: a row that was moved to another
batch cannot be opened.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from eoffice.settings import settings

_NONCE_BYTES = 12


def seal(pin: str, *, batch_id: UUID, person_id: UUID) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + _cipher().encrypt(nonce, pin.encode(), _bound(batch_id, person_id))


def opened(sealed: bytes, *, batch_id: UUID, person_id: UUID) -> str | None:
    """None where the office's secret has changed since, or the row is not what was written."""
    nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return _cipher().decrypt(nonce, content, _bound(batch_id, person_id)).decode()
    except InvalidTag:
        return None


def _cipher() -> AESGCM:
    key = HKDF(SHA256(), 32, salt=None, info=b"eoffice: PIN of a batch of signatures")
    return AESGCM(key.derive(settings().secret_key.encode()))


def _bound(batch_id: UUID, person_id: UUID) -> bytes:
    return batch_id.bytes + person_id.bytes
