"""The life of a gradebook, as a table; an absent pair is refused.

Circular 22/2021, annex: each subject's teacher signs at the end of the subject's list, the homeroom
teacher signs the whole, the principal approves after all teachers, the school's seal closes the
book. The table of primary classes has no lists of subjects: there the homeroom teacher begins. What
was laid before signers is never changed: it is returned, and a next version is made.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class State(StrEnum):
    #: đang lập trang sổ
    RENDERING = "rendering"
    #: chờ giáo viên môn học ký
    AWAITING_TEACHERS = "awaiting_teachers"
    #: chờ giáo viên chủ nhiệm ký
    AWAITING_HOMEROOM = "awaiting_homeroom"
    #: chờ hiệu trưởng duyệt, ký
    AWAITING_PRINCIPAL = "awaiting_principal"
    #: chờ văn thư đóng dấu của trường
    AWAITING_SEAL = "awaiting_seal"
    #: đã khóa
    CLOSED = "closed"
    #: đã trả lại để sửa; bản kế tiếp thay cho bản này
    RETURNED = "returned"


class Step(StrEnum):
    RENDER = "render"
    #: The same of a book in which no subject is signed apart.
    RENDER_FOR_HOMEROOM = "render_for_homeroom"
    SIGN_SUBJECT = "sign_subject"
    SIGN_LAST_SUBJECT = "sign_last_subject"
    SIGN_HOMEROOM = "sign_homeroom"
    APPROVE = "approve"
    SEAL = "seal"
    RETURN = "return"


class StepRefused(Conflict):
    """The gradebook is not in a state in which this step can be taken."""


TABLE: Final[dict[tuple[State, Step], State]] = {
    (State.RENDERING, Step.RENDER): State.AWAITING_TEACHERS,
    (State.RENDERING, Step.RENDER_FOR_HOMEROOM): State.AWAITING_HOMEROOM,
    (State.AWAITING_TEACHERS, Step.SIGN_SUBJECT): State.AWAITING_TEACHERS,
    (State.AWAITING_TEACHERS, Step.SIGN_LAST_SUBJECT): State.AWAITING_HOMEROOM,
    (State.AWAITING_HOMEROOM, Step.SIGN_HOMEROOM): State.AWAITING_PRINCIPAL,
    (State.AWAITING_PRINCIPAL, Step.APPROVE): State.AWAITING_SEAL,
    (State.AWAITING_SEAL, Step.SEAL): State.CLOSED,
    (State.RENDERING, Step.RETURN): State.RETURNED,
    (State.AWAITING_TEACHERS, Step.RETURN): State.RETURNED,
    (State.AWAITING_HOMEROOM, Step.RETURN): State.RETURNED,
    (State.AWAITING_PRINCIPAL, Step.RETURN): State.RETURNED,
    (State.AWAITING_SEAL, Step.RETURN): State.RETURNED,
}

NAMES: Final[dict[State, str]] = {
    State.RENDERING: "Đang lập trang sổ",
    State.AWAITING_TEACHERS: "Chờ giáo viên môn học ký",
    State.AWAITING_HOMEROOM: "Chờ giáo viên chủ nhiệm ký",
    State.AWAITING_PRINCIPAL: "Chờ hiệu trưởng duyệt, ký",
    State.AWAITING_SEAL: "Chờ văn thư đóng dấu",
    State.CLOSED: "Đã khóa sổ",
    State.RETURNED: "Đã trả lại để sửa",
}

#: While a gradebook is in one of these, the marks of its class must not change.
BINDING: Final = frozenset(State) - {State.RETURNED}

_STEP_NAMES: Final[dict[Step, str]] = {
    Step.RENDER: "lập trang sổ",
    Step.RENDER_FOR_HOMEROOM: "lập trang sổ",
    Step.SIGN_SUBJECT: "ký phần môn học",
    Step.SIGN_LAST_SUBJECT: "ký phần môn học",
    Step.SIGN_HOMEROOM: "ký của giáo viên chủ nhiệm",
    Step.APPROVE: "ký duyệt của hiệu trưởng",
    Step.SEAL: "đóng dấu",
    Step.RETURN: "trả lại",
}


def after(state: State, step: Step) -> State:
    """The state that follows. Raises StepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise StepRefused(
            f"Sổ đang ở trạng thái “{NAMES[state]}” nên không thực hiện được bước "
            f"{_STEP_NAMES[step]}. Hãy mở lại trang sổ để xem đang chờ ai."
        )
    return following


class SignatureKind(StrEnum):
    """Whose place in the book a signature field is, in the order in which they sign."""

    SUBJECT = "subject"
    HOMEROOM = "homeroom"
    PRINCIPAL = "principal"
    SEAL = "seal"
