"""The life of an outgoing document, as a table; a pair that is absent is refused.

Decree 30/2020, art. 10–19: draft, review of content by the drafting office, check of form,
signature of the competent person, number and date, seal of the agency, issue. A document that was
signed is never changed again: whatever is wrong with it, it is withdrawn and another is written.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from eoffice.errors import Conflict


class State(StrEnum):
    #: đang soạn thảo
    DRAFT = "draft"
    #: chờ duyệt nội dung: as a rule by the head of the drafting office, else by who the flow asks
    SUBMITTED = "submitted"
    #: chờ kiểm tra thể thức: as a rule by the clerk
    CHECKING = "checking"
    #: chờ người có thẩm quyền ký
    AWAITING_SIGNATURE = "awaiting_signature"
    #: đã ký, chờ cấp số
    SIGNED = "signed"
    #: đã cấp số, chờ ký số của cơ quan
    NUMBERED = "numbered"
    #: đã ký số của cơ quan, chờ phát hành
    SEALED = "sealed"
    #: đã phát hành
    ISSUED = "issued"
    #: đã thu hồi hoặc huỷ bỏ
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    SUBMIT = "submit"
    #: One of those who are asked agreed, and others are still asked (`flow_rules`).
    AGREE = "agree"
    RETURN = "return"
    APPROVE = "approve"
    PASS_FORM = "pass_form"  # noqa: S105 — a step, not a password
    SIGN = "sign"
    NUMBER = "number"
    SEAL = "seal"
    ISSUE = "issue"
    WITHDRAW = "withdraw"


class StepRefused(Conflict):
    """The document is not in a state in which this step can be taken."""


TABLE: Final[dict[tuple[State, Step], State]] = {
    (State.DRAFT, Step.SUBMIT): State.SUBMITTED,
    # The stages of the approval flow: those about the content …
    (State.SUBMITTED, Step.AGREE): State.SUBMITTED,
    (State.SUBMITTED, Step.RETURN): State.DRAFT,
    (State.SUBMITTED, Step.APPROVE): State.CHECKING,
    # … and those about the form.
    (State.CHECKING, Step.AGREE): State.CHECKING,
    (State.CHECKING, Step.RETURN): State.DRAFT,
    (State.CHECKING, Step.PASS_FORM): State.AWAITING_SIGNATURE,
    (State.AWAITING_SIGNATURE, Step.RETURN): State.DRAFT,
    (State.AWAITING_SIGNATURE, Step.SIGN): State.SIGNED,
    # From here on the text cannot change any more: no RETURN.
    (State.SIGNED, Step.NUMBER): State.NUMBERED,
    (State.NUMBERED, Step.SEAL): State.SEALED,
    (State.SEALED, Step.ISSUE): State.ISSUED,
    # A signed document that must not go out; a number that it has stays in the book, annulled.
    (State.SIGNED, Step.WITHDRAW): State.WITHDRAWN,
    (State.NUMBERED, Step.WITHDRAW): State.WITHDRAWN,
    (State.SEALED, Step.WITHDRAW): State.WITHDRAWN,
    (State.ISSUED, Step.WITHDRAW): State.WITHDRAWN,
}

#: How the state is called in lists.
NAMES: Final[dict[State, str]] = {
    State.DRAFT: "Đang soạn thảo",
    State.SUBMITTED: "Chờ duyệt nội dung",
    State.CHECKING: "Chờ kiểm tra thể thức",
    State.AWAITING_SIGNATURE: "Chờ ký",
    State.SIGNED: "Đã ký, chờ cấp số",
    State.NUMBERED: "Đã cấp số, chờ đóng dấu",
    State.SEALED: "Chờ phát hành",
    State.ISSUED: "Đã phát hành",
    State.WITHDRAWN: "Đã thu hồi",
}

_STEP_NAMES: Final[dict[Step, str]] = {
    Step.SUBMIT: "trình duyệt",
    Step.AGREE: "đồng ý ở một bước",
    Step.RETURN: "trả lại",
    Step.APPROVE: "duyệt nội dung",
    Step.PASS_FORM: "xác nhận thể thức",
    Step.SIGN: "ký",
    Step.NUMBER: "cấp số",
    Step.SEAL: "ký số của cơ quan",
    Step.ISSUE: "phát hành",
    Step.WITHDRAW: "thu hồi",
}

_SITUATIONS: Final[dict[State, str]] = {
    State.DRAFT: "đang được soạn thảo",
    State.SUBMITTED: "đang chờ duyệt nội dung",
    State.CHECKING: "đang chờ kiểm tra thể thức",
    State.AWAITING_SIGNATURE: "đang chờ người có thẩm quyền ký",
    State.SIGNED: "đã được ký và đang chờ văn thư cấp số",
    State.NUMBERED: "đã được cấp số và đang chờ ký số của cơ quan",
    State.SEALED: "đã đủ chữ ký và đang chờ phát hành",
    State.ISSUED: "đã phát hành",
    State.WITHDRAWN: "đã bị thu hồi",
}


def after(state: State, step: Step) -> State:
    """The state that follows. Raises StepRefused where the table has no such pair."""
    following = TABLE.get((state, step))
    if following is None:
        possible = [_STEP_NAMES[each] for each in steps_from(state)]
        hint = (
            f" Việc có thể làm lúc này: {', '.join(possible)}."
            if possible
            else " Không còn bước nào sau trạng thái này."
        )
        raise StepRefused(f"Không thể {_STEP_NAMES[step]} vì văn bản {_SITUATIONS[state]}.{hint}")
    return following


def steps_from(state: State) -> tuple[Step, ...]:
    """The steps that can be taken, in the order of the office's work."""
    return tuple(step for step in Step if (state, step) in TABLE)


def may_be_edited(state: State) -> bool:
    """Whether the text can still be changed: only while it is a draft."""
    return state is State.DRAFT
