"""Who may take which step with a document; the table is the specification.

Decree 30/2020, art. 10–19 and 32: the head of the drafting unit answers for the content, the clerk
for form, number, seal and issue, the competent person signs.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

from eoffice.documents.states import State, Step
from eoffice.errors import NotAllowed
from eoffice.people.kinds import PositionKind as P


class StepNotYours(NotAllowed):
    """The step is for somebody in another position."""


class BookClosed(NotAllowed):
    """Who reads no documents reads no book of them."""


class Within(Enum):
    """Where the position has to be held."""

    #: In the unit that drafts the document.
    DRAFTING_UNIT = auto()
    #: Anywhere in the agency whose document it is.
    AGENCY = auto()


_WRITERS: Final = frozenset(
    {P.SPECIALIST, P.OFFICE_HEAD, P.OFFICE_DEPUTY, P.HEAD, P.DEPUTY_HEAD, P.CLERK, P.TEACHER}
)
_HEADS: Final = frozenset({P.HEAD, P.DEPUTY_HEAD})
_OFFICE_HEADS: Final = frozenset({P.OFFICE_HEAD, P.OFFICE_DEPUTY})
_CLERKS: Final = frozenset({P.CLERK})

#: Positions that may take the step, each with the place where it has to be held.
MAY: Final[dict[Step, tuple[tuple[frozenset[P], Within], ...]]] = {
    Step.SUBMIT: ((_WRITERS, Within.DRAFTING_UNIT),),
    # A school has no offices: there its head or deputy reads the draft.
    Step.APPROVE: ((_OFFICE_HEADS, Within.DRAFTING_UNIT), (_HEADS, Within.AGENCY)),
    Step.PASS_FORM: ((_CLERKS, Within.AGENCY),),
    # Whether they are competent to sign is computed from appointments and grants at that moment.
    Step.SIGN: ((_HEADS | _OFFICE_HEADS, Within.AGENCY),),
    Step.NUMBER: ((_CLERKS, Within.AGENCY),),
    Step.SEAL: ((_CLERKS, Within.AGENCY),),
    Step.ISSUE: ((_CLERKS, Within.AGENCY),),
    Step.WITHDRAW: ((_HEADS, Within.AGENCY),),
}

#: Steps that belong to whoever could take the document further from where it is. Where a flow was
#: set, it says who that is (`flow_rules.answerers`); this table is the default flow's.
_BY_STATE: Final = frozenset({Step.AGREE, Step.RETURN})
_FURTHER: Final[dict[State, Step]] = {
    State.SUBMITTED: Step.APPROVE,
    State.CHECKING: Step.PASS_FORM,
    State.AWAITING_SIGNATURE: Step.SIGN,
}

_WHO: Final[dict[Step, str]] = {
    Step.SUBMIT: "Chỉ người thuộc đơn vị soạn thảo mới được sửa và trình văn bản này.",
    Step.APPROVE: "Việc duyệt nội dung dành cho lãnh đạo đơn vị soạn thảo.",
    Step.PASS_FORM: "Việc kiểm tra thể thức dành cho văn thư cơ quan.",
    Step.SIGN: "Việc ký ban hành dành cho người có thẩm quyền của cơ quan.",
    Step.NUMBER: "Việc cấp số dành cho văn thư cơ quan.",
    Step.SEAL: "Việc ký số của cơ quan dành cho văn thư cơ quan.",
    Step.ISSUE: "Việc phát hành dành cho văn thư cơ quan.",
    Step.WITHDRAW: "Việc thu hồi do người đứng đầu cơ quan hoặc cấp phó quyết định.",
}


def may(step: Step, state: State, position: P, *, in_drafting_unit: bool) -> bool:
    """Whether somebody of the agency in this position may take the step from this state.

    Whether the step exists from this state is the business of `states.after`.
    """
    wanted = _FURTHER.get(state) if step in _BY_STATE else step
    if wanted is None:
        return False
    return any(
        position in positions and (within is Within.AGENCY or in_drafting_unit)
        for positions, within in MAY[wanted]
    )


def require(step: Step, state: State, position: P, *, in_drafting_unit: bool) -> None:
    """Raises StepNotYours with whose step it is."""
    if not may(step, state, position, in_drafting_unit=in_drafting_unit):
        wanted = _FURTHER.get(state, Step.SUBMIT) if step in _BY_STATE else step
        raise StepNotYours(_WHO[wanted])


def whose(step: Step) -> str:
    """For whom the step is, in a sentence."""
    return _WHO[step]


def readable(position: P, *, in_drafting_unit: bool) -> frozenset[State]:
    """The states in which somebody of the agency in this position may read its document.

    A draft is its writers' business until they hand it on: other offices see it when it comes to
    be signed by their head (by order) or was issued. Operators keep the system and inspectors read
    what a decision names, in the archive: neither reads documents here.
    """
    if position not in _WRITERS:
        return frozenset()
    if in_drafting_unit or position in _HEADS | _CLERKS:
        return frozenset(State)
    if position in _OFFICE_HEADS:
        return frozenset(State) - {State.DRAFT, State.SUBMITTED, State.CHECKING}
    return frozenset({State.ISSUED})


def works_in_drafting_unit(position: P, *, in_unit: bool, began_it: bool) -> bool:
    """Whether a document counts as written by somebody's own unit.

    A school has no offices, so all of its staff are in one unit: a teacher works on what they
    began themselves, and the drafts of the head and the clerk are not theirs.
    """
    return in_unit and (position is not P.TEACHER or began_it)


def require_reader(position: P) -> None:
    """Raises BookClosed for positions that do not read the agency's documents."""
    if not readable(position, in_drafting_unit=False):
        raise BookClosed(
            "Sổ đăng ký văn bản dành cho những người làm việc với văn bản của cơ quan."
        )


def may_write(position: P) -> bool:
    """Whether somebody in this position drafts documents at all."""
    return position in _WRITERS
