"""Who holds records and how a hold is worded (Decree 30/2020, Annex VI, administration). Pure.

A hold keeps a set of records from being moved, deleted or changed until it is lifted, whatever
their own rules say: for an inspection, a complaint, a lawsuit. The database itself refuses the
change (`held_since`); here is who decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict, Invalid, NotAllowed, NotFound
from eoffice.people.kinds import PositionKind as P

#: The head of the agency, who may let a deputy act, and whoever keeps the archive.
_KEEPERS: Final = frozenset({P.HEAD, P.DEPUTY_HEAD, P.CLERK})
LENGTHS: Final[Mapping[str, int]] = {"title": 200, "reason": 1000, "legal_basis": 500}
_NAMES: Final[Mapping[str, str]] = {
    "title": "tên của lần giữ",
    "reason": "lý do giữ",
    "legal_basis": "căn cứ pháp lý",
}
LEAST_REASON: Final = 10
MOST_RECORDS: Final = 2000


class HeldKind(StrEnum):
    OUTGOING = "outgoing"
    INCOMING = "incoming"
    CASE_FILE = "case_file"


class CopyState(StrEnum):
    """How far the store is with the lock of an archived copy."""

    ASKED = "asked"
    HELD = "held"
    RELEASING = "releasing"
    RELEASED = "released"


KIND_NAMES: Final[Mapping[HeldKind, str]] = {
    HeldKind.OUTGOING: "Văn bản đi",
    HeldKind.INCOMING: "Văn bản đến",
    HeldKind.CASE_FILE: "Hồ sơ",
}
COPY_NAMES: Final[Mapping[CopyState, str]] = {
    CopyState.ASKED: "Đang khóa",
    CopyState.HELD: "Đã khóa",
    CopyState.RELEASING: "Đang gỡ khóa",
    CopyState.RELEASED: "Đã gỡ khóa",
}


class HoldNotYours(NotAllowed):
    """Records are held by the head of the agency or by who keeps its archive."""


class HoldUnknown(NotFound):
    """The agency has no such hold."""


class HoldWrong(Invalid):
    """Something about the hold cannot be kept as it was entered."""


class HoldOver(Conflict):
    """The hold was lifted; it is not changed any more."""


@dataclass(frozen=True, slots=True)
class Wording:
    title: str
    reason: str
    legal_basis: str


def may_hold(position: P) -> bool:
    """Who holds and lifts, and who reads the list of what is held."""
    return position in _KEEPERS


def require_keeper(position: P) -> None:
    """Raises HoldNotYours."""
    if not may_hold(position):
        raise HoldNotYours(
            "Chỉ người đứng đầu cơ quan và người làm lưu trữ được giữ, khóa hồ sơ, văn bản."
        )


def checked(title: str, reason: str, legal_basis: str) -> Wording:
    """In order and complete. Raises HoldWrong with every field that is wrong."""
    values = {"title": title, "reason": reason, "legal_basis": legal_basis}
    values = {name: " ".join(text.split()) for name, text in values.items()}
    wrong: dict[str, str] = {}
    for name, text in values.items():
        if not text:
            wrong[name] = f"Cần ghi {_NAMES[name]}."
        elif len(text) > LENGTHS[name]:
            wrong[name] = f"Phần {_NAMES[name]} dài nhất {LENGTHS[name]} ký tự."
    if "reason" not in wrong and len(values["reason"]) < LEAST_REASON:
        wrong["reason"] = "Hãy ghi lý do bằng một câu."
    if wrong:
        raise HoldWrong("Chưa giữ được: " + " ".join(wrong.values()), fields=wrong)
    return Wording(**values)


def checked_lifting(why: str) -> str:
    """Why a hold is lifted. Raises HoldWrong."""
    reason = " ".join(why.split())
    if not LEAST_REASON <= len(reason) <= LENGTHS["reason"]:
        words = "Hãy ghi lý do gỡ khóa bằng một câu."
        raise HoldWrong(words, fields={"why": words})
    return reason


def codes(text: str) -> tuple[str, ...]:
    """What was typed or pasted, a code a line, without blank lines and repetitions."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))
