"""The life of a picture, as a table: offered by one person, decided by a second one."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict
from eoffice.people.kinds import PositionKind
from eoffice.signing.images.rules import Kind


class ImageState(StrEnum):
    #: Waits for somebody else's word.
    OFFERED = "offered"
    IN_USE = "in_use"
    REFUSED = "refused"
    #: Taken back before it was decided, or another was offered instead.
    WITHDRAWN = "withdrawn"
    #: Was in use; another one is, or none.
    RETIRED = "retired"


class ImageStep(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    RETIRE = "retire"


class ImageStepRefused(Conflict):
    """The picture is not in a state in which this step can be taken."""


_I, _T = ImageState, ImageStep
TABLE: Final[dict[tuple[ImageState, ImageStep], ImageState]] = {
    (_I.OFFERED, _T.APPROVE): _I.IN_USE,
    (_I.OFFERED, _T.REFUSE): _I.REFUSED,
    (_I.OFFERED, _T.WITHDRAW): _I.WITHDRAWN,
    (_I.IN_USE, _T.RETIRE): _I.RETIRED,
}
NAMES: Final[dict[ImageState, str]] = {
    _I.OFFERED: "Chờ duyệt",
    _I.IN_USE: "Đang dùng",
    _I.REFUSED: "Không được duyệt",
    _I.WITHDRAWN: "Đã rút",
    _I.RETIRED: "Thôi dùng",
}
TONES: Final[dict[ImageState, str]] = {
    _I.OFFERED: "waiting",
    _I.IN_USE: "done",
    _I.REFUSED: "wrong",
    _I.WITHDRAWN: "quiet",
    _I.RETIRED: "quiet",
}
STEP_NAMES: Final[dict[ImageStep, str]] = {
    _T.APPROVE: "duyệt",
    _T.REFUSE: "từ chối",
    _T.WITHDRAW: "rút lại",
    _T.RETIRE: "thôi dùng",
}

#: Who keeps the seal (Decree 30/2020, art. 32: the clerk), and who runs the system.
KEEPERS: Final = frozenset({PositionKind.CLERK, PositionKind.OPERATOR})
#: Who may say that a picture is really this person's, or the agency's seal.
DECIDERS: Final = KEEPERS | {PositionKind.HEAD}
#: Whose positions have no signature of their own here.
_WITHOUT: Final = frozenset({PositionKind.OPERATOR})


def after(state: ImageState, step: ImageStep) -> ImageState:
    """The state that follows. Raises ImageStepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise ImageStepRefused(
            f"Ảnh này ở trạng thái “{NAMES[state]}” nên không {STEP_NAMES[step]} được nữa."
        )
    return following


def may_offer(kind: Kind, position: PositionKind) -> bool:
    """One's own signature, or the agency's seal."""
    return position not in _WITHOUT if kind is Kind.SIGNATURE else position in KEEPERS


def may_decide(position: PositionKind, *, offered_it: bool) -> bool:
    """Never on what one has offered oneself."""
    return position in DECIDERS and not offered_it
