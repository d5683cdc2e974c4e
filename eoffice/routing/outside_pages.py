"""What the pages of a delivery and of an arrival show of a document from outside."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy.orm import Session

from eoffice.documents import types
from eoffice.routing import change_queries, outside_queries, outside_rules
from eoffice.signing.verdict import Finding

VERDICT_WORDS: Final = {
    Finding.INTACT: "Nguyên vẹn",
    Finding.CHANGED: "Đã bị thay đổi",
    Finding.INVALID: "Chữ ký không hợp lệ",
    Finding.UNVERIFIABLE: "Không kiểm tra được",
    Finding.UNSIGNED: "Không có chữ ký số",
}
VERDICT_TONES: Final = {
    Finding.INTACT: "done",
    Finding.CHANGED: "wrong",
    Finding.INVALID: "wrong",
    Finding.UNVERIFIABLE: "waiting",
    Finding.UNSIGNED: "quiet",
}


def shown_of(session: Session, delivery_id: UUID) -> dict[str, Any]:
    """What `outside_facts.html`, `twins.html` and `changes.html` need of a delivery."""
    return {
        "changes": change_queries.of_delivery(session, delivery_id),
        "outside": outside_queries.content_seen(session, delivery_id),
        "twins": outside_queries.twins_of(session, delivery_id),
        "secrecy_names": types.SECRECY_NAMES,
        "origin_names": outside_rules.ORIGIN_NAMES,
        "text_states": outside_rules.TEXT_STATE_NAMES,
        "verdict_words": VERDICT_WORDS,
        "verdict_tones": VERDICT_TONES,
    }
