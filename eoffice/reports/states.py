"""The life of one year's part of a pupil's report book, as a table; an absent pair is refused.

Decision 295/QĐ-SGDĐT of Kiên Giang (25/03/2025): the subjects' teachers sign their marks and
remarks, the homeroom teacher the summary, the principal approves after all teachers, the school's
seal follows, and the school closes the part. What is closed is never changed: the school asks its
superior unit to withdraw it, and what was granted is re-opened and gives way to a next version. The
version that gave way stays readable. What was laid before signers is never changed either: it is
returned, or replaced at once by a next version.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class PartState(StrEnum):
    #: đang lập từ kết quả của lớp
    PREPARING = "preparing"
    #: chờ giáo viên môn học ký
    AWAITING_TEACHERS = "awaiting_teachers"
    #: chờ giáo viên chủ nhiệm ký
    AWAITING_HOMEROOM = "awaiting_homeroom"
    #: chờ hiệu trưởng hoặc phó hiệu trưởng ký thay
    AWAITING_PRINCIPAL = "awaiting_principal"
    #: chờ đóng dấu của trường
    AWAITING_SEAL = "awaiting_seal"
    #: đã đóng dấu, chưa chốt
    SEALED = "sealed"
    #: đã chốt
    CLOSED = "closed"
    #: nhà trường đã đề nghị thu hồi
    WITHDRAWAL_REQUESTED = "withdrawal_requested"
    #: cấp trên đã cho thu hồi
    WITHDRAWAL_GRANTED = "withdrawal_granted"
    #: đã trả lại trước khi chốt, hoặc không lập được
    RETURNED = "returned"
    #: đã có bản kế tiếp thay cho bản này
    SUPERSEDED = "superseded"


class PartStep(StrEnum):
    LAY_BEFORE_TEACHERS = "lay_before_teachers"
    #: The same where the subjects are signed for in the class book.
    LAY_BEFORE_HOMEROOM = "lay_before_homeroom"
    SIGN_SUBJECT = "sign_subject"
    SIGN_LAST_SUBJECT = "sign_last_subject"
    SIGN_HOMEROOM = "sign_homeroom"
    APPROVE = "approve"
    SEAL = "seal"
    CLOSE = "close"
    #: Before the close the school takes a part back by itself; or its pages could not be made.
    RETURN = "return"
    #: The next version is made in its place.
    REPLACE = "replace"
    REQUEST_WITHDRAWAL = "request_withdrawal"
    GRANT_WITHDRAWAL = "grant_withdrawal"
    DECLINE_WITHDRAWAL = "decline_withdrawal"
    #: The next version is made in the place of what was withdrawn.
    REOPEN = "reopen"


class PartStepRefused(Conflict):
    """The year's part is not in a state in which this step can be taken."""


_S, _T = PartState, PartStep

TABLE: Final[dict[tuple[PartState, PartStep], PartState]] = {
    (_S.PREPARING, _T.LAY_BEFORE_TEACHERS): _S.AWAITING_TEACHERS,
    (_S.PREPARING, _T.LAY_BEFORE_HOMEROOM): _S.AWAITING_HOMEROOM,
    (_S.AWAITING_TEACHERS, _T.SIGN_SUBJECT): _S.AWAITING_TEACHERS,
    (_S.AWAITING_TEACHERS, _T.SIGN_LAST_SUBJECT): _S.AWAITING_HOMEROOM,
    (_S.AWAITING_HOMEROOM, _T.SIGN_HOMEROOM): _S.AWAITING_PRINCIPAL,
    (_S.AWAITING_PRINCIPAL, _T.APPROVE): _S.AWAITING_SEAL,
    (_S.AWAITING_SEAL, _T.SEAL): _S.SEALED,
    (_S.SEALED, _T.CLOSE): _S.CLOSED,
    (_S.PREPARING, _T.RETURN): _S.RETURNED,
    (_S.AWAITING_TEACHERS, _T.RETURN): _S.RETURNED,
    (_S.AWAITING_HOMEROOM, _T.RETURN): _S.RETURNED,
    (_S.AWAITING_PRINCIPAL, _T.RETURN): _S.RETURNED,
    (_S.AWAITING_SEAL, _T.RETURN): _S.RETURNED,
    (_S.SEALED, _T.RETURN): _S.RETURNED,
    (_S.AWAITING_TEACHERS, _T.REPLACE): _S.SUPERSEDED,
    (_S.AWAITING_HOMEROOM, _T.REPLACE): _S.SUPERSEDED,
    (_S.AWAITING_PRINCIPAL, _T.REPLACE): _S.SUPERSEDED,
    (_S.AWAITING_SEAL, _T.REPLACE): _S.SUPERSEDED,
    (_S.SEALED, _T.REPLACE): _S.SUPERSEDED,
    (_S.RETURNED, _T.REPLACE): _S.SUPERSEDED,
    (_S.CLOSED, _T.REQUEST_WITHDRAWAL): _S.WITHDRAWAL_REQUESTED,
    (_S.WITHDRAWAL_REQUESTED, _T.GRANT_WITHDRAWAL): _S.WITHDRAWAL_GRANTED,
    (_S.WITHDRAWAL_REQUESTED, _T.DECLINE_WITHDRAWAL): _S.CLOSED,
    (_S.WITHDRAWAL_GRANTED, _T.REOPEN): _S.SUPERSEDED,
}

#: Steps that the superior unit takes; every other step is the school's own.
OF_SUPERIOR: Final = frozenset({_T.GRANT_WITHDRAWAL, _T.DECLINE_WITHDRAWAL})
#: What the school has said for good, whatever became of it since.
IN_FORCE: Final = frozenset({_S.CLOSED, _S.WITHDRAWAL_REQUESTED})
#: A pupil has one part of a year in one of these at a time.
LIVE: Final = frozenset(PartState) - {_S.RETURNED, _S.SUPERSEDED}
#: From the asking until it is closed.
BEFORE_CLOSE: Final = LIVE - {_S.CLOSED, _S.WITHDRAWAL_REQUESTED, _S.WITHDRAWAL_GRANTED}

NAMES: Final[dict[PartState, str]] = {
    _S.PREPARING: "Đang lập từ kết quả của lớp",
    _S.AWAITING_TEACHERS: "Chờ giáo viên môn học ký",
    _S.AWAITING_HOMEROOM: "Chờ giáo viên chủ nhiệm ký",
    _S.AWAITING_PRINCIPAL: "Chờ hiệu trưởng duyệt, ký",
    _S.AWAITING_SEAL: "Chờ đóng dấu của trường",
    _S.SEALED: "Đã đóng dấu, chưa chốt",
    _S.CLOSED: "Đã chốt",
    _S.WITHDRAWAL_REQUESTED: "Chờ cấp trên xét thu hồi",
    _S.WITHDRAWAL_GRANTED: "Được thu hồi, chờ mở lại",
    _S.RETURNED: "Đã trả lại để sửa",
    _S.SUPERSEDED: "Đã có bản thay thế",
}

STEP_NAMES: Final[dict[PartStep, str]] = {
    _T.LAY_BEFORE_TEACHERS: "trình giáo viên môn học ký",
    _T.LAY_BEFORE_HOMEROOM: "trình giáo viên chủ nhiệm ký",
    _T.SIGN_SUBJECT: "ký phần môn học",
    _T.SIGN_LAST_SUBJECT: "ký phần môn học",
    _T.SIGN_HOMEROOM: "ký của giáo viên chủ nhiệm",
    _T.APPROVE: "ký duyệt của hiệu trưởng",
    _T.SEAL: "đóng dấu",
    _T.CLOSE: "chốt học bạ",
    _T.RETURN: "trả lại để sửa",
    _T.REPLACE: "lập bản thay thế",
    _T.REQUEST_WITHDRAWAL: "đề nghị thu hồi",
    _T.GRANT_WITHDRAWAL: "cho thu hồi",
    _T.DECLINE_WITHDRAWAL: "từ chối thu hồi",
    _T.REOPEN: "mở lại",
}


class Place(StrEnum):
    """Whose place in the part a signature field is, in the order in which they sign."""

    SUBJECT = "subject"
    HOMEROOM = "homeroom"
    PRINCIPAL = "principal"
    SEAL = "seal"


#: Whose turn it is to sign in which state.
TURNS: Final[dict[PartState, Place]] = {
    _S.AWAITING_TEACHERS: Place.SUBJECT,
    _S.AWAITING_HOMEROOM: Place.HOMEROOM,
    _S.AWAITING_PRINCIPAL: Place.PRINCIPAL,
    _S.AWAITING_SEAL: Place.SEAL,
}


def after(state: PartState, step: PartStep) -> PartState:
    """The state that follows. Raises PartStepRefused."""
    following = TABLE.get((state, step))
    if following is None:
        raise PartStepRefused(
            f"Học bạ của năm học đang ở trạng thái “{NAMES[state]}” nên không thực hiện được bước "
            f"{STEP_NAMES[step]}. Hãy mở lại trang học bạ để xem đang chờ ai."
        )
    return following


def laying(places: Collection[Place]) -> PartStep:
    """The step that lays a finished part before the first of those who sign it."""
    if Place.SUBJECT in places:
        return PartStep.LAY_BEFORE_TEACHERS
    return PartStep.LAY_BEFORE_HOMEROOM


def signing(place: Place, *, is_last_subject: bool) -> PartStep:
    """The step that a signature in such a place is."""
    if place is Place.SUBJECT:
        return PartStep.SIGN_LAST_SUBJECT if is_last_subject else PartStep.SIGN_SUBJECT
    return {
        Place.HOMEROOM: PartStep.SIGN_HOMEROOM,
        Place.PRINCIPAL: PartStep.APPROVE,
        Place.SEAL: PartStep.SEAL,
    }[place]
