"""Signed receipts: what a recipient's registration is proved by, without any database. Pure values.

A receipt is one line of canonical JSON (RFC 8785): `body` says what was received, `digests` gives
the SHA-256 of each of its fields in canonical form, `signature` (Ed25519, base64) covers `type` and
`digests`, `key` is the public key as `log.pub` writes it. So a changed byte is not only noticed but
named: the field whose digest no longer fits, or the signature itself.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from eoffice.audit import leaf
from eoffice.audit.checkpoint import CheckpointInvalid, Signer, Verifier

TYPE: Final = "eoffice-receipt-1"
#: What became of a pupil's package at the school that it was made for.
PUPIL_TYPE: Final = "eoffice-pupil-receipt-1"
Body: TypeAlias = Mapping[str, str | int | None]

#: Fields of the body as people call them.
FIELD_NAMES: Final = {
    "document": "văn bản",
    "content_sha256": "mã băm nội dung",
    "subject": "trích yếu",
    "issued_on": "ngày văn bản",
    "sender": "nơi gửi",
    "recipient": "nơi nhận",
    "recipient_organ_id": "mã định danh nơi nhận",
    "delivery_id": "mã lượt gửi",
    "arrival_number": "số đến",
    "arrival_year": "năm của sổ đến",
    "registered_at": "thời điểm vào sổ",
    "package_id": "mã hồ sơ",
    "manifest_sha256": "mã băm danh mục",
    "outcome": "kết quả",
    "reason": "lý do",
    "decided_at": "thời điểm quyết định",
}
#: Of each type, what an intact receipt says.
_SENTENCES: Final[Mapping[str, Callable[[Mapping[str, object]], str]]] = {
    TYPE: lambda body: (
        f"{body.get('recipient')} đã tiếp nhận {body.get('document')}, "
        f"số đến {body.get('arrival_number')}, lúc {body.get('registered_at')}."
    ),
    PUPIL_TYPE: lambda body: (
        f"{body.get('recipient')} "
        f"{'đã tiếp nhận' if body.get('outcome') == 'taken_in' else 'từ chối'} hồ sơ chuyển "
        f"trường {body.get('package_id')} lúc {body.get('decided_at')}."
    ),
}


class Outcome(StrEnum):
    INTACT = "intact"
    CHANGED = "changed"
    #: Signed by somebody whom the directory of trust does not name.
    UNKNOWN_KEY = "unknown_key"


@dataclass(frozen=True, slots=True)
class Said:
    """The verdict about a receipt, with a whole sentence."""

    outcome: Outcome
    reason: str


def signed(body: Body, signer: Signer, type_: str = TYPE) -> str:
    """The receipt as the file that is handed out. The same text for the same body and key."""
    digests = _digests(body)
    signature = signer.key.sign(_covered(type_, digests))
    return leaf.canonical(
        {
            "type": type_,
            "body": dict(body),
            "digests": digests,
            "key": str(signer.verifier),
            "signature": base64.b64encode(signature).decode(),
        }
    ).decode()


def looks_like_receipt(data: bytes) -> bool:
    """Whether these bytes claim to be a receipt; a damaged one still does."""
    return data.lstrip()[:1] == b"{" and (b"eoffice-receipt" in data or b'"digests"' in data)


def verify(data: bytes, trusted: Verifier | None) -> Said:
    """Judge a receipt; `trusted` is the key that the own directory of trust names, if any."""
    try:
        found = json.loads(data)
        is_canonical = isinstance(found, dict) and leaf.canonical(found) == data.rstrip(b"\n")
    except (ValueError, TypeError, RecursionError):
        return _changed("Biên nhận không còn đọc được: tệp đã bị sửa hoặc hỏng.")
    if not isinstance(found, dict) or set(found) != {
        "type",
        "body",
        "digests",
        "key",
        "signature",
    }:
        return _changed("Biên nhận thiếu hoặc thừa thành phần.")
    body, digests, type_ = found["body"], found["digests"], found["type"]
    if (
        not isinstance(body, dict)
        or not isinstance(digests, dict)
        or not isinstance(type_, str)
        or type_ not in _SENTENCES
    ):
        return _changed("Biên nhận không đúng định dạng.")
    try:
        key = Verifier.parse(str(found["key"]))
        signature = base64.b64decode(str(found["signature"]), validate=True)
        Ed25519PublicKey.from_public_bytes(key.key).verify(signature, _covered(type_, digests))
    except CheckpointInvalid:
        return _changed("Khóa công khai trong biên nhận đã bị thay đổi.")
    except (InvalidSignature, binascii.Error, ValueError):
        return _changed("Chữ ký của biên nhận không khớp với các mã băm trong biên nhận.")
    expected = _digests(body)
    wrong = sorted(
        name for name in expected.keys() | digests.keys() if expected.get(name) != digests.get(name)
    )
    if wrong:
        names = ", ".join(f"“{FIELD_NAMES.get(each, each)}”" for each in wrong)
        return _changed(f"Biên nhận đã bị thay đổi ở: {names}.")
    if not is_canonical:
        return _changed("Cách viết của biên nhận đã bị thay đổi (dấu cách, thứ tự hoặc mã hóa).")
    if trusted is None or trusted.key != key.key:
        return Said(
            Outcome.UNKNOWN_KEY,
            "Chữ ký đúng, nhưng khóa ký không phải khóa của hệ thống mà máy này tin cậy.",
        )
    return Said(Outcome.INTACT, _SENTENCES[type_](body))


def _changed(reason: str) -> Said:
    return Said(Outcome.CHANGED, reason)


def _digests(body: Mapping[str, object]) -> dict[str, str]:
    return {
        str(name): hashlib.sha256(leaf.canonical(value)).hexdigest()  # type: ignore[arg-type]
        for name, value in body.items()
    }


def _covered(type_: str, digests: Mapping[str, str]) -> bytes:
    return leaf.canonical({"type": type_, "digests": digests})
