"""Which steps a document passes before it is signed, whom each asks, and what follows an answer.

Decree 30/2020, art. 12 and 13: the head of the drafting unit answers for the content, the records
clerk or the head of the administration for the form, and both put their initials (ký nháy) on the
draft before the competent person signs. What else an agency asks for (the opinion of another
office, several readers at once) it sets itself; that is data, and only its shape is judged here.

Pure: facts and dates in, answers out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from eoffice.documents import rules
from eoffice.documents.states import State, Step
from eoffice.documents.types import DocumentType
from eoffice.errors import Invalid
from eoffice.people.kinds import POSITION_KIND_NAMES, PositionKind

MOST_STEPS: Final = 8
MOST_WORKING_DAYS: Final = 60
#: A reason or an opinion is a sentence: at least this many letters.
LEAST_LETTERS: Final = 10


class FlowUnfit(Invalid):
    """An approval flow cannot be set like this."""


class TooShort(Invalid):
    """A reason or an opinion says nothing yet."""


class Task(StrEnum):
    """What is asked of somebody."""

    #: duyệt nội dung
    CHECK_CONTENT = "check_content"
    #: cho ý kiến: another office is consulted
    CONSULT = "consult"
    #: ký nháy nội dung: approves it and says so with a signature at the end of the text
    INITIAL_CONTENT = "initial_content"
    #: kiểm tra thể thức
    CHECK_FORM = "check_form"
    #: ký nháy thể thức: confirms it with a signature beside "Lưu"
    INITIAL_FORM = "initial_form"


class Asked(StrEnum):
    """How a step names whom it asks."""

    #: lãnh đạo đơn vị soạn thảo, whichever office that is
    DRAFTING_HEAD = "drafting_head"
    #: whoever holds a position of a kind in a unit
    POSITION = "position"
    PERSON = "person"


class StepState(StrEnum):
    #: its stage has not begun
    PLANNED = "planned"
    WAITING = "waiting"
    AGREED = "agreed"
    #: who is asked has agreed to the same in an earlier stage, and is not asked twice
    ANSWERED_BEFORE = "answered_before"
    #: here the document was sent back
    RETURNED = "returned"
    #: the document was sent back elsewhere
    DROPPED = "dropped"


class Standing(StrEnum):
    """By what right somebody answers a step."""

    ASKED = "asked"
    #: thay: of somebody who is absent
    SUBSTITUTE = "substitute"
    #: of somebody who has left, or of a position that nobody holds
    SUCCESSOR = "successor"
    #: the head of the agency may always read a draft of its offices, and is not waited for
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a step asks; the fields that `asked` does not need are None."""

    asked: Asked
    position_kind: PositionKind | None = None
    #: The agency itself: wherever in it the position is held.
    unit_id: UUID | None = None
    person_id: UUID | None = None
    #: The person's position when they were named.
    position_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of a flow as it is set."""

    stage: int
    task: Task
    whom: Whom
    working_days: int | None = None


@dataclass(frozen=True, slots=True)
class Running:
    """One step of the flow of a document."""

    id: UUID
    stage: int
    ordinal: int
    task: Task
    whom: Whom
    state: StepState
    ended_by: UUID | None = None


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody in a position of the agency today."""

    person_id: UUID
    position_id: UUID
    kind: PositionKind
    unit_id: UUID


@dataclass(frozen=True, slots=True)
class Office:
    """Everybody of an agency on one day, and who stands in for whom."""

    agency_id: UUID
    drafting_unit_id: UUID
    holders: tuple[Holder, ...]
    #: Absent person -> who stands in.
    substitutes: Mapping[UUID, UUID]


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody who may answer a step, and in whose place."""

    person_id: UUID
    standing: Standing
    in_place_of: UUID | None = None


TASK_NAMES: Final[dict[Task, str]] = {
    Task.CHECK_CONTENT: "Duyệt nội dung",
    Task.CONSULT: "Cho ý kiến",
    Task.INITIAL_CONTENT: "Ký nháy nội dung",
    Task.CHECK_FORM: "Kiểm tra thể thức",
    Task.INITIAL_FORM: "Ký nháy thể thức",
}
#: As in "đang chờ … duyệt nội dung".
TASK_VERBS: Final[dict[Task, str]] = {
    Task.CHECK_CONTENT: "duyệt nội dung",
    Task.CONSULT: "cho ý kiến",
    Task.INITIAL_CONTENT: "ký nháy nội dung",
    Task.CHECK_FORM: "kiểm tra thể thức",
    Task.INITIAL_FORM: "ký nháy thể thức",
}
STATE_NAMES: Final[dict[StepState, str]] = {
    StepState.PLANNED: "Chưa đến lượt",
    StepState.WAITING: "Đang chờ",
    StepState.AGREED: "Đã đồng ý",
    StepState.ANSWERED_BEFORE: "Đã đồng ý ở bước trước",
    StepState.RETURNED: "Đã trả lại",
    StepState.DROPPED: "Không cần nữa",
}

#: Tasks that judge the form; their stages come after all the others (art. 13).
FORM_TASKS: Final = frozenset({Task.CHECK_FORM, Task.INITIAL_FORM})
INITIALS: Final = frozenset({Task.INITIAL_CONTENT, Task.INITIAL_FORM})
_ANSWERS_FOR_CONTENT: Final = frozenset({Task.CHECK_CONTENT, Task.INITIAL_CONTENT})

#: What an agreement to the first also answers; a signature is answered by nothing but itself.
_COVERS: Final[dict[Task, frozenset[Task]]] = {
    Task.CHECK_CONTENT: frozenset({Task.CHECK_CONTENT, Task.CONSULT}),
    Task.CONSULT: frozenset({Task.CONSULT}),
    Task.INITIAL_CONTENT: frozenset({Task.CHECK_CONTENT, Task.CONSULT, Task.INITIAL_CONTENT}),
    Task.CHECK_FORM: frozenset({Task.CHECK_FORM}),
    Task.INITIAL_FORM: frozenset({Task.CHECK_FORM, Task.INITIAL_FORM}),
}

_ENDED: Final = frozenset({StepState.AGREED, StepState.ANSWERED_BEFORE})
_OFFICE_HEADS: Final = frozenset({PositionKind.OFFICE_HEAD, PositionKind.OFFICE_DEPUTY})
_HEADS: Final = frozenset({PositionKind.HEAD, PositionKind.DEPUTY_HEAD})


# --- The flow as it is set ---------------------------------------------------------------------


def default_flow(agency_id: UUID) -> tuple[Planned, ...]:
    """Where nothing is set: the head of the drafting office, then the records clerk."""
    return (
        Planned(1, Task.CHECK_CONTENT, Whom(Asked.DRAFTING_HEAD)),
        Planned(
            2,
            Task.CHECK_FORM,
            Whom(Asked.POSITION, position_kind=PositionKind.CLERK, unit_id=agency_id),
        ),
    )


def check(steps: Sequence[Planned]) -> tuple[Planned, ...]:
    """The steps with stages counted 1, 2, 3 … without holes. Raises FlowUnfit with what to do."""
    if not steps or len(steps) > MOST_STEPS:
        raise FlowUnfit(f"Quy trình cần từ 2 đến {MOST_STEPS} bước.")
    numbers = {stage: n for n, stage in enumerate(sorted({each.stage for each in steps}), start=1)}
    dense = sorted(
        (Planned(numbers[each.stage], each.task, each.whom, each.working_days) for each in steps),
        key=lambda each: each.stage,
    )
    if not any(each.task in _ANSWERS_FOR_CONTENT for each in dense):
        raise FlowUnfit(
            "Quy trình phải có người chịu trách nhiệm nội dung: thêm bước duyệt nội dung hoặc ký "
            "nháy nội dung (Nghị định 30/2020, Điều 12)."
        )
    forms = [each.stage for each in dense if each.task in FORM_TASKS]
    if not forms:
        raise FlowUnfit(
            "Quy trình phải có người chịu trách nhiệm thể thức: thêm bước kiểm tra thể thức hoặc "
            "ký nháy thể thức (Nghị định 30/2020, Điều 12)."
        )
    if any(each.task not in FORM_TASKS and each.stage >= min(forms) for each in dense):
        raise FlowUnfit(
            "Các bước về nội dung và xin ý kiến phải xong trước khi kiểm tra thể thức. "
            "Hãy đặt bước về thể thức ở các chặng cuối."
        )
    terms = [each.working_days for each in dense if each.working_days is not None]
    if any(not 0 < days <= MOST_WORKING_DAYS for days in terms):
        raise FlowUnfit(f"Thời hạn của một bước từ 1 đến {MOST_WORKING_DAYS} ngày làm việc.")
    if len({(each.task, each.whom) for each in dense}) < len(dense):
        raise FlowUnfit("Có hai bước giống hệt nhau. Hãy bỏ một bước.")
    return tuple(dense)


def most_fitting(
    flows: Iterable[tuple[UUID, UUID | None, DocumentType | None]],
    *,
    drafting_unit_id: UUID,
    kind: DocumentType,
) -> UUID | None:
    """The flow (id, for office, for type) that applies; None: the default flow.

    What is set for the office goes before what is set for a type in the whole agency.
    """
    fitting = [
        (unit_id is not None, of_kind is not None, flow_id)
        for flow_id, unit_id, of_kind in flows
        if unit_id in (None, drafting_unit_id) and of_kind in (None, kind)
    ]
    return max(fitting, key=lambda each: each[:2])[2] if fitting else None


# --- The flow of a document --------------------------------------------------------------------


def waiting(steps: Iterable[Running]) -> tuple[Running, ...]:
    """The steps that wait for an answer now."""
    return tuple(each for each in steps if each.state is StepState.WAITING)


@dataclass(frozen=True, slots=True)
class Next:
    """What follows an answer."""

    #: The step of the document's state table; AGREE where others are still asked.
    step: Step
    #: To be opened now.
    opened: tuple[UUID, ...] = ()
    #: Not asked, because the same person has agreed before: step -> person.
    answered_before: tuple[tuple[UUID, UUID], ...] = ()


def after_agreement(
    steps: Sequence[Running], agreed_id: UUID, by: UUID, *, asked: Mapping[UUID, frozenset[UUID]]
) -> Next:
    """What follows when `by` agrees to the waiting step `agreed_id`.

    `asked` names for each planned step the persons who would be asked. A stage begins when all of
    the one before have agreed; those who agreed to the same before are not asked again, and a
    stage of such steps alone is passed.
    """
    now = [
        Running(
            each.id, each.stage, each.ordinal, each.task, each.whom, StepState.AGREED, ended_by=by
        )
        if each.id == agreed_id
        else each
        for each in steps
    ]
    own = next(each for each in now if each.id == agreed_id)
    was_about_form = own.task in FORM_TASKS
    if waiting(now):
        return Next(Step.AGREE)
    opened: tuple[UUID, ...] = ()
    passed: list[tuple[UUID, UUID]] = []
    agreed = [(each.ended_by, each.task) for each in now if each.state in _ENDED and each.ended_by]
    planned = [each for each in now if each.state is StepState.PLANNED]
    is_about_form = was_about_form
    for stage in sorted({each.stage for each in planned}):
        of_stage = [each for each in planned if each.stage == stage]
        before = {each.id: _agreed_before(each, agreed, asked) for each in of_stage}
        passed += [(step_id, person) for step_id, person in before.items() if person is not None]
        opened = tuple(each.id for each in of_stage if before[each.id] is None)
        is_about_form = any(each.task in FORM_TASKS for each in of_stage)
        if opened:
            break
    if not opened:
        return Next(Step.PASS_FORM, (), tuple(passed))
    step = Step.APPROVE if is_about_form and not was_about_form else Step.AGREE
    return Next(step, opened, tuple(passed))


def _agreed_before(
    step: Running,
    agreed: Sequence[tuple[UUID | None, Task]],
    asked: Mapping[UUID, frozenset[UUID]],
) -> UUID | None:
    for person_id, task in agreed:
        if (
            person_id is not None
            and step.task in _COVERS[task]
            and person_id in asked.get(step.id, frozenset())
        ):
            return person_id
    return None


def after_return(steps: Iterable[Running], returned_id: UUID | None) -> dict[UUID, StepState]:
    """The new states of the steps that had no answer yet, when the document goes back."""
    return {
        each.id: StepState.RETURNED if each.id == returned_id else StepState.DROPPED
        for each in steps
        if each.state in (StepState.WAITING, StepState.PLANNED)
    }


def is_about_form(steps: Iterable[Running]) -> bool:
    """Whether the form is being judged, so that the document counts as being checked."""
    return any(each.task in FORM_TASKS for each in waiting(steps))


# --- Who answers -------------------------------------------------------------------------------


def answerers(whom: Whom, office: Office) -> tuple[Answerer, ...]:
    """Everybody who may answer a step today, those whose turn it is first; nobody is named twice.

    Whoever is absent keeps the right, and the substitute has it too, but not the substitute's
    substitute. A person who has left the agency is followed by who holds their position; where
    nobody does, and where the position asked is vacant, by the head of the agency and the deputies.
    """
    asked = _asked(whom, office)
    standing = Standing.ASKED
    if not asked:
        standing = Standing.SUCCESSOR
        asked = [each.person_id for each in office.holders if each.position_id == whom.position_id]
    if not asked:
        asked = [each.person_id for each in office.holders if each.kind in _HEADS]
    found = {each: Answerer(each, standing) for each in asked}
    present = {each.person_id for each in office.holders}
    for each in asked:
        substitute = office.substitutes.get(each)
        if substitute is not None and substitute in present:
            found.setdefault(substitute, Answerer(substitute, Standing.SUBSTITUTE, each))
    if whom.asked is Asked.DRAFTING_HEAD:
        for holder in office.holders:
            if holder.kind in _HEADS:
                found.setdefault(holder.person_id, Answerer(holder.person_id, Standing.ABOVE))
    return tuple(found.values())


def _asked(whom: Whom, office: Office) -> list[UUID]:
    match whom.asked:
        case Asked.PERSON:
            return [each.person_id for each in office.holders if each.person_id == whom.person_id][
                :1
            ]
        case Asked.POSITION:
            return list(
                dict.fromkeys(
                    each.person_id
                    for each in office.holders
                    if each.kind is whom.position_kind
                    and whom.unit_id in (each.unit_id, office.agency_id)
                )
            )
        case Asked.DRAFTING_HEAD:
            # A school has no offices: there its head and deputies read the draft.
            kinds = _HEADS if office.drafting_unit_id == office.agency_id else _OFFICE_HEADS
            return list(
                dict.fromkeys(
                    each.person_id
                    for each in office.holders
                    if each.kind in kinds
                    and each.unit_id == office.drafting_unit_id
                    and rules.may(Step.APPROVE, State.SUBMITTED, each.kind, in_drafting_unit=True)
                )
            )


def whom_in_words(whom: Whom, *, unit_name: str, person_name: str, is_agency: bool) -> str:
    """ "Trưởng phòng, ban – Phòng Giáo dục Trung học"; "Văn thư"; "Nguyễn Văn An"."""
    match whom.asked:
        case Asked.DRAFTING_HEAD:
            return "Lãnh đạo đơn vị soạn thảo"
        case Asked.PERSON:
            return person_name
        case Asked.POSITION:
            assert whom.position_kind is not None
            kind = POSITION_KIND_NAMES[whom.position_kind]
            return kind if is_agency else f"{kind}, {unit_name}"


# --- Words -------------------------------------------------------------------------------------


def said(words: str, *, field: str, what: str) -> str:
    """A reason or an opinion as it is kept. Raises TooShort where it is not even a sentence."""
    kept = words.strip()
    if sum(each.isalpha() for each in kept) < LEAST_LETTERS:
        raise TooShort(
            f"{what} quá ngắn. Hãy viết thành câu, ít nhất {LEAST_LETTERS} chữ cái, để người nhận "
            "biết phải làm gì.",
            fields={field: f"Viết ít nhất {LEAST_LETTERS} chữ cái."},
        )
    return kept
