"""The life of published results, as a table; a pair that is absent is refused.

Published results are withdrawn, by hand or because a register was corrected, and never come back:
the corrected ones are published anew, with other links and codes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class State(StrEnum):
    #: Đang công bố
    PUBLISHED = "published"
    #: Đã thu hồi
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    WITHDRAW = "withdraw"
    #: Families that left an address get their link and code by mail.
    POST = "post"
    #: A slip is shown to who brings its code.
    SHOW = "show"
    #: A family lost its link or code, or somebody else saw it.
    RENEW = "renew"


class StepRefused(Conflict):
    """The step does not fit what has become of the results."""


TRANSITIONS: Final = {
    (State.PUBLISHED, Step.WITHDRAW): State.WITHDRAWN,
    (State.PUBLISHED, Step.POST): State.PUBLISHED,
    (State.PUBLISHED, Step.SHOW): State.PUBLISHED,
    (State.PUBLISHED, Step.RENEW): State.PUBLISHED,
}
#: In the words of the pages.
WORDS: Final = {State.PUBLISHED: "Đang công bố", State.WITHDRAWN: "Đã thu hồi"}


def after(state: State, step: Step) -> State:
    """Raises StepRefused."""
    try:
        return TRANSITIONS[state, step]
    except KeyError:
        raise StepRefused(
            "Kết quả này đã được nhà trường thu hồi. Đề nghị chờ thông báo mới của nhà trường."
        ) from None
