"""Metadata that stand beside a document and not on its page: what they may be, who may add them.

Decree 30/2020, Annex VI: they can be added to and stay with the document. What is signed, the
number and the date are none of them: those never change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eoffice.errors import Invalid, NotAllowed
from eoffice.files.letters import normalised
from eoffice.people.kinds import PositionKind as P

#: Language, Description of an outgoing document: characters.
LANGUAGE_LENGTH: Final = 30
DESCRIPTION_LENGTH: Final = 500
#: IssuedAmount has three digits.
MOST_COPIES: Final = 999
#: Shortest reason for a change to what is in the books: a sentence, not a letter.
REASON_LENGTH: Final = 10
LONGEST_REASON: Final = 500
DEFAULT_LANGUAGE: Final = "Tiếng Việt"

NAMES: Final[Mapping[str, str]] = {
    "language": "Ngôn ngữ",
    "description": "Mô tả",
    "issued_amount": "Số lượng bản phát hành",
    "signer_name": "Họ tên người ký",
    "signer_position": "Chức vụ người ký",
    "to_places": "Nơi nhận",
    "page_count": "Số trang",
}


class MetadataWrong(Invalid):
    """Metadata do not fit the fields of Appendix VI of Decree 30/2020."""


class MetadataNotYours(NotAllowed):
    """Metadata of what is in the books are added by the records clerk."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """Of an outgoing document."""

    language: str = DEFAULT_LANGUAGE
    description: str = ""
    #: None: nobody counted.
    issued_amount: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One field as it was and as it is now, both as people read them."""

    field: str
    before: str
    after: str

    @property
    def name(self) -> str:
        return NAMES[self.field]


def checked(entered: Metadata) -> Metadata:
    """The same, trimmed; without a language it is Vietnamese. Raises MetadataWrong."""
    language = normalised(entered.language) or DEFAULT_LANGUAGE
    description = normalised(entered.description)
    wrong: dict[str, str] = {}
    if len(language) > LANGUAGE_LENGTH:
        wrong["language"] = f"{NAMES['language']} dài nhất {LANGUAGE_LENGTH} ký tự."
    if len(description) > DESCRIPTION_LENGTH:
        wrong["description"] = f"{NAMES['description']} dài nhất {DESCRIPTION_LENGTH} ký tự."
    if entered.issued_amount is not None and not 1 <= entered.issued_amount <= MOST_COPIES:
        wrong["issued_amount"] = f"{NAMES['issued_amount']} từ 1 đến {MOST_COPIES}."
    if wrong:
        raise MetadataWrong(" ".join(wrong.values()), fields=wrong)
    return Metadata(language, description, entered.issued_amount)


def checked_reason(text: str) -> str:
    """Why metadata of what is in the books are changed. Raises MetadataWrong."""
    reason = normalised(text)
    if not REASON_LENGTH <= len(reason) <= LONGEST_REASON:
        words = f"Hãy ghi lý do bằng một câu, từ {REASON_LENGTH} đến {LONGEST_REASON} ký tự."
        raise MetadataWrong(words, fields={"because": words})
    return reason


def changes(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[Change, ...]:
    """The fields of `after` that are not as they were, in their order."""
    return tuple(
        Change(field, shown(before[field]), shown(value))
        for field, value in after.items()
        if shown(before[field]) != shown(value)
    )


def shown(value: object) -> str:
    """A value as people read it; empty where there is none."""
    return "" if value is None else str(value)


def may_add(position: P) -> bool:
    """Whether somebody keeps the metadata of what is in the books (art. 32)."""
    return position is P.CLERK


def require_keeper(position: P) -> None:
    """Raises MetadataNotYours."""
    if not may_add(position):
        raise MetadataNotYours(
            "Văn bản đã vào sổ: chỉ văn thư cơ quan được bổ sung siêu dữ liệu. Hãy đề nghị văn thư."
        )
