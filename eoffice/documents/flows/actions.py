"""A document on its way to the signature: submitted, agreed to step by step, or sent back.

The flow with which a document is submitted is copied to it; setting another one later changes
nothing for it. Whom a step asks and what follows an answer: `flow_rules`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.documents import actions, rules, states
from eoffice.documents import steps as document_steps
from eoffice.documents.actions import Content, ContentDiffers
from eoffice.documents.flows import comment_actions
from eoffice.documents.flows import facts as flow_facts
from eoffice.documents.flows import rules as flow_rules
from eoffice.documents.flows.comment_actions import Place
from eoffice.documents.flows.model import DocumentFlowStep
from eoffice.documents.flows.rules import Answerer, Planned, Standing, StepState, Task
from eoffice.documents.model import Document, DocumentVersion, VersionKind
from eoffice.documents.rules import StepNotYours
from eoffice.documents.states import State, Step
from eoffice.documents.types import COPIES
from eoffice.errors import Invalid
from eoffice.objects.sha256 import Sha256
from eoffice.people import working_days_queries
from eoffice.web.principal import Principal

#: Of the signature fields for initials: "initials_1".
INITIALS_FIELD = "initials_"
_CONTENT_WITHOUT_INITIALS = frozenset({Task.CHECK_CONTENT, Task.CONSULT})
_STRENGTH = list(Standing)


class InitialsWanted(Invalid):
    """The step wants a signature, which is made on its own page."""


def submit(
    session: Session,
    document_id: UUID,
    content: Content,
    *,
    of_revision: int,
    flow: Sequence[Planned] | None = None,
    by: Principal,
    at: datetime,
) -> None:
    """Freeze the draft with its PDF and hand it to the first stage of its flow.

    `content` is what the edge rendered from revision `of_revision`, or uploaded with it, with
    fields for the initials of `flow` (None: the one that is set now, which must ask for none).
    Raises ContentDiffers when the draft was saved since.
    """
    document = document_steps.lock(session, document_id)
    draft = document_steps.open_draft(session, document)
    if draft.revision != of_revision:
        raise ContentDiffers("Dự thảo vừa được sửa trong lúc trình. Hãy xem lại rồi trình lại.")
    if not document.subject.strip():
        raise Invalid(
            "Văn bản chưa có trích yếu nên chưa trình được.",
            fields={"subject": "Ghi trích yếu: văn bản nói về việc gì."},
        )
    document_steps.take(session, document, Step.SUBMIT, by=by, at=at, version=draft.ordinal)
    draft.content_sha256 = str(content.sha256)
    draft.size_bytes = content.size_bytes
    draft.page_count = content.page_count
    draft.frozen_at = at
    steps = flow if flow is not None else plan_of(session, document)
    _begin(session, document, steps, round_=draft.ordinal, at=at)


def plan_of(session: Session, document: Document) -> tuple[Planned, ...]:
    """The flow that the document would begin if it were submitted now."""
    return flow_facts.plan(
        session,
        agency_id=document.agency_id,
        drafting_unit_id=document.drafting_unit_id,
        kind=document.type,
    )


def approve(
    session: Session, document_id: UUID, *, words: str = "", by: Principal, at: datetime
) -> None:
    """Agree to the content, or give the opinion that was asked for (art. 12)."""
    document = document_steps.lock(session, document_id)
    states.after(document.state, Step.APPROVE)
    step, answerer = _my_step(session, document, by, tasks=_CONTENT_WITHOUT_INITIALS, at=at)
    if step.task is Task.CONSULT:
        words = flow_rules.said(words, field="words", what="Ý kiến")
    _agree(session, document, step, answerer, words=words, by=by, at=at)


def pass_form(
    session: Session, document_id: UUID, *, by: Principal, at: datetime, warnings: int
) -> None:
    """Confirm the form; the edge has run the form check and found no error."""
    document = document_steps.lock(session, document_id)
    states.after(document.state, Step.PASS_FORM)
    step, answerer = _my_step(session, document, by, tasks={Task.CHECK_FORM}, at=at)
    _agree(session, document, step, answerer, words="", by=by, at=at, warnings=warnings)


def locked_for_initials(
    session: Session, document_id: UUID, *, by: Principal, at: datetime
) -> tuple[Document, DocumentVersion, DocumentFlowStep]:
    """What this person is to put initials on, before work outside of the database begins.

    Raises StepRefused, StepNotYours, NoDocument.
    """
    document = document_steps.lock(session, document_id)
    states.after(document.state, Step.AGREE)
    step, _ = _my_step(session, document, by, tasks=flow_rules.INITIALS, at=at)
    return document, document_steps.newest(session, document), step


def record_initialled(
    session: Session,
    document_id: UUID,
    field: str,
    content: Content,
    *,
    source: Sha256,
    by: Principal,
    at: datetime,
) -> None:
    """ký nháy: `content` is `source` with the initials in this field; the step is agreed to.

    Raises ContentDiffers when somebody else put theirs on it meanwhile.
    """
    document = document_steps.lock(session, document_id)
    states.after(document.state, Step.AGREE)
    step, answerer = _my_step(session, document, by, tasks=flow_rules.INITIALS, field=field, at=at)
    actions.add_content(session, document, VersionKind.INITIALLED, content, source, by=by, at=at)
    step.content_sha256 = str(content.sha256)
    _agree(session, document, step, answerer, words="", by=by, at=at, content_sha256=content.sha256)


def send_back(
    session: Session,
    document_id: UUID,
    reason: str,
    *,
    place: Place | None = None,
    by: Principal,
    at: datetime,
) -> None:
    """Return the document to its writers with a reason; a new version begins from this one.

    The version that begins is credited to its writer. Raises TooShort, StepNotYours, StepRefused.
    """
    document = document_steps.lock(session, document_id)
    states.after(document.state, Step.RETURN)
    rows = flow_facts.rows(session, document.id)
    step: DocumentFlowStep | None = None
    if document.state is not State.AWAITING_SIGNATURE:
        step, answerer = _my_step(session, document, by, tasks=set(Task), at=at)
        step.in_place_of = answerer.in_place_of
    reason = flow_rules.said(reason, field="reason", what="Lý do trả lại")
    comment_actions.add(session, document, reason, place=place, is_return_reason=True, by=by, at=at)
    latest = document_steps.newest(session, document)
    # Whose turn it is was judged above, by the flow; at the signature the table judges.
    move = document_steps.take if step is None else document_steps.take_as_asked
    move(session, document, Step.RETURN, by=by, at=at, version=latest.ordinal)
    after = flow_rules.after_return(flow_facts.running(rows), None if step is None else step.id)
    for each in rows:
        if each.id in after:
            each.state, each.ended_at = after[each.id], at
    if step is not None:
        step.ended_by, step.words = by.person_id, reason
    drafted = _as_submitted(session, latest)
    following = document_steps.add_draft(
        session,
        document,
        ordinal=latest.ordinal + 1,
        text=latest.text,
        writer_id=document_steps.writer_of(session, document),
        at=at,
    )
    # The pages of a copy are of what is copied, not of its text.
    if latest.text is None or document.type in COPIES:
        following.content_sha256 = drafted.content_sha256
        following.size_bytes = drafted.size_bytes
        following.page_count = drafted.page_count


def _begin(
    session: Session,
    document: Document,
    steps: Sequence[Planned],
    *,
    round_: int,
    at: datetime,
) -> None:
    counted = 0
    first = min(each.stage for each in steps)
    due_on = _due_dates(session, steps, at=at)
    for ordinal, each in enumerate(steps, start=1):
        has_initials = each.task in flow_rules.INITIALS
        counted += has_initials
        is_open = each.stage == first
        session.add(
            DocumentFlowStep(
                id=new_id(),
                document_id=document.id,
                agency_id=document.agency_id,
                round=round_,
                stage=each.stage,
                ordinal=ordinal,
                task=each.task,
                asked=each.whom.asked,
                position_kind=each.whom.position_kind,
                unit_id=each.whom.unit_id,
                person_id=each.whom.person_id,
                position_id=each.whom.position_id,
                working_days=each.working_days,
                state=StepState.WAITING if is_open else StepState.PLANNED,
                opened_at=at if is_open else None,
                due_on=due_on[each] if is_open else None,
                words="",
                field=f"{INITIALS_FIELD}{counted}" if has_initials else None,
            )
        )
    session.flush()


def _due_dates(
    session: Session, steps: Sequence[Planned], *, at: datetime
) -> dict[Planned, date | None]:
    if all(each.working_days is None for each in steps):
        return dict.fromkeys(steps)
    calendar = working_days_queries.calendar(session)
    today = clock.civil_date(at)
    return {
        each: None if each.working_days is None else calendar.shifted(today, each.working_days)
        for each in steps
    }


def _agree(
    session: Session,
    document: Document,
    step: DocumentFlowStep,
    answerer: Answerer,
    *,
    words: str,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    if len(words) > comment_actions.LONGEST_COMMENT:
        raise Invalid(
            f"Ý kiến dài hơn {comment_actions.LONGEST_COMMENT} ký tự.",
            fields={"words": "Hãy viết ngắn hơn."},
        )
    rows = flow_facts.rows(session, document.id)
    office = flow_facts.office(session, document.agency_id, document.drafting_unit_id, at=at)
    running = flow_facts.running(rows)
    asked = {
        each.id: frozenset(
            who.person_id
            for who in flow_rules.answerers(each.whom, office)
            if who.standing is not Standing.ABOVE
        )
        for each in running
        if each.state is StepState.PLANNED
    }
    following = flow_rules.after_agreement(running, step.id, by.person_id, asked=asked)
    document_steps.take_as_asked(
        session, document, following.step, by=by, at=at, task=step.task.value, **details
    )
    step.state = StepState.AGREED
    step.ended_at, step.ended_by, step.words = at, by.person_id, words.strip()
    step.in_place_of = answerer.in_place_of
    before = dict(following.answered_before)
    opened = [each for each in rows if each.id in following.opened]
    calendar = (
        working_days_queries.calendar(session)
        if any(each.working_days for each in opened)
        else None
    )
    for each in rows:
        if each.id in before:
            each.state, each.ended_at = StepState.ANSWERED_BEFORE, at
            each.ended_by = before[each.id]
    for each in opened:
        each.state, each.opened_at = StepState.WAITING, at
        if calendar is not None and each.working_days is not None:
            each.due_on = calendar.shifted(clock.civil_date(at), each.working_days)


def _my_step(
    session: Session,
    document: Document,
    by: Principal,
    *,
    tasks: Collection[Task],
    field: str | None = None,
    at: datetime,
) -> tuple[DocumentFlowStep, Answerer]:
    """The waiting step that this person may answer, by the strongest right that they have.

    Raises StepNotYours, and InitialsWanted where what waits for them is a signature.
    """
    mine = my_steps(session, document, by, at=at)
    fitting = [
        each for each in mine if each[0].task in tasks and (field is None or each[0].field == field)
    ]
    if fitting:
        return fitting[0]
    if any(step.task in flow_rules.INITIALS for step, _ in mine):
        raise InitialsWanted("Bước này cần chữ ký nháy. Hãy mở trang ký nháy của văn bản.")
    raise StepNotYours(
        rules.whose(Step.PASS_FORM if document.state is State.CHECKING else Step.APPROVE)
    )


def my_steps(
    session: Session, document: Document, by: Principal, *, at: datetime
) -> list[tuple[DocumentFlowStep, Answerer]]:
    """What of the flow waits for this person in the position in which they act."""
    if document.state not in (State.SUBMITTED, State.CHECKING):
        return []
    office = flow_facts.office(
        session, document.agency_id, document.drafting_unit_id, at=at, acting=by
    )
    found = [
        (row, answerer)
        for row in flow_facts.rows(session, document.id)
        if row.state is StepState.WAITING
        for answerer in flow_rules.answerers(flow_facts.whom(row), office)
        if answerer.person_id == by.person_id
    ]
    return sorted(found, key=lambda each: _STRENGTH.index(each[1].standing))


def _as_submitted(session: Session, latest: DocumentVersion) -> DocumentVersion:
    """The version that was submitted: its file bears no initials yet."""
    if latest.kind is not VersionKind.INITIALLED:
        return latest
    return session.scalars(
        select(DocumentVersion)
        .where(
            DocumentVersion.document_id == latest.document_id,
            DocumentVersion.kind == VersionKind.DRAFT,
        )
        .order_by(DocumentVersion.ordinal.desc())
        .limit(1)
    ).one()
