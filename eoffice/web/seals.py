"""Short signed texts that leave the office and come back: cursors, flash messages, form tokens.

Signed, not encrypted: whoever holds one can read it, nobody can make one. Each purpose has its own
key, so that a cursor can never pass for a form token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

_TAG_BYTES = 16


def sign(key: bytes, purpose: str, payload: bytes) -> str:
    """`payload` with its tag, safe in addresses, cookies and forms."""
    return _text(payload) + "." + _text(_tag(key, purpose, payload))


def unsign(key: bytes, purpose: str, text: str) -> bytes | None:
    """The payload; None when the text was not signed by `sign` with this key and purpose."""
    payload_text, _, tag_text = text.partition(".")
    payload, tag = _bytes(payload_text), _bytes(tag_text)
    if payload is None or tag is None:
        return None
    return payload if hmac.compare_digest(tag, _tag(key, purpose, payload)) else None


def form_token(key: bytes, binding: str) -> str:
    """A token for one rendered form, different each time, valid as long as `binding` is."""
    nonce = secrets.token_bytes(_TAG_BYTES)
    return _text(nonce) + "." + _text(_tag(key, "form", nonce + binding.encode()))


def is_form_token(key: bytes, binding: str, token: str) -> bool:
    """Whether `form_token` made the token for this binding."""
    nonce_text, _, tag_text = token.partition(".")
    nonce, tag = _bytes(nonce_text), _bytes(tag_text)
    if nonce is None or tag is None or len(nonce) != _TAG_BYTES:
        return False
    return hmac.compare_digest(tag, _tag(key, "form", nonce + binding.encode()))


def _tag(key: bytes, purpose: str, payload: bytes) -> bytes:
    own_key = hashlib.blake2b(purpose.encode(), key=key[:64], digest_size=32).digest()
    return hashlib.blake2b(payload, key=own_key, digest_size=_TAG_BYTES).digest()


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
