"""Issuing and withdrawing: who gets the document is resolved here, once, and kept.

Decree 30/2020, art. 18: issued on the day, at the latest on the next working day after signing.
Delivery is promised, for some recipients at a time, so that an issue to a thousand units is one
short transaction and nothing is lost when a process dies behind it.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from eoffice import outbox
from eoffice.documents import types
from eoffice.documents.books import numbers as books
from eoffice.documents.model import (
    Document,
    Issuance,
    IssuanceRecipient,
    Withdrawal,
)
from eoffice.documents.recipients import chosen as recipients
from eoffice.documents.recipients.chosen import Resolution
from eoffice.documents.recipients.model import IssuanceOutside, IssuancePerson
from eoffice.documents.recipients.rules import Channel
from eoffice.documents.states import State, Step
from eoffice.documents.steps import locked_for, take
from eoffice.errors import Invalid
from eoffice.web.principal import Principal

#: Recipients that are delivered to in one transaction.
AT_ONCE = 25
#: How long an announced reason may be, in characters.
LONGEST_REASON = 2_000


class NobodyToSendTo(Invalid):
    """The document names no recipient that exists on the day of issue."""


def issue(session: Session, document_id: UUID, *, by: Principal, at: datetime) -> int:
    """Issue the sealed document to its recipients; returns how many.

    Promises a delivery to each unit, `AT_ONCE` of them together, a word to each person of the own
    agency, and the archiving of the sealed content. Agencies outside stand in `issuance_outside`
    until they were sent theirs.
    Raises StepRefused, StepNotYours, NobodyToSendTo.
    """
    document, sealed = locked_for(session, document_id, Step.ISSUE, by=by)
    meant = require_somebody(session, document, at=at)
    assert sealed.content_sha256 is not None
    take(session, document, Step.ISSUE, by=by, at=at, recipients=meant.total)
    session.add(
        Issuance(
            document_id=document.id,
            agency_id=document.agency_id,
            issued_at=at,
            issued_by=by.person_id,
            content_sha256=sealed.content_sha256,
        )
    )
    session.flush()  # The recipients' foreign key needs the row.
    _keep(session, document, meant)
    travels = types.travels_electronically(document.secrecy)  # What is secret goes on paper.
    travelling = [unit.unit_id for unit in meant.units] if travels else []
    outbox.promise_each(
        session,
        "routing.deliver",
        [
            {"document_id": document.id, "recipient_unit_ids": travelling[first : first + AT_ONCE]}
            for first in range(0, len(travelling), AT_ONCE)
        ],
        at=at,
    )
    outbox.promise_each(
        session,
        "exchange.send_issued",
        [
            {"document_id": document.id, "organ_id": each.organ_id, "organ_name": each.name}
            for each in meant.outside
            if each.channel is Channel.EXCHANGE and travels
        ],
        at=at,
    )
    own = [each for each in meant.people if each.appointment.agency_id == document.agency_id]
    outbox.promise_each(
        session,
        "routing.tell_addressee",
        [{"document_id": document.id, "appointment_id": person.appointment.id} for person in own],
        at=at,
    )
    _promise_archiving(session, document, sealed.content_sha256, at=at)
    return meant.total


def require_somebody(session: Session, document: Document, *, at: datetime) -> Resolution:
    """Whom the document reaches. Raises NobodyToSendTo."""
    meant = recipients.of_document(session, document, at=at)
    if not meant.total:
        raise NobodyToSendTo(
            "Văn bản chưa có nơi nhận nào để gửi. Chọn nơi nhận rồi phát hành lại.",
            fields={"recipients": "Chọn ít nhất một đơn vị hoặc nhóm đơn vị."},
        )
    return meant


def withdraw(
    session: Session, document_id: UUID, reason: str, *, by: Principal, at: datetime
) -> None:
    """Take a signed document back; where it never went out, its number is annulled in the book.

    From then on the document is frozen, by the database too. Of an issued one every copy is
    promised to be taken back (Decree 30/2020, art. 18, and Annex VI: recall).
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("Hãy ghi lý do thu hồi.", fields={"reason": "Chưa có lý do."})
    if len(reason) > LONGEST_REASON:
        raise Invalid("Lý do dài quá.", fields={"reason": f"Nhiều nhất {LONGEST_REASON} ký tự."})
    document, _ = locked_for(session, document_id, Step.WITHDRAW, by=by)
    was_issued = document.state is State.ISSUED
    if not was_issued:
        books.annul(session, document.id, because=reason, at=at)
    take(session, document, Step.WITHDRAW, by=by, at=at, was_issued=was_issued)
    session.add(
        Withdrawal(
            document_id=document.id,
            agency_id=document.agency_id,
            withdrawn_at=at,
            withdrawn_by=by.person_id,
            reason=reason,
        )
    )
    if was_issued:
        outbox.promise(session, "routing.recall", at=at, document_id=document.id)
        outbox.promise(session, "exchange.recall_issued", at=at, document_id=document.id)


def _keep(session: Session, document: Document, meant: Resolution) -> None:
    """The recipients as they are on this day, for good."""
    if meant.units:
        # What is returned makes it one statement of many rows instead of many: after each
        # statement the search looks at all recipients.
        session.execute(
            insert(IssuanceRecipient).returning(IssuanceRecipient.unit_id),
            [
                {
                    "document_id": document.id,
                    "unit_id": unit.unit_id,
                    "agency_id": document.agency_id,
                    "group_code": unit.group_code,
                    "purpose": unit.purpose,
                    "named_by": unit.named_by,
                    "addressees": "; ".join(unit.addressees) or None,
                }
                for unit in meant.units
            ],
        )
    people = {person.appointment.id: person for person in meant.people}
    session.add_all(
        IssuancePerson(
            document_id=document.id,
            appointment_id=person.appointment.id,
            agency_id=document.agency_id,
            person_id=person.appointment.person_id,
            unit_id=person.appointment.unit_id,
            full_name=person.appointment.full_name,
            title=person.appointment.title,
            purpose=person.purpose,
        )
        for person in people.values()
    )
    outside = {each.organisation_id: each for each in meant.outside}
    session.add_all(
        IssuanceOutside(
            document_id=document.id,
            organisation_id=each.organisation_id,
            agency_id=document.agency_id,
            name=each.name,
            organ_id=each.organ_id,
            channel=each.channel,
            address=each.address,
            purpose=each.purpose,
        )
        for each in outside.values()
    )


def _promise_archiving(
    session: Session, document: Document, content_sha256: str, *, at: datetime
) -> None:
    assert document.number is not None
    assert document.notation is not None
    assert document.issued_on is not None
    outbox.promise(
        session,
        "archive.ingest",
        at=at,
        kind="document",
        source_id=document.id,
        content_sha256=content_sha256,
        agency_id=document.agency_id,
        unit_id=document.agency_id,
        title=f"{types.name(document.type)} {document.subject}",
        number_notation=types.code(document.number, document.notation),
        issued_on=document.issued_on,
        school_year=None,
        class_name=None,
    )
