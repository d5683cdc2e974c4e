"""For whom a document waits, said in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from eoffice.documents.states import State

#: Whose turn it is in each state; "{}" is where the names go.
_SENTENCES: Final[dict[State, str]] = {
    State.DRAFT: "{} đang soạn thảo",
    State.SUBMITTED: "Đang chờ {} duyệt nội dung",
    State.CHECKING: "Đang chờ {} kiểm tra thể thức",
    State.AWAITING_SIGNATURE: "Đang chờ {} ký",
    State.SIGNED: "Đã ký, đang chờ {} cấp số",
    State.NUMBERED: "Đã cấp số, đang chờ {} ký số của cơ quan",
    State.SEALED: "Đã đủ chữ ký, đang chờ {} phát hành",
    State.ISSUED: "Đã phát hành",
    State.WITHDRAWN: "Đã thu hồi",
}

#: Nobody's turn any more.
_OVER: Final = frozenset({State.ISSUED, State.WITHDRAWN})

#: Word and tone of the state in lists.
TONES: Final[dict[State, str]] = {
    State.DRAFT: "quiet",
    State.SUBMITTED: "waiting",
    State.CHECKING: "waiting",
    State.AWAITING_SIGNATURE: "waiting",
    State.SIGNED: "going",
    State.NUMBERED: "going",
    State.SEALED: "going",
    State.ISSUED: "done",
    State.WITHDRAWN: "wrong",
}


def sentence(state: State, people: tuple[str, ...], since: str) -> str:
    """ "Đang chờ Giám đốc Trần Thanh Liêm ký, từ 08:15 hôm nay."; "Đã phát hành 13/08/2018."

    `people` are those who can act, with their titles; more than two are not listed.
    """
    said = _SENTENCES[state].format(_any_of(people))
    return f"{said} {since}." if state in _OVER else f"{said}, từ {since}."


def in_flow(asked: Sequence[tuple[str, tuple[str, ...]]], since: str) -> str:
    """ "Đang chờ Trưởng phòng A duyệt nội dung và Trưởng phòng B cho ý kiến, từ 08:15 hôm nay."

    `asked` are what is asked ("duyệt nội dung") and who can answer it, for each step that waits;
    all of them have to.
    """
    parts = [f"{_any_of(people)} {verb}" for verb, people in asked]
    *first, last = parts
    said = f"{', '.join(first)} và {last}" if first else last
    return f"Đang chờ {said}, từ {since}."


def _any_of(people: tuple[str, ...]) -> str:
    if not people:
        return "người có trách nhiệm"
    if len(people) <= 2:
        return " hoặc ".join(people)
    return f"{people[0]} và {len(people) - 1} người khác"
