"""The life of a book of whatever kind, as a table; an absent pair is refused.

Circular 22/2021, annex: each subject's teacher signs at the end of the subject's list, the homeroom
teacher signs the whole, the principal approves after all teachers, the school's seal closes the
book. The table of primary classes has no lists of subjects: there the homeroom teacher begins; a
teacher's own book is signed by that teacher and goes to the principal; a register of the school is
signed first by whoever keeps it. What was laid before signers is never changed: it is returned, and
a next version is made. A closed book gives way only to a version that is sealed in its place.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class State(StrEnum):
    #: đang lập trang sổ
    RENDERING = "rendering"
    #: chờ giáo viên môn học ký
    AWAITING_TEACHERS = "awaiting_teachers"
    #: chờ người lập, giữ sổ ký
    AWAITING_KEEPER = "awaiting_keeper"
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
    #: đã được bản mới thay thế; vẫn đọc và kiểm tra được
    SUPERSEDED = "superseded"


class Step(StrEnum):
    RENDER = "render"
    #: The same of a book in which no subject is signed apart.
    RENDER_FOR_HOMEROOM = "render_for_homeroom"
    #: The same of a register that its keeper signs first.
    RENDER_FOR_KEEPER = "render_for_keeper"
    #: The same of a book that only the principal signs.
    RENDER_FOR_PRINCIPAL = "render_for_principal"
    SIGN_SUBJECT = "sign_subject"
    SIGN_LAST_SUBJECT = "sign_last_subject"
    #: A teacher signs the own book.
    SIGN_OWN = "sign_own"
    SIGN_KEEPER = "sign_keeper"
    SIGN_HOMEROOM = "sign_homeroom"
    APPROVE = "approve"
    SEAL = "seal"
    RETURN = "return"
    #: The version that took its place was sealed.
    SUPERSEDE = "supersede"


class StepRefused(Conflict):
    """The gradebook is not in a state in which this step can be taken."""


TABLE: Final[dict[tuple[State, Step], State]] = {
    (State.RENDERING, Step.RENDER): State.AWAITING_TEACHERS,
    (State.RENDERING, Step.RENDER_FOR_HOMEROOM): State.AWAITING_HOMEROOM,
    (State.RENDERING, Step.RENDER_FOR_KEEPER): State.AWAITING_KEEPER,
    (State.RENDERING, Step.RENDER_FOR_PRINCIPAL): State.AWAITING_PRINCIPAL,
    (State.AWAITING_TEACHERS, Step.SIGN_SUBJECT): State.AWAITING_TEACHERS,
    (State.AWAITING_TEACHERS, Step.SIGN_LAST_SUBJECT): State.AWAITING_HOMEROOM,
    (State.AWAITING_TEACHERS, Step.SIGN_OWN): State.AWAITING_PRINCIPAL,
    (State.AWAITING_KEEPER, Step.SIGN_KEEPER): State.AWAITING_PRINCIPAL,
    (State.AWAITING_HOMEROOM, Step.SIGN_HOMEROOM): State.AWAITING_PRINCIPAL,
    (State.AWAITING_PRINCIPAL, Step.APPROVE): State.AWAITING_SEAL,
    (State.AWAITING_SEAL, Step.SEAL): State.CLOSED,
    (State.RENDERING, Step.RETURN): State.RETURNED,
    (State.AWAITING_TEACHERS, Step.RETURN): State.RETURNED,
    (State.AWAITING_KEEPER, Step.RETURN): State.RETURNED,
    (State.AWAITING_HOMEROOM, Step.RETURN): State.RETURNED,
    (State.AWAITING_PRINCIPAL, Step.RETURN): State.RETURNED,
    (State.AWAITING_SEAL, Step.RETURN): State.RETURNED,
    (State.CLOSED, Step.SUPERSEDE): State.SUPERSEDED,
}

NAMES: Final[dict[State, str]] = {
    State.RENDERING: "Đang lập trang sổ",
    State.AWAITING_TEACHERS: "Chờ giáo viên môn học ký",
    State.AWAITING_KEEPER: "Chờ người lập sổ ký",
    State.AWAITING_HOMEROOM: "Chờ giáo viên chủ nhiệm ký",
    State.AWAITING_PRINCIPAL: "Chờ hiệu trưởng duyệt, ký",
    State.AWAITING_SEAL: "Chờ văn thư đóng dấu",
    State.CLOSED: "Đã khóa sổ",
    State.RETURNED: "Đã trả lại để sửa",
    State.SUPERSEDED: "Đã có bản thay thế",
}

#: While a class's book is in one of these, the marks of its class must not change.
BINDING: Final = frozenset(State) - {State.RETURNED, State.SUPERSEDED}
#: From the asking for a version until it is closed or returned.
MAKING: Final = BINDING - {State.CLOSED}

_STEP_NAMES: Final[dict[Step, str]] = {
    Step.RENDER: "lập trang sổ",
    Step.RENDER_FOR_HOMEROOM: "lập trang sổ",
    Step.RENDER_FOR_KEEPER: "lập trang sổ",
    Step.RENDER_FOR_PRINCIPAL: "lập trang sổ",
    Step.SIGN_SUBJECT: "ký phần môn học",
    Step.SIGN_LAST_SUBJECT: "ký phần môn học",
    Step.SIGN_OWN: "ký của giáo viên",
    Step.SIGN_KEEPER: "ký của người lập sổ",
    Step.SIGN_HOMEROOM: "ký của giáo viên chủ nhiệm",
    Step.APPROVE: "ký duyệt của hiệu trưởng",
    Step.SEAL: "đóng dấu",
    Step.RETURN: "trả lại",
    Step.SUPERSEDE: "thay bằng bản mới",
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
    #: The teacher whose own book it is.
    TEACHER = "teacher"
    #: Who made the register of the school and keeps it.
    KEEPER = "keeper"
    HOMEROOM = "homeroom"
    PRINCIPAL = "principal"
    SEAL = "seal"


#: Whose turn it is to sign in which state.
TURNS: Final[dict[State, frozenset[SignatureKind]]] = {
    State.AWAITING_TEACHERS: frozenset({SignatureKind.SUBJECT, SignatureKind.TEACHER}),
    State.AWAITING_KEEPER: frozenset({SignatureKind.KEEPER}),
    State.AWAITING_HOMEROOM: frozenset({SignatureKind.HOMEROOM}),
    State.AWAITING_PRINCIPAL: frozenset({SignatureKind.PRINCIPAL}),
    State.AWAITING_SEAL: frozenset({SignatureKind.SEAL}),
}


def laying(signing: Collection[SignatureKind]) -> Step:
    """The step that lays a finished book before the first of those who sign it."""
    if SignatureKind.SUBJECT in signing or SignatureKind.TEACHER in signing:
        return Step.RENDER
    if SignatureKind.KEEPER in signing:
        return Step.RENDER_FOR_KEEPER
    if SignatureKind.HOMEROOM in signing:
        return Step.RENDER_FOR_HOMEROOM
    return Step.RENDER_FOR_PRINCIPAL


def signing(kind: SignatureKind, *, is_last_subject: bool) -> Step:
    """The step that a signature in such a place is."""
    if kind is SignatureKind.SUBJECT:
        return Step.SIGN_LAST_SUBJECT if is_last_subject else Step.SIGN_SUBJECT
    return {
        SignatureKind.TEACHER: Step.SIGN_OWN,
        SignatureKind.KEEPER: Step.SIGN_KEEPER,
        SignatureKind.HOMEROOM: Step.SIGN_HOMEROOM,
        SignatureKind.PRINCIPAL: Step.APPROVE,
        SignatureKind.SEAL: Step.SEAL,
    }[kind]
