"""Rules of case files (Decree 30/2020, art. 28–31 and Annex VI, part IV). Pure.

Lengths are those of Annex VI: notation 20, title 500, retention 30, use regime 30, language 50,
description 500 characters. The code of a case file is organ, year and notation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict, Invalid, NotAllowed
from eoffice.people.kinds import PositionKind as P

LENGTHS: Final[Mapping[str, int]] = {
    "notation": 20,
    "title": 500,
    "maintenance": 30,
    "rights": 30,
    "language": 50,
    "description": 500,
}
NAMES: Final[Mapping[str, str]] = {
    "notation": "Số và ký hiệu hồ sơ",
    "title": "Tiêu đề hồ sơ",
    "maintenance": "Thời hạn bảo quản",
    "rights": "Chế độ sử dụng",
    "language": "Ngôn ngữ",
    "description": "Chú giải",
}
_REQUIRED: Final = frozenset({"notation", "title", "maintenance"})
#: DocOrdinal has three digits.
MOST_ITEMS: Final = 999
DEFAULT_LANGUAGE: Final = "Tiếng Việt"

_KEEPERS: Final = frozenset({P.CLERK, P.HEAD, P.DEPUTY_HEAD})
_READERS: Final = frozenset(
    {
        P.HEAD,
        P.DEPUTY_HEAD,
        P.OFFICE_HEAD,
        P.OFFICE_DEPUTY,
        P.SPECIALIST,
        P.CLERK,
        P.TEACHER,
    }
)


class CaseState(StrEnum):
    #: planned in the filing plan, or already being made
    OPEN = "open"
    #: kết thúc: nothing goes in or out any more
    CLOSED = "closed"
    #: đã nộp lưu: the agency's archive has it
    TRANSFERRED = "transferred"


class RecordKind(StrEnum):
    OUTGOING = "outgoing"
    INCOMING = "incoming"


STATE_NAMES: Final[Mapping[CaseState, str]] = {
    CaseState.OPEN: "Đang lập",
    CaseState.CLOSED: "Đã kết thúc",
    CaseState.TRANSFERRED: "Đã nộp lưu",
}
KIND_NAMES: Final[Mapping[RecordKind, str]] = {
    RecordKind.OUTGOING: "Văn bản đi",
    RecordKind.INCOMING: "Văn bản đến",
}


class CaseWrong(Invalid):
    """Something about the case file cannot be kept as it was entered."""


class CaseNotYours(NotAllowed):
    """The case file is made by somebody else."""


class CaseClosed(Conflict):
    """The case file is closed; nothing goes in or out."""


class CaseIncomplete(Conflict):
    """The case file cannot be closed yet."""


class CaseFull(Conflict):
    """A case file has at most 999 documents."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a line of the filing plan says of a case file."""

    notation: str
    title: str
    maintenance: str
    rights: str = ""
    language: str = DEFAULT_LANGUAGE
    description: str = ""


def checked(entered: Heading) -> Heading:
    """The heading with blanks put in order. Raises CaseWrong with every field that is wrong."""
    values = {name: " ".join(str(getattr(entered, name)).split()) for name in LENGTHS}
    wrong: dict[str, str] = {}
    for name, value in values.items():
        if not value and name in _REQUIRED:
            wrong[name] = f"Cần điền {NAMES[name][0].lower()}{NAMES[name][1:]}."
        elif len(value) > LENGTHS[name]:
            wrong[name] = f"{NAMES[name]} dài nhất {LENGTHS[name]} ký tự."
    if "/" in values["notation"] or "\\" in values["notation"]:
        wrong["notation"] = "Số và ký hiệu hồ sơ không có dấu gạch chéo, ví dụ: 01.TCCB."
    if wrong:
        raise CaseWrong("Hồ sơ chưa ghi được: " + " ".join(wrong.values()), fields=wrong)
    return Heading(**{**values, "language": values["language"] or DEFAULT_LANGUAGE})


def code(organ_id: str | None, year: int, notation: str) -> str:
    """mã hồ sơ: OrganId.Year.Notation; without an identifier of the organ, what is known of it."""
    return ".".join(part for part in (organ_id or "", f"{year:04}", notation) if part)


def following(ordinals: Iterable[int]) -> int:
    """DocOrdinal of the next document. The ordinal of one that was taken out is not given again.

    Raises CaseFull.
    """
    last = max(ordinals, default=0)
    if last >= MOST_ITEMS:
        raise CaseFull(f"Hồ sơ đã có {MOST_ITEMS} văn bản. Hãy lập hồ sơ tiếp theo.")
    return last + 1


def require_open(state: CaseState) -> None:
    """Raises CaseClosed."""
    if state is not CaseState.OPEN:
        raise CaseClosed("Hồ sơ đã kết thúc nên không thêm, bớt hay sửa được nữa.")


def require_complete(items: int, open_works: Iterable[str]) -> None:
    """Raises CaseIncomplete: empty, or with incoming documents whose work is not done yet."""
    if items == 0:
        raise CaseIncomplete("Hồ sơ chưa có văn bản nào nên chưa kết thúc được.")
    waiting = list(open_works)
    if waiting:
        named = "; ".join(waiting[:5]) + ("; …" if len(waiting) > 5 else "")
        raise CaseIncomplete(f"Còn văn bản đến chưa giải quyết xong: {named}.")


def may_plan(position: P) -> bool:
    """Who keeps the filing plan: the records clerk and the head of the agency (art. 29)."""
    return position in _KEEPERS


def may_read(position: P) -> bool:
    """Who may see case files of the agency at all."""
    return position in _READERS


def is_among(*, is_restricted: bool, position: P, is_maker: bool, is_named: bool) -> bool:
    """Whether somebody of the agency may open a case file.

    Rights are per case file (Annex VI, part III): one that is restricted is for its maker, for whom
    it names, and for the keepers.
    """
    return may_read(position) and (
        not is_restricted or is_maker or is_named or position in _KEEPERS
    )


def require_maker(position: P, *, is_maker: bool) -> None:
    """Raises CaseNotYours. The maker puts documents in; the keepers may do it for them."""
    if not is_maker and not may_plan(position):
        raise CaseNotYours("Hồ sơ do người khác lập. Chỉ người lập hồ sơ hoặc văn thư được sửa.")
