"""The life of a pupil's package between two schools, as a table; an absent pair is refused.

The school that the pupil leaves makes the package, seals its cover and hands it over; the school
that the pupil enters takes the pupil in or refuses with a reason. Until then the sender may take it
back. A pupil is taken in once: nothing follows the intake. After a refusal or a withdrawal another
package may be made for the same move. What a school of another office decided, the sender learns
from the receipt that the school gives, and takes the step by it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class TransferState(StrEnum):
    #: đã lập, chờ đóng dấu
    MADE = "made"
    #: đã đóng dấu, chưa giao
    SEALED = "sealed"
    #: đã giao, chờ trường tiếp nhận
    HANDED_OVER = "handed_over"
    #: đã tiếp nhận
    TAKEN_IN = "taken_in"
    #: trường kia từ chối tiếp nhận
    REFUSED = "refused"
    #: trường chuyển đi đã rút lại
    WITHDRAWN = "withdrawn"


class TransferStep(StrEnum):
    SEAL = "seal"
    HAND_OVER = "hand_over"
    TAKE_IN = "take_in"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


class TransferStepRefused(Conflict):
    """The package is not in a state in which this step can be taken."""


_S, _T = TransferState, TransferStep

TABLE: Final[dict[tuple[TransferState, TransferStep], TransferState]] = {
    (_S.MADE, _T.SEAL): _S.SEALED,
    (_S.MADE, _T.WITHDRAW): _S.WITHDRAWN,
    (_S.SEALED, _T.HAND_OVER): _S.HANDED_OVER,
    (_S.SEALED, _T.WITHDRAW): _S.WITHDRAWN,
    (_S.HANDED_OVER, _T.TAKE_IN): _S.TAKEN_IN,
    (_S.HANDED_OVER, _T.REFUSE): _S.REFUSED,
    (_S.HANDED_OVER, _T.WITHDRAW): _S.WITHDRAWN,
}

#: A move has one package in one of these at a time.
LIVE: Final = frozenset(TransferState) - {_S.REFUSED, _S.WITHDRAWN}
#: Steps of the school that the pupil enters.
OF_RECEIVER: Final = frozenset({_T.TAKE_IN, _T.REFUSE})

NAMES: Final[dict[TransferState, str]] = {
    _S.MADE: "Đã lập, chờ đóng dấu",
    _S.SEALED: "Đã đóng dấu, chưa giao",
    _S.HANDED_OVER: "Đã giao, chờ tiếp nhận",
    _S.TAKEN_IN: "Đã tiếp nhận",
    _S.REFUSED: "Bị từ chối tiếp nhận",
    _S.WITHDRAWN: "Đã rút lại",
}
TONES: Final[dict[TransferState, str]] = {
    _S.MADE: "waiting",
    _S.SEALED: "waiting",
    _S.HANDED_OVER: "going",
    _S.TAKEN_IN: "done",
    _S.REFUSED: "wrong",
    _S.WITHDRAWN: "quiet",
}
STEP_NAMES: Final[dict[TransferStep, str]] = {
    _T.SEAL: "đóng dấu",
    _T.HAND_OVER: "giao hồ sơ",
    _T.TAKE_IN: "tiếp nhận học sinh",
    _T.REFUSE: "từ chối tiếp nhận",
    _T.WITHDRAW: "rút lại hồ sơ",
}


def after(state: TransferState, step: TransferStep) -> TransferState:
    """The state that follows. Raises TransferStepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise TransferStepRefused(
            f"Hồ sơ chuyển trường đang ở trạng thái “{NAMES[state]}” nên không thực hiện được "
            f"bước {STEP_NAMES[step]}. Hãy mở lại trang hồ sơ để xem."
        )
    return following


class IntakeState(StrEnum):
    """What the school that the pupil enters did with a package that it had checked."""

    #: đã kiểm tra, chưa quyết định
    CHECKED = "checked"
    TAKEN_IN = "taken_in"
    REFUSED = "refused"


INTAKE_NAMES: Final[dict[IntakeState, str]] = {
    IntakeState.CHECKED: "Đã kiểm tra, chờ quyết định",
    IntakeState.TAKEN_IN: "Đã tiếp nhận",
    IntakeState.REFUSED: "Đã từ chối",
}
INTAKE_TONES: Final[dict[IntakeState, str]] = {
    IntakeState.CHECKED: "waiting",
    IntakeState.TAKEN_IN: "done",
    IntakeState.REFUSED: "wrong",
}
