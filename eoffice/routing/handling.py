"""What is done with an incoming document: submitted, assigned, worked on, answered, ended.

Decree 30/2020, art. 23–24. Each action locks the delivery first and what hangs on it afterwards
(`steps`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.db import new_id
from eoffice.documents import actions as documents
from eoffice.documents.form.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.errors import Conflict, Invalid
from eoffice.routing import outside_rules, queries, rules, states, steps
from eoffice.routing.kept_file import KeptFile
from eoffice.routing.model import Answer, Arrival, Assignment, Delivery, WorkEntry
from eoffice.routing.rules import Assignee, Role
from eoffice.routing.states import ArrivalStep, DeliveryStep
from eoffice.routing.work_model import WorkFile
from eoffice.web.principal import Principal


class AnswerExists(Conflict):
    """The incoming document is answered in writing, or will be."""


class NotOfThisAgency(Invalid):
    """Work can only be assigned to units of the agency and to people appointed in them."""


def submit_to_head(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> Arrival:
    """The clerk lays an incoming document before the head (trình)."""
    rules.check_clerk(by.position_kind)
    arrival = steps.locked_arrival(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.SUBMIT)
    arrival.submitted_at = at
    arrival.submitted_by = by.person_id
    steps.put_on_record(session, "arrival.submitted", arrival, by=by, at=at)
    return arrival


def assign(
    session: Session,
    arrival_id: UUID,
    assignees: Collection[Assignee],
    *,
    instruction: str,
    due_on: date | None,
    by: Principal,
    at: datetime,
) -> Arrival:
    """The head says who leads, who cooperates, who is to know, what to do, and until when.

    Repeated, it takes the place of the earlier assignment, which stays on record. Without a
    deadline the sender's holds.
    """
    rules.check_head(by.position_kind)
    rules.check_assignees(assignees)
    words = rules.checked_text(instruction, field="instruction")
    today = clock.civil_date(at)
    arrival = steps.locked_arrival(session, arrival_id, by)
    delivery = session.get_one(Delivery, arrival.delivery_id)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.ASSIGN)
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.ASSIGN)
    delivery.assigned_at = delivery.assigned_at or at
    arrival.due_on = rules.checked_deadline(due_on, senders=delivery.due_on, today=today)
    for assignee in assignees:
        _check_in_agency(session, assignee, by.agency_id, today)
    # Before the new ones are added: only one lead may be in force at a time.
    session.execute(
        update(Assignment)
        .where(Assignment.arrival_id == arrival.id, Assignment.ended_at.is_(None))
        .values(ended_at=at)
    )
    session.add_all(
        Assignment(
            id=new_id(),
            agency_id=by.agency_id,
            arrival_id=arrival.id,
            role=assignee.role,
            unit_id=assignee.unit_id,
            person_id=assignee.person_id,
            instruction=words,
            due_on=arrival.due_on,
            assigned_by=by.person_id,
            assigned_at=at,
        )
        for assignee in assignees
    )
    lead = next(each for each in assignees if each.role is Role.LEAD)
    steps.put_on_record(
        session,
        "arrival.assigned",
        arrival,
        by=by,
        at=at,
        lead_unit_id=str(lead.unit_id),
        lead_person_id=str(lead.person_id or ""),
        due_on=str(arrival.due_on or ""),
    )
    return arrival


def log_work(
    session: Session,
    arrival_id: UUID,
    text: str,
    *,
    files: Collection[KeptFile] = (),
    by: Principal,
    at: datetime,
) -> Arrival:
    """Put on record what was done, with files that show it; the first entry begins the work."""
    arrival = steps.locked_arrival(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.WORK)
    steps.check_assigned(session, arrival, by, {Role.LEAD, Role.COOPERATING})
    words = rules.checked_text(text, field="text")
    _enter_work(session, arrival, words, files=files, by=by, at=at)
    return arrival


def start_answer(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> UUID:
    """Begin a draft that answers an incoming document, addressed to its sender; its identifier.

    From then on it goes its own way in `documents`; when it is delivered to the sender of the
    incoming document, its delivery says what it answers. While an answer is being written, a
    second call hands out that one.
    """
    arrival = steps.locked_arrival(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.WORK)
    steps.check_assigned(session, arrival, by, {Role.LEAD, Role.COOPERATING})
    begun = queries.answer_in_writing(session, arrival_id)
    if begun is not None:
        return begun
    delivery = session.get_one(Delivery, arrival.delivery_id)
    code = outside_rules.code(delivery.number, delivery.notation)
    document_id = documents.begin(
        session,
        DocumentType.DISPATCH,
        DispatchText(
            subject=rules.subject_of_answer(
                outside_rules.type_name(delivery.document_type, delivery.type_name),
                code,
                delivery.issued_on,
                delivery.subject,
            ),
            addressees=(delivery.sender_name,),
            recipients=("Như trên",),
            filing="VT",
        ),
        by=by,
        at=at,
    )
    if delivery.sender_agency_id is not None:
        documents.choose_recipients(
            session,
            document_id,
            [documents.Recipient(unit_id=delivery.sender_agency_id)],
            by=by,
            at=at,
        )
    session.add(
        Answer(
            document_id=document_id,
            arrival_id=arrival.id,
            agency_id=by.agency_id,
            begun_by=by.person_id,
            begun_at=at,
        )
    )
    _enter_work(session, arrival, "Bắt đầu soạn văn bản trả lời.", by=by, at=at)
    return document_id


def finish(
    session: Session, arrival_id: UUID, outcome: str, *, by: Principal, at: datetime
) -> Arrival:
    """The lead, or the head, closes an incoming document and says how it was settled."""
    arrival = steps.locked_arrival(session, arrival_id, by)
    return _end(session, arrival, ArrivalStep.FINISH, outcome, field="outcome", by=by, at=at)


def end_unanswered(
    session: Session, arrival_id: UUID, reason: str, *, by: Principal, at: datetime
) -> Arrival:
    """The lead, or the head, ends the work without an answer in writing, and says why.

    Raises AnswerExists where there is an answer already, written or being written.
    """
    arrival = steps.locked_arrival(session, arrival_id, by)
    if queries.has_answer(session, arrival_id):
        raise AnswerExists(
            "Đã có văn bản trả lời hoặc dự thảo trả lời cho văn bản đến này. "
            "Hãy bỏ dự thảo đó, hoặc kết thúc kèm kết quả giải quyết."
        )
    if not reason.strip():
        detail = "Hãy ghi lý do không trả lời bằng văn bản."
        raise rules.ReasonMissing(detail, fields={"unanswered_reason": detail})
    _end(
        session,
        arrival,
        ArrivalStep.END_UNANSWERED,
        reason,
        field="unanswered_reason",
        by=by,
        at=at,
    )
    arrival.unanswered_reason = arrival.outcome
    return arrival


def take_over(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> Arrival:
    """Go on with what an agency left undone when it ended; its clerk or head does.

    It stays in the book in which it stands. Whom the former head named is gone, so the new head
    assigns again. Of several successors the first one has it. Raises ForClerksOnly, ArrivalUnknown,
    ArrivalStepRefused.
    """
    if not rules.is_head(by.position_kind):
        rules.check_clerk(by.position_kind)
    arrival = steps.locked_inheritance(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.TAKE_OVER)
    arrival.taken_over_by = by.agency_id
    arrival.taken_over_at = at
    session.execute(
        update(Assignment)
        .where(Assignment.arrival_id == arrival.id, Assignment.ended_at.is_(None))
        .values(ended_at=at)
    )
    steps.put_on_record(session, "arrival.taken_over", arrival, by=by, at=at)
    return arrival


def take_note(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> Arrival:
    """Somebody for whose information it is has read it. Idempotent."""
    arrival = steps.locked_arrival(session, arrival_id, by)
    mine = session.scalars(
        steps.mine(arrival, by).where(Assignment.role == Role.FOR_INFORMATION)
    ).all()
    if not mine:
        raise rules.NotAssignedToYou("Văn bản đến này không gửi bạn để biết.")
    for assignment in mine:
        assignment.taken_at = assignment.taken_at or at
    return arrival


def _check_in_agency(session: Session, assignee: Assignee, agency_id: UUID, today: date) -> None:
    if queries.agency_of(session, assignee.unit_id) != agency_id:
        raise NotOfThisAgency("Chỉ phân công cho đơn vị và người thuộc cơ quan mình.")
    if assignee.person_id is not None and not queries.is_appointed(
        session, assignee.person_id, assignee.unit_id, on=today
    ):
        raise NotOfThisAgency(
            "Người được chọn không còn giữ chức danh trong đơn vị này. Hãy chọn người khác."
        )


def _end(
    session: Session,
    arrival: Arrival,
    step: ArrivalStep,
    words: str,
    *,
    field: str,
    by: Principal,
    at: datetime,
) -> Arrival:
    following = states.arrival_after(arrival.state, step)
    if not rules.is_head(by.position_kind):
        steps.check_assigned(session, arrival, by, {Role.LEAD})
    delivery = session.get_one(Delivery, arrival.delivery_id)
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.FINISH)
    delivery.done_at = at
    arrival.outcome = rules.checked_text(words, field=field)
    arrival.state = following
    arrival.done_at = at
    arrival.done_by = by.person_id
    steps.put_on_record(
        session,
        "arrival.finished" if step is ArrivalStep.FINISH else "arrival.ended_unanswered",
        arrival,
        by=by,
        at=at,
    )
    return arrival


def _enter_work(
    session: Session,
    arrival: Arrival,
    text: str,
    *,
    files: Collection[KeptFile] = (),
    by: Principal,
    at: datetime,
) -> None:
    entry = WorkEntry(
        id=new_id(),
        agency_id=by.agency_id,
        arrival_id=arrival.id,
        text=text,
        logged_by=by.person_id,
        logged_at=at,
    )
    session.add(entry)
    session.flush()  # Its files point to it.
    session.add_all(
        WorkFile(
            id=new_id(),
            agency_id=by.agency_id,
            entry_id=entry.id,
            name=file.name,
            media_type=file.media_type,
            size_bytes=file.size_bytes,
            sha256=str(file.sha256),
        )
        for file in files
    )
    for assignment in session.scalars(steps.mine(arrival, by)):
        assignment.taken_at = assignment.taken_at or at
    delivery = session.get_one(Delivery, arrival.delivery_id)
    delivery.work_began_at = delivery.work_began_at or at
    steps.put_on_record(session, "arrival.worked", arrival, by=by, at=at)
