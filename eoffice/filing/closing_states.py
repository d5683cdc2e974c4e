"""A book of a year that is over: printed, signed by its keeper and the head, sealed.

Decree 30/2020, art. 16(2), 22: books kept in the system are printed with all their columns, signed
and kept; art. 32: the seal comes upon what a competent person signed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class ClosedKind(StrEnum):
    """Every book that an office closes."""

    OUTGOING = "outgoing"
    SECRET = "secret"  # noqa: S105 — a kind of book, not a password
    COPY = "copy"
    #: sổ đăng ký văn bản đến
    INCOMING = "incoming"
    #: sổ đăng ký văn bản mật đến
    INCOMING_SECRET = "incoming_secret"  # noqa: S105 — as above
    #: sổ theo dõi giải quyết văn bản đến
    HANDLING = "handling"


class State(StrEnum):
    #: Nothing is entered any more; the pages are being made.
    BEGUN = "begun"
    PRINTED = "printed"
    SIGNED_BY_CLERK = "signed_by_clerk"
    SIGNED_BY_HEAD = "signed_by_head"
    SEALED = "sealed"


class Step(StrEnum):
    #: The pages were not made, whatever went wrong: make them now.
    ASK_AGAIN = "ask_again"
    PRINT = "print"
    SIGN_BY_CLERK = "sign_by_clerk"
    SIGN_BY_HEAD = "sign_by_head"
    SEAL = "seal"


class StepRefused(Conflict):
    """The closed book is not in a state in which this step can be taken."""


TABLE: Final[dict[tuple[State, Step], State]] = {
    (State.BEGUN, Step.ASK_AGAIN): State.BEGUN,
    (State.BEGUN, Step.PRINT): State.PRINTED,
    (State.PRINTED, Step.SIGN_BY_CLERK): State.SIGNED_BY_CLERK,
    (State.SIGNED_BY_CLERK, Step.SIGN_BY_HEAD): State.SIGNED_BY_HEAD,
    (State.SIGNED_BY_HEAD, Step.SEAL): State.SEALED,
}

#: The signature that comes next, and the form field in which it stands.
SIGNED_NEXT: Final[dict[State, Step]] = {
    State.PRINTED: Step.SIGN_BY_CLERK,
    State.SIGNED_BY_CLERK: Step.SIGN_BY_HEAD,
    State.SIGNED_BY_HEAD: Step.SEAL,
}
FIELDS: Final[dict[Step, str]] = {
    Step.SIGN_BY_CLERK: "clerk",
    Step.SIGN_BY_HEAD: "head",
    Step.SEAL: "seal",
}

TITLES: Final[dict[ClosedKind, str]] = {
    ClosedKind.OUTGOING: "Sổ đăng ký văn bản đi",
    ClosedKind.SECRET: "Sổ đăng ký văn bản mật đi",
    ClosedKind.COPY: "Sổ đăng ký bản sao văn bản",
    ClosedKind.INCOMING: "Sổ đăng ký văn bản đến",
    ClosedKind.INCOMING_SECRET: "Sổ đăng ký văn bản mật đến",
    ClosedKind.HANDLING: "Sổ theo dõi giải quyết văn bản đến",
}
#: Books that only the clerk and the heads of the agency read.
SECRET: Final = frozenset({ClosedKind.SECRET, ClosedKind.INCOMING_SECRET})
NAMES: Final[dict[State, str]] = {
    State.BEGUN: "Đang lập bản in",
    State.PRINTED: "Chờ văn thư ký",
    State.SIGNED_BY_CLERK: "Chờ người đứng đầu ký",
    State.SIGNED_BY_HEAD: "Chờ đóng dấu",
    State.SEALED: "Đã khóa, ký và đóng dấu",
}
TONES: Final[dict[State, str]] = {
    State.BEGUN: "going",
    State.PRINTED: "waiting",
    State.SIGNED_BY_CLERK: "waiting",
    State.SIGNED_BY_HEAD: "waiting",
    State.SEALED: "done",
}


def after(state: State, step: Step) -> State:
    """The state that follows. Raises StepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise StepRefused(f"Sổ đang ở bước “{NAMES[state]}”, không thực hiện được việc này.")
    return following
