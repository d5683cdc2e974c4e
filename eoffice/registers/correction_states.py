"""The life of a request to correct a cell of a closed book, as a table; what is absent is refused.

Domain practice and the usage text of Circular 22/2021 ask for a written reason and an approval for
each change. An approved correction is in the marks from the approval on, and in force once the
version that tells it is sealed; where that version is returned instead, the old value comes back.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class State(StrEnum):
    #: chờ hiệu trưởng quyết định
    REQUESTED = "requested"
    #: đã duyệt, bản sửa đang được ký
    APPROVED = "approved"
    #: bản sửa đã đóng dấu, có hiệu lực
    DONE = "done"
    #: không được duyệt
    REFUSED = "refused"
    #: người đề nghị rút lại
    WITHDRAWN = "withdrawn"
    #: bản sửa bị trả lại, giá trị cũ được khôi phục
    UNDONE = "undone"


class Step(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    #: The version that tells it was sealed.
    FINISH = "finish"
    #: The version that tells it was returned.
    UNDO = "undo"


class StepRefused(Conflict):
    """The request was decided or withdrawn already."""


TABLE: Final[dict[tuple[State, Step], State]] = {
    (State.REQUESTED, Step.APPROVE): State.APPROVED,
    (State.REQUESTED, Step.REFUSE): State.REFUSED,
    (State.REQUESTED, Step.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Step.FINISH): State.DONE,
    (State.APPROVED, Step.UNDO): State.UNDONE,
}

NAMES: Final[dict[State, str]] = {
    State.REQUESTED: "Chờ quyết định",
    State.APPROVED: "Đã duyệt, đang ký bản sửa",
    State.DONE: "Đã sửa",
    State.REFUSED: "Không được duyệt",
    State.WITHDRAWN: "Đã rút đề nghị",
    State.UNDONE: "Bản sửa bị trả lại, giữ giá trị cũ",
}
#: Tone of the state's word in lists.
TONES: Final[dict[State, str]] = {
    State.REQUESTED: "waiting",
    State.APPROVED: "going",
    State.DONE: "done",
    State.REFUSED: "wrong",
    State.WITHDRAWN: "quiet",
    State.UNDONE: "wrong",
}


def after(state: State, step: Step) -> State:
    """The state that follows. Raises StepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise StepRefused(
            f"Đề nghị đang ở trạng thái “{NAMES[state]}” nên không làm được bước này. Hãy mở lại "
            "trang đề nghị."
        )
    return following
