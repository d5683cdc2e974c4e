"""Two lives, as tables: a delivery as its sender sees it, an arrival as its recipient works on it.

Decree 30/2020, art. 20–24: receive, register, submit to the head, hand over, settle. A pair of
state and step that is absent is refused. Lateness is in neither table: it follows from a deadline
and an instant (`rules.days_late`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class DeliveryState(StrEnum):
    #: đã gửi đến
    DELIVERED = "delivered"
    #: đã mở
    OPENED = "opened"
    #: đã vào sổ đăng ký văn bản đến
    REGISTERED = "registered"
    #: từ chối tiếp nhận
    REFUSED = "refused"
    #: đã phân công, đang xử lý
    ASSIGNED = "assigned"
    #: hoàn thành
    DONE = "done"
    #: đã bị nơi gửi thu hồi
    RECALLED = "recalled"


class DeliveryStep(StrEnum):
    OPEN = "open"
    REGISTER = "register"
    REFUSE = "refuse"
    ASSIGN = "assign"
    FINISH = "finish"
    #: Taken by the sender.
    RECALL = "recall"


class ArrivalState(StrEnum):
    #: đã vào sổ, chờ trình
    REGISTERED = "registered"
    #: đã trình, chờ người đứng đầu phân công
    SUBMITTED = "submitted"
    #: đã phân công
    ASSIGNED = "assigned"
    #: đang xử lý
    IN_PROGRESS = "in_progress"
    #: đã giải quyết xong
    DONE = "done"
    #: đã bị nơi gửi thu hồi
    RECALLED = "recalled"


class ArrivalStep(StrEnum):
    SUBMIT = "submit"
    ASSIGN = "assign"
    WORK = "work"
    FINISH = "finish"
    #: kết thúc mà không trả lời bằng văn bản
    END_UNANSWERED = "end_unanswered"
    MOVE_DEADLINE = "move_deadline"
    #: chuyển xuống đơn vị trực thuộc
    FORWARD = "forward"
    #: Of an agency that ended, by its successor.
    TAKE_OVER = "take_over"
    RECALL = "recall"


class RecallState(StrEnum):
    """How a recipient stands to a recall."""

    #: nơi gửi đã lấy lại, chờ trả lời
    ASKED = "asked"
    #: nơi nhận đồng ý
    AGREED = "agreed"
    #: nơi nhận từ chối
    REFUSED = "refused"


class RecallStep(StrEnum):
    AGREE = "agree"
    REFUSE = "refuse"


class DeliveryStepRefused(Conflict):
    """The delivery is not in a state in which this step can be taken."""


class ArrivalStepRefused(Conflict):
    """The incoming document is not in a state in which this step can be taken."""


DELIVERIES: Final[Mapping[tuple[DeliveryState, DeliveryStep], DeliveryState]] = {
    (DeliveryState.DELIVERED, DeliveryStep.OPEN): DeliveryState.OPENED,
    (DeliveryState.OPENED, DeliveryStep.REGISTER): DeliveryState.REGISTERED,
    # Art. 21: what is addressed wrongly or has been damaged goes back before it is registered;
    # a number in the book is never taken back.
    (DeliveryState.OPENED, DeliveryStep.REFUSE): DeliveryState.REFUSED,
    (DeliveryState.REGISTERED, DeliveryStep.ASSIGN): DeliveryState.ASSIGNED,
    (DeliveryState.ASSIGNED, DeliveryStep.ASSIGN): DeliveryState.ASSIGNED,
    # The head took note and nobody needs to do anything.
    (DeliveryState.REGISTERED, DeliveryStep.FINISH): DeliveryState.DONE,
    (DeliveryState.ASSIGNED, DeliveryStep.FINISH): DeliveryState.DONE,
    # Art. 18: whatever the recipient has done with it, the sender may take it back.
    **{
        (state, DeliveryStep.RECALL): DeliveryState.RECALLED
        for state in DeliveryState
        if state is not DeliveryState.RECALLED
    },
}

ARRIVALS: Final[Mapping[tuple[ArrivalState, ArrivalStep], ArrivalState]] = {
    (ArrivalState.REGISTERED, ArrivalStep.SUBMIT): ArrivalState.SUBMITTED,
    (ArrivalState.SUBMITTED, ArrivalStep.ASSIGN): ArrivalState.ASSIGNED,
    (ArrivalState.SUBMITTED, ArrivalStep.FINISH): ArrivalState.DONE,
    # The head may assign again; what has been begun stays begun.
    (ArrivalState.ASSIGNED, ArrivalStep.ASSIGN): ArrivalState.ASSIGNED,
    (ArrivalState.ASSIGNED, ArrivalStep.WORK): ArrivalState.IN_PROGRESS,
    (ArrivalState.ASSIGNED, ArrivalStep.FINISH): ArrivalState.DONE,
    (ArrivalState.IN_PROGRESS, ArrivalStep.ASSIGN): ArrivalState.IN_PROGRESS,
    (ArrivalState.IN_PROGRESS, ArrivalStep.WORK): ArrivalState.IN_PROGRESS,
    (ArrivalState.IN_PROGRESS, ArrivalStep.FINISH): ArrivalState.DONE,
    (ArrivalState.SUBMITTED, ArrivalStep.END_UNANSWERED): ArrivalState.DONE,
    (ArrivalState.ASSIGNED, ArrivalStep.END_UNANSWERED): ArrivalState.DONE,
    (ArrivalState.IN_PROGRESS, ArrivalStep.END_UNANSWERED): ArrivalState.DONE,
    (ArrivalState.ASSIGNED, ArrivalStep.MOVE_DEADLINE): ArrivalState.ASSIGNED,
    (ArrivalState.IN_PROGRESS, ArrivalStep.MOVE_DEADLINE): ArrivalState.IN_PROGRESS,
    # Passing it on is not yet to say who in the agency answers for it.
    (ArrivalState.SUBMITTED, ArrivalStep.FORWARD): ArrivalState.SUBMITTED,
    (ArrivalState.ASSIGNED, ArrivalStep.FORWARD): ArrivalState.ASSIGNED,
    (ArrivalState.IN_PROGRESS, ArrivalStep.FORWARD): ArrivalState.IN_PROGRESS,
    # Whom the former head named is gone: the new one assigns again.
    (ArrivalState.REGISTERED, ArrivalStep.TAKE_OVER): ArrivalState.REGISTERED,
    (ArrivalState.SUBMITTED, ArrivalStep.TAKE_OVER): ArrivalState.SUBMITTED,
    (ArrivalState.ASSIGNED, ArrivalStep.TAKE_OVER): ArrivalState.SUBMITTED,
    (ArrivalState.IN_PROGRESS, ArrivalStep.TAKE_OVER): ArrivalState.SUBMITTED,
    **{
        (state, ArrivalStep.RECALL): ArrivalState.RECALLED
        for state in ArrivalState
        if state is not ArrivalState.RECALLED
    },
}

#: The issuing agency's decision holds whatever the answer (art. 18); a recipient that refused may
#: still agree, and one that agreed has nothing left to refuse.
RECALLS: Final[Mapping[tuple[RecallState, RecallStep], RecallState]] = {
    (RecallState.ASKED, RecallStep.AGREE): RecallState.AGREED,
    (RecallState.ASKED, RecallStep.REFUSE): RecallState.REFUSED,
    (RecallState.REFUSED, RecallStep.AGREE): RecallState.AGREED,
}

#: Codes of QCVN 102:2016/BTTTT: 13 lấy lại, 15 đồng ý lấy lại, 16 từ chối lấy lại.
RECALL_CODES: Final[Mapping[RecallState, str]] = {
    RecallState.ASKED: "13",
    RecallState.AGREED: "15",
    RecallState.REFUSED: "16",
}

RECALL_NAMES: Final[Mapping[RecallState, str]] = {
    RecallState.ASKED: "Chờ trả lời",
    RecallState.AGREED: "Đồng ý",
    RecallState.REFUSED: "Từ chối",
}

#: Status codes of QCVN 102:2016/BTTTT that tell the sender's system how far a document is:
#: 01 đã đến, 02 từ chối tiếp nhận, 03 đã tiếp nhận, 04 phân công, 06 hoàn thành. Opening has no
#: code of its own; 05 (đang xử lý) is 04 with work that has begun, see `status_code`.
STATUS_CODES: Final[Mapping[DeliveryState, str]] = {
    DeliveryState.DELIVERED: "01",
    DeliveryState.OPENED: "01",
    DeliveryState.REFUSED: "02",
    DeliveryState.REGISTERED: "03",
    DeliveryState.ASSIGNED: "04",
    DeliveryState.DONE: "06",
    DeliveryState.RECALLED: "13",
}
_IN_WORK_CODE: Final = "05"

#: How the sender's lists call the state of one recipient.
DELIVERY_NAMES: Final[Mapping[DeliveryState, str]] = {
    DeliveryState.DELIVERED: "Đã gửi",
    DeliveryState.OPENED: "Đã mở",
    DeliveryState.REGISTERED: "Đã vào sổ",
    DeliveryState.REFUSED: "Từ chối",
    DeliveryState.ASSIGNED: "Đang xử lý",
    DeliveryState.DONE: "Hoàn thành",
    DeliveryState.RECALLED: "Đã thu hồi",
}

#: The same, as the recipient says it of what has come but stands in no book yet.
ARRIVING_NAMES: Final[Mapping[DeliveryState, str]] = {
    **DELIVERY_NAMES,
    DeliveryState.DELIVERED: "Chưa mở",
    DeliveryState.OPENED: "Chưa vào sổ",
}

#: How the recipient's lists call the state of an incoming document.
ARRIVAL_NAMES: Final[Mapping[ArrivalState, str]] = {
    ArrivalState.REGISTERED: "Chờ trình",
    ArrivalState.SUBMITTED: "Chờ phân công",
    ArrivalState.ASSIGNED: "Đã phân công",
    ArrivalState.IN_PROGRESS: "Đang xử lý",
    ArrivalState.DONE: "Hoàn thành",
    ArrivalState.RECALLED: "Đã bị thu hồi",
}

_DELIVERY_STEPS: Final[Mapping[DeliveryStep, str]] = {
    DeliveryStep.OPEN: "mở",
    DeliveryStep.REGISTER: "vào sổ",
    DeliveryStep.REFUSE: "từ chối tiếp nhận",
    DeliveryStep.ASSIGN: "phân công",
    DeliveryStep.FINISH: "kết thúc",
    DeliveryStep.RECALL: "thu hồi",
}

_DELIVERY_SITUATIONS: Final[Mapping[DeliveryState, str]] = {
    DeliveryState.DELIVERED: "chưa được mở",
    DeliveryState.OPENED: "đã mở và đang chờ văn thư vào sổ",
    DeliveryState.REGISTERED: "đã vào sổ văn bản đến",
    DeliveryState.REFUSED: "đã bị từ chối tiếp nhận",
    DeliveryState.ASSIGNED: "đã được phân công xử lý",
    DeliveryState.DONE: "đã giải quyết xong",
    DeliveryState.RECALLED: "đã bị nơi gửi thu hồi",
}

_ARRIVAL_STEPS: Final[Mapping[ArrivalStep, str]] = {
    ArrivalStep.SUBMIT: "trình",
    ArrivalStep.ASSIGN: "phân công",
    ArrivalStep.WORK: "ghi việc xử lý",
    ArrivalStep.FINISH: "kết thúc",
    ArrivalStep.END_UNANSWERED: "kết thúc không trả lời",
    ArrivalStep.MOVE_DEADLINE: "lùi hoặc rút hạn xử lý",
    ArrivalStep.FORWARD: "chuyển xuống đơn vị trực thuộc",
    ArrivalStep.TAKE_OVER: "tiếp nhận từ đơn vị tiền nhiệm",
    ArrivalStep.RECALL: "thu hồi",
}

_ARRIVAL_SITUATIONS: Final[Mapping[ArrivalState, str]] = {
    ArrivalState.REGISTERED: "đã vào sổ và đang chờ trình người đứng đầu",
    ArrivalState.SUBMITTED: "đang chờ người đứng đầu phân công",
    ArrivalState.ASSIGNED: "đã được phân công",
    ArrivalState.IN_PROGRESS: "đang được xử lý",
    ArrivalState.DONE: "đã giải quyết xong",
    ArrivalState.RECALLED: "đã bị nơi gửi thu hồi",
}


def delivery_after(state: DeliveryState, step: DeliveryStep) -> DeliveryState:
    """The state that follows. Raises DeliveryStepRefused where the table has no such pair."""
    following = DELIVERIES.get((state, step))
    if following is None:
        raise DeliveryStepRefused(
            f"Không thể {_DELIVERY_STEPS[step]} vì văn bản {_DELIVERY_SITUATIONS[state]}."
            + _hint(_DELIVERY_STEPS[each] for each in delivery_steps_from(state))
        )
    return following


def arrival_after(state: ArrivalState, step: ArrivalStep) -> ArrivalState:
    """The state that follows. Raises ArrivalStepRefused where the table has no such pair."""
    following = ARRIVALS.get((state, step))
    if following is None:
        raise ArrivalStepRefused(
            f"Không thể {_ARRIVAL_STEPS[step]} vì văn bản đến {_ARRIVAL_SITUATIONS[state]}."
            + _hint(_ARRIVAL_STEPS[each] for each in arrival_steps_from(state))
        )
    return following


def delivery_steps_from(state: DeliveryState) -> tuple[DeliveryStep, ...]:
    """The steps that the recipient can take, in the order of the office's work."""
    return tuple(
        step
        for step in DeliveryStep
        if (state, step) in DELIVERIES and step is not DeliveryStep.RECALL
    )


def arrival_steps_from(state: ArrivalState) -> tuple[ArrivalStep, ...]:
    """The steps that the recipient can take, in the order of the office's work."""
    return tuple(
        step
        for step in ArrivalStep
        if (state, step) in ARRIVALS and step not in (ArrivalStep.RECALL, ArrivalStep.TAKE_OVER)
    )


def recall_after(state: RecallState, step: RecallStep) -> RecallState:
    """The state that follows. Raises DeliveryStepRefused where the table has no such pair."""
    following = RECALLS.get((state, step))
    if following is None:
        raise DeliveryStepRefused(
            "Đơn vị đã trả lời đồng ý trả lại văn bản này, không thể trả lời khác."
            if state is RecallState.AGREED
            else "Đơn vị đã từ chối trả lại văn bản này; chỉ còn có thể đồng ý."
        )
    return following


def status_code(
    state: DeliveryState, *, work_began: bool, recall: RecallState | None = None
) -> str:
    """The code of QCVN 102:2016/BTTTT for this state; `work_began` tells 05 from 04.

    For what was recalled the code is that of the recipient's answer.
    """
    if recall is not None:
        return RECALL_CODES[recall]
    if state is DeliveryState.ASSIGNED and work_began:
        return _IN_WORK_CODE
    return STATUS_CODES[state]


def _hint(steps: Iterable[str]) -> str:
    possible = ", ".join(steps)
    if not possible:
        return " Không còn bước nào sau trạng thái này."
    return f" Việc có thể làm lúc này: {possible}."
