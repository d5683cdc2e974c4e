"""Which steps can be taken on several things at once, on what, and what they need. Values only.

Signing, initialling and sealing are none of them: they ask for a PIN and have batches of their own
(`signing.batches`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from eoffice.desk.rules import Kind
from eoffice.errors import Invalid

#: More at once would keep a browser waiting without saying why.
MOST_AT_ONCE: Final = 200


class BulkStep(StrEnum):
    """A noun, as in addresses. Kept with each batch: never renamed."""

    REGISTRATION = "registration"
    SUBMISSION = "submission"
    ASSIGNMENT = "assignment"
    ACKNOWLEDGEMENT = "acknowledgement"
    COMPLETION = "completion"
    DEADLINE = "deadline"
    REMINDER = "reminder"
    FILING = "filing"
    READING = "reading"


class Thing(StrEnum):
    """What a step is taken on."""

    DELIVERY = "delivery"
    ARRIVAL = "arrival"
    DOCUMENT = "document"
    NOTICE = "notice"


class ItemState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Item:
    kind: Thing
    id: UUID

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.id}"


class Particulars(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a step needs to be told once for all of its items."""

    #: `unit` or `unit/person`, as the form of assignment offers them.
    lead: str | None = None
    instruction: str | None = None
    due_on: date | None = None
    reason: str | None = None
    outcome: str | None = None
    case_file: UUID | None = None


NAMES: Final = {
    BulkStep.REGISTRATION: "Vào sổ",
    BulkStep.SUBMISSION: "Trình người đứng đầu",
    BulkStep.ASSIGNMENT: "Phân công",
    BulkStep.ACKNOWLEDGEMENT: "Ghi nhận đã biết",
    BulkStep.COMPLETION: "Kết thúc",
    BulkStep.DEADLINE: "Đổi hạn xử lý",
    BulkStep.REMINDER: "Nhắc",
    BulkStep.FILING: "Đưa vào hồ sơ",
    BulkStep.READING: "Cất thông báo",
}

#: What happens to each item, said before.
EFFECTS: Final = {
    BulkStep.REGISTRATION: "Mở từng văn bản và vào sổ văn bản đến, mỗi văn bản một số đến; "
    "số đã cấp không lấy lại được.",
    BulkStep.SUBMISSION: "Trình từng văn bản đến người đứng đầu.",
    BulkStep.ASSIGNMENT: "Giao từng văn bản cho cùng một nơi chủ trì, cùng ý kiến chỉ đạo và hạn; "
    "phân công trước đó (nếu có) được thay.",
    BulkStep.ACKNOWLEDGEMENT: "Ghi nhận bạn đã biết từng văn bản được gửi để biết.",
    BulkStep.COMPLETION: "Kết thúc việc giải quyết từng văn bản với cùng một kết quả; nơi gửi thấy "
    "văn bản đã hoàn thành.",
    BulkStep.DEADLINE: "Đặt hạn xử lý mới cho từng văn bản; hạn cũ và lý do được giữ lại.",
    BulkStep.REMINDER: "Nhắc từng nơi còn trễ hạn; mỗi nơi được nhắc một lần trong ngày.",
    BulkStep.FILING: "Đưa từng văn bản vào hồ sơ đã chọn, theo thứ tự trong danh sách.",
    BulkStep.READING: "Cất từng thông báo.",
}

TAKES: Final = {
    BulkStep.REGISTRATION: frozenset({Thing.DELIVERY}),
    BulkStep.SUBMISSION: frozenset({Thing.ARRIVAL}),
    BulkStep.ASSIGNMENT: frozenset({Thing.ARRIVAL}),
    BulkStep.ACKNOWLEDGEMENT: frozenset({Thing.ARRIVAL}),
    BulkStep.COMPLETION: frozenset({Thing.ARRIVAL}),
    BulkStep.DEADLINE: frozenset({Thing.ARRIVAL}),
    BulkStep.REMINDER: frozenset({Thing.ARRIVAL, Thing.DOCUMENT}),
    BulkStep.FILING: frozenset({Thing.ARRIVAL, Thing.DOCUMENT}),
    BulkStep.READING: frozenset({Thing.NOTICE}),
}

#: Fields that have to be filled.
NEEDS: Final[dict[BulkStep, tuple[str, ...]]] = {
    BulkStep.ASSIGNMENT: ("lead", "instruction"),
    BulkStep.COMPLETION: ("outcome",),
    BulkStep.DEADLINE: ("due_on", "reason"),
    BulkStep.FILING: ("case_file",),
}

#: What the lists offer for a kind of line.
OFFERED: Final[dict[Kind, tuple[BulkStep, ...]]] = {
    Kind.ASSIGNED: (BulkStep.REMINDER, BulkStep.DEADLINE, BulkStep.COMPLETION),
    Kind.FORWARDED: (),
    Kind.LAID: (),
    Kind.SUBMITTED: (),
    Kind.ASKED: (BulkStep.REMINDER, BulkStep.FILING),
    Kind.TO_REGISTER: (BulkStep.REGISTRATION,),
    Kind.TO_SUBMIT: (BulkStep.SUBMISSION,),
    Kind.TO_ASSIGN: (BulkStep.ASSIGNMENT,),
    Kind.TO_WORK_ON: (BulkStep.COMPLETION, BulkStep.FILING),
    Kind.TO_REVIEW: (),
}
_FIELD_MISSING: Final = {
    "lead": "Hãy chọn nơi chủ trì.",
    "instruction": "Hãy ghi ý kiến chỉ đạo.",
    "outcome": "Hãy ghi kết quả giải quyết.",
    "due_on": "Hãy chọn hạn mới.",
    "reason": "Hãy ghi lý do đổi hạn.",
    "case_file": "Hãy chọn hồ sơ.",
}


class NothingChosen(Invalid):
    """A step on several things needs at least one."""


class TooMany(Invalid):
    """More things were chosen than can be done at once."""


class ItemUnfit(Invalid):
    """The step is not taken on such a thing."""


def read(text: str) -> Item:
    """ "arrival:0198…", as a list offers it. Raises ItemUnfit."""
    kind, _, identifier = text.partition(":")
    try:
        return Item(Thing(kind), UUID(identifier))
    except ValueError as fault:
        raise ItemUnfit("Mục đã chọn không đọc được. Hãy chọn lại từ danh sách.") from fault


def checked(step: BulkStep, items: Iterable[Item], given: Particulars) -> Sequence[Item]:
    """The items without those named twice, in their order.

    Raises NothingChosen, TooMany, ItemUnfit, and Invalid for a field that is missing.
    """
    chosen = tuple(dict.fromkeys(items))
    if not chosen:
        raise NothingChosen("Chưa chọn mục nào. Hãy đánh dấu ít nhất một mục trong danh sách.")
    if len(chosen) > MOST_AT_ONCE:
        raise TooMany(f"Mỗi lượt làm không quá {MOST_AT_ONCE} mục. Hãy chia thành nhiều lượt.")
    if any(each.kind not in TAKES[step] for each in chosen):
        raise ItemUnfit(f"“{NAMES[step]}” không dùng được cho một số mục đã chọn. Hãy bỏ chọn.")
    missing = {
        name: _FIELD_MISSING[name]
        for name in NEEDS.get(step, ())
        if not str(getattr(given, name) or "").strip()
    }
    if missing:
        raise Invalid(next(iter(missing.values())), fields=missing)
    return chosen


def steps_for(kinds: Iterable[Kind]) -> tuple[BulkStep, ...]:
    """What can be offered for a list with these kinds of lines, in the order of the office."""
    possible = {step for kind in kinds for step in OFFERED[kind]}
    return tuple(step for step in BulkStep if step in possible)
