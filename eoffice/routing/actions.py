"""What is done with a delivery: made, opened, registered, refused, assigned, worked on, answered.

Each action locks the delivery first and what hangs on it afterwards, so two people who do the same
thing at the same time do it one after the other, and the second is refused by the table of states.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents import actions as documents
from eoffice.documents import queries as documents_queries
from eoffice.documents.text import DispatchText
from eoffice.documents.types import DocumentType
from eoffice.errors import Invalid, NotFound
from eoffice.outbox import promise
from eoffice.routing import outside_rules, queries, rules, states
from eoffice.routing.arrival_queries import ArrivalUnknown
from eoffice.routing.delivery_queries import DeliveryUnknown
from eoffice.routing.model import (
    Answer,
    Arrival,
    ArrivalBook,
    Assignment,
    Delivery,
    DeliveryFile,
    Notice,
    WorkEntry,
)
from eoffice.routing.outside_rules import Origin
from eoffice.routing.rules import Assignee, NoticeKind, Role
from eoffice.routing.states import ArrivalState, ArrivalStep, DeliveryState, DeliveryStep
from eoffice.web.principal import Principal

#: Whose hand the audit log names when the office itself delivers.
DELIVERER = "worker:routing.deliver"


class NoticeUnknown(NotFound):
    """There is no such notice for the acting agency."""

    def __init__(self) -> None:
        super().__init__("Không có thông báo này.")


class NotOfThisAgency(Invalid):
    """Work can only be assigned to units of the agency and to people appointed in them."""


def deliver(
    session: Session, document_id: UUID, recipient_unit_id: UUID, *, at: datetime
) -> UUID | None:
    """Put an issued document into the hands of one recipient; the identifier of the delivery.

    Runs as the office itself. Idempotent: what was delivered before stays as it is, whatever the
    recipient has done with it since. None when the document was withdrawn before it got there.
    """
    origin = queries.origin(session, document_id)
    if origin.is_withdrawn:
        return None
    issued = documents_queries.issued(session, document_id)
    recipient_agency_id = queries.agency_of(session, recipient_unit_id)
    answered = queries.answered_by(session, document_id, sender_agency_id=recipient_agency_id)
    delivery_id: UUID | None = session.scalar(
        insert(Delivery)
        .values(
            id=new_id(),
            document_id=document_id,
            sender_agency_id=issued.agency_id,
            recipient_unit_id=recipient_unit_id,
            recipient_agency_id=recipient_agency_id,
            sender_name=issued.agency_name,
            origin=Origin.DELIVERY,
            document_type=issued.type,
            number=str(issued.number),
            notation=issued.notation,
            issued_on=issued.issued_on,
            subject=issued.subject,
            signer_name=issued.signer_name,
            urgency=issued.urgency,
            due_on=issued.due_on,
            content_sha256=issued.content_sha256,
            page_count=origin.page_count,
            answers_document_id=answered,
            state=DeliveryState.DELIVERED,
            delivered_at=at,
        )
        .on_conflict_do_nothing(index_elements=["document_id", "recipient_unit_id"])
        .returning(Delivery.id)
    )
    if delivery_id is None:
        return session.scalars(
            select(Delivery.id).where(
                Delivery.document_id == document_id,
                Delivery.recipient_unit_id == recipient_unit_id,
            )
        ).one()
    for position, file in enumerate(issued.attachments, start=1):
        session.add(
            DeliveryFile(
                delivery_id=delivery_id,
                position=position,
                name=file.name,
                media_type=file.media_type,
                size_bytes=file.size_bytes,
                sha256=file.content_sha256,
            )
        )
    if answered is not None:
        _tell(session, NoticeKind.ANSWERED, delivery_id, of_document=answered, at=at)
    record(
        session,
        "delivery.made",
        object_kind="delivery",
        object_id=delivery_id,
        by=DELIVERER,
        at=at,
        details={"document_id": str(document_id), "recipient_unit_id": str(recipient_unit_id)},
    )
    return delivery_id


def tell_sender_of_refusal(session: Session, delivery_id: UUID, *, at: datetime) -> None:
    """Leave the sender a notice of a refusal. Runs as the office itself; idempotent.

    Who sent a document from outside is not of this office and is told by the way it came.
    """
    delivery = session.get_one(Delivery, delivery_id)
    if delivery.document_id is None:
        return
    _tell(session, NoticeKind.REFUSED, delivery_id, of_document=delivery.document_id, at=at)


def open_delivery(session: Session, delivery_id: UUID, *, by: Principal, at: datetime) -> Delivery:
    """The recipient looks at the document for the first time; later looks change nothing."""
    if not rules.reads_the_book(by.position_kind):
        rules.check_clerk(by.position_kind)
    delivery = _locked_delivery(session, delivery_id, by)
    if delivery.state is DeliveryState.DELIVERED:
        delivery.state = states.delivery_after(delivery.state, DeliveryStep.OPEN)
        delivery.opened_at = at
        _record(session, "delivery.opened", delivery, by=by, at=at)
    return delivery


def register_arrival(
    session: Session, delivery_id: UUID, *, by: Principal, at: datetime
) -> Arrival:
    """Enter a delivery in the incoming book under the next arrival number.

    Numbers run without gaps within an agency and a civil year of Vietnam: the book's row stays
    locked until the transaction ends, and a rollback gives the number back. A second call for the
    same delivery is refused.
    """
    rules.check_clerk(by.position_kind)
    delivery = _locked_delivery(session, delivery_id, by)
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.REGISTER)
    today = clock.civil_date(at)
    number = _take_number(session, by.agency_id, today.year)
    arrival = Arrival(
        id=new_id(),
        agency_id=by.agency_id,
        delivery_id=delivery.id,
        year=today.year,
        number=number,
        arrived_on=clock.civil_date(delivery.delivered_at),
        state=ArrivalState.REGISTERED,
        registered_at=at,
        registered_by=by.person_id,
        due_on=delivery.due_on,
    )
    session.add(arrival)
    delivery.registered_at = at
    delivery.arrival_number = number
    _record(session, "arrival.registered", arrival, by=by, at=at, year=today.year, number=number)
    return arrival


def refuse(
    session: Session, delivery_id: UUID, reason: str, *, by: Principal, at: datetime
) -> Delivery:
    """Send a delivery back before it is registered; its sender is told the reason.

    Decree 30/2020, art. 21: wrong addressee, damaged, or with signatures that do not hold.
    """
    rules.check_clerk(by.position_kind)
    checked = rules.checked_reason(reason)
    delivery = _locked_delivery(session, delivery_id, by)
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.REFUSE)
    delivery.refused_at = at
    delivery.refusal_reason = checked
    _record(session, "delivery.refused", delivery, by=by, at=at)
    promise(session, "routing.tell_sender", at=at, delivery_id=delivery.id)
    return delivery


def submit_to_head(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> Arrival:
    """The clerk lays an incoming document before the head (trình)."""
    rules.check_clerk(by.position_kind)
    arrival = _locked_arrival(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.SUBMIT)
    arrival.submitted_at = at
    arrival.submitted_by = by.person_id
    _record(session, "arrival.submitted", arrival, by=by, at=at)
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
    arrival = _locked_arrival(session, arrival_id, by)
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
    _record(
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
    session: Session, arrival_id: UUID, text: str, *, by: Principal, at: datetime
) -> Arrival:
    """Put on record what was done; the first entry begins the work."""
    arrival = _locked_arrival(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.WORK)
    _check_assigned(session, arrival, by, {Role.LEAD, Role.COOPERATING})
    _enter_work(session, arrival, rules.checked_text(text, field="text"), by=by, at=at)
    return arrival


def start_answer(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> UUID:
    """Begin a draft that answers an incoming document, addressed to its sender; its identifier.

    From then on it goes its own way in `documents`; when it is delivered to the sender of the
    incoming document, its delivery says what it answers. While an answer is being written, a
    second call hands out that one.
    """
    arrival = _locked_arrival(session, arrival_id, by)
    arrival.state = states.arrival_after(arrival.state, ArrivalStep.WORK)
    _check_assigned(session, arrival, by, {Role.LEAD, Role.COOPERATING})
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
            agency_id=arrival.agency_id,
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
    arrival = _locked_arrival(session, arrival_id, by)
    following = states.arrival_after(arrival.state, ArrivalStep.FINISH)
    if not rules.is_head(by.position_kind):
        _check_assigned(session, arrival, by, {Role.LEAD})
    delivery = session.get_one(Delivery, arrival.delivery_id)
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.FINISH)
    delivery.done_at = at
    arrival.outcome = rules.checked_text(outcome, field="outcome")
    arrival.state = following
    arrival.done_at = at
    arrival.done_by = by.person_id
    _record(session, "arrival.finished", arrival, by=by, at=at)
    return arrival


def take_note(session: Session, arrival_id: UUID, *, by: Principal, at: datetime) -> Arrival:
    """Somebody for whose information it is has read it. Idempotent."""
    arrival = _locked_arrival(session, arrival_id, by)
    mine = session.scalars(_mine(arrival, by).where(Assignment.role == Role.FOR_INFORMATION)).all()
    if not mine:
        raise rules.NotAssignedToYou("Văn bản đến này không gửi bạn để biết.")
    for assignment in mine:
        assignment.taken_at = assignment.taken_at or at
    return arrival


def read_notice(session: Session, notice_id: UUID, *, by: Principal, at: datetime) -> None:
    """Put a notice of the own unit away; clerks those of the agency. Idempotent.

    Not on the audit log, because nothing follows from it. Raises NoticeUnknown.
    """
    notice = session.get(Notice, notice_id)
    if notice is None or notice.agency_id != by.agency_id:
        raise NoticeUnknown
    if notice.unit_id != by.unit_id and not rules.is_clerk(by.position_kind):
        raise NoticeUnknown
    if notice.read_at is None:
        notice.read_at = at


def _take_number(session: Session, agency_id: UUID, year: int) -> int:
    session.execute(
        insert(ArrivalBook)
        .values(agency_id=agency_id, year=year, last_number=0)
        .on_conflict_do_nothing()
    )
    book = session.scalars(
        select(ArrivalBook)
        .where(ArrivalBook.agency_id == agency_id, ArrivalBook.year == year)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    book.last_number = rules.following(book.last_number)
    return book.last_number


def _locked_delivery(session: Session, delivery_id: UUID, by: Principal) -> Delivery:
    """Raises DeliveryUnknown, also for a delivery to somebody else."""
    delivery = session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id, Delivery.recipient_agency_id == by.agency_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if delivery is None:
        raise DeliveryUnknown
    return delivery


def _locked_arrival(session: Session, arrival_id: UUID, by: Principal) -> Arrival:
    """The arrival, with its delivery locked before it. Raises ArrivalUnknown."""
    delivery_id = session.scalar(
        select(Arrival.delivery_id).where(
            Arrival.id == arrival_id, Arrival.agency_id == by.agency_id
        )
    )
    if delivery_id is None:
        raise ArrivalUnknown
    _locked_delivery(session, delivery_id, by)
    return session.scalars(
        select(Arrival)
        .where(Arrival.id == arrival_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _check_in_agency(session: Session, assignee: Assignee, agency_id: UUID, today: date) -> None:
    if queries.agency_of(session, assignee.unit_id) != agency_id:
        raise NotOfThisAgency("Chỉ phân công cho đơn vị và người thuộc cơ quan mình.")
    if assignee.person_id is not None and not queries.is_appointed(
        session, assignee.person_id, assignee.unit_id, on=today
    ):
        raise NotOfThisAgency(
            "Người được chọn không còn giữ chức danh trong đơn vị này. Hãy chọn người khác."
        )


def _check_assigned(
    session: Session, arrival: Arrival, by: Principal, roles: Collection[Role]
) -> None:
    """Raises NotAssignedToYou."""
    mine = session.scalars(_mine(arrival, by).where(Assignment.role.in_(roles))).first()
    if mine is None:
        raise rules.NotAssignedToYou(
            "Văn bản đến này không giao cho bạn xử lý. Hãy liên hệ người chủ trì."
        )


def _mine(arrival: Arrival, by: Principal) -> Select[Assignment]:
    return select(Assignment).where(
        Assignment.arrival_id == arrival.id,
        Assignment.ended_at.is_(None),
        or_(
            Assignment.person_id == by.person_id,
            Assignment.person_id.is_(None) & (Assignment.unit_id == by.unit_id),
        ),
    )


def _enter_work(
    session: Session, arrival: Arrival, text: str, *, by: Principal, at: datetime
) -> None:
    session.add(
        WorkEntry(
            id=new_id(),
            agency_id=arrival.agency_id,
            arrival_id=arrival.id,
            text=text,
            logged_by=by.person_id,
            logged_at=at,
        )
    )
    for assignment in session.scalars(_mine(arrival, by)):
        assignment.taken_at = assignment.taken_at or at
    delivery = session.get_one(Delivery, arrival.delivery_id)
    delivery.work_began_at = delivery.work_began_at or at
    _record(session, "arrival.worked", arrival, by=by, at=at)


def _tell(
    session: Session, kind: NoticeKind, delivery_id: UUID, *, of_document: UUID, at: datetime
) -> None:
    """Leave a notice for the unit that drafted `of_document`."""
    origin = queries.origin(session, of_document)
    session.execute(
        insert(Notice)
        .values(
            id=new_id(),
            agency_id=origin.agency_id,
            unit_id=origin.drafting_unit_id,
            kind=kind,
            delivery_id=delivery_id,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["delivery_id", "kind"])
    )


def _record(
    session: Session,
    action: str,
    row: Delivery | Arrival,
    *,
    by: Principal,
    at: datetime,
    **details: object,
) -> None:
    kind = "delivery" if isinstance(row, Delivery) else "arrival"
    record(
        session, action=action, object_kind=kind, object_id=row.id, by=by, at=at, details=details
    )
