"""What is done with a delivery: made, opened, registered, refused. What follows is in `handling`.

Each action locks the delivery first and what hangs on it afterwards, so two people who do the same
thing at the same time do it one after the other, and the second is refused by the table of states.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice import clock
from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents import queries as documents_queries
from eoffice.documents.metadata import queries as metadata_queries
from eoffice.documents.model import Document
from eoffice.documents.queries import IssuedDocument
from eoffice.errors import NotFound
from eoffice.outbox import promise
from eoffice.routing import (
    arrival_books,
    forwarding_actions,
    issued_queries,
    points_actions,
    recall_actions,
    rules,
    states,
    steps,
)
from eoffice.routing.model import (
    Arrival,
    Delivery,
    DeliveryFile,
    Notice,
)
from eoffice.routing.outside_rules import Origin
from eoffice.routing.rules import NoticeKind
from eoffice.routing.states import ArrivalState, DeliveryState, DeliveryStep
from eoffice.web.principal import Principal

#: Whose hand the audit log names when the office itself delivers.
DELIVERER = "worker:routing.deliver"


class NoticeUnknown(NotFound):
    """There is no such notice for the acting agency."""

    def __init__(self) -> None:
        super().__init__("Không có thông báo này.")


def deliver(
    session: Session, document_id: UUID, recipient_unit_id: UUID, *, at: datetime
) -> UUID | None:
    """Put an issued document into the hands of one recipient; as `deliver_many` does."""
    return deliver_many(session, document_id, [recipient_unit_id], at=at).get(recipient_unit_id)


def deliver_many(
    session: Session, document_id: UUID, recipient_unit_ids: Sequence[UUID], *, at: datetime
) -> dict[UUID, UUID]:
    """Put an issued document into the hands of several recipients; their deliveries by unit.

    Runs as the office itself, in as many statements for fifty as for one. Idempotent: what was
    delivered before stays as it is, whatever the recipient has done with it since. Nothing when
    the document was withdrawn before it got there. Raises KeyError for what is no unit.
    """
    if recall_actions.is_withdrawn(session, document_id):
        return {}
    # In one order always, so that two who deliver to the same units wait and never block each
    # other.
    recipients = sorted(set(recipient_unit_ids))
    issued = documents_queries.issued(session, document_id)
    origins = issued_queries.origins(session, document_id, recipients)
    agencies = issued_queries.agencies_of(session, recipients)
    answered = issued_queries.answered_by(session, document_id)
    language = metadata_queries.of_document(session, document_id).language
    made = session.execute(
        insert(Delivery)
        .on_conflict_do_nothing(index_elements=["document_id", "recipient_unit_id"])
        .returning(Delivery.recipient_unit_id, Delivery.id),
        [
            {
                "id": new_id(),
                "document_id": document_id,
                "sender_agency_id": issued.agency_id,
                "recipient_unit_id": unit_id,
                "recipient_agency_id": agencies[unit_id],
                "sender_name": issued.agency_name,
                "origin": Origin.DELIVERY,
                "document_type": issued.type,
                "number": str(issued.number),
                "notation": issued.notation,
                "issued_on": issued.issued_on,
                "subject": issued.subject,
                "signer_name": issued.signer_name,
                "language": language,
                "urgency": issued.urgency,
                "due_on": issued.due_on,
                "content_sha256": issued.content_sha256,
                "page_count": origins[unit_id].page_count,
                "answers_document_id": answered.get(agencies[unit_id]),
                "purpose": origins[unit_id].purpose,
                "addressees": origins[unit_id].addressees,
                "corrects_document_id": origins[unit_id].corrects_document_id,
                "correction": origins[unit_id].correction,
                "state": DeliveryState.DELIVERED,
                "delivered_at": at,
            }
            for unit_id in recipients
        ],
    )
    fresh = {unit_id: delivery_id for unit_id, delivery_id in made if unit_id is not None}
    if fresh:
        _accompany(session, issued, fresh, at=at)
        _answer(session, issued, fresh, agencies, answered, at=at)
    if len(fresh) == len(recipients):
        return fresh
    before = session.execute(
        select(Delivery.recipient_unit_id, Delivery.id).where(
            Delivery.document_id == document_id, Delivery.recipient_unit_id.in_(recipients)
        )
    )
    return {unit_id: delivery_id for unit_id, delivery_id in before if unit_id is not None}


def _accompany(
    session: Session, issued: IssuedDocument, fresh: Mapping[UUID, UUID], *, at: datetime
) -> None:
    """What goes with each of these new deliveries: files, points, an event of its own."""
    files = [
        {
            "delivery_id": delivery_id,
            "position": position,
            "name": file.name,
            "media_type": file.media_type,
            "size_bytes": file.size_bytes,
            "sha256": file.content_sha256,
        }
        for delivery_id in fresh.values()
        for position, file in enumerate(issued.attachments, start=1)
    ]
    if files:
        session.execute(insert(DeliveryFile).returning(DeliveryFile.position), files)
    points_actions.hand_out(session, issued.id, list(fresh.values()), on=issued.issued_on)
    for unit_id, delivery_id in fresh.items():
        record(
            session,
            "delivery.made",
            object_kind="delivery",
            object_id=delivery_id,
            by=DELIVERER,
            at=at,
            details={"document_id": str(issued.id), "recipient_unit_id": str(unit_id)},
        )


def _answer(
    session: Session,
    issued: IssuedDocument,
    fresh: Mapping[UUID, UUID],
    agencies: Mapping[UUID, UUID],
    answered: Mapping[UUID, UUID],
    *,
    at: datetime,
) -> None:
    """Tell those who wait for the document as an answer, or had passed the question on."""
    passed_on = issued_queries.answered_forwardings(session, issued.id)
    if not answered and not passed_on:
        return
    for unit_id, delivery_id in fresh.items():
        agency_id = agencies[unit_id]
        if agency_id in answered:
            _tell(
                session,
                NoticeKind.ANSWERED,
                delivery_id,
                of_document=answered[agency_id],
                at=at,
            )
        if agency_id in passed_on:
            forwarding_actions.take_answer(session, delivery_id, passed_on[agency_id], at=at)


def tell_sender_of_refusal(session: Session, delivery_id: UUID, *, at: datetime) -> None:
    """Leave the sender a notice of a refusal. Runs as the office itself; idempotent.

    Who sent a document from outside is not of this office and is told by the way it came.
    """
    delivery = session.get_one(Delivery, delivery_id)
    if delivery.document_id is None:
        return
    recall_actions.tell_concerned(
        session, NoticeKind.REFUSED, delivery_id, of_document=delivery.document_id, at=at
    )


def open_delivery(session: Session, delivery_id: UUID, *, by: Principal, at: datetime) -> Delivery:
    """The recipient looks at the document for the first time; later looks change nothing."""
    if not rules.reads_the_book(by.position_kind):
        rules.check_clerk(by.position_kind)
    delivery = steps.locked_delivery(session, delivery_id, by)
    if delivery.state is DeliveryState.DELIVERED:
        delivery.state = states.delivery_after(delivery.state, DeliveryStep.OPEN)
        delivery.opened_at = at
        steps.put_on_record(session, "delivery.opened", delivery, by=by, at=at)
    return delivery


def register_arrival(
    session: Session, delivery_id: UUID, *, by: Principal, at: datetime
) -> Arrival:
    """Enter a delivery in the incoming book under the next arrival number.

    Numbers run without gaps within an agency and a civil year of Vietnam: the book's row stays
    locked until the transaction ends, and a rollback gives the number back. What is secret has a
    book of its own. A second call for the same delivery is refused.
    """
    rules.check_clerk(by.position_kind)
    delivery = steps.locked_delivery(session, delivery_id, by)
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.REGISTER)
    today = clock.civil_date(at)
    kind = rules.arrival_book_of(delivery.secrecy)
    number = arrival_books.take_number(session, by.agency_id, kind, today.year)
    arrival = Arrival(
        id=new_id(),
        agency_id=by.agency_id,
        delivery_id=delivery.id,
        book_kind=kind,
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
    steps.put_on_record(
        session, "arrival.registered", arrival, by=by, at=at, year=today.year, number=number
    )
    promise(session, "routing.receipt", at=at, delivery_id=delivery.id)
    return arrival


def refuse(
    session: Session, delivery_id: UUID, reason: str, *, by: Principal, at: datetime
) -> Delivery:
    """Send a delivery back before it is registered; its sender is told the reason.

    Decree 30/2020, art. 21: wrong addressee, damaged, or with signatures that do not hold.
    """
    rules.check_clerk(by.position_kind)
    checked = rules.checked_reason(reason)
    delivery = steps.locked_delivery(session, delivery_id, by)
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.REFUSE)
    delivery.refused_at = at
    delivery.refusal_reason = checked
    steps.put_on_record(session, "delivery.refused", delivery, by=by, at=at)
    promise(session, "routing.tell_sender", at=at, delivery_id=delivery.id)
    return delivery


def read_notice(session: Session, notice_id: UUID, *, by: Principal, at: datetime) -> None:
    """Put a notice of the own unit away; clerks those of the agency. Idempotent.

    Not on the audit log, because nothing follows from it. Raises NoticeUnknown.
    """
    notice = session.get(Notice, notice_id)
    if notice is None or notice.agency_id != by.agency_id:
        raise NoticeUnknown
    if notice.person_id not in (None, by.person_id):
        raise NoticeUnknown
    is_theirs = notice.unit_id == by.unit_id or rules.is_clerk(by.position_kind)
    if notice.person_id is None and not is_theirs:
        raise NoticeUnknown
    if notice.read_at is None:
        notice.read_at = at


def _tell(
    session: Session, kind: NoticeKind, delivery_id: UUID, *, of_document: UUID, at: datetime
) -> None:
    """Leave a notice for the unit that drafted `of_document`."""
    document = session.get_one(Document, of_document)
    session.execute(
        insert(Notice)
        .values(
            id=new_id(),
            agency_id=document.agency_id,
            unit_id=document.drafting_unit_id,
            kind=kind,
            delivery_id=delivery_id,
            created_at=at,
        )
        .on_conflict_do_nothing()
    )
