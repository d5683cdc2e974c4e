"""The life of one thing in a batch of signatures, as a table, and what can be put into a batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.errors import Conflict, Invalid

#: More at once could not be looked at by anybody before.
MOST_AT_ONCE: Final = 200
#: Of kinds that are shown by groups: the report books of a large school, class by class. Each costs
#: one row; the worker takes them by portions, so no process ever holds all of them.
MOST_OF_GROUPS: Final = 3_000
#: How long one entry of the PIN holds; what was not signed by then waits for the person again.
PIN_HOLDS: Final = timedelta(minutes=30)
#: So many are signed by one run of the task; the next ones are promised anew, within its lease.
PORTION: Final = 10


class Holder(StrEnum):
    """Whose key signs. One batch has one key, because one PIN opens it."""

    PERSON = "person"
    #: con dấu của cơ quan, which its clerk uses in person
    SEAL = "seal"


class ItemState(StrEnum):
    #: chờ ký
    WAITING = "waiting"
    #: đã ký
    SIGNED = "signed"
    #: không ký được, kèm lý do
    FAILED = "failed"
    #: người ký dừng trước khi đến lượt
    STOPPED = "stopped"
    #: the signer has done their part; a time-stamp or a confirmation elsewhere is awaited
    AWAITED = "awaited"


class ItemStep(StrEnum):
    SIGN = "sign"
    FAIL = "fail"
    STOP = "stop"
    RETRY = "retry"
    AWAIT = "await"


class ItemStepRefused(Conflict):
    """The thing is not in a state in which this can become of it."""


TABLE: Final[dict[tuple[ItemState, ItemStep], ItemState]] = {
    (ItemState.WAITING, ItemStep.SIGN): ItemState.SIGNED,
    (ItemState.WAITING, ItemStep.FAIL): ItemState.FAILED,
    (ItemState.WAITING, ItemStep.STOP): ItemState.STOPPED,
    (ItemState.WAITING, ItemStep.AWAIT): ItemState.AWAITED,
    (ItemState.AWAITED, ItemStep.SIGN): ItemState.SIGNED,
    (ItemState.AWAITED, ItemStep.FAIL): ItemState.FAILED,
    (ItemState.FAILED, ItemStep.RETRY): ItemState.WAITING,
    (ItemState.STOPPED, ItemStep.RETRY): ItemState.WAITING,
}

NAMES: Final[dict[ItemState, str]] = {
    ItemState.WAITING: "Chờ ký",
    ItemState.SIGNED: "Đã ký",
    ItemState.FAILED: "Không ký được",
    ItemState.STOPPED: "Đã dừng",
    ItemState.AWAITED: "Chờ hoàn tất",
}

_STEP_NAMES: Final[dict[ItemStep, str]] = {
    ItemStep.SIGN: "ký",
    ItemStep.FAIL: "ghi là không ký được",
    ItemStep.STOP: "dừng",
    ItemStep.RETRY: "ký lại",
    ItemStep.AWAIT: "chờ hoàn tất",
}

#: What can be tried again.
RETRIED: Final = frozenset(state for (state, step) in TABLE if step is ItemStep.RETRY)


class NothingToSign(Invalid):
    """A batch needs at least one thing that can be signed."""


class TooMany(Invalid):
    """More things were chosen than can be signed in one action."""


class NotSignable(Invalid):
    """What was chosen is not signed in a batch."""


class TwoKeys(Invalid):
    """Own signatures and the seal need two PINs, so they are two batches."""


class GroupDiffers(Conflict):
    """Something was added to a group, or taken out of it, since its signer was shown it."""


class SeenDiffers(Conflict):
    """The content is not the one that its signer was shown."""

    def __init__(self) -> None:
        super().__init__(
            "Nội dung đã thay đổi, hoặc đã được trả lại để sửa, sau khi bạn xem. Hãy mở mục này; "
            "nếu đã trình lại thì đọc bản mới rồi ký riêng."
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """One thing that somebody has looked at and ticked."""

    #: Of a `Signable`.
    kind: str
    id: UUID
    #: The fingerprint of what was shown (`Signable.offered`); only that is signed.
    seen: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}:{self.seen}"


def after(state: ItemState, step: ItemStep) -> ItemState:
    """The state that follows. Raises ItemStepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise ItemStepRefused(
            f"Mục này “{NAMES[state].lower()}” nên không {_STEP_NAMES[step]} được nữa."
        )
    return following


def read(text: str) -> Chosen:
    """ "document-seal:0198…:5f2c…", as a page offers it. Raises NotSignable."""
    kind, _, rest = text.partition(":")
    identifier, _, seen = rest.partition(":")
    try:
        return Chosen(kind, UUID(identifier), seen)
    except ValueError as fault:
        raise NotSignable("Mục đã chọn không đọc được. Hãy chọn lại từ danh sách.") from fault


def checked(
    chosen: Iterable[Chosen],
    holders: Mapping[str, Holder],
    grouped: Collection[str] = frozenset(),
) -> tuple[tuple[Chosen, ...], Holder]:
    """What is to be signed, without what is named twice, and with whose key.

    `holders`: for each kind that can be signed so; `grouped`: kinds that are shown by groups, of
    which more are taken. Raises NothingToSign, TooMany, NotSignable, TwoKeys.
    """
    once = tuple({(each.kind, each.id): each for each in chosen}.values())
    if not once:
        raise NothingToSign("Chưa chọn mục nào để ký. Hãy đánh dấu ít nhất một mục.")
    most = MOST_OF_GROUPS if all(each.kind in grouped for each in once) else MOST_AT_ONCE
    if len(once) > most:
        raise TooMany(f"Mỗi lượt ký không quá {most} mục. Hãy chia thành nhiều lượt.")
    if any(each.kind not in holders for each in once):
        raise NotSignable("Có mục không ký theo lượt được. Hãy chọn lại từ danh sách.")
    keys = {holders[each.kind] for each in once}
    if len(keys) > 1:
        raise TwoKeys(
            "Chữ ký của bạn và con dấu của cơ quan dùng hai mã PIN. Hãy ký thành hai lượt."
        )
    return once, keys.pop()
