"""Recall of delivered copies: taken back at the recipients, answered by them, told to everybody.

The issuing agency decides (`documents.issuing.withdraw`); the office itself takes each copy back,
because the rows are the recipients'. Decree 30/2020, art. 18: the recipient destroys its copy and
says so; Annex VI, part II: the metadata of the recall stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from eoffice.audit.actions import record
from eoffice.db import new_id
from eoffice.documents.model import Document, Issuance, Withdrawal
from eoffice.documents.recipients.model import IssuancePerson
from eoffice.documents.states import State
from eoffice.outbox import promise, promise_each
from eoffice.people import queries as people
from eoffice.people.model import Person
from eoffice.routing import rules, states
from eoffice.routing.delivery_queries import DeliveryUnknown
from eoffice.routing.model import Answer, Arrival, Assignment, Delivery, Notice, WorkEntry
from eoffice.routing.recall_model import DeliveryRecall
from eoffice.routing.rules import NoticeKind
from eoffice.routing.states import ArrivalStep, DeliveryState, DeliveryStep, RecallState, RecallStep
from eoffice.web.principal import Principal

#: Whose hand the audit log names.
RECALLER = "worker:routing.recall"
#: After which a copy that is held is asked for again.
HELD_WAIT = timedelta(days=1)


def is_withdrawn(session: Session, document_id: UUID) -> bool:
    """Whether the document was recalled. Its row is held until the transaction ends.

    Whoever makes a copy asks first: a recall that comes at the same moment then waits, and finds
    the copy.
    """
    state = session.scalars(
        select(Document.state).where(Document.id == document_id).with_for_update(read=True)
    ).one()
    return state is State.WITHDRAWN


def recall(session: Session, document_id: UUID, *, at: datetime) -> None:
    """Promise to take back every copy that is out, those that were passed on too.

    Runs as the office itself; a second run finds nothing left.
    """
    copies = session.scalars(
        select(Delivery.id).where(
            Delivery.document_id == document_id, Delivery.state != DeliveryState.RECALLED
        )
    ).all()
    promise_each(session, "routing.recall_copy", [{"delivery_id": copy} for copy in copies], at=at)


def recall_copy(session: Session, delivery_id: UUID, *, at: datetime) -> None:
    """Take one copy back and tell everybody who had to do with it there. Idempotent.

    A copy that its agency holds by a decision stays as it is, and is asked for again the next day.
    """
    held = select(Arrival.id).where(
        Arrival.delivery_id == delivery_id, func.held_since(Arrival.id).is_not(None)
    )
    if session.scalar(held) is not None:
        promise(
            session, "routing.recall_copy", at=at, due_at=at + HELD_WAIT, delivery_id=delivery_id
        )
        return
    delivery = session.scalars(
        select(Delivery).where(Delivery.id == delivery_id).with_for_update()
    ).one()
    if delivery.state is DeliveryState.RECALLED:
        return
    assert delivery.document_id is not None
    withdrawal, decided_by, sender_id = session.execute(
        select(Withdrawal, Person.full_name, Document.agency_id)
        .join(Person, Person.id == Withdrawal.withdrawn_by)
        .join(Document, Document.id == Withdrawal.document_id)
        .where(Withdrawal.document_id == delivery.document_id)
    ).one()
    delivery.state = states.delivery_after(delivery.state, DeliveryStep.RECALL)
    arrival = session.scalars(
        select(Arrival).where(Arrival.delivery_id == delivery_id).with_for_update()
    ).one_or_none()
    if arrival is not None:
        arrival.state = states.arrival_after(arrival.state, ArrivalStep.RECALL)
    session.add(
        DeliveryRecall(
            delivery_id=delivery_id,
            document_id=delivery.document_id,
            sender_agency_id=sender_id,
            recipient_agency_id=delivery.recipient_agency_id,
            reason=withdrawal.reason,
            decided_by=decided_by,
            asked_at=at,
            state=RecallState.ASKED,
        )
    )
    tell(
        session,
        NoticeKind.RECALLED,
        delivery_id=delivery_id,
        agency_id=delivery.recipient_agency_id,
        unit_id=delivery.recipient_agency_id,
        persons={None} if arrival is None else {None, *who_acted(session, arrival, at=at)},
        at=at,
    )
    record(
        session,
        "delivery.recalled",
        object_kind="delivery",
        object_id=delivery_id,
        by=RECALLER,
        at=at,
        details={"document_id": str(delivery.document_id)},
    )


def answer(
    session: Session,
    delivery_id: UUID,
    step: RecallStep,
    words: str,
    *,
    by: Principal,
    at: datetime,
) -> DeliveryRecall:
    """The recipient agrees to the recall, or refuses with a reason; the sender is told.

    Either way the copy stays taken back: the decision is the issuing agency's. Raises
    ForClerksOnly, DeliveryUnknown, ReasonMissing, DeliveryStepRefused.
    """
    if not rules.is_head(by.position_kind):
        rules.check_clerk(by.position_kind)
    said: str | None
    if step is RecallStep.REFUSE:
        said = rules.checked_reason(words)
    else:
        said = rules.checked_text(words, field="reason") if words.strip() else None
    found = session.scalars(
        select(DeliveryRecall)
        .where(
            DeliveryRecall.delivery_id == delivery_id,
            DeliveryRecall.recipient_agency_id == by.agency_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise DeliveryUnknown
    found.state = states.recall_after(found.state, step)
    found.answered_at = at
    found.answered_by = by.person_id
    found.answer = said
    record(
        session,
        "delivery.recall_agreed" if step is RecallStep.AGREE else "delivery.recall_refused",
        object_kind="delivery",
        object_id=delivery_id,
        by=by,
        at=at,
    )
    promise(session, "routing.tell_recall", at=at, delivery_id=delivery_id, state=found.state.value)
    return found


def tell_answer(session: Session, delivery_id: UUID, state: RecallState, *, at: datetime) -> None:
    """The sender's people hear how a recipient answered. Runs as the office itself; idempotent."""
    found = session.get_one(DeliveryRecall, delivery_id)
    kind = NoticeKind.RECALL_AGREED if state is RecallState.AGREED else NoticeKind.RECALL_REFUSED
    tell_concerned(session, kind, delivery_id, of_document=found.document_id, at=at)


def tell_concerned(
    session: Session,
    kind: NoticeKind,
    delivery_id: UUID | None,
    *,
    of_document: UUID,
    at: datetime,
) -> None:
    """Tell who wrote, signed, issued and recalled the document, and the unit that drafted it.

    One notice for each of them. Without a delivery it is about all agencies outside together: the
    next of them brings it back to who has put it away.
    """
    document = session.get_one(Document, of_document)
    issued_by = session.scalar(
        select(Issuance.issued_by).where(Issuance.document_id == of_document)
    )
    withdrawn_by = session.scalar(
        select(Withdrawal.withdrawn_by).where(Withdrawal.document_id == of_document)
    )
    tell(
        session,
        kind,
        delivery_id=delivery_id,
        document_id=of_document if delivery_id is None else None,
        agency_id=document.agency_id,
        unit_id=document.drafting_unit_id,
        persons={
            None,
            document.created_by,
            *(each for each in (document.signer_id, issued_by, withdrawn_by) if each is not None),
        },
        at=at,
    )


def tell_addressee(
    session: Session, document_id: UUID, appointment_id: UUID, *, at: datetime
) -> None:
    """Somebody of the own agency, to whom the document was issued by name, hears of it.

    Runs as the office itself; idempotent. Nothing where it was recalled meanwhile.
    """
    if is_withdrawn(session, document_id):
        return
    named = session.get_one(IssuancePerson, (document_id, appointment_id))
    tell(
        session,
        NoticeKind.ADDRESSED,
        document_id=document_id,
        agency_id=named.agency_id,
        unit_id=named.unit_id,
        persons={named.person_id},
        at=at,
    )


def who_acted(session: Session, arrival: Arrival, *, at: datetime) -> set[UUID]:
    """Who registered, submitted, assigned, was assigned, worked on it or answers it."""
    acted = {arrival.registered_by, arrival.submitted_by, arrival.done_by}
    for assignment in session.scalars(
        select(Assignment).where(Assignment.arrival_id == arrival.id, Assignment.ended_at.is_(None))
    ):
        acted.add(assignment.assigned_by)
        if assignment.person_id is not None:
            acted.add(assignment.person_id)
        else:
            there = people.persons_in(session, assignment.unit_id, at=at)
            acted |= {each.person_id for each in there if each.unit_id == assignment.unit_id}
    acted |= set(
        session.scalars(select(WorkEntry.logged_by).where(WorkEntry.arrival_id == arrival.id))
    )
    acted |= set(session.scalars(select(Answer.begun_by).where(Answer.arrival_id == arrival.id)))
    return {each for each in acted if each is not None}


def tell(
    session: Session,
    kind: NoticeKind,
    *,
    agency_id: UUID,
    unit_id: UUID,
    persons: Iterable[UUID | None],
    at: datetime,
    delivery_id: UUID | None = None,
    document_id: UUID | None = None,
) -> None:
    """One notice for each person; None: the unit. What was told before is told again only where
    it is about a document and may have happened at somebody else.
    """
    statement = insert(Notice).values(
        [
            {
                "id": new_id(),
                "agency_id": agency_id,
                "unit_id": unit_id,
                "person_id": person_id,
                "kind": kind,
                "delivery_id": delivery_id,
                "document_id": document_id,
                "created_at": at,
            }
            for person_id in persons
        ]
    )
    if kind in (NoticeKind.OUTSIDE_REFUSED, NoticeKind.OUTSIDE_ANSWERED):
        again = {"read_at": None, "created_at": at}
        session.execute(statement.on_conflict_do_update(constraint="uq_notices_once", set_=again))
    else:
        session.execute(statement.on_conflict_do_nothing())
