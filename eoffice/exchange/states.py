"""The life of a message in the log, as a table; a pair that is absent is refused."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class Direction(StrEnum):
    OUT = "out"
    IN = "in"


class Kind(StrEnum):
    DOCUMENT = "document"
    STATUS = "status"


class State(StrEnum):
    #: chờ gửi
    WAITING = "waiting"
    #: đã gửi, bên nhận đã xác nhận nhận được
    SENT = "sent"
    #: không gửi được, chờ quản trị
    FAILED = "failed"
    #: đã nhận, chờ xử lý
    RECEIVED = "received"
    #: đã xử lý
    DONE = "done"
    #: không xử lý được, chờ quản trị
    HELD = "held"
    #: bên gửi đề nghị lấy lại hoặc cập nhật, chờ văn thư trả lời
    ASKING = "asking"
    #: quản trị bỏ qua
    DISCARDED = "discarded"


class Step(StrEnum):
    SEND = "send"
    GIVE_UP = "give_up"
    RETRY = "retry"
    PROCESS = "process"
    HOLD = "hold"
    ASK = "ask"
    ANSWER = "answer"
    DISCARD = "discard"
    #: recalled before anybody began to send it
    CALL_OFF = "call_off"


class MessageStepRefused(Conflict):
    """The message is not in a state in which this step can be taken."""


TABLE: Final[Mapping[tuple[State, Step], State]] = {
    (State.WAITING, Step.SEND): State.SENT,
    (State.WAITING, Step.GIVE_UP): State.FAILED,
    (State.WAITING, Step.CALL_OFF): State.DISCARDED,
    (State.FAILED, Step.RETRY): State.WAITING,
    (State.FAILED, Step.DISCARD): State.DISCARDED,
    (State.RECEIVED, Step.PROCESS): State.DONE,
    (State.RECEIVED, Step.HOLD): State.HELD,
    (State.RECEIVED, Step.ASK): State.ASKING,
    (State.HELD, Step.RETRY): State.RECEIVED,
    (State.HELD, Step.DISCARD): State.DISCARDED,
    (State.ASKING, Step.ANSWER): State.DONE,
}
BEGINNINGS: Final = frozenset({State.WAITING, State.RECEIVED})

STATE_NAMES: Final[Mapping[State, str]] = {
    State.WAITING: "Chờ gửi",
    State.SENT: "Đã gửi",
    State.FAILED: "Không gửi được",
    State.RECEIVED: "Chờ xử lý",
    State.DONE: "Đã xử lý",
    State.HELD: "Không xử lý được",
    State.ASKING: "Chờ trả lời",
    State.DISCARDED: "Đã bỏ qua",
}
DIRECTION_NAMES: Final[Mapping[Direction, str]] = {Direction.OUT: "Gửi đi", Direction.IN: "Nhận về"}


def after(state: State, step: Step) -> State:
    """The state that follows. Raises MessageStepRefused where the table has no such pair."""
    following = TABLE.get((state, step))
    if following is None:
        raise MessageStepRefused(
            f"Thông điệp đang ở trạng thái “{STATE_NAMES[state].lower()}” nên không làm được bước "
            "này. Hãy tải lại trang để xem tình trạng mới nhất."
        )
    return following
